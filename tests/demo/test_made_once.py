"""What the test processes of a run share is made by one of them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.support.once import made_once


@pytest.fixture
def factory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.TempPathFactory:
    """Of a run in which nothing was made yet."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return pytest.TempPathFactory(tmp_path / "run", 1, "all", lambda *_: None, _ispytest=True)


def test_of_many_who_ask_at_once_one_makes_it_and_all_see_it_whole(
    factory: pytest.TempPathFactory,
) -> None:
    begun, seen, line = list[str](), list[str](), threading.Barrier(8)
    factory.getbasetemp()

    def make(folder: Path) -> None:
        begun.append(threading.current_thread().name)
        (folder / "first").write_text("1")
        (folder / "last").write_text("2")

    def ask() -> None:
        line.wait()
        folder = made_once(factory, "thing", make)
        seen.append((folder / "first").read_text() + (folder / "last").read_text())

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert len(begun) == 1
    assert seen == ["12"] * 8


def test_what_could_not_be_made_is_made_anew_for_the_next(factory: pytest.TempPathFactory) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").touch()
        raise FileExistsError

    with pytest.raises(FileExistsError):
        made_once(factory, "thing", fails)
    folder = made_once(factory, "thing", lambda folder: (folder / "whole").touch())
    assert [each.name for each in folder.iterdir()] == ["whole"]
