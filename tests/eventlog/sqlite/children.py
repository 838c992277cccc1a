"""What other processes do to the store while a test watches."""

from __future__ import annotations

import sys
import threading
from itertools import count
from pathlib import Path
from uuid import uuid4

from ckbx.domain.shared.errors import ConcurrencyConflict
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import COUNTY, clock, named, note


def open_log(path: Path) -> SQLiteEventLog:
    """The store as every process of the program opens it."""
    return SQLiteEventLog(path, clock=clock(), county=COUNTY)


def append_once(path: Path, start: threading.Barrier, number: int) -> bool:
    """Try to be the first in stream "race"; whether this process won."""
    log = open_log(path)
    start.wait(60)
    try:
        log.append(note(named("race"), 1, number))
    except ConcurrencyConflict:
        return False
    finally:
        log.close()
    return True


def append_many_times(path: Path, start: threading.Barrier, name: str, times: int) -> int:
    """Append to an own stream; the number of events acknowledged."""
    log = open_log(path)
    start.wait(60)
    for version in range(1, times + 1):
        log.append(note(named(name), version, version))
    log.close()
    return times


def append_until_killed(path: Path, first: int, *, repeatable: bool) -> None:
    """Note ``first``, ``first + 1``, … and print each number once it is acknowledged.

    ``repeatable``: the command of a number has the same id in every process.
    """
    log = open_log(path)
    version = len(log.load([named("killed")])[named("killed")])
    for number in count(first):
        command = named(f"killed {number}") if repeatable else uuid4()
        done = log.append(note(named("killed"), version + 1, number, command=command))
        version += not done.replayed
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    append_until_killed(Path(sys.argv[1]), int(sys.argv[2]), repeatable=sys.argv[3] == "repeatable")
