"""What a dispatcher needs of the outbox: messages to send, and where to say how it went.

At least once: a message whose sender died is handed out again when its lease is over, with
the same id. A mark set late (by a sender whose lease was over) never undoes one set before:
``sent`` stands for good, and ``failed`` of a message that is not claimed changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from notifications.message import Message

INBOX = "inbox"
"""The channel that always exists (站内信): never claimed, its notices stand there at once."""

NO_ADDRESS, NO_CHANNEL, NOT_WANTED = "no_address", "no_channel", "muted"
"""Why a dispatcher leaves a message unsent (:meth:`Queue.skip`)."""


class Queue(Protocol):
    """The outbox as a dispatcher sees it. Instants are UTC. Safe to use from any thread.

    Every method is one transaction. Raises StoreUnavailable; UnknownMessage for an id that
    was never given out.
    """

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        """Take at most ``limit`` messages that are due (``next_at`` ≤ now) and not claimed,
        or whose claim ran out, for the time of ``lease``; the oldest slot first.

        Two claimers never hold the same message at once. ``attempts`` are the failures
        before; a claim alone is none. Subject and body hold placeholders for persons and
        ``link`` is a path: give the message to a :class:`Filler` before it is sent.
        """

    def sent(self, message: UUID, *, digest: str, at: datetime) -> None:
        """It went out. ``digest``: SHA-256 (hex) of what was sent."""

    def failed(self, message: UUID, *, why: str, at: datetime, next_at: datetime | None) -> None:
        """It did not, in the receiver's words: try again at ``next_at``; None: dead letter.

        ``attempts`` goes up by one.
        """

    def postpone(self, message: UUID, *, next_at: datetime) -> None:
        """Not now (quiet hours, the sender stops): given back, no attempt counted."""

    def put_off(self, channel: str, messages: Sequence[UUID], *, next_at: datetime) -> int:
        """The channel rests: ``messages``, claimed by who says so, are given back, and all else
        of it that waits and is due before ``next_at`` waits until then. How many do.
        """

    def skip(self, message: UUID, *, reason: str, at: datetime) -> None:
        """It will not be sent; ``reason`` is a code and is counted."""

    def next_at(self) -> datetime | None:
        """When the next message falls due or the next claim runs out; None: none waits."""


class Filler(Protocol):
    """Puts in what is not kept in the outbox."""

    def fill_many(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages as they are sent, in order: short names (王**) for their person
        placeholders, read in the vault with one access record for all, and the whole links.
        The same message comes to the same text while no name changes. Raises
        StoreUnavailable, SecretMismatch, VaultRowDamaged.
        """


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A configured channel, as the outbox must know it to make notices for it.

    ``scope`` None: personal, for accounts. Else a group: ``county``, ``township:CODE`` or
    ``school:CODE``; it is told of alerts within the scope, in numbers. ``levels`` and
    ``kinds`` None: all.
    """

    name: str
    kind: str
    scope: str | None = None
    levels: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
