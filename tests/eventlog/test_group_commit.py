"""Do commands that meet share a commit, and does each get its own outcome?"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog import group_commit
from ckbx.eventlog.group_commit import GroupCommit


class Book:
    """Writes down what each commit held; odd numbers are refused. ``gate`` stops it."""

    def __init__(self) -> None:
        self.commits: list[list[int]] = []
        self.threads: set[str] = set()
        self.gate = threading.Lock()

    def commit(self, items: Sequence[int]) -> list[str | ValueError]:
        self.threads.add(threading.current_thread().name)
        self.commits.append(list(items))
        return [ValueError(item) if item % 2 else f"stored {item}" for item in items]

    def group(self, lock: AbstractContextManager[Any] | None = None) -> GroupCommit[int, str]:
        return GroupCommit(self.commit, lock or nullcontext(), lambda item: item)


def test_a_caller_that_is_alone_commits_in_its_own_thread() -> None:
    book = Book()
    group = book.group()
    assert [group.append(number) for number in (2, 4)] == ["stored 2", "stored 4"]
    assert book.commits == [[2], [4]]
    assert book.threads == {threading.current_thread().name}
    group.close()


def test_commands_that_wait_for_the_lock_share_one_commit() -> None:
    book = Book()
    group = book.group(book.gate)
    with book.gate:
        waiting = [group.submit(number) for number in range(6)]
    assert [one.result(20) for one in waiting[::2]] == ["stored 0", "stored 2", "stored 4"]
    for number, one in enumerate(waiting[1::2]):
        with pytest.raises(ValueError, match=str(2 * number + 1)):
            one.result(20)
    assert book.commits == [[0, 1, 2, 3, 4, 5]]
    group.close()


def test_a_batch_is_bounded_by_count_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MAX_COMMANDS", 3)
    monkeypatch.setattr(group_commit, "MAX_BYTES", 100)
    book = Book()
    group = book.group(book.gate)
    with book.gate:
        for number in (2, 2, 2, 2, 60, 60, 500, 2):
            group.submit(number)
    group.close()
    assert book.commits == [[2, 2, 2], [2, 60], [60], [500], [2]]


def test_a_commit_that_breaks_is_told_to_all_in_it_and_the_next_goes_on() -> None:
    book = Book()
    group = book.group(book.gate)
    whole = book.commit

    def broken(items: Sequence[int]) -> list[str | ValueError]:
        if len(items) > 1:
            raise ZeroDivisionError
        return whole(items)

    group._commit = broken
    with book.gate:
        waiting = [group.submit(number) for number in (2, 4)]
    for one in waiting:
        with pytest.raises(ZeroDivisionError):
            one.result(20)
    assert group.submit(6).result(20) == "stored 6"
    group.close()


def test_closing_commits_what_waits_and_takes_nothing_more() -> None:
    book = Book()
    group = book.group(book.gate)
    with book.gate:
        waiting = group.submit(2)
        closing = threading.Thread(target=group.close)
        closing.start()
    closing.join(20)
    assert waiting.result(0) == "stored 2"
    with pytest.raises(StoreUnavailable, match="正在关闭"):
        group.submit(4)


def test_too_many_waiting_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING", 2)
    book = Book()
    group = book.group(book.gate)
    with book.gate:
        accepted = [group.submit(2), group.submit(4)]
        with pytest.raises(StoreUnavailable, match="过多"):
            group.submit(6)
        with pytest.raises(TimeoutError):
            accepted[0].result(0)
    group.close()
    assert [one.result() for one in accepted] == ["stored 2", "stored 4"]
