"""How do many clients share one commit, and a single client pay nothing for it?

A caller that is alone commits directly. Callers that meet others queue up; one writer
thread takes all that wait, under the lock, into one transaction. Nothing in here knows a
database: any ``commit`` with the same promise can stand behind it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.one_process import OneProcess

ItemT = TypeVar("ItemT")
OutcomeT = TypeVar("OutcomeT")

MAX_COMMANDS = 512
MAX_BYTES = 4_000_000
MAX_WAITING = 10_000


class Pending(Generic[ItemT, OutcomeT]):
    """A command that waits for its commit: what ``submit`` hands out."""

    __slots__ = ("_gate", "_outcome", "item")

    def __init__(self, item: ItemT) -> None:
        self.item = item
        self._outcome: OutcomeT | BaseException
        self._gate = threading.Lock()
        self._gate.acquire()

    def settle(self, outcome: OutcomeT | BaseException) -> None:
        """Tell the caller; called once."""
        self._outcome = outcome
        self._gate.release()

    def result(self, timeout: float = -1) -> OutcomeT:
        """Wait for the outcome (``timeout`` in seconds, -1: as long as it takes).

        Raises what the command was refused with, TimeoutError when it is not decided yet.
        """
        if not self._gate.acquire(timeout=timeout):
            raise TimeoutError
        self._gate.release()
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome


class GroupCommit(Generic[ItemT, OutcomeT]):
    """Commits items, together where they come together.

    ``commit`` stores a batch in one transaction and returns one outcome an item, in order; an
    outcome that is an exception is raised for that caller alone. ``lock`` is held around
    it and while the batch is drawn, so that a batch takes in all who waited for the lock.
    ``size`` gives the bytes of an item; a batch holds at least one item whatever its size.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[ItemT]], Sequence[OutcomeT | BaseException]],
        lock: AbstractContextManager[Any],
        size: Callable[[ItemT], int],
    ) -> None:
        self._commit = commit
        self._lock = lock
        self._size = size
        self._queue: deque[Pending[ItemT, OutcomeT]] = deque()
        self._mutex = threading.Lock()
        self._wake = threading.Condition(self._mutex)
        self._callers = 0
        self._idle = False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._home = OneProcess()

    def append(self, item: ItemT) -> OutcomeT:
        """Commit one item and wait for it. Raises what it was refused with."""
        self._home.require()
        pending: Pending[ItemT, OutcomeT] | None = None
        with self._mutex:
            self._callers += 1
            if self._callers > 1 or self._queue:
                try:
                    pending = self._enqueue(item)
                except BaseException:
                    self._callers -= 1
                    raise
        try:
            if pending is not None:
                return pending.result()
            (outcome,) = self._commit((item,))
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome
        finally:
            with self._mutex:
                self._callers -= 1

    def submit(self, item: ItemT) -> Pending[ItemT, OutcomeT]:
        """Queue one item without waiting. Raises StoreUnavailable when too many wait."""
        self._home.require()
        with self._mutex:
            return self._enqueue(item)

    def close(self) -> None:
        """Commit what waits, then stop."""
        with self._mutex:
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _enqueue(self, item: ItemT) -> Pending[ItemT, OutcomeT]:
        if self._closed:
            raise StoreUnavailable(why="事件库正在关闭，没有保存；请稍后重试")
        if len(self._queue) >= MAX_WAITING:
            raise StoreUnavailable(why="等待保存的操作过多，本次没有保存；请稍后重试")
        pending: Pending[ItemT, OutcomeT] = Pending(item)
        self._queue.append(pending)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ckbx-writer", daemon=True)
            self._thread.start()
        elif self._idle:
            self._idle = False
            self._wake.notify()
        return pending

    def _run(self) -> None:
        while self._work_waits():
            batch: list[Pending[ItemT, OutcomeT]] = []
            outcomes: Sequence[OutcomeT | BaseException]
            try:
                with self._lock:
                    batch = self._draw()
                    outcomes = self._commit([pending.item for pending in batch])
            except BaseException as error:  # noqa: BLE001 - the callers must hear of it
                batch = batch or self._draw()
                outcomes = [error] * len(batch)
            for pending, outcome in zip(batch, outcomes, strict=True):
                pending.settle(outcome)

    def _work_waits(self) -> bool:
        """Sleep until something is queued; False when closed and nothing is."""
        with self._mutex:
            while not self._queue:
                if self._closed:
                    return False
                self._idle = True
                self._wake.wait()
            self._idle = False
            return True

    def _draw(self) -> list[Pending[ItemT, OutcomeT]]:
        batch: list[Pending[ItemT, OutcomeT]] = []
        size = 0
        with self._mutex:
            while self._queue and len(batch) < MAX_COMMANDS:
                size += self._size(self._queue[0].item)
                if batch and size > MAX_BYTES:
                    break
                batch.append(self._queue.popleft())
        return batch
