"""请假条: a class teacher is told beforehand that a child will be away."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.shared.event import DomainEvent


class LeaveSlipFiled(DomainEvent, frozen=True, kw_only=True):
    """A child asks for short leave from a day to a day (local, both included).

    It pre-marks those days on the page of the roll call; what counts is the roll call that
    is handed in. ``slip`` numbers the slips of a class from 1; ``reason`` is 病假 or 事假.
    """

    TOPIC = "ckbx.class_roll.LeaveSlipFiled"
    TITLE = "请假条已登记"
    class_key: str
    slip: int
    child: UUID
    first_day: date
    last_day: date
    reason: Reason


class LeaveSlipEnded(DomainEvent, frozen=True, kw_only=True):
    """A slip ends earlier than it said, or was a mistake.

    ``last_day`` is its last day now; None: it never held.
    """

    TOPIC = "ckbx.class_roll.LeaveSlipEnded"
    TITLE = "请假条已提前结束或作废"
    class_key: str
    slip: int
    last_day: date | None = None
