"""The dispatcher of one store: its channels, the vault's names and addresses, the rules' quiet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from datetime import time as wall_time
from typing import Final

from ckbx.clock import Clock, local_day
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.eventlog.group_commit import GroupCommit
from ckbx.eventlog.ports import EventLog
from ckbx.vault import Vault
from notifications.addresses import Addresses
from notifications.channels.making import make_channels
from notifications.channels.settings import Channels
from notifications.dispatch import Dispatcher
from notifications.message import Message
from notifications.persons import VaultFiller
from notifications.queue import Queue
from notifications.quiet_hours import QuietHours

READ_AGAIN_SECONDS: Final = 60.0


def make_dispatcher(
    channels: Channels, queue: Queue, log: EventLog, vault: Vault, clock: Clock
) -> Dispatcher:
    """What sends the messages of a store over the channels of ``channels.toml``."""
    return Dispatcher(
        queue,
        make_channels(channels, clock.now),
        clock,
        Together(VaultFiller(vault, channels.base_url)),
        Reach(channels, Addresses(vault)),
        quiet=RuledQuiet(log, clock),
    )


class Together:
    """Implements :class:`notifications.queue.Filler`: messages that are filled by several
    senders at once share one access record, and one wait for the disk.
    """

    def __init__(self, filler: VaultFiller) -> None:
        self._filler = filler
        self._fills = GroupCommit[Message, Message](
            self._fill, threading.Lock(), lambda message: len(message.body)
        )

    def fill(self, message: Message) -> Message:
        """The message as it is sent."""
        return self._fills.append(message)

    def _fill(self, messages: Sequence[Message]) -> Sequence[Message | CkbxError]:
        try:
            return self._filler.fill_many(messages)
        except StoreUnavailable:
            raise
        except CkbxError:  # whose name cannot be read is the matter of its own message alone
            return [self._alone(each) for each in messages]

    def _alone(self, message: Message) -> Message | CkbxError:
        try:
            return self._filler.fill(message)
        except CkbxError as error:
            return error


class Reach:
    """Implements :data:`notifications.dispatch.Address` from the vault."""

    def __init__(self, channels: Channels, addresses: Addresses) -> None:
        self._fields = {each.name: each.ADDRESS for each in channels.settings}
        self._addresses = addresses

    def __call__(self, message: Message) -> str | None:
        """The recipient's address over the message's channel, under one access record."""
        field = self._fields.get(message.channel, "")
        if not field:
            return ""
        return self._addresses.of([message.recipient], field).get(message.recipient)


class RuledQuiet:
    """The quiet hours of the rule pack in force, read again every minute."""

    def __init__(
        self, log: EventLog, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._log, self._zone, self._monotonic = log, clock.zone, monotonic
        self._read: tuple[float, RuleBook] | None = None

    def __call__(self, now: datetime) -> datetime | None:
        """When the quiet hours end in which a UTC instant lies; None: it lies in none."""
        pack = self._pack(now)
        begin, end = (wall_time.fromisoformat(each) for each in (pack.quiet_from, pack.quiet_to))
        return QuietHours(begin, end, self._zone).end(now)

    def _pack(self, now: datetime) -> RulePack:
        at = self._monotonic()
        read = self._read
        if read is None or at - read[0] > READ_AGAIN_SECONDS:
            book = RuleBook.of(self._log.county)
            book.replay(self._log.load([book.id]).get(book.id, []))
            read = self._read = (at, book)
        return read[1].rules_on(local_day(now, self._zone)).pack
