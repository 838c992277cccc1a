"""The ladder: what nobody has seen, or done, rises to the next post on its own line, with a
copy to the other line (domain §7, adr/0015).

An alert that asks for action and was not acknowledged by its hours rises once as unread; one
not done by its day rises once as overdue, acknowledged or not. When it was seen or done at
last, the alert above is closed; when it never was due, withdrawn. All of it follows from the
facts, of which the acknowledgements are some: a run that was missed is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

import msgspec

from ckbx.clock import from_micros, local_day, local_instant
from ckbx.domain.alert.hours import due_hour
from ckbx.domain.alert.kinds import KINDS, RED
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.responsibility.post import Line, ScopeKind
from ckbx.domain.rules.rule_ids import COPIED, RISEN, UNREAD, UNREAD_COPIED
from ckbx.scheduling.duty import UNCONFIRMED, WARNED_VILLAGE, Duty
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.ladder_rules import (
    FROM_ITS_DAY,
    RISING,
    TOLD_KINDS,
    TOLD_ON_BOTH_LINES,
    TOLD_TO_TEACHER,
)
from ckbx.scheduling.memory import NOT_KEPT
from ckbx.scheduling.told import WARNING, Told
from ckbx.scheduling.unit import Unit

ONE_DAY = timedelta(days=1)
LONG_LEAVE = "long_leave_check"
SUSPECTED, GROUND = "dropout_suspected", "suspicion_ground_changed"


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that may rise: the duty, when it was told (UTC), whether it also rises when it
    is overdue; ``seen`` and ``over`` as people and the facts have it.
    """

    duty: Duty
    told_at: datetime
    overdue: bool
    seen: datetime | None
    over: date | None


def risen(facts: Facts, found: Iterable[Duty]) -> Iterator[Duty]:
    """What rises of the clock's own duties and of the alerts that went with an act. Once it is
    overdue, what had risen as unread is over: one line, not two.
    """
    yield from risen_of_clock(facts, found)
    for unit in units(facts):
        yield from (duty for duty in unit.duties() if duty.rule != WARNED_VILLAGE)


def risen_of_clock(facts: Facts, found: Iterable[Duty]) -> Iterator[Duty]:
    """What rises of the clock's own duties."""
    for base in _of_clock(facts, found):
        yield from _risen(facts, base)


def _risen(facts: Facts, base: Base) -> Iterator[Duty]:
    overdue_on = _overdue_on(facts, base) if base.overdue else None
    yield from _unread(facts, base, overdue_on)
    if overdue_on is not None:
        yield from _overdue(facts, base, overdue_on)


def _of_clock(facts: Facts, found: Iterable[Duty]) -> Iterator[Base]:
    for duty in found:
        if duty.rule not in RISING or duty.on > facts.today:
            continue
        if duty.rule in FROM_ITS_DAY and duty.due_on is not None and duty.on < duty.due_on:
            continue
        answered = facts.answered.get(duty.stream(facts.county))
        pack = facts.rules.rules_on(duty.on).pack
        hour = time.fromisoformat(due_hour(duty.rule, pack) or "00:00")
        yield Base(
            duty=duty,
            told_at=local_instant(duty.on, hour, facts.zone),
            overdue=True,
            seen=from_micros(answered.seen) if answered and answered.seen else None,
            over=_first(duty.over_on, answered.done if answered else None),
        )


def units(facts: Facts) -> Iterator[Unit]:
    """What follows of each alert that went with somebody's act: the village is told with the
    early warning (domain §6), and it rises.

    A warning of the day on which the child came under suspicion gives way to it, as one of
    an earlier day does: that has deadlines of its own.
    """
    suspected = {(each.child.bytes, each.on) for each in facts.told if each.kind == SUSPECTED}
    for told in facts.told:
        gives_way = told.kind == WARNING and (told.child.bytes, told.on) in suspected
        basis = (told, gives_way) if told.kind != GROUND else NOT_KEPT
        yield Unit("told", told.alert.bytes, basis, partial(_of_act, facts, told, gives_way))


def _of_act(facts: Facts, told: Told, gives_way: bool) -> Iterator[Duty]:
    if told.kind == WARNING:
        yield told.duty(rule=WARNED_VILLAGE, region=ScopeKind.VILLAGE)
    if gives_way or (told.kind == GROUND and _told_to_county(facts, told)):
        return
    asks = TOLD_KINDS[told.kind]
    school = asks.at is ScopeKind.SCHOOL and told.rule not in TOLD_TO_TEACHER
    base = Base(
        duty=told.duty(school=school),
        told_at=from_micros(told.raised_at),
        overdue=asks.overdue,
        seen=from_micros(told.seen) if told.seen else None,
        over=told.over,
    )
    yield from _risen(facts, base)


def _told_to_county(facts: Facts, told: Told) -> bool:
    """Whether the dropout had been determined by then: the county decides, and was told; above
    it nobody stands.
    """
    day = local_day(from_micros(told.raised_at), facts.zone)
    return any(
        case.child == told.child
        and case.facts.determined is not None
        and case.facts.determined.on <= day
        and (case.facts.over is None or day <= case.facts.over.on)
        for case in facts.cases
    )


def _unread(facts: Facts, base: Base, overdue_on: date | None) -> Iterator[Duty]:
    """At the hour of the ladder, on the working day on which it was to be acknowledged."""
    on, ends = _unread_on(facts, base), _first(base.over, overdue_on)
    if on is None or (ends is not None and ends <= on):
        return
    hour = facts.rules.rules_on(on).pack.rise_at
    at = local_instant(on, time.fromisoformat(hour), facts.zone)
    if at > facts.at or (base.seen is not None and base.seen <= at):
        return
    seen_on = local_day(base.seen, facts.zone) if base.seen is not None else None
    over = _first(ends, seen_on)
    yield from _both_lines(base.duty, on, (UNREAD, UNREAD_COPIED), over)


def _unread_on(facts: Facts, base: Base) -> date | None:
    """The working day; None where the calendar does not reach."""
    day = local_day(base.told_at, facts.zone)
    pack = facts.rules.rules_on(base.duty.on).pack
    try:
        if KINDS[base.duty.kind].level != RED:
            return facts.calendars.add_working_days(day, pack.ack_days)
        by = base.told_at + timedelta(hours=pack.ack_red_hours)
        on = local_day(by, facts.zone)
        at = local_instant(on, time.fromisoformat(pack.rise_at), facts.zone)
        if at >= by and facts.calendars.is_working_day(on):
            return on
        return facts.calendars.add_working_days(on, 1)
    except CalendarRefusal:
        return None


def _overdue_on(facts: Facts, base: Base) -> date | None:
    """The day after the last one on which it was to be done, where it has come."""
    duty = base.duty
    due = duty.due_on
    if due is None or due <= duty.on:  # no day of its own
        pack = facts.rules.rules_on(duty.on).pack
        try:
            due = facts.calendars.add_working_days(duty.on, pack.act_within)
        except CalendarRefusal:
            return None
    on = due + ONE_DAY
    return on if on <= facts.today else None


def _overdue(facts: Facts, base: Base, on: date) -> Iterator[Duty]:
    if base.over is not None and base.over < on:
        return
    missed = msgspec.structs.replace(base.duty, due_on=on - ONE_DAY)
    if missed.kind == LONG_LEAVE:
        county = facts.whole_county
        yield msgspec.structs.replace(
            missed, kind=UNCONFIRMED, rule=UNCONFIRMED, on=on, at=county, over_on=base.over
        )
        return
    yield from _both_lines(missed, on, (RISEN, COPIED), base.over)


def _both_lines(
    duty: Duty, on: date, suffixes: tuple[str, str], over: date | None
) -> Iterator[Duty]:
    """To the next post up on its own line, and in copy to the other line where the child
    lives: the village for what a class teacher missed, the township for a school. What is about
    no child has nobody on the other line below the county.
    """
    change = msgspec.structs.replace
    up, copy = suffixes
    risen_ = change(duty, rule=duty.rule + up, on=on, up=True, asked_on=duty.on, over_on=over)
    yield risen_
    if duty.kind in TOLD_ON_BOTH_LINES or duty.line is not Line.EDUCATION:
        return
    if duty.child is not None:
        near = ScopeKind.VILLAGE if duty.at is None else ScopeKind.TOWNSHIP
        there = {"at": None, "region": near, "line": Line.GOVERNMENT}
        yield change(risen_, rule=duty.rule + copy, up=False, asked_on=None, **there)


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
