"""Facts about an alert: raised, withdrawn with its cause, acknowledged, closed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ckbx.domain.shared.event import DomainEvent


class AlertRaised(DomainEvent, frozen=True, kw_only=True):
    """Somebody must know or act. ``occurred_on`` is the day the cause came true.

    ``to`` are accounts answerable on that day, ``posts`` their posts; ``via`` says why it
    went past a vacant post. ``events`` are the ids of the facts it rests on; ``due_on`` a
    local day (None where none can be computed).
    """

    TOPIC = "ckbx.alert.AlertRaised"
    TITLE = "发出预警"
    kind: str
    level: str
    subject: str
    child: UUID | None = None
    school: str | None = None
    class_key: str | None = None
    due_on: date | None = None
    to: list[str] = []
    posts: list[str] = []
    via: str | None = None
    rule: str
    rule_version: int
    events: list[str] = []
    detail: dict[str, int | str] = {}


class AlertWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """The cause fell away; ``reason`` is a code (corrected, reported, resolved …)."""

    TOPIC = "ckbx.alert.AlertWithdrawn"
    TITLE = "撤销预警"
    kind: str
    reason: str
    because: str | None = None


class AlertReopened(DomainEvent, frozen=True, kw_only=True):
    """The cause of a withdrawn or closed alert holds again."""

    TOPIC = "ckbx.alert.AlertReopened"
    TITLE = "重新发出预警"
    kind: str
    to: list[str] = []
    events: list[str] = []


class AlertAcknowledged(DomainEvent, frozen=True, kw_only=True):
    """Somebody answerable has seen it: ``account``, one of those it is addressed to."""

    TOPIC = "ckbx.alert.AlertAcknowledged"
    TITLE = "签收预警"
    VERSION = 2
    kind: str
    account: str | None = None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Whose account it was had not been kept."""
        return data


class AlertClosed(DomainEvent, frozen=True, kw_only=True):
    """What was due has been done. ``reason`` is a code (``returned``: the child is at school
    again); ``account`` is that of the person who closed it by hand, None where what was due
    was seen to be done.
    """

    TOPIC = "ckbx.alert.AlertClosed"
    TITLE = "办结预警"
    VERSION = 2
    kind: str
    reason: str
    account: str | None = None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Nobody closed one by hand."""
        return data
