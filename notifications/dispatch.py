"""How do messages leave the outbox? Claimed under a lease, sent by a few threads, marked after.

At least once: a sender that dies leaves at most the one message it had in hand to be sent
again, under the same key. Marking comes after sending, never before.

A channel that does not work rests, longer each time, and its messages are given back
meanwhile; the other channels go on. What a receiver refuses for good is a dead letter at
once, everything else after :data:`BACK_OFF`.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import msgspec

from ckbx.clock import Clock
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from notifications.batches import Address, Batch
from notifications.channels.problems import ChannelDown
from notifications.channels.resting import Rests
from notifications.message import Channel, Message, NotSent
from notifications.queue import NO_ADDRESS, NO_CHANNEL, Filler, Queue

_log = logging.getLogger(__name__)

BACK_OFF: Final = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))
"""How long until the next try, after the first failure, the second, …; then a dead letter."""

LEASE: Final = timedelta(minutes=2)
SENDERS: Final = 4
IDLE_SECONDS: Final = 2.0
_IN_HAND: Final = 8
"""Messages claimed ahead a sender: their turn comes well within the lease."""
_SAFE: Final = timedelta(seconds=20).total_seconds()
"""What must be left of a lease to begin sending."""

Quiet = Callable[[datetime], datetime | None]
"""When the quiet hours end in which a UTC instant lies; None: it lies in none."""


class Outcome(msgspec.Struct, frozen=True):
    """What a dispatcher has done so far, in messages."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    postponed: int = 0
    skipped: int = 0


class _Claimed(msgspec.Struct, frozen=True):
    message: Message
    until: float
    batch: Batch


class Dispatcher:
    """Sends what waits in a queue. One dispatcher a store: that of the process that leads."""

    def __init__(
        self,
        queue: Queue,
        channels: Mapping[str, Channel],
        clock: Clock,
        filler: Filler,
        address: Address,
        *,
        quiet: Quiet = lambda _now: None,
        senders: int = SENDERS,
        lease: timedelta = LEASE,
        idle_seconds: float = IDLE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._channels, self._clock = queue, channels, clock
        self._filler, self._address, self._quiet = filler, address, quiet
        self._senders, self._lease, self._idle = senders, lease, idle_seconds
        # One sender is always free for the other channels, where there are any.
        most = senders if len(channels) == 1 else max(senders - 1, 1)
        self._rests = Rests(most, monotonic)
        self._waiting: deque[_Claimed] = deque()
        self._look_again, self._more = 0.0, False
        self._taking = threading.Lock()
        self._counting = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._stop = threading.Event()

    @property
    def outcome(self) -> Outcome:
        """The counts so far."""
        with self._counting:
            return Outcome(**self._counts)

    # ------------------------------------------------------------- running

    def run(self, stop: threading.Event) -> None:
        """Send what falls due until told to stop; what is claimed but unsent is given back."""
        self._with_senders(stop, until_empty=False)

    def drain(self, stop: threading.Event | None = None) -> Outcome:
        """Send what is due now and end; what was done, in all."""
        self._with_senders(stop or threading.Event(), until_empty=True)
        return self.outcome

    def _with_senders(self, stop: threading.Event, *, until_empty: bool) -> None:
        self._stop, self._look_again = stop, 0.0
        threads = [
            threading.Thread(target=self._work, args=(stop, until_empty), name=f"ckbx-sender-{n}")
            for n in range(1, self._senders + 1)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self._give_back()

    def _work(self, stop: threading.Event, until_empty: bool) -> None:
        while not stop.is_set():
            try:
                claimed = self._take()
                if claimed is not None:
                    self._handle(claimed)
                elif until_empty:
                    return
                else:
                    stop.wait(self._idle)
            except Exception as error:  # noqa: BLE001 - a sender goes on as long as it is wanted
                said = error.code if isinstance(error, CkbxError) else type(error).__name__
                _log.warning("messages_wait %s", said)
                if until_empty:
                    return
                stop.wait(self._idle)

    def _take(self) -> _Claimed | None:
        """The next message in hand; claims some when there is none."""
        with self._taking:
            if not self._waiting and time.monotonic() >= self._look_again:
                self._claim(self._clock.now())
            if self._waiting:
                return self._waiting.popleft()
            self._look_again = max(self._look_again, time.monotonic() + self._idle / 2)
            return None

    def _claim(self, now: datetime) -> None:
        if not self._more:
            due = self._queue.next_at()  # only looks: an idle sender writes nothing
            if due is None or due > now:
                return
        until = time.monotonic() + self._lease.total_seconds()
        limit = self._senders * _IN_HAND
        claimed = self._queue.claim(now, limit=limit, lease=self._lease)
        self._more = len(claimed) == limit
        together: dict[str, list[Message]] = {}
        for each in claimed:
            together.setdefault(each.channel, []).append(each)
        batches = {
            channel: Batch(messages, self._filler, self._address)
            for channel, messages in together.items()
        }
        self._waiting.extend(_Claimed(each, until, batches[each.channel]) for each in claimed)

    def _give_back(self) -> None:
        """What is in hand is free for others at once."""
        while self._waiting:
            with suppress(StoreUnavailable):  # then its lease has to run out
                self._postpone(self._waiting.popleft().message, self._clock.now())

    # ------------------------------------------------------- one message

    def _handle(self, claimed: _Claimed) -> None:
        """One message, to its end of this time. Raises StoreUnavailable."""
        try:
            self._in_turn(claimed)
        finally:
            claimed.batch.done(claimed.message)

    def _in_turn(self, claimed: _Claimed) -> None:
        message = claimed.message
        if time.monotonic() > claimed.until - min(_SAFE, self._lease.total_seconds() / 4):
            return  # its lease is nearly over: another will have it
        now = self._clock.now()
        channel = self._channels.get(message.channel)
        if channel is None:
            self._skip(message, NO_CHANNEL)
            return
        if (later := self._quiet(now)) is not None:
            self._postpone(message, later)
            return
        rest = self._rests.enter(message.channel)
        if rest is not None:
            if self._rests.works(message.channel):  # it is only slow: others go on with it
                self._postpone(message, now + rest)
            else:
                self._put_off(message, now + rest)
            return
        down: bool | None = None
        try:
            down = self._send(channel, message, claimed.batch)
        finally:
            self._rests.leave(message.channel, down=down)

    def _send(self, channel: Channel, message: Message, batch: Batch) -> bool | None:
        """Whether the channel was down; None where it was not asked."""
        asked = False
        try:
            # Nobody's name is read ahead for a channel that may not take it.
            ready = batch.ready(message, ahead=self._rests.works(message.channel))
            if ready is None:
                self._skip(message, NO_ADDRESS)
                return None
            asked = True
            channel.send(*ready)
        except NotSent as error:
            self._failed(message, error.why, final=error.final)
            return isinstance(error, ChannelDown)
        except StoreUnavailable:
            raise
        except CkbxError as error:
            self._failed(message, str(error), final=False)
            return None
        except Exception as error:  # noqa: BLE001 - one message may not end the sending of all
            _log.error("message_failed %s %s", message.id, type(error).__name__)
            self._failed(message, f"意外失败（{type(error).__name__}）", final=False)
            return True if asked else None
        self._sent(message, digest_of(ready.message))
        return False

    def _sent(self, message: Message, digest: str) -> None:
        """It went out: said until it is heard. Raises StoreUnavailable when told to stop, or
        when the lease is over: then it will be sent again, under the same key.
        """
        give_up = time.monotonic() + self._lease.total_seconds()
        while True:
            try:
                self._queue.sent(message.id, digest=digest, at=self._clock.now())
            except StoreUnavailable:
                if time.monotonic() > give_up or self._stop.wait(self._idle / 4):
                    raise
            else:
                self._count("sent")
                return

    def _failed(self, message: Message, why: str, *, final: bool) -> None:
        now = self._clock.now()
        next_at = None
        if not final and message.attempts < len(BACK_OFF):
            next_at = now + BACK_OFF[message.attempts]
        _log.info("message_not_sent %s %s", message.id, message.channel)
        self._queue.failed(message.id, why=why, at=now, next_at=next_at)
        self._count("failed" if next_at else "dead")

    def _postpone(self, message: Message, next_at: datetime) -> None:
        self._queue.postpone(message.id, next_at=next_at)
        self._count("postponed")

    def _put_off(self, message: Message, next_at: datetime) -> None:
        """All there is of its channel, in one go: thousands may wait for one that is down."""
        with self._taking:
            mine = [each for each in self._waiting if each.message.channel == message.channel]
            others = [each for each in self._waiting if each.message.channel != message.channel]
            self._waiting = deque(others)
        ids = [message.id, *(each.message.id for each in mine)]
        self._count("postponed", self._queue.put_off(message.channel, ids, next_at=next_at))

    def _skip(self, message: Message, reason: str) -> None:
        _log.info("message_skipped %s %s", message.id, reason)
        self._queue.skip(message.id, reason=reason, at=self._clock.now())
        self._count("skipped")

    def _count(self, what: str, times: int = 1) -> None:
        with self._counting:
            self._counts[what] += times


def digest_of(message: Message) -> str:
    """SHA-256 (hex) of what was sent: subject, body and link, each ended by a NUL."""
    text = "".join(f"{part}\0" for part in (message.subject, message.body, message.link))
    return hashlib.sha256(text.encode()).hexdigest()
