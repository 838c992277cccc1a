"""A worker as ``ckbx worker`` runs it, but with a clock that the test moves and a journal of its
ticks. ``python -m tests.faults.clock_worker URL FOLDER [unlocked]``; told to stop by SIGTERM.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ckbx.cli.serve_commands import run_until_told
from ckbx.main import followers
from ckbx.pulse import Leading, Pulse
from ckbx.scheduling.look import Look
from ckbx.scheduling.run_due import run_due
from ckbx.scheduling.tick import Tick
from ckbx.scheduling.worker import Worker
from ckbx.settings import read_settings
from ckbx.store import open_store

TICK, LEAD_AGAIN = 0.1, 0.2
NOW, JOURNAL = "now", "journal"


class FileClock:
    """A clock that stands where the test wrote it to stand."""

    zone = ZoneInfo("Asia/Shanghai")

    def __init__(self, folder: Path) -> None:
        self._path = folder / NOW

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())

    def put(self, at: datetime) -> None:
        """Move it, in one step for whoever reads."""
        draft = self._path.with_suffix(".draft")
        draft.write_text(at.isoformat())
        draft.replace(self._path)


class NoLock:
    """A lead that everybody has: what the real one is there to prevent."""

    def try_lead(self) -> bool:
        return True

    def tell(self, pulse: Pulse) -> None:
        """Nobody is told."""

    def seen(self) -> Leading:
        return Leading(held=True, pulse=Pulse())

    @property
    def held(self) -> bool:
        """As the real one says."""
        return True

    def give_up(self) -> None:
        """There is nothing to give up."""


def main(url: str, folder: Path, *, locked: bool) -> None:
    """Work until told to stop."""
    settings = read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(folder / "secrets")})
    clock = FileClock(folder)
    store = open_store(settings, clock, followers())
    journal = os.open(folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    look = Look(store.log, lambda at, stop: run_due(store, at, stop))

    def note(word: str, at: datetime) -> None:
        line = f"{os.getpid()} {word} {time.monotonic_ns()} {at.isoformat()}\n"
        os.write(journal, line.encode())

    def due(at: datetime, stop: threading.Event) -> Any:
        note("begin", at)
        try:
            found = look(at, stop)
        except BaseException:
            note("failed", at)
            raise
        note("end", at)
        return found

    worker = Worker(
        store.leadership if locked else NoLock(),
        [store.projector],
        Tick(due, clock),
        clock,
        tick_seconds=TICK,
        lead_again_seconds=LEAD_AGAIN,
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        run_until_told(worker.run)
    finally:
        store.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), locked="unlocked" not in sys.argv[3:])
