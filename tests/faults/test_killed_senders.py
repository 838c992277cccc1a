"""SIGKILL of the sending process at any instant: nothing lost, at most what was in hand doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from notifications.dispatch import SENDERS
from tests.support.file_queue import FileQueue
from tests.support.messages import message
from tests.support.receivers import Certificate, Receiver, receiving
from tests.support.terminal import ROOT

PATIENCE: Final = 60.0


class Senders:
    """A queue, a receiver, and processes that send from one to the other until killed."""

    def __init__(
        self, folder: Path, made: Certificate, receiver: Receiver, messages: int, mode: str
    ) -> None:
        self.receiver = receiver
        self.wanted = {str(message(n).id) for n in range(messages)}
        self.queue = FileQueue.made(folder / "queue.db", map(message, range(messages)))
        self.kills = 0
        self.random = random.Random(20260901)
        given = [folder / "queue.db", receiver.url("/in"), receiver.port, made.certificate, mode]
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.sending", *map(str, given)],
            env={**os.environ, "PYTHONPATH": path},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, word: str) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return self._answer("pid")

    def _answer(self, word: str) -> int:
        assert self._process.stdout is not None
        said, number = self._process.stdout.readline().split()
        assert said == word
        return int(number)

    def kill(self) -> None:
        """Let it send for a while, counted in what arrives, and kill it."""
        enough = len(self.receiver.got) + self.random.randint(1, 30)
        pid = self._ask("go")
        pause = threading.Event()
        for _ in range(int(PATIENCE / 0.002)):
            if len(self.receiver.got) >= enough or self._left() == 0:
                break
            pause.wait(0.002)
        pause.wait(self.random.random() * 0.01)
        os.kill(pid, signal.SIGKILL)
        assert self._answer("ended") == signal.SIGKILL
        self.kills += 1

    def _left(self) -> int:
        return len(self.wanted) - len(self.receiver.times())

    def finish(self) -> None:
        """Send what is left, and end cleanly."""
        self._ask("end")
        assert self._answer("ended") == 0

    @property
    def lost(self) -> set[str]:
        """The messages that never arrived."""
        return self.wanted - set(self.receiver.times())

    @property
    def doubles(self) -> int:
        """What a receiver shows too often that does not honour the key."""
        return sum(times - 1 for times in self.receiver.times().values())

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self.queue.close()


@contextmanager
def senders(
    folder: Path, made: Certificate, messages: int, mode: str = "plain"
) -> Iterator[Senders]:
    """Processes that send to a receiver, for the block."""
    with receiving(made) as receiver:
        found = Senders(folder, made, receiver, messages, mode)
        try:
            yield found
        finally:
            found.close()


def kill_and_compare(folder: Path, made: Certificate, kills: int, messages: int) -> int:
    """Kill so often, send the rest, and compare; how many doubles there were."""
    with senders(folder, made, messages) as killed:
        while killed.kills < kills:
            killed.kill()
        killed.finish()
        assert killed.lost == set()
        assert killed.queue.states() == {"sent": messages}
        assert killed.doubles <= SENDERS * kills  # one in hand of each sender
        shown = killed.receiver.shown()  # as a receiver shows them that honours the key
        assert len(shown) == len(set(shown)) == messages
        return killed.doubles


def test_kills_lose_no_message_and_double_at_most_what_was_in_hand(
    tmp_path: Path, made: Certificate
) -> None:
    kill_and_compare(tmp_path, made, kills=6, messages=200)


@pytest.mark.long
def test_a_hundred_kills_lose_no_message_and_double_at_most_what_was_in_hand(
    tmp_path: Path, made: Certificate
) -> None:
    assert kill_and_compare(tmp_path, made, kills=100, messages=2_500) > 0


def test_control_a_receiver_that_does_not_honour_the_key_shows_doubles(
    tmp_path: Path, made: Certificate
) -> None:
    with senders(tmp_path, made, 1_000) as killed:
        while not killed.doubles and killed.kills < 40:
            killed.kill()
        assert killed.doubles > 0


def test_control_marking_before_sending_loses_messages(tmp_path: Path, made: Certificate) -> None:
    with senders(tmp_path, made, 1_000, mode="early") as killed:
        for _ in range(3):
            killed.kill()
        killed.finish()
        assert killed.lost != set()
        assert killed.queue.states() == {"sent": 1_000}
