"""The side that kills: starts the worker, hears what is acknowledged, kills, sends again."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.plan import BLOCK

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Fleet:
    """A worker that dies and comes back.

    ``acknowledged`` is the last number each client heard of, ``answered_again`` how often it
    sent that number once more, ``done_twice`` where the second answer was not "done before",
    ``stored_unanswered`` what had been stored although its answer never came.
    """

    def __init__(self, process: subprocess.Popen[bytes], clients: int, seed: int) -> None:
        self._process = process
        self._heard = b""
        self.dice = random.Random(seed)
        self.acknowledged = [-1] * clients
        self.kills = 0
        self.answered_again = 0
        self.done_twice: list[tuple[int, int]] = []
        self.stored_unanswered: list[tuple[int, int]] = []
        self._pid = 0

    def go(self, *, lost_replies: float = 0.3) -> None:
        """Start; each client goes on after its last answer, or sends that command again."""
        self._say("go", self._first(lost_replies))

    def finish(self) -> None:
        """Have every block under way finished and answered; the worker ends itself."""
        first = self._first(0.0)
        self.send_up_to([n + BLOCK - n % BLOCK for n in first], first)
        self.hear(PATIENCE, "ended")

    def send_up_to(self, until: list[int], first: list[int] | None = None) -> None:
        """Start; each client sends the numbers before its own in ``until``, then it ends."""
        self._say("end", [*(first or self._first(0.0)), *until])

    def kill(self) -> None:
        """SIGKILL at whatever it is doing."""
        self.kills += 1
        os.kill(self._pid, signal.SIGKILL)
        self.hear(PATIENCE, "ended")

    def run_and_kill(self, longest: float = 0.12, lost_replies: float = 0.3) -> None:
        """One life: most die a while (seconds) after an answer, some while they start."""
        self.go(lost_replies=lost_replies)
        if self.dice.random() < 0.8:
            self.hear(PATIENCE, "ack")
        self.hear(self.dice.uniform(0, longest))
        self.kill()

    def hear(self, seconds: float, until: str = "") -> None:
        """Take lines for so long, or until one that begins with a word (which must come)."""
        deadline = time.monotonic() + seconds
        while True:
            while b"\n" in self._heard:
                line, _, self._heard = self._heard.partition(b"\n")
                if self._take(line.decode()) == until:
                    return
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self._out], [], [], left)[0]:
                assert not until, f"no {until} in {seconds} s"
                return
            more = os.read(self._out, 65_536)
            assert more, "the worker's parent is gone"
            self._heard += more

    @property
    def _out(self) -> int:
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def _take(self, line: str) -> str:
        word, _, rest = line.partition(" ")
        if word == "ack":
            self._answered(*map(int, rest.split()))
        elif word == "pid":
            self._pid = int(rest)
        elif word == "failed":
            raise AssertionError(rest.replace(" | ", "\n"))
        return word

    def _answered(self, client: int, n: int, repeated: int) -> None:
        if n <= self.acknowledged[client]:
            self.answered_again += 1
            self.done_twice += [] if repeated else [(client, n)]
        elif repeated:
            self.stored_unanswered.append((client, n))
        self.acknowledged[client] = max(n, self.acknowledged[client])

    def _first(self, lost_replies: float) -> list[int]:
        first = []
        for last in self.acknowledged:
            if last >= 0 and self.dice.random() < lost_replies:
                first.append(last)
            else:
                first.append(last + 1)
        return first

    def _say(self, word: str, numbers: list[int]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word} {' '.join(map(str, numbers))}\n".encode())
        self._process.stdin.flush()
        self.hear(PATIENCE, "pid")


@contextmanager
def fleet(
    url: str,
    folder: Path,
    *,
    clients: int = 1,
    mode: str = "folds",
    seed: int = 1,
) -> Iterator[Fleet]:
    """A worker on a store that was made; its keys lie in ``folder / "secrets"``."""
    command = [sys.executable, "-m", "tests.faults.worker", url, str(folder / "secrets")]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, str(folder), mode],
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
        )
    try:
        yield Fleet(process, clients, seed)
    finally:
        for pipe in (process.stdin, process.stdout):  # a child that goes on writing ends too
            assert pipe is not None
            pipe.close()
        process.wait(PATIENCE)
