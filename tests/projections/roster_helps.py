"""What the tests of the roster say in one word: a place, a leave, some days away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.shared.event import CommandContext
from projections import roster
from projections.scope import Scope
from tests.projections.kit_world import BEGAN, TODAY, U, World, weekdays

DAY = date(2026, 10, 14)
COUNTY = Scope.county()
DAYS = weekdays(BEGAN, TODAY)


def place(of: World, n: int, day: date, position: int | None = None) -> roster.Place:
    with of.reading() as look:
        at = of.log.head() if position is None else position
        child = of.child(n).id
        return roster.place_of(look, COUNTY, [child], as_of=day, position=at)[child]


def status(of: World, n: int, day: date, position: int | None = None) -> TrackingStatus:
    return place(of, n, day, position).status


def decision(
    first: date = DAY, until: date = DAY + timedelta(days=30), **more: Any
) -> LeaveDecision:
    fields: dict[str, Any] = {
        "occurred_on": min(first, TODAY),
        "effective_from": first,
        "until": until,
        "approver": "officer",
        "approver_role": "bureau_officer",
        "document": "剑教〔2026〕1号",
        "evidence_ref": "paper",
        "committee_ref": "committee",
    }
    return LeaveDecision(**(fields | more))


def suspect(child: Child, ctx: CommandContext, on: date = DAY) -> None:
    departures.suspect(
        child,
        ctx,
        on=on,
        source=SuspicionSource.PERSON,
        first_absent_on=on,
        rule="person",
        rule_version=0,
        evidence=[],
    )


def away(of: World, n: int, first: int, count: int, reason: Any = U) -> int:
    """The child misses some school days in a row (from the n-th, from 0)."""
    key = of.child(n).class_key or ""
    position = 0
    for day in DAYS[first : first + count]:
        of.hand_in(key, day, {of.child(n).id: reason})
        position = of.record()
    return position
