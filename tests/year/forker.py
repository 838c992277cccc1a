"""A process that starts a worker for each look and kills it when it is told to.

``python -m tests.year.forker URL FOLDER`` reads ``INSTANT SECONDS`` a line (``-``: let it end),
forks a process that opens the store and does what is due by that UTC instant, and answers
``ended STATUS`` or ``killed``. It opens nothing itself, so nothing crosses the fork.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from datetime import datetime
from pathlib import Path

from ckbx.bench.year.stage import open_on
from ckbx.clock import FixedClock
from ckbx.scheduling.run_due import run_due


def main(url: str, folder: Path) -> None:
    """Until the input ends."""
    for line in sys.stdin:
        instant, seconds = line.split()
        pid = os.fork()
        if pid == 0:
            _work(url, folder, datetime.fromisoformat(instant))
        if seconds != "-":
            _kill_after(pid, float(seconds))
        status = os.waitpid(pid, 0)[1]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write("killed\n" if killed else f"ended {status}\n")
        sys.stdout.flush()


def _work(url: str, folder: Path, at: datetime) -> None:
    status = 1
    try:
        store = open_on(url, folder, FixedClock(at))
        run_due(store, at)
        store.close()
        status = 0
    finally:
        os._exit(status)


def _kill_after(pid: int, seconds: float) -> None:
    """SIGKILL after a while, where it has not ended by itself."""
    ends = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([ends], [], [], seconds)
        if not ended:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(ends)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
