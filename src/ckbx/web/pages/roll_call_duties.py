"""今日待办 of whoever calls the roll: whom to ring, whom to visit, from the open alerts to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.alert.closing import ClosedBecause, closes_by_hand
from ckbx.domain.alert.kinds import alert_title
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from projections import alerts
from projections.alerts import AlertRow

KINDS: Final = ("contact_due", "visit_due", "absence_warning", "long_leave_check")
"""What is told here; everything else stands under 待办."""
BECAUSE: Final = tuple((each.value, each.label) for each in ClosedBecause)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do about a child."""

    id: UUID
    child: UUID | None
    name: str
    title: str
    level: str
    due_on: date | None
    overdue: bool
    seen: bool
    by_hand: bool


def duties(look: Look) -> list[AlertRow]:
    """The open ones to the account of the question, the most pressing first."""
    q = look.question
    found = alerts.alerts(look.reading, q.scope, to=q.to, open_only=True, **look.at)
    return [row for row in found if row.kind in KINDS]


def told(rows: Sequence[AlertRow], people: Mapping[UUID, Person], look: Look) -> list[Duty]:
    """With names."""
    return [
        Duty(
            id=row.alert_id,
            child=row.child,
            name=people[row.child].name if row.child and row.child in people else "",
            title=alert_title(row.kind, row.rule),
            level=row.level,
            due_on=row.due_on,
            overdue=row.due_on is not None and row.due_on < look.question.as_of,
            seen=row.state == "acknowledged",
            by_hand=closes_by_hand(row.kind, row.rule),
        )
        for row in rows
    ]
