"""How do several processes serve the same pages? One interpreter uses one core.

All of them take connections to one port. The first is the one a person started: it
begins the others, begins one again that ended, and they end with it, whatever ended it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

_log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 2.0
"""So long after one ended its place is taken again: one that cannot begin does not spin."""
END_SECONDS: Final = 15.0


@contextmanager
def beside(count: int, serve: Callable[..., None], args: tuple[Any, ...]) -> Iterator[None]:
    """``count`` further processes that run ``serve(*args)`` for the block; both importable and
    picklable (a socket is handed on).
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
    running: list[SpawnProcess] = []
    while not stop.is_set():
        for ended in [each for each in running if not each.is_alive()]:
            _log.error("serving_process_ended pid=%s code=%s", ended.pid, ended.exitcode)
            running.remove(ended)
        while len(running) < count:
            process = spawn.Process(target=serve, args=args)
            process.start()
            running.append(process)
        stop.wait(AGAIN_SECONDS)
    for each in running:
        each.terminate()  # SIGTERM, of which it ends by itself
    for each in running:
        each.join(END_SECONDS)
        each.kill()
        each.join()
