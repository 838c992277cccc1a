"""How does a look not hold up the pages of the process it is done for? It is done beside it.

An interpreter works on one thread at a time: a look that reckons for two seconds takes half of
the time of every page meanwhile. The process beside has a store and a memory of its own and lives
from one look to the next. Nothing rests on it: where it ends, that look has failed as any other
may, and the next one begins another.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import Any, Final

from ckbx.domain.shared.errors import CkbxError
from ckbx.scheduling.look import Due
from ckbx.scheduling.run_due import DueReport

_log = logging.getLogger(__name__)

STOP_SECONDS: Final = 0.1
"""So often it is seen whether a look is to break off."""
LAST_SECONDS: Final = 5.0
"""So long a look that was told to break off may still take."""
END_SECONDS: Final = 1.0


class LookBroken(CkbxError):
    code = "look_broken"
    message = "这一次查看到期事务没有做完（{why}）；下一分钟再看，已经办的不会重办"


class Apart:
    """A ``Due`` that another process does: ``attend(line, *args)`` is run there, importable and
    picklable. Begun with the first look.
    """

    def __init__(self, attend: Callable[..., None], args: tuple[Any, ...]) -> None:
        self._attend = attend
        self._args = args
        self._beside: tuple[SpawnProcess, Connection] | None = None

    def __call__(self, now: datetime, stop: threading.Event) -> DueReport:
        """Raises what the look raised; LookBroken where it was unexpected or its process ended."""
        try:
            answer = self._asked(now, stop)
        except (EOFError, OSError) as error:
            self.close()
            raise LookBroken(why="那个进程结束了") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """End the process beside. What it was at is whole or was never begun: an append is."""
        if self._beside is None:
            return
        process, line = self._beside
        self._beside = None
        line.close()
        process.join(END_SECONDS)
        process.kill()
        process.join()

    def _asked(self, now: datetime, stop: threading.Event) -> DueReport | CkbxError:
        if self._beside is None:
            self._beside = self._begun()
        line = self._beside[1]
        line.send(now)
        while not line.poll(STOP_SECONDS):
            if stop.is_set():
                line.send(None)
                if not line.poll(LAST_SECONDS):  # it may wait for answers nobody folds any more
                    self.close()
                    raise LookBroken(why="停止时还没有做完")
        answer: DueReport | CkbxError = line.recv()
        return answer

    def _begun(self) -> tuple[SpawnProcess, Connection]:
        spawn = multiprocessing.get_context("spawn")
        here, there = spawn.Pipe()
        process = spawn.Process(target=self._attend, args=(there, *self._args), daemon=True)
        process.start()
        there.close()
        return process, here


def attend(line: Connection, due: Due) -> None:
    """Look whenever asked, until the other end of the line is closed."""
    stop, asked = threading.Event(), SimpleQueue[datetime | None]()

    def listen() -> None:
        with suppress(EOFError, OSError):
            while True:
                now = line.recv()
                if now is None:
                    stop.set()
                    continue
                stop.clear()
                asked.put(now)
        stop.set()
        asked.put(None)

    threading.Thread(target=listen, name="ckbx-asked", daemon=True).start()
    while (now := asked.get()) is not None:
        answer = _answer(due, now, stop)
        with suppress(OSError):  # nobody is there any more to hear it
            line.send(answer)


def _answer(due: Due, now: datetime, stop: threading.Event) -> DueReport | CkbxError:
    try:
        return due(now, stop)
    except CkbxError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the next look tries again; its words may name people
        _log.error("look_failed %s", type(error).__name__)
        return LookBroken(why=type(error).__name__)
