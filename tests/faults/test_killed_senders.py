"""SIGKILL of the sending process at any instant: nothing lost, at most what was in hand doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from ckbx.store import Store
from notifications.dispatch import SENDERS
from notifications.outbox_queue import SENT
from tests.support.county import opened
from tests.support.messages import SLOT, message, put_messages
from tests.support.receivers import Certificate, Receiver, receiving
from tests.support.terminal import ROOT

PATIENCE: Final = 60.0


class Senders:
    """A queue, a receiver, and processes that send from one to the other until killed."""

    def __init__(
        self, url: str, secrets: Path, made: Certificate, receiver: Receiver, mode: str
    ) -> None:
        self.receiver = receiver
        self.wanted: set[str] = set()
        self.kills = 0
        self.random = random.Random(20260901)
        given = [url, secrets, receiver.url("/in"), receiver.port, made.certificate, mode]
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


@contextmanager
def senders(
    url: str, folder: Path, made: Certificate, messages: int, mode: str = "plain"
) -> Iterator[tuple[Senders, Store]]:
    """Messages in a store, and processes that send them to a receiver, for the block."""
    secrets = folder / "secrets"
    with opened(url, secrets, now=SLOT) as store, receiving(made) as receiver:
        put_messages(store, map(message, range(messages)))
        found = Senders(url, secrets, made, receiver, mode)
        found.wanted = {str(message(n).id) for n in range(messages)}
        try:
            yield found, store
        finally:
            found.close()


def states(store: Store) -> dict[str, int]:
    """How many messages are in each state."""
    return dict(Counter(row.state for row in store.postroom.queue.messages()))


def kill_and_compare(url: str, folder: Path, made: Certificate, kills: int, messages: int) -> int:
    """Kill so often, send the rest, and compare; how many doubles there were."""
    with senders(url, folder, made, messages) as (killed, store):
        while killed.kills < kills:
            killed.kill()
        killed.finish()
        assert killed.lost == set()
        assert states(store) == {SENT: messages}
        assert killed.doubles <= SENDERS * kills  # one in hand of each sender
        shown = killed.receiver.shown()  # as a receiver shows them that honours the key
        assert len(shown) == len(set(shown)) == messages
        return killed.doubles


def test_kills_lose_no_message_and_double_at_most_what_was_in_hand(
    store_url: str, tmp_path: Path, made: Certificate
) -> None:
    kill_and_compare(store_url, tmp_path, made, kills=6, messages=200)


@pytest.mark.long
def test_a_hundred_kills_lose_no_message_and_double_at_most_what_was_in_hand(
    store_url: str, tmp_path: Path, made: Certificate
) -> None:
    assert kill_and_compare(store_url, tmp_path, made, kills=100, messages=2_500) > 0


def test_control_a_receiver_that_does_not_honour_the_key_shows_doubles(
    sqlite_url: str, tmp_path: Path, made: Certificate
) -> None:
    with senders(sqlite_url, tmp_path, made, 1_000) as (killed, _):
        while not killed.doubles and killed.kills < 40:
            killed.kill()
        assert killed.doubles > 0


def test_control_marking_before_sending_loses_messages(
    sqlite_url: str, tmp_path: Path, made: Certificate
) -> None:
    with senders(sqlite_url, tmp_path, made, 300, mode="early") as (killed, store):
        for _ in range(3):
            killed.kill()
        killed.finish()
        assert killed.lost != set()
        assert states(store) == {SENT: 300}
