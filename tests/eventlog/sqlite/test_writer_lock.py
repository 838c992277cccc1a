"""Does the writer lock admit one writer, and end a wait that is too long?"""

from __future__ import annotations

import _thread
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.writer_lock import WriterLock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "county.db.writer.lock"


def acquired(lock: WriterLock) -> bool:
    """Whether another thread gets the lock."""

    def attempt() -> bool:
        try:
            lock.acquire()
        except StoreUnavailable:
            return False
        lock.release()
        return True

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(attempt).result(20)


def test_a_thread_may_take_the_lock_again(path: Path) -> None:
    lock = WriterLock(path, timeout=0.01)
    with lock:
        with lock:
            assert not acquired(lock)
        assert not acquired(lock)
    assert acquired(lock)


@pytest.mark.parametrize("same_process_other_lock", [True, False])
def test_a_wait_that_is_too_long_ends(path: Path, *, same_process_other_lock: bool) -> None:
    holder, waiter = WriterLock(path), WriterLock(path, timeout=0.01)
    waiter = waiter if same_process_other_lock else holder
    waiter.timeout = 0.01
    with holder:
        assert not acquired(waiter)


def test_a_wait_given_up_neither_takes_nor_drops_the_lock_of_a_later_one(path: Path) -> None:
    holder, waiter, third = WriterLock(path), WriterLock(path, 0.01), WriterLock(path, 0.01)
    with holder:
        for _ in range(3):
            assert not acquired(waiter)
    waiter.timeout = 20
    with waiter:
        assert not acquired(third)
    third.timeout = 20
    assert acquired(third)


def test_a_wait_that_is_interrupted_leaves_the_lock_to_others(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while waiting: the thread in the kernel's queue must not keep what it gets."""
    holder, waiter, third = WriterLock(path), WriterLock(path), WriterLock(path)

    def interrupt(_event: threading.Event, _timeout: float) -> bool:
        raise KeyboardInterrupt

    with holder, monkeypatch.context() as patch:
        patch.setattr("ckbx.eventlog.writer_lock.threading.Event.wait", interrupt)
        # A thread's start waits for an event of its own.
        patch.setattr("threading.Thread.start", start_without_waiting)
        with pytest.raises(KeyboardInterrupt):
            waiter.acquire()
    assert acquired(third)
    assert acquired(waiter)


def start_without_waiting(thread: threading.Thread) -> None:
    _thread.start_new_thread(thread.run, ())


def test_the_next_in_line_gets_the_lock_when_it_is_released(path: Path) -> None:
    holder, waiter = WriterLock(path), WriterLock(path)
    holder.acquire()
    order: list[str] = []

    def wait() -> None:
        with waiter:
            order.append("waiter")

    thread = threading.Thread(target=wait)
    thread.start()
    order.append("holder")
    holder.release()
    thread.join(20)
    assert order == ["holder", "waiter"]


def test_threads_and_locks_exclude_each_other(path: Path) -> None:
    locks = [WriterLock(path) for _ in range(2)]
    inside, seen = 0, []

    def work(number: int) -> None:
        nonlocal inside
        for _ in range(50):
            with locks[number % 2]:
                inside += 1
                seen.append(inside)
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert seen == [1] * 200


def test_a_lock_made_before_a_fork_refuses_to_work_in_the_child(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = WriterLock(path)
    monkeypatch.setattr("os.getpid", lambda: -1)
    with pytest.raises(StoreUnavailable, match="进程分叉"):
        lock.acquire()


def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="写锁文件"):
        WriterLock(tmp_path / "none" / "lock")
