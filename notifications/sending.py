"""The dispatcher of one store: its channels, the vault's names and addresses, the rules' quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from datetime import time as wall_time
from typing import Final

from ckbx.clock import Clock, local_day
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_pack import RulePack
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
        VaultFiller(vault, channels.base_url),
        Reach(channels, Addresses(vault)),
        quiet=RuledQuiet(log, clock),
    )


class Reach:
    """Implements :data:`notifications.batches.Address` from the vault."""

    def __init__(self, channels: Channels, addresses: Addresses) -> None:
        self._fields = {each.name: each.ADDRESS for each in channels.settings}
        self._addresses = addresses

    def __call__(self, messages: Sequence[Message]) -> list[str | None]:
        """The recipients' addresses over the messages' channels: one access record for the
        e-mail addresses and one for the phones among them.
        """
        wanted: dict[str, set[str]] = {}
        for each in messages:
            wanted.setdefault(self._fields.get(each.channel, ""), set()).add(each.recipient)
        held = {
            field: self._addresses.of(accounts, field)
            for field, accounts in wanted.items()
            if field
        }
        return [self._found(each, held) for each in messages]

    def _found(self, message: Message, held: dict[str, dict[str, str]]) -> str | None:
        field = self._fields.get(message.channel, "")
        return held[field].get(message.recipient) if field else ""


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
