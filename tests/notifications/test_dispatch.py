"""How messages leave the queue: nothing lost, nothing twice, one channel never holds up another."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from notifications.channels.gateway import Webhook
from notifications.channels.problems import ChannelDown
from notifications.channels.record import Recorder
from notifications.channels.resting import BUSY, FIRST_REST, LONGEST_REST, Rests
from notifications.dispatch import BACK_OFF, Dispatcher
from notifications.message import Channel, Message, NotSent
from notifications.queue import NO_ADDRESS, NO_CHANNEL
from notifications.quiet_hours import QuietHours
from tests.support.messages import SLOT, MemoryQueue, Plain, hook, message, private
from tests.support.receivers import Certificate, Receiver, answer, drip, drop, slow

ZONE = ZoneInfo("Asia/Shanghai")


class Acting:
    """A channel that does what a test says."""

    def __init__(self, name: str, act: Callable[[Message], None]) -> None:
        self._name, self._act = name, act
        self.tried: list[UUID] = []

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message, address: str) -> None:
        self.tried.append(message.id)
        self._act(message)


def unneeded(messages: Sequence[Message]) -> list[str | None]:
    return [""] * len(messages)


class Desk:
    """A dispatcher with a clock that a test moves."""

    def __init__(
        self, messages: Iterable[Message], *channels: Channel, queue: Any = None, **more: Any
    ) -> None:
        self.queue: MemoryQueue = queue or MemoryQueue(messages)
        self.clock = FixedClock(SLOT, ZONE)
        given: dict[str, Any] = {"address": unneeded, "filler": Plain(), "idle_seconds": 0.01}
        given |= {"monotonic": self.seconds, **more}
        self.dispatcher = Dispatcher(
            self.queue,
            {each.name: each for each in channels},
            self.clock,
            **given,
        )

    def seconds(self) -> float:
        """The clock as a channel's rest sees it."""
        return self.clock.at.timestamp()

    def drain(self) -> None:
        """Send what is due at the clock's instant."""
        self.dispatcher.drain()

    def to_the_end(self, most: int = 60) -> list[datetime]:
        """Send, each time moving the clock to when the next is due; the instants."""
        moved: list[datetime] = []
        for _ in range(most):
            self.drain()
            due = self.queue.next_at()
            if due is None:
                return moved
            self.clock.at = max(due, self.clock.at)
            moved.append(self.clock.at)
        return moved


def raising(error: Exception) -> Callable[[Message], None]:
    def act(message: Message) -> None:
        raise error

    return act


def not_sent(*, final: bool = False) -> NotSent:
    return NotSent(channel="hook", why="不收", final=final)


def test_every_message_goes_out_once_and_what_was_sent_is_hashed() -> None:
    channel = Recorder("hook")
    desk = Desk([message(n) for n in range(50)], channel)
    desk.drain()
    assert sorted(each.id for each, _ in channel.sent) == sorted(desk.queue.rows)
    assert desk.queue.states() == {"sent": 50}
    one = message(3)
    wanted = hashlib.sha256(f"{one.subject}\0{one.body}\0{one.link}\0".encode()).hexdigest()
    assert desk.queue.rows[one.id].digest == wanted
    assert desk.dispatcher.outcome.sent == 50


def test_what_is_not_due_waits() -> None:
    channel = Recorder("hook")
    desk = Desk([message(1), message(2, slot=SLOT + timedelta(minutes=10))], channel)
    desk.drain()
    assert [each.id for each, _ in channel.sent] == [message(1).id]


def test_the_message_is_filled_before_it_is_sent_and_the_filled_one_is_hashed() -> None:
    class Names:
        def fill_many(self, messages: Sequence[Message]) -> list[Message]:
            return [msgspec.structs.replace(each, body="张**") for each in messages]

    channel = Recorder("hook")
    desk = Desk([message()], channel, filler=Names())
    desk.drain()
    assert channel.sent[0][0].body == "张**"
    text = f"{message().subject}\0张**\0{message().link}\0"
    wanted = hashlib.sha256(text.encode()).hexdigest()
    assert desk.queue.rows[message().id].digest == wanted


def test_a_failure_is_tried_again_after_1_5_30_minutes_2_and_12_hours_then_is_dead() -> None:
    channel = Acting("hook", raising(not_sent()))
    desk = Desk([message()], channel)
    moved = desk.to_the_end()
    steps = [after - before for before, after in zip([SLOT, *moved], moved, strict=False)]
    assert steps == list(BACK_OFF) == [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
    assert len(channel.tried) == 6
    assert desk.queue.states() == {"dead": 1}
    assert desk.queue.rows[message().id].why == ["不收"] * 6


def test_what_is_refused_for_good_is_dead_at_once() -> None:
    channel = Acting("hook", raising(not_sent(final=True)))
    desk = Desk([message()], channel)
    assert desk.to_the_end() == []
    assert (len(channel.tried), desk.queue.states()) == (1, {"dead": 1})


def test_a_fault_of_the_program_fails_one_message_and_ends_nothing() -> None:
    def act(each: Message) -> None:
        if each.id == message(1).id:
            raise ZeroDivisionError

    desk = Desk([message(n) for n in range(20)], Acting("hook", act))
    desk.drain()
    assert desk.queue.states() == {"sent": 19, "waiting": 1}
    assert desk.queue.rows[message(1).id].why == ["意外失败（ZeroDivisionError）"]


def test_without_a_channel_or_an_address_it_is_skipped_with_the_reason() -> None:
    messages = [message(1), message(2, channel="gone"), message(3, recipient="nobody")]
    channel = Recorder("hook")
    addresses = {"head1": "a@b.example"}
    desk = Desk(
        messages, channel, address=lambda many: [addresses.get(each.recipient) for each in many]
    )
    desk.drain()
    assert channel.sent == [(message(1), "a@b.example")]
    wanted = {"sent": 1, f"skipped {NO_CHANNEL}": 1, f"skipped {NO_ADDRESS}": 1}
    assert desk.queue.states() == wanted


def test_in_quiet_hours_it_waits_for_the_morning_and_no_try_is_counted() -> None:
    quiet = QuietHours(time(21), time(7), ZONE)
    channel = Recorder("hook")
    desk = Desk([message()], channel, quiet=quiet.end)
    desk.clock.at = datetime(2026, 9, 1, 13, 0, tzinfo=UTC)  # 21:00 local
    desk.drain()
    assert channel.sent == []
    (row,) = desk.queue.rows.values()
    assert row.next_at == datetime(2026, 9, 1, 23, 0, tzinfo=UTC)
    desk.clock.at = row.next_at
    desk.drain()
    assert [(each.attempts, each.slot) for each, _ in channel.sent] == [(0, SLOT)]


@pytest.mark.parametrize(
    ("begin", "end", "at", "until"),
    [
        (time(21), time(7), "2026-09-01T20:59:59", None),
        (time(21), time(7), "2026-09-01T21:00", "2026-09-02T07:00"),
        (time(21), time(7), "2026-09-02T00:00", "2026-09-02T07:00"),
        (time(21), time(7), "2026-09-02T06:59:59", "2026-09-02T07:00"),
        (time(21), time(7), "2026-09-02T07:00", None),
        (time(21), time(7), "2028-02-28T22:00", "2028-02-29T07:00"),
        (time(21), time(7), "2026-12-31T23:00", "2027-01-01T07:00"),
        (time(12), time(14), "2026-09-01T13:00", "2026-09-01T14:00"),
        (time(12), time(14), "2026-09-01T14:00", None),
        (time(0), time(0), "2026-09-01T00:00", None),
    ],
)
def test_quiet_hours_are_local_and_reach_over_midnight(
    begin: time, end: time, at: str, until: str | None
) -> None:
    found = QuietHours(begin, end, ZONE).end(datetime.fromisoformat(at).replace(tzinfo=ZONE))
    wanted = datetime.fromisoformat(until).replace(tzinfo=ZONE) if until else None
    assert found == wanted


def test_a_channel_that_hangs_does_not_hold_up_another() -> None:
    free, waited = threading.Event(), list[bool]()
    good = Recorder("good")
    others = [message(n + 200, channel="good", slot=SLOT) for n in range(30)]

    def hang(_message: Message) -> None:
        waited.append(free.wait(30))
        raise ChannelDown(channel="hook", why="没有答复")

    def send(each: Message) -> None:
        good.send(each, "")
        if len(good.sent) == len(others):
            free.set()

    early = [message(n, slot=SLOT - timedelta(hours=1)) for n in range(200)]
    desk = Desk([*early, *others], Acting("hook", hang), Acting("good", send), monotonic=monotonic)
    desk.drain()
    assert all(waited)
    assert len(good.sent) == len(others)
    assert desk.queue.states() == {"sent": 30, "waiting": 200}
    assert sum(bool(row.why) for row in desk.queue.rows.values()) <= 3  # senders but one


def test_a_channel_that_is_down_rests_longer_each_time_and_its_messages_lose_no_try() -> None:
    channel = Acting("hook", raising(ChannelDown(channel="hook", why="连不上")))
    desk = Desk([message(n) for n in range(100)], channel, senders=1)
    desk.drain()
    assert len(channel.tried) == 2
    tried, waits = 2, []
    for _ in range(6):
        before = desk.clock.at
        later = [row.next_at for row in desk.queue.rows.values() if not row.why]
        desk.clock.at = min(later)
        desk.drain()
        assert len(channel.tried) == tried + 1  # one try after each rest
        tried += 1
        waits.append((desk.clock.at - before).total_seconds())
    assert waits == [FIRST_REST, 60, 120, 240, LONGEST_REST, LONGEST_REST]
    assert desk.queue.states() == {"waiting": 100}


def test_one_that_works_again_is_used_fully_again() -> None:
    broken = [True]

    def act(_message: Message) -> None:
        if broken[0]:
            raise ChannelDown(channel="hook", why="连不上")

    desk = Desk([message(n) for n in range(100)], Acting("hook", act))
    desk.drain()
    broken[0] = False
    desk.to_the_end()
    assert desk.queue.states() == {"sent": 100}


def test_several_inside_when_a_channel_breaks_are_one_failure() -> None:
    now = [0.0]
    rests = Rests(4, lambda: now[0])
    inside = threading.Barrier(4)

    def fail() -> None:
        assert rests.enter("c") is None
        inside.wait(10)
        rests.leave("c", down=True)

    threads = [threading.Thread(target=fail) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert rests.enter("c") == timedelta(seconds=FIRST_REST)
    now[0] += FIRST_REST
    assert rests.enter("c") is None
    other = threading.Thread(target=lambda: found.append(rests.enter("c")))
    found: list[timedelta | None] = []
    other.start()
    other.join()
    assert found == [BUSY]  # one tries, the others keep away


def test_told_to_stop_it_finishes_what_is_in_hand_and_gives_back_the_rest() -> None:
    stop = threading.Event()
    channel = Recorder("hook")

    def act(each: Message) -> None:
        channel.send(each, "")
        if len(channel.sent) >= 5:
            stop.set()

    desk = Desk([message(n) for n in range(200)], Acting("hook", act))
    desk.dispatcher.run(stop)
    states = desk.queue.states()
    assert states == {"sent": len(channel.sent), "waiting": 200 - len(channel.sent)}
    assert len(channel.sent) < 12
    assert [row for row in desk.queue.rows.values() if row.state == "waiting" and row.lease] == []
    desk.drain()
    assert desk.queue.states() == {"sent": 200}
    assert len({each.id for each, _ in channel.sent}) == len(channel.sent) == 200


def test_it_waits_for_what_comes_until_told_to_stop() -> None:
    stop = threading.Event()
    channel = Acting("hook", lambda _message: stop.set())
    desk = Desk([], channel)
    thread = threading.Thread(target=desk.dispatcher.run, args=(stop,))
    thread.start()
    late = MemoryQueue([message()])
    desk.queue.rows.update(late.rows)
    thread.join(20)
    assert not thread.is_alive()
    assert desk.queue.states() == {"sent": 1}


class Away(MemoryQueue):
    """A queue whose store is away for the first calls of a method."""

    def __init__(self, messages: Iterable[Message], method: str, calls: int) -> None:
        super().__init__(messages)
        self._method, self._calls = method, calls

    def _gone(self, method: str) -> None:
        if method == self._method and self._calls:
            self._calls -= 1
            raise StoreUnavailable(why="test")

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        self._gone("claim")
        return super().claim(now, limit=limit, lease=lease)

    def sent(self, message: UUID, *, digest: str, at: datetime) -> None:
        self._gone("sent")
        super().sent(message, digest=digest, at=at)

    def failed(self, message: UUID, *, why: str, at: datetime, next_at: datetime | None) -> None:
        self._gone("failed")
        super().failed(message, why=why, at=at, next_at=next_at)


def test_a_store_that_is_away_when_a_message_went_out_does_not_double_it() -> None:
    channel = Recorder("hook")
    messages = [message(n) for n in range(20)]
    desk = Desk(messages, channel, queue=Away(messages, "sent", 7))
    desk.drain()
    assert desk.queue.states() == {"sent": 20}
    assert len(channel.sent) == 20


@pytest.mark.parametrize("method", ["claim", "failed"])
def test_a_store_that_is_away_loses_nothing(method: str) -> None:
    messages = [message(n) for n in range(20)]
    tried: set[UUID] = set()

    def act(each: Message) -> None:
        if each.id not in tried:
            tried.add(each.id)
            raise not_sent()

    desk = Desk(messages, Acting("hook", act), queue=Away(messages, method, 3))
    for _ in range(6):  # a drain ends where the store is away
        desk.to_the_end()
        desk.clock.at += timedelta(minutes=3)
    assert desk.queue.states() == {"sent": 20}


def test_what_waited_in_hand_for_longer_than_its_lease_is_left_to_others() -> None:
    pause = threading.Event()
    channel = Acting("hook", lambda _message: (pause.wait(0.05), None)[1])
    lease = timedelta(milliseconds=20)
    desk = Desk([message(n) for n in range(4)], channel, senders=1, lease=lease)
    desk.drain()
    assert len(channel.tried) == 1
    for _ in range(5):
        desk.clock.at += lease
        desk.drain()
    assert desk.queue.states() == {"sent": 4}
    assert len(channel.tried) == 4


def test_through_a_bad_hour_of_a_real_receiver_nothing_is_lost(
    receiver: Receiver, made: Certificate
) -> None:
    bad = [
        answer(500, b""), drop, answer(200, b'{"errcode":93000}'), slow, drip,
        answer(302, b"", Location="https://127.0.0.1/"), answer(429, b""), answer(200, b"<p>"),
    ]  # fmt: skip
    receiver.answers.extend(bad)
    receiver.hang_up = 2
    setting = hook(receiver, made, timeout=0.5, success_field="errcode")
    desk = Desk([message(n) for n in range(40)], Webhook(setting, private(receiver)))
    desk.to_the_end()
    assert desk.queue.states() == {"sent": 40}
    assert sorted(receiver.shown()) == sorted(str(id_) for id_ in desk.queue.rows)
    assert receiver.times().total() == 40 + len(bad)


class Reading(Plain):
    """Fills nothing in, and counts."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def fill_many(self, messages: Sequence[Message]) -> Sequence[Message]:
        self.read.append(len(messages))
        return messages


def test_names_are_read_for_all_that_a_working_channel_is_about_to_send() -> None:
    vault, channel = Reading(), Recorder("hook")
    desk = Desk([message(n) for n in range(64)], channel, filler=vault, senders=1)
    desk.drain()
    assert vault.read == [1, 7, *[8] * 7]  # the first alone: does it work?
    assert len(channel.sent) == 64


def test_nobodys_name_is_read_ahead_for_a_channel_that_is_down() -> None:
    vault, channel = Reading(), Acting("hook", raising(ChannelDown(channel="hook", why="aus")))
    desk = Desk([message(n) for n in range(64)], channel, filler=vault, senders=1)
    desk.drain()
    assert vault.read == [1] * len(channel.tried)


class Counting(MemoryQueue):
    """Counts what would be transactions."""

    def __init__(self, messages: Iterable[Message]) -> None:
        super().__init__(messages)
        self.calls: list[str] = []

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        self.calls.append("claim")
        return super().claim(now, limit=limit, lease=lease)

    def postpone(self, message: UUID, *, next_at: datetime) -> None:
        self.calls.append("postpone")
        super().postpone(message, next_at=next_at)

    def put_off(self, channel: str, messages: Sequence[UUID], *, next_at: datetime) -> int:
        self.calls.append("put_off")
        return super().put_off(channel, messages, next_at=next_at)


def test_thousands_that_wait_for_a_channel_that_is_down_are_put_off_in_one_go() -> None:
    down = Acting("down", raising(ChannelDown(channel="down", why="aus")))
    up = Recorder("up")
    messages = [message(n, channel="down") for n in range(3_000)]
    messages += [message(n, channel="up") for n in range(3_000, 3_010)]
    queue = Counting(messages)
    desk = Desk([], down, up, queue=queue)
    desk.drain()
    assert len(up.sent) == 10
    assert len(down.tried) <= 4
    assert len(queue.calls) < 20
    down.tried.clear()
    desk.clock.at += timedelta(seconds=FIRST_REST)
    queue.calls.clear()
    desk.drain()
    assert 1 <= len(down.tried) <= 2
    assert len(queue.calls) < 20
    assert desk.queue.states() == {"waiting": 3_000, "sent": 10}
