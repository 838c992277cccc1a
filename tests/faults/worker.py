"""The process that works until it is killed, and the one that starts it again at once.

``python -m tests.faults.worker URL SECRETS FOLDER MODE`` reads ``go FIRST…`` or
``end FIRST… UNTIL…`` (a number a client), forks, and says on its output ``pid N``, one
``ack CLIENT N REPEATED`` for each command that was acknowledged, ``failed WHY``, and
``ended STATUS``. The process that forks opens nothing, so nothing crosses the fork.

Mode ``folds``: all clients in one process, which keeps the answers up to date as well;
``writes``: a process a client, and no answers. Controls: ``early`` acknowledges before the
commit, ``forgetful`` makes new ids for a command each time it is sent, ``unlocked`` is
``writes`` without a lock on PostgreSQL.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.settings import read_settings
from ckbx.store import Store, open_store
from tests.faults import plan
from tests.support.county import NOW

FOLD_EVERY = 5
ENDLESS = 10**9
APART = {"writes", "unlocked"}
Span = tuple[int, int, int]
"""(client, first command, the one it stops before)"""
T = TypeVar("T")


def say(*words: object) -> None:
    """One line in one write: lines of several processes never mix, and none is cut."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Worker:
    """Several clients of one office, each sending its commands in order."""

    def __init__(self, url: str, secrets: str, folder: Path, mode: str) -> None:
        settings = read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": secrets})
        self.store: Store = _until_there(lambda: open_store(settings, FixedClock(NOW)))
        self.folder, self.mode = folder, mode
        if mode == "unlocked":
            self.store.log._writer._lock_sql = "SELECT 1"

    def work(self, share: list[Span]) -> None:
        """Run every client of the share from its first number up to its last."""
        clients = [threading.Thread(target=self._guarded, args=span) for span in share]
        for each in clients:
            each.start()
        for each in clients:
            each.join()

    def _guarded(self, client: int, first: int, until: int) -> None:
        try:
            for n in range(first, until):
                self._one(client, n)
        except BaseException:  # noqa: BLE001 - the side that kills must hear of it
            say("failed", traceback.format_exc().replace("\n", " | "))
            os._exit(3)

    def _one(self, client: int, n: int) -> None:
        if self.mode == "early":
            say("ack", client, n, 0)
        repeated = _until_there(lambda: self._send(client, n))
        if self.mode != "early":
            say("ack", client, n, int(repeated))
        if self.mode == "folds" and client == 0 and n % FOLD_EVERY == 0:
            _until_there(self.store.catch_up)

    def _send(self, client: int, n: int) -> bool:
        if self.mode == "forgetful":
            children = [uuid4() for _ in range(plan.ENTERED)]
            return plan.enter(self.store, plan.Block(client, n), children, uuid4())
        return plan.carry_out(self.store, self.folder, client, n)


def _until_there(work: Callable[[], T]) -> T:
    """Send again, under the same id, while the store is away."""
    pause = threading.Event()
    while True:
        try:
            return work()
        except StoreUnavailable:
            pause.wait(0.02)


def main(url: str, secrets: str, folder: str, mode: str) -> None:
    """Serve one child, or one a client, after the other until the input ends."""
    while line := sys.stdin.readline():
        word, *numbers = line.split()
        spans = [int(n) for n in numbers]
        half = len(spans) // 2 if word == "end" else len(spans)
        clients = [
            (each, spans[each], [*spans[half:], *[ENDLESS] * half][each]) for each in range(half)
        ]
        shares = [[each] for each in clients] if mode in APART else [clients]
        pids = [_child(url, secrets, Path(folder), mode, share) for share in shares]
        say("pid", pids[0])
        say("ended", max(os.waitpid(pid, 0)[1] for pid in pids))


def _child(url: str, secrets: str, folder: Path, mode: str, share: list[Span]) -> int:
    """Fork; the child works and ends, the parent gets its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        Worker(url, secrets, folder, mode).work(share)
    except BaseException:  # noqa: BLE001 - the side that kills must hear of it
        say("failed", traceback.format_exc().replace("\n", " | "))
        os._exit(3)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
