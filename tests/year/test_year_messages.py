"""A receiver that honours the key holds the same messages, however the worker came to grief."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.bench.year.days import ENDS
from ckbx.bench.year.play import Tick, play
from ckbx.bench.year.script import Script
from ckbx.bench.year.stage import reopen, stage
from ckbx.bench.year.world import World
from ckbx.scheduling.run_due import run_due
from notifications.queue import Way
from tests.year.faulty import Killed, dying

OPENING = date(2026, 9, 12)
LEASE = timedelta(minutes=2)
WAYS = (
    Way(name="mail", kind="record"),
    Way(name="county", kind="wecom", scope="county"),
)
Text = tuple[str, str, str, str]


class Receiver:
    """Keeps the first message of each key; counts what came again, and what came otherwise."""

    def __init__(self) -> None:
        self.kept: dict[UUID, Text] = {}
        self.again = 0
        self.changed: list[UUID] = []

    def take(self, id_: UUID, text: Text) -> None:
        known = self.kept.setdefault(id_, text)
        self.again += known is not text
        if known != text:
            self.changed.append(id_)


class Messaging:
    """A tick: what is due, notices and messages, sending. ``dies`` says where it is killed."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world, self.receiver = world, receiver
        self.prepare()

    def prepare(self) -> None:
        self.world.store.ways = WAYS
        self.room = self.world.store.postroom
        self.room.prepare()

    def __call__(self, at: datetime, *, send: int = 10_000, mark: bool = True) -> None:
        run_due(self.world.store, at)
        self.room.tick(at)
        self.send(at, send, mark=mark)

    def send(self, at: datetime, most: int, *, mark: bool = True) -> None:
        """Hand over so many messages; without ``mark`` it dies before it has noted them."""
        for message in self.room.queue.claim(at, limit=most, lease=LEASE):
            text = (message.recipient, message.channel, message.subject, message.body)
            self.receiver.take(message.id, text)
            if mark:
                self.room.queue.sent(message.id, digest="0" * 64, at=at)


def dying_tick(messaging: Messaging, url: str, folder: Path, seed: int) -> Tick:
    """Killed between appends, before the notices, before the messages, or after sending."""
    rng, world = random.Random(seed), messaging.world

    def again() -> None:
        reopen(world, url, folder)
        messaging.prepare()

    def in_an_append(at: datetime) -> None:
        try:
            with dying(world.store, rng.randint(0, 2)):
                run_due(world.store, at)
        except Killed:
            pass

    def before_notices(at: datetime) -> None:
        run_due(world.store, at)

    def before_messages(at: datetime) -> None:
        run_due(world.store, at)
        messaging.room.catch_up()

    def after_sending(at: datetime) -> None:
        messaging(at, send=rng.randint(1, 5), mark=False)

    deaths: list[Callable[[datetime], None]] = [
        in_an_append,
        before_notices,
        before_messages,
        after_sending,
    ]

    def tick(at: datetime) -> None:
        for _ in range(rng.randint(0, 2)):
            rng.choice(deaths)(at)
            again()
        messaging(at)

    return tick


@pytest.mark.parametrize("until", [OPENING, pytest.param(ENDS, marks=pytest.mark.long)], ids=str)
def test_the_same_messages_come_to_a_receiver_that_honours_the_key(
    tmp_path: Path, until: date
) -> None:
    found = []
    for name in ("alone", "dying"):
        folder, receiver = tmp_path / name, Receiver()
        folder.mkdir()
        url = f"sqlite:///{folder / 'year.db'}"
        with stage(url, folder) as world:
            messaging = Messaging(world, receiver)
            dies = name == "dying"
            tick = dying_tick(messaging, url, folder, 5) if dies else messaging
            play(world, Script(), tick, until=until)
            for minutes in (10, 600, 1200):
                world.clock.at += timedelta(minutes=minutes)
                messaging(world.clock.at)
        assert not receiver.changed
        found.append(receiver)
    alone, dying_ = found
    assert alone.kept
    assert alone.again == 0
    assert dying_.again > 0
    assert dying_.kept == alone.kept
