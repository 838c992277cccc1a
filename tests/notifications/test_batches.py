"""Messages that go together are read for under one record, but share no fault."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

import msgspec
import pytest

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.vault.errors import SecretMismatch
from notifications.batches import Batch, Ready
from notifications.message import Message
from tests.support.messages import message

MESSAGES: Final = [message(n, recipient=f"head{n}") for n in range(6)]
NOBODY: Final = MESSAGES[4].recipient


class Vault:
    """Names everybody; refuses a batch that holds the message of ``trouble``."""

    def __init__(self, error: Exception | None = None, trouble: Message | None = None) -> None:
        self.error, self.trouble = error, trouble
        self.filled: list[list[UUID]] = []
        self.asked: list[int] = []

    def fill_many(self, messages: Sequence[Message]) -> list[Message]:
        self.filled.append([each.id for each in messages])
        if self.error is not None and self.trouble in messages:
            raise self.error
        return [msgspec.structs.replace(each, body=f"{each.recipient} 张**") for each in messages]

    def addresses(self, messages: Sequence[Message]) -> list[str | None]:
        self.asked.append(len(messages))
        return [None if each.recipient == NOBODY else each.recipient for each in messages]

    def batch(self) -> Batch:
        return Batch(MESSAGES, self, self.addresses)


def wanted(each: Message) -> Ready | None:
    """What one of them comes to."""
    if each.recipient == NOBODY:
        return None
    filled = msgspec.structs.replace(each, body=f"{each.recipient} 张**")
    return Ready(filled, each.recipient)


def test_all_of_a_batch_are_read_for_at_once_by_whoever_comes_first() -> None:
    vault = Vault()
    batch = vault.batch()
    start = threading.Barrier(len(MESSAGES))

    def one(each: Message) -> Ready | None:
        start.wait(20)
        return batch.ready(each, ahead=True)

    with ThreadPoolExecutor(len(MESSAGES)) as pool:
        found = list(pool.map(one, MESSAGES))
    assert found == list(map(wanted, MESSAGES))
    assert vault.asked == [len(MESSAGES)]
    assert vault.filled == [[each.id for each in MESSAGES if each.recipient != NOBODY]]


def test_nobody_is_read_ahead_where_it_is_not_wanted() -> None:
    vault = Vault()
    assert vault.batch().ready(MESSAGES[0], ahead=False) == wanted(MESSAGES[0])
    assert vault.filled == [[MESSAGES[0].id]]


def test_what_is_done_with_is_not_read_ahead() -> None:
    vault = Vault()
    batch = vault.batch()
    for each in MESSAGES[:5]:
        batch.done(each)
    assert batch.ready(MESSAGES[5], ahead=True) == wanted(MESSAGES[5])
    assert vault.filled == [[MESSAGES[5].id]]


@pytest.mark.parametrize("error", [SecretMismatch(key_id="kek-1"), ValueError("?")])
def test_what_cannot_be_read_fails_its_own_message_alone(error: Exception) -> None:
    batch = Vault(error, MESSAGES[2]).batch()
    for each in MESSAGES:
        if each is MESSAGES[2]:
            with pytest.raises(type(error)):
                batch.ready(each, ahead=True)
        else:
            assert batch.ready(each, ahead=True) == wanted(each)


def test_a_store_that_is_away_is_told_to_whoever_asked_and_asked_again() -> None:
    vault = Vault(StoreUnavailable(why="test"), MESSAGES[2])
    batch = vault.batch()
    with pytest.raises(StoreUnavailable):
        batch.ready(MESSAGES[0], ahead=True)
    vault.error = None
    assert [batch.ready(each, ahead=True) for each in MESSAGES] == list(map(wanted, MESSAGES))
