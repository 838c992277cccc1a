"""How do several processes serve the same pages? One interpreter uses one core.

All of them take connections to one port. The first is the one a person started: it
begins the others, begins one again that ended, and they end with it, whatever ended it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

_log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 2.0
"""So long after one ended its place is taken again: one that cannot begin does not spin."""
END_SECONDS: Final = 15.0
STAND_BACK: Final = 5
"""A third of the time of a process that serves (nice(2)): what holds the store's lock must not
wait long for its turn either.
"""


@contextmanager
def beside(count: int, serve: Callable[..., None], args: tuple[Any, ...]) -> Iterator[None]:
    """``count`` further processes that run ``serve(*args, place)`` for the block; both importable
    and picklable (a socket is handed on). ``place``: from 1, of each process another.
    """
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(count, serve, args, stop), name="ckbx-processes")
    if count:
        keeper.start()
    try:
        yield
    finally:
        stop.set()
        if count:
            keeper.join()


def cores() -> tuple[int, ...]:
    """The processor cores this process may use, where the system says so; else none."""
    return tuple(sorted(os.sched_getaffinity(0))) if sys.platform == "linux" else ()


def keep_to(own: Sequence[int]) -> None:
    """Keep this thread, and all that begin from it, to some of the cores; none: leave it.

    The threads of an interpreter take turns; where each turn moves to another core, the moves
    cost more than the work (measured in docs/benchmarks.md). So each of several serving processes
    keeps to a core of its own.
    """
    if own and sys.platform == "linux":
        os.sched_setaffinity(0, own)


def one_of(all_cores: Sequence[int], place: int) -> tuple[int, ...]:
    """The core of a place; the places go round."""
    return (all_cores[place % len(all_cores)],) if all_cores else ()


def stand_back() -> None:
    """Leave the cores to the serving processes where both want them, and the end to them: a
    Ctrl+C is for those who serve.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(STAND_BACK)


def end_with_parent() -> None:
    """Ask this process to stop once the one that began it is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="ckbx-parent", daemon=True).start()


def _keep(
    count: int, serve: Callable[..., None], args: tuple[Any, ...], stop: threading.Event
) -> None:
    spawn = multiprocessing.get_context("spawn")
    running: dict[int, SpawnProcess] = {}
    while not stop.is_set():
        for place, ended in [each for each in running.items() if not each[1].is_alive()]:
            _log.error("serving_process_ended pid=%s code=%s", ended.pid, ended.exitcode)
            del running[place]
        for place in range(1, count + 1):
            if place not in running:
                running[place] = spawn.Process(target=serve, args=(*args, place))
                running[place].start()
        stop.wait(AGAIN_SECONDS)
    for each in running.values():
        each.terminate()  # SIGTERM, of which it ends by itself
    for each in running.values():
        each.join(END_SECONDS)
        each.kill()
        each.join()
