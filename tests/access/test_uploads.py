"""An account hands in so many files and bytes on a day, through whichever process."""

from __future__ import annotations

import threading

import pytest

from ckbx.access import uploads
from ckbx.access.errors import TooManyUploads
from tests.access.conftest import PASSWORD, Door


def test_so_many_files_a_day_and_no_more(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "FILES_A_DAY", 3)
    for _ in range(3):
        door.gate.uploads.take("ct1", 10)
    with pytest.raises(TooManyUploads, match="一天 3 个"):
        door.gate.uploads.take("ct1", 10)
    door.gate.uploads.take("ct2", 10)
    door.later(days=1)
    door.gate.uploads.take("ct1", 10)


def test_so_many_bytes_a_day_and_a_smaller_file_still_fits(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BYTES_A_DAY", 100)
    door.gate.uploads.take("ct1", 90)
    with pytest.raises(TooManyUploads):
        door.gate.uploads.take("ct1", 11)
    door.gate.uploads.take("ct1", 10)
    with pytest.raises(TooManyUploads):
        door.gate.uploads.take("ct1", 1)


def test_signing_in_frees_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "FILES_A_DAY", 1)
    door.person("ct1")
    door.gate.uploads.take("ct1", 1)
    door.gate.sign_in("ct1", PASSWORD)
    with pytest.raises(TooManyUploads):
        door.gate.uploads.take("ct1", 1)


def test_many_at_once_are_no_way_around(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "FILES_A_DAY", 5)
    refused: list[TooManyUploads] = []

    def hand_in() -> None:
        try:
            door.gate.uploads.take("ct1", 1)
        except TooManyUploads as error:
            refused.append(error)

    at_once = [threading.Thread(target=hand_in) for _ in range(12)]
    for each in at_once:
        each.start()
    for each in at_once:
        each.join()
    assert len(refused) == 7
