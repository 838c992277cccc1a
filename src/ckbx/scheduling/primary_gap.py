"""小升初: which children of last year's sixth grade are enrolled nowhere in the seventh?

A primary school (学校标识码 21, 22) has no seventh grade, but its class moves up in September
like any other, and one that nobody teaches reports nothing: its children would be 待核 for
ever. So at each autumn opening whoever is still in such a class is found, one by one (adr/0011).
Told on day 3 to the school and the village, on day 5 to township and county. Not those on
leave, in transit, suspected or dropped out: they have a watch of their own. A class of such a
school that does report is taught there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.scheduling.duty import PRIMARY_GAP, Duty
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.opening import openings
from ckbx.scheduling.primary_leavers import Sixth, past_sixth
from ckbx.scheduling.unseen import Opening

AUTUMN = "autumn"
_TOLD: tuple[tuple[int, str, ScopeKind, Line], ...] = (
    (3, "opening_close_3_primary", ScopeKind.SCHOOL, Line.EDUCATION),
    (3, "opening_close_3_primary_village", ScopeKind.VILLAGE, Line.GOVERNMENT),
    (5, "opening_close_5_primary_township", ScopeKind.TOWNSHIP, Line.GOVERNMENT),
    (5, "opening_close_5_primary_county", ScopeKind.COUNTY, Line.EDUCATION),
)


def due(facts: Facts) -> Iterator[Duty]:
    """The duties of every autumn opening looked at, over again or not."""
    for opening in openings(facts):
        if opening.term.name == AUTUMN:
            for number, rule, kind, line in _TOLD:
                yield from _of_day(opening, number, rule, kind, line)


def _of_day(
    opening: Opening, number: int, rule: str, kind: ScopeKind, line: Line
) -> Iterator[Duty]:
    facts, on = opening.facts, opening.day(number)
    if on is None or not facts.closed(on):
        return
    taught = _taught(opening)
    for each in facts.sixth.get(opening.school, ()):
        reported = taught.get(each.class_key)
        if past_sixth(each.class_key) > on or not _lost(each, on, reported):
            continue
        yield Duty(
            kind=PRIMARY_GAP,
            rule=rule,
            subject=str(each.child),
            on=on,
            at=_scope(facts, opening.school, kind),
            line=line,
            region=kind if kind in (ScopeKind.VILLAGE, ScopeKind.TOWNSHIP) else None,
            child=each.child,
            school=opening.school,
            class_key=each.class_key,
            due_on=on,
            over_on=_over(each, reported, facts.today),
        )


def _scope(facts: Facts, school: str, kind: ScopeKind) -> Scope | None:
    if kind is ScopeKind.COUNTY:
        return Scope(kind, facts.county)
    return Scope(kind, school) if kind is ScopeKind.SCHOOL else None


def _taught(opening: Opening) -> Mapping[str, int]:
    """The first day of the term on which each class reported (ordinal)."""
    facts, first = opening.facts, opening.term.first_day
    last = min(opening.term.last_day, facts.today)
    days = opening.calendar.school_days(first, last) if first <= last else []
    found: dict[str, int] = {}
    for each in facts.classes.get(opening.school, ()):
        told = (d.toordinal() for d in days if facts.reported.told(each.class_key, d.toordinal()))
        day = next(told, None)
        if day is not None:
            found[each.class_key] = day
    return found


def _lost(each: Sixth, on: date, reported: int | None) -> bool:
    """Whether on that day it was in the class, untaught, and in nobody's hands."""
    day = on.toordinal()
    there = each.first <= day and (each.last is None or each.last > day)
    free = each.handled is None or each.handled > day
    return there and free and (reported is None or reported > day)


def _over(each: Sixth, reported: int | None, today: date) -> date | None:
    days = [day for day in (each.last, each.handled, reported) if day is not None]
    over = min((day for day in days if day <= today.toordinal()), default=None)
    return None if over is None else date.fromordinal(over)
