"""The side that starts several workers, moves their clock, kills and stops the one that leads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tests.faults.clock_worker import JOURNAL, FileClock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Ticked(NamedTuple):
    """One look of one worker: monotonic nanoseconds; ``end`` None where it was cut off."""

    pid: int
    begin: int
    end: int | None
    at: datetime
    failed: bool


class Crew:
    """Several workers on one store."""

    def __init__(self, url: str, folder: Path, *, locked: bool = True) -> None:
        self.clock = FileClock(folder)
        self._command = [sys.executable, "-m", "tests.faults.clock_worker", url, str(folder)]
        self._command += [] if locked else ["unlocked"]
        self._folder = folder
        self._log = (folder / "crew.log").open("ab")
        self.working: dict[int, subprocess.Popen[bytes]] = {}
        self.killed: dict[int, int] = {}

    def start(self, count: int = 1) -> None:
        """So many more, up to their first word."""
        new = [
            subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
            for _ in range(count)
        ]
        for process in new:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            self.working[process.pid] = process

    def ticks(self) -> list[Ticked]:
        """Every look so far, in the order in which they began."""
        path = self._folder / JOURNAL
        begun: dict[int, tuple[int, datetime]] = {}
        found: list[Ticked] = []
        for line in path.read_text().splitlines() if path.exists() else ():
            pid, word, moment, at = line.split()
            if word == "begin":
                begun[int(pid)] = (int(moment), datetime.fromisoformat(at))
            else:
                begin, asked = begun.pop(int(pid))
                found.append(Ticked(int(pid), begin, int(moment), asked, word == "failed"))
        found += [Ticked(pid, begin, None, at, False) for pid, (begin, at) in begun.items()]
        return sorted(found, key=lambda each: each.begin)

    def leader(self) -> int:
        """Who looked last, of those that still work."""
        return next(each.pid for each in reversed(self.ticks()) if each.pid in self.working)

    def settled(self, at: datetime, *, since: int = 0, but: int = 0) -> bool:
        """Whether somebody (not ``but``) finished a look at an instant, begun after a moment."""
        return any(
            each.at >= at and each.end is not None and not each.failed and each.begin >= since
            for each in self.ticks()
            if each.pid != but
        )

    def until_settled(self, at: datetime, *, but: int = 0) -> None:
        """Wait until a look at an instant that begins from now on is finished."""
        since = time.monotonic_ns()
        until(lambda: self.settled(at, since=since, but=but))

    def kill_leader(self) -> int:
        """SIGKILL at whatever it is doing; returns who it was.

        The moment is noted before: the next one may begin as soon as the killed one is gone,
        which is before this side has heard of it.
        """
        pid = self.leader()
        process = self.working.pop(pid)
        self.killed[pid] = time.monotonic_ns()
        process.kill()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()
        return pid

    def takeovers(self) -> list[float]:
        """After each kill, how many seconds until another began to look."""
        ticks = self.ticks()
        waited = []
        for pid, moment in self.killed.items():
            after = [t.begin for t in ticks if t.pid != pid and t.begin > moment]
            waited.append((min(after) - moment) / 1e9 if after else float("inf"))
        return waited

    def overlaps(self) -> list[tuple[Ticked, Ticked]]:
        """Looks of two workers at the same time."""
        ticks, found = self.ticks(), []
        for one, two in pairwise(ticks):
            end = one.end or self.killed.get(one.pid) or two.begin
            if one.pid != two.pid and end > two.begin:
                found.append((one, two))
        return found

    def stop(self) -> list[int]:
        """SIGTERM for all; their exit codes."""
        for process in self.working.values():
            process.send_signal(signal.SIGTERM)
        return [process.wait(PATIENCE) for process in self.working.values()]

    def close(self) -> None:
        """End what still runs."""
        for process in self.working.values():
            process.kill()
            process.wait(PATIENCE)
            assert process.stdout is not None
            process.stdout.close()
        self._log.close()


@contextmanager
def crew(url: str, folder: Path, *, locked: bool = True) -> Iterator[Crew]:
    """Workers on a store that was made; its keys lie in ``folder / "secrets"``."""
    made = Crew(url, folder, locked=locked)
    try:
        yield made
    finally:
        made.close()


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Look again and again until something holds, or time is up."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        pause.wait(0.02)
