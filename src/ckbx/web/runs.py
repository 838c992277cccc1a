"""What takes longer than a page may: done behind it, one after the other, watched by its owner.

How a run stands is told to whoever keeps it (``keep``), often enough that silence means the end
of the process. Files that were handed in are kept by :mod:`ckbx.access.handed_in`.
"""

from __future__ import annotations

import copy
import logging
import secrets
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import Any, Final

from ckbx.access.errors import StillRunning
from ckbx.domain.shared.errors import CkbxError

_log = logging.getLogger(__name__)
KEPT: Final = 8
"""So many runs are kept, one of an account."""
KEPT_SECONDS: Final = 3_600
Progress = Callable[[int, int | None, str], None]
Action = Callable[[Progress], Any]
Keep = Callable[["Run"], None]
TOLD_SECONDS: Final = 2.0
BEAT_SECONDS: Final = 20.0


class TooManyRuns(CkbxError):
    code = "too_many_runs"
    message = "现在办的人太多，没有开始。请过几分钟再试"


class RunFailed(CkbxError):
    """Nobody expected this; the place stands in the log under the reference."""

    code = "run_failed"
    message = "出错了，程序没有预料到这种情况。请把编号 {reference} 告诉管理员"


class State(StrEnum):
    """How far a step has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class Run:
    """One thing handed in by an account. ``step``: what was last done with it; ``result`` or
    ``error`` is what came of that. ``given``: what was handed in.
    """

    def __init__(
        self, account: str, area: str, given: Any, keep: Keep | None = None, id_: str = ""
    ) -> None:
        self.id = id_ or new_id()
        self.account, self.area, self.given = account, area, given
        self.step = ""
        self.state = State.WAITING
        self.told: tuple[int, int | None, str] = (0, None, "")
        self.result: Any = None
        self.error: CkbxError | None = None
        self.touched = time.monotonic()
        self.over = False
        self._keep, self._kept, self._keeping = keep, 0.0, Lock()

    @property
    def is_busy(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (State.WAITING, State.RUNNING)

    def tell(self, done: int, total: int | None, text: str) -> None:
        """How far it is."""
        self.told = (done, total, text)
        if time.monotonic() - self._kept >= TOLD_SECONDS:
            self.keep()

    def keep(self, ended: Run | None = None) -> None:
        """Have it written down how it stands, or how it ended: nothing is said after that until
        its next step. That it cannot be written is no reason to stop.
        """
        if self._keep is None:
            return
        with self._keeping:
            if self.over and ended is None:
                return
            self.over, self._kept = ended is not None, time.monotonic()
            try:
                self._keep(ended or self)
            except CkbxError as error:
                _log.warning("run_not_kept %s %s", self.id, error.code)


class Runs:
    """The runs of one app."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: dict[str, Run] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ckbx-run")
        self._beats: Thread | None = None

    def find(self, id_: str, account: str, area: str) -> Run | None:
        """A run that the account began."""
        with self._lock:
            self._drop_old()
            run = self._runs.get(id_)
        if run is None or (run.account, run.area) != (account, area):
            return None
        run.touched = time.monotonic()
        return run

    def seen(self, id_: str, account: str, area: str) -> Run | None:
        """The run as it stands now: what a page shows of it stays the same while it is written,
        whatever ends or begins meanwhile.
        """
        run = self.find(id_, account, area)
        with self._lock:
            return copy.copy(run)

    def begin(
        self,
        account: str,
        area: str,
        given: Any,
        step: str,
        action: Action,
        keep: Keep | None = None,
        id_: str = "",
    ) -> Run:
        """Hand something in; it takes the place of what the account handed in before.

        ``id_``: where it is known beforehand under which id. Raises StillRunning, TooManyRuns.
        """
        run = Run(account, area, given, keep, id_)
        with self._lock:
            self._drop_old()
            for old in [r for r in self._runs.values() if r.account == account and r.area == area]:
                if old.is_busy and not old.over:
                    raise StillRunning
                del self._runs[old.id]
            ended = (r for r in self._runs.values() if r.over or not r.is_busy)
            idle = sorted(ended, key=_touched)
            if len(self._runs) >= KEPT:
                if not idle:
                    raise TooManyRuns
                del self._runs[idle[0].id]
            self._runs[run.id] = run
            _ready(run, step)
        self._start(run, action)
        return run

    def _start(self, run: Run, action: Action) -> None:
        run.keep()
        self._pool.submit(self._carry_out, run, action)
        with self._lock:
            if self._beats is None:
                self._beats = Thread(target=self._beat, name="ckbx-run-beat", daemon=True)
                self._beats.start()

    def _beat(self) -> None:
        """Say of everything that waits or runs that it still does, as long as anything does."""
        pause = Event()
        while not pause.wait(BEAT_SECONDS):
            with self._lock:
                busy = [run for run in self._runs.values() if run.is_busy]
                if not busy:
                    self._beats = None
                    return
            for run in busy:
                run.keep()

    def _drop_old(self) -> None:
        since = time.monotonic() - KEPT_SECONDS
        gone = [r.id for r in self._runs.values() if not r.is_busy and r.touched < since]
        for id_ in gone:
            del self._runs[id_]

    def _carry_out(self, run: Run, action: Action) -> None:
        run.state = State.RUNNING
        run.keep()
        result, error = _tried(action, run.tell)
        ended = copy.copy(run)
        ended.result, ended.error = result, error
        ended.state = State.DONE if error is None else State.REFUSED
        run.keep(ended)
        with self._lock:
            run.result, run.error, run.state = ended.result, ended.error, ended.state


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_urlsafe(12)


def _ready(run: Run, step: str) -> None:
    """It waits for its turn; from here on nobody else begins anything with it."""
    run.step, run.state, run.told = step, State.WAITING, (0, None, "")
    run.result = run.error = None
    run.over = False


def _touched(run: Run) -> float:
    return run.touched


def _tried(action: Action, tell: Progress) -> tuple[Any, CkbxError | None]:
    try:
        return action(tell), None
    except CkbxError as error:
        return None, error
    except Exception as error:  # noqa: BLE001 - nobody waits for it: what is not said is lost
        reference = f"R-{secrets.token_hex(4)}"
        where = "".join(traceback.format_tb(error.__traceback__)[-4:])
        _log.error("run_failed %s %s\n%s", reference, type(error).__name__, where)
        return None, RunFailed(reference=reference)
