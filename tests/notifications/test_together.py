"""Messages filled at the same time share an access record, but not a fault."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.vault.errors import SecretMismatch
from notifications.message import Message
from notifications.sending import Together
from tests.support.messages import message


class Filler:
    """Fills all but one; the first call waits for the others to be asked for."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.come = threading.Event()
        self.batches: list[int] = []

    def fill_many(self, messages: Sequence[Message]) -> list[Message]:
        if not self.batches:
            self.batches.append(len(messages))
            assert self.come.wait(20)
        else:
            self.batches.append(len(messages))
        if any(each.id == message(3).id for each in messages):
            raise self.error
        return [msgspec.structs.replace(each, body="张**") for each in messages]

    def fill(self, each: Message) -> Message:
        return self.fill_many([each])[0]


def fill_all(filler: Any) -> list[Message | Exception]:
    """Four senders at once."""
    together = Together(filler)

    def one(n: int) -> Message | Exception:
        try:
            return together.fill(message(n))
        except (SecretMismatch, StoreUnavailable) as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(one, 0)
        others = [pool.submit(one, n) for n in (1, 2, 3)]
        filler.come.set()
        return [each.result(20) for each in (first, *others)]


def test_a_name_that_cannot_be_read_fails_its_own_message_alone() -> None:
    filler = Filler(SecretMismatch(key_id="kek-1"))
    found = fill_all(filler)
    assert [isinstance(each, Message) for each in found] == [True, True, True, False]
    assert isinstance(found[3], SecretMismatch)


def test_a_store_that_is_away_is_told_to_whoever_asked() -> None:
    found = fill_all(Filler(StoreUnavailable(why="test")))
    assert isinstance(found[0], Message)
    assert isinstance(found[3], StoreUnavailable)


@pytest.mark.parametrize("n", [1, 2])
def test_alone_it_is_filled_at_once(n: int) -> None:
    filler = Filler(StoreUnavailable(why="test"))
    filler.come.set()
    assert Together(filler).fill(message(n)).body == "张**"  # type: ignore[arg-type]
