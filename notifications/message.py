"""What leaves the house: one message to one recipient over one channel, and how it may fail."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from ckbx.domain.shared.errors import CkbxError


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A composed message. ``id`` is the key a receiver may honour: a message that is sent
    again after a lost reply carries the same one.

    ``recipient`` is an account, or ``group:<channel>`` for a group; ``kind`` that of the
    alerts in it, or ``digest``; ``slot`` the UTC instant it was due to be sent; ``body`` the
    text as it is sent, without ID numbers and full names; ``attempts`` those made before.
    """

    id: UUID
    channel: str
    recipient: str
    kind: str
    level: str
    slot: datetime
    subject: str
    body: str
    link: str
    attempts: int = 0


class NotSent(CkbxError):
    """A receiver did not take a message. ``final``: trying again is of no use."""

    code = "message_not_sent"
    message = "消息没有发出（{channel}）：{why}"

    def __init__(self, *, channel: str, why: str, final: bool = False) -> None:
        super().__init__(channel=channel, why=why)
        self.why = why
        self.final = final


class Channel(Protocol):
    """A way out."""

    @property
    def name(self) -> str:
        """Unique among the channels of a store."""

    def send(self, message: Message, address: str) -> None:
        """Hand a message over, within seconds. ``address``: the recipient's e-mail or phone;
        empty for a group. Raises NotSent with the receiver's own words.
        """
