"""Who was not there without a word: contacted the same day, visited after two days in a row.

Contacting is one thing to do a class and day, however many children: over when it was said of
each of them whether anybody was reached, or at the next roll call, which shows what became of
it. A visit is due for a child whose run of unexplained days reaches the number of the rule
pack, and over when it was made, on that day or later, or when the child is there again or comes
under suspicion. For a child on the focus list it is due after the first day, when nobody was
reached that day (adr/0019): it is over, too, when the guardian was reached before another such
day, and else stands for the visit of the run. A visit made, or a guardian reached, before the
day of the run's own visit leaves that one to be made. Both are of one term: they begin anew
with it, end with it (who is away at the next opening is found there).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.shared.ids import split_class_key
from ckbx.scheduling.duty import CONTACT, FOCUS_VISIT, VISIT, Duty
from ckbx.scheduling.memory import NOT_KEPT
from ckbx.scheduling.packed import children_of, unpacked
from ckbx.scheduling.unit import Unit
from ckbx.scheduling.watch_tables import MARKS
from projections.kit.reading import Reading

if TYPE_CHECKING:
    from ckbx.scheduling.facts import Facts

ONE_DAY = timedelta(days=1)


Away = Mapping[str, Sequence[tuple[int, bytes]]]
"""Who was absent and why (packed), by class, in order of day (ordinals)."""


def away(reading: Reading, horizon: date, today: date) -> Away:
    """Since the horizon."""
    c = MARKS.c
    query = select(c.day, c.class_key, c.marks).where(
        c.day >= horizon.toordinal(), c.day <= today.toordinal()
    )
    found: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for day, key, packed in reading.rows(query.order_by(c.class_key, c.day)):
        found[key].append((day, packed))
    return found


def units(facts: Facts) -> Iterator[Unit]:
    """Contacts and visits of each class, due since the horizon, over again or not."""
    lessons: dict[tuple[int, Term], int] = {}
    for key, marks in facts.away.items():
        yield Unit(
            "away", key, _basis(facts, key, marks), partial(_due, facts, key, marks, lessons)
        )


def _basis(facts: Facts, key: str, marks: Sequence[tuple[int, bytes]]) -> object:
    """The class's own days, and the calls and visits about its children. Of a child on the focus
    list it also matters when its visit was answered: such a class is not remembered.
    """
    bits, focus = facts.reported.bits.get(key, 0), facts.focus
    if not (focus.said or focus.visits):
        return marks, bits, [], []
    absent = facts.memory.part("absent").made(key, marks, partial(_absent, marks))
    called = [child for child in absent if child in focus.said]
    if any(child in focus.listed for child in called):
        return NOT_KEPT
    calls = [(child, focus.said[child]) for child in called]
    visits = [(child, focus.visits[child]) for child in absent if child in focus.visits]
    return marks, bits, calls, visits


def _absent(marks: Sequence[tuple[int, bytes]]) -> list[bytes]:
    return sorted({child for _, packed in marks for child in children_of(packed)})


def _due(
    facts: Facts,
    key: str,
    marks: Sequence[tuple[int, bytes]],
    lessons: dict[tuple[int, Term], int],
) -> Iterator[Duty]:
    school = split_class_key(key)[0]
    calendar = facts.calendar(school)
    for term in calendar.terms:
        first, last = term.first_day.toordinal(), term.last_day.toordinal()
        within = [(day, unpacked(packed)) for day, packed in marks if first <= day <= last]
        if within:
            known = (id(calendar), term)
            if known not in lessons:
                lessons[known] = _lessons(facts, calendar, term)
            since = facts.reported.mask(within[0][0], last + 1)
            days = lessons[known] & since & facts.reported.bits.get(key, 0)
            yield from _of_term(facts, key, school, within, facts.reported.days(days), term)


def _lessons(facts: Facts, calendar: SchoolCalendar, term: Term) -> int:
    """The school days of a term up to today that a run looks at, a bit each: the same for all
    classes of a calendar.
    """
    base = facts.reported.base
    first = max(term.first_day, date.fromordinal(base))
    days = calendar.school_days(first, min(term.last_day, facts.today))
    return sum(1 << (day.toordinal() - base) for day in days)


def _of_term(
    facts: Facts,
    key: str,
    school: str,
    marks: Sequence[tuple[int, Mapping[bytes, Reason]]],
    told: Sequence[int],
    term: Term,
) -> Iterator[Duty]:
    """``told``: the school days since the first of the marks that the class reported."""
    after = term.last_day + ONE_DAY
    end = after.toordinal() if after <= facts.today else None
    for day, absent in marks:
        missing = [child for child, why in absent.items() if is_unexplained(why)]
        if missing:
            following = bisect_right(told, day)
            over = told[following] if following < len(told) else end
            over = _first(over, _all_tried(facts, missing, day))
            yield _contact(key, school, day, len(missing), over)
    yield from _visits(facts, key, school, dict(marks), told, end)


def _all_tried(facts: Facts, children: Sequence[bytes], day: int) -> int | None:
    """The day (ordinal) by which it was said of each whether anybody was reached."""
    calls = [facts.focus.calls.get((child, day)) for child in children]
    known = [call.tried for call in calls if call is not None]
    return max(known) if len(known) == len(calls) else None


def _first(*days: int | None) -> int | None:
    return min((day for day in days if day is not None), default=None)


def _contact(key: str, school: str, day: int, missing: int, over: int | None) -> Duty:
    on = date.fromordinal(day)
    return Duty(
        kind="contact_due",
        rule=CONTACT,
        subject=key,
        on=on,
        at=Scope(ScopeKind.CLASS, key),
        school=school,
        class_key=key,
        due_on=on,
        over_on=date.fromordinal(over) if over is not None else None,
        detail={"children": missing},
    )


class _Run:
    """Unexplained days of a child in a row, as the class reported them. ``visit``: the day on
    which one fell due by ``rule``; ``reached``: when that was over for the guardian was reached.
    """

    def __init__(self) -> None:
        self.days: list[int] = []
        self.visit: int | None = None
        self.rule = VISIT
        self.reached: int | None = None


def _visits(
    facts: Facts,
    key: str,
    school: str,
    marks: Mapping[int, Mapping[bytes, Reason]],
    told: Sequence[int],
    end: int | None,
) -> Iterator[Duty]:
    runs: dict[bytes, _Run] = {}
    for day in told:
        absent = marks.get(day, {})
        if not absent and not runs:
            continue
        back = {child: runs.pop(child) for child in [c for c in runs if c not in absent]}
        yield from _over(facts, key, school, back, day)
        pack = facts.rules.rules_on(date.fromordinal(day)).pack
        for child, why in absent.items():
            if is_unexplained(why):
                run = runs.setdefault(child, _Run())
                run.days.append(day)
                if len(run.days) == 1:
                    _nobody_reached(facts, child, run, day)
                if len(run.days) == pack.visit_run:
                    yield from _falls_due(facts, key, school, child, run, day)
                if len(run.days) == pack.suspect_run:
                    yield from _over(facts, key, school, {child: run}, day)
                    run.visit = None
    yield from _over(facts, key, school, runs, end)


def _nobody_reached(facts: Facts, child: bytes, run: _Run, day: int) -> None:
    """Visited after the first day: on the focus list, and nobody was reached that day."""
    call = facts.focus.calls.get((child, day))
    if call is not None and call.missed == day and facts.focus.on_list(child, day):
        run.visit, run.rule, run.reached = day, FOCUS_VISIT, call.reached


def _falls_due(
    facts: Facts, key: str, school: str, child: bytes, run: _Run, day: int
) -> Iterator[Duty]:
    """The visit of the run: that after its first day stands for it. Not where the guardian was
    reached, or the visit made, before this day: neither has brought the child back.
    """
    if run.visit is not None:
        visit = _visit(facts, key, school, child, run, None)
        answered = facts.answered.get(visit.stream(facts.county))
        done = answered.done.toordinal() if answered and answered.done else None
        before = _first(run.reached, done, facts.focus.visited(child, run.visit))
        if before is None or before >= day:
            run.reached = None
            return
        yield from _over(facts, key, school, {child: run}, day)
    run.visit, run.rule, run.reached = day, VISIT, None


def _over(
    facts: Facts, key: str, school: str, runs: Mapping[bytes, _Run], day: int | None
) -> Iterator[Duty]:
    """The visits of runs that ended on a day (None: that go on)."""
    for child, run in runs.items():
        if run.visit is not None:
            made = facts.focus.visited(child, run.visit)
            yield _visit(facts, key, school, child, run, _first(day, run.reached, made))


def _visit(facts: Facts, key: str, school: str, child: bytes, run: _Run, over: int | None) -> Duty:
    visit = run.visit if run.visit is not None else run.days[-1]
    on = date.fromordinal(visit)
    return Duty(
        kind="visit_due",
        rule=run.rule,
        subject=str(UUID(bytes=child)),
        on=on,
        child=UUID(bytes=child),
        school=school,
        class_key=key,
        due_on=_following(facts, school, on),
        over_on=date.fromordinal(over) if over is not None else None,
        days=[each for each in run.days if each <= visit],
    )


def _following(facts: Facts, school: str, on: date) -> date | None:
    try:
        return facts.calendar(school).add_school_days(on, 1)
    except CalendarRefusal:
        return None
