"""Which class reported which day, by when, and which were silent? (点名上报情况)

Silence is a state (domain §4): a class expected to report that did not. Before the day's
deadline a class is 待报; a declared closure, a day without lessons and a day of an unknown
year are no silence; a closure tapped by the school and not yet confirmed by the county is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, bindparam, case, func, or_, select

from ckbx.clock import from_micros
from ckbx.domain.attendance.marks import Session
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.holidays import DayKind
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.shared.ids import finished_from
from ckbx.eventlog.selects import Prepared, among
from projections.kit.reading import Reading
from projections.kit.tables import DAY, POSITION
from projections.roll_call_completeness_fold import (
    CLASSES,
    DAYS,
    HANDLES,
    PROJECTION,
    UNVERIFIED,
    VERSION,
)
from projections.roll_call_completeness_lines import NAME, CountyLines
from projections.roll_call_completeness_rows import ClassDay, DayState, SchoolReports, Submission
from projections.scope import Scope, within

__all__ = [
    "HANDLES",
    "NAME",
    "PROJECTION",
    "VERSION",
    "ClassDay",
    "CountyLines",
    "DayState",
    "SchoolReports",
    "Stretch",
    "Submission",
    "by_calendar",
    "by_school",
    "class_days",
    "class_keys",
    "finished",
    "reported_days",
    "submissions",
]

_MANY: Final = 400


class Stretch(NamedTuple):
    """A class from a day to a day (ordinals, the end excluded; None: it goes on)."""

    class_key: str
    school: str
    first: int
    last: int | None

    def on(self, day: int) -> bool:
        """Whether it is there on a day."""
        return self.first <= day and (self.last is None or day < self.last)


def class_days(
    reading: Reading, scope: Scope, *, as_of: date, position: int, instant: datetime
) -> list[ClassDay]:
    """Every class that there is on a local day and what it reported, as known at a position.

    ``instant`` (UTC) is the one asked about: it decides whether the deadline has passed.
    """
    lines = CountyLines.at(reading, position)
    day = as_of.toordinal()
    classes = sorted({each for each in _classes(reading, scope, position) if each.on(day)})
    reports = _reports(reading, [each.class_key for each in classes], as_of, position)
    return [
        _class_day(reading, lines, each, as_of, reports.get(each.class_key, ()), instant)
        for each in classes
    ]


def class_keys(reading: Reading, scope: Scope, *, position: int) -> list[str]:
    """The classes in scope that there ever were, in order of their keys."""
    return sorted({each.class_key for each in _classes(reading, scope, position)})


def submissions(
    reading: Reading, scope: Scope, class_key: str, *, day: date, position: int
) -> list[Submission]:
    """Every version handed in for a class-day by a position, in order of recording."""
    c = DAYS.c
    query = (
        select(DAYS.table)
        .where(c.class_key == class_key, c.day == day.toordinal(), c.pos_from <= position)
        .order_by(c.pos_from, c.session)
    )
    seen = within(query, scope, school=c.school, class_key=c.class_key)
    rows = list(reading.rows(seen))
    unsure = _unverified(reading, [class_key], day, position) if rows else {}
    return [_submission(row, position, unsure.get(class_key, ())) for row in rows]


def reported_days(
    reading: Reading, class_keys: Collection[str], first: date, last: date, *, position: int
) -> dict[str, list[int]]:
    """The days of a span that each class reported whole (one roll call, or both halves),
    oldest first. No personal data: no scope.
    """
    known, found = reading.at(NAME, position), dict[str, list[int]]()
    of = {"first": first.toordinal(), "day": last.toordinal(), "position": known}
    query = _whole_days(past=known is not None)
    for key, day in reading.ask(query, sorted(class_keys), **of):
        found.setdefault(key, []).append(day)
    return found


@cache
def _whole_days(*, past: bool) -> Prepared:
    c = DAYS.c
    whole = func.sum(case((c.session == Session.FULL.value, 2), else_=1))
    return Prepared(
        select(c.class_key, c.day)
        .where(
            c.day.between(bindparam("first", None, type_=Integer()), DAY),
            *DAYS.believed(POSITION if past else None),
            among(c.class_key),
        )
        .group_by(c.class_key, c.day)
        .having(whole >= 2)
        .order_by(c.class_key, c.day)
    )


def by_school(
    reading: Reading, scope: Scope, *, as_of: date, position: int, instant: datetime
) -> dict[str, SchoolReports]:
    """The roll calls of every school in scope that has classes."""
    lines = CountyLines.at(reading, position)
    result: dict[str, SchoolReports] = {}
    for calendar, classes in by_calendar(reading, lines, scope, position=position):
        result |= _of_calendar(reading, lines, calendar, classes, as_of, position, instant)
    return result


def by_calendar(
    reading: Reading, lines: CountyLines, scope: Scope, *, position: int
) -> list[tuple[SchoolCalendar, dict[str, list[Stretch]]]]:
    """The classes in scope that there ever were, by school, and the schools by the calendar
    that they share.
    """
    sharing: dict[int, tuple[SchoolCalendar, dict[str, list[Stretch]]]] = {}
    for each in _classes(reading, scope, position):
        calendar = lines.calendar(each.school)
        schools = sharing.setdefault(id(calendar), (calendar, {}))[1]
        schools.setdefault(each.school, []).append(each)
    return list(sharing.values())


def class_days_due(
    reading: Reading,
    scope: Scope,
    first: date,
    *,
    as_of: date,
    position: int,
    instant: datetime,
) -> dict[str, tuple[int, int]]:
    """By school, of the class-days from a day to the as-of day whose deadline has passed: how
    many were due, and how many of them were silent.
    """
    lines = CountyLines.at(reading, position)
    classes: dict[str, list[Stretch]] = {}
    for each in _classes(reading, scope, position):
        classes.setdefault(each.school, []).append(each)
    found = {}
    for school, of in classes.items():
        days = [
            day.toordinal()
            for day in lines.calendar(school).school_days(first, as_of)
            if lines.due(day, reading) <= instant
        ]
        full = _full_days(reading, sorted({e.class_key for e in of}), days, position)
        found[school] = (_silent_days(of, days, {}), _silent_days(of, days, full))
    return found


def _of_calendar(
    reading: Reading,
    lines: CountyLines,
    calendar: SchoolCalendar,
    classes: dict[str, list[Stretch]],
    as_of: date,
    position: int,
    instant: datetime,
) -> dict[str, SchoolReports]:
    """The schools that share a calendar."""
    term = _term_begun(calendar, as_of)
    due_days: list[int] = []
    if term is not None:
        due_days = [
            day.toordinal()
            for day in calendar.school_days(term.first_day, min(as_of, term.last_day))
            if lines.due(day, reading) <= instant
        ]
    everyone = [each for listed in classes.values() for each in listed]
    full = _full_days(reading, sorted({e.class_key for e in everyone}), due_days, position)
    result = {}
    for day, schools in _shown_days(reading, calendar, everyone, as_of, position).items():
        there = [e for e in everyone if e.school in schools and day and e.on(day.toordinal())]
        reports = _reports(reading, [e.class_key for e in there], day, position) if day else {}
        today: dict[str, list[ClassDay]] = {school: [] for school in schools}
        for each in there if day is not None else ():
            handed_in = reports.get(each.class_key, ())
            one = _class_day(reading, lines, each, day or as_of, handed_in, instant)
            today[each.school].append(one)
        for school, found in today.items():
            silent_days = _silent_days(classes[school], due_days, full)
            result[school] = _school_reports(day, found, silent_days)
    return result


def _school_reports(
    day: date | None, today: Sequence[ClassDay], silent_class_days: int
) -> SchoolReports:
    states = [each.state for each in today]
    waiting = [e for e in today if e.state is DayState.PARTIAL and not e.late]
    return SchoolReports(
        day=day,
        classes=len(today),
        reported=states.count(DayState.REPORTED),
        partial=states.count(DayState.PARTIAL),
        silent=sum(each.counts_silent for each in today),
        waiting=states.count(DayState.WAITING) + len(waiting),
        silent_class_days=silent_class_days,
    )


def _silent_days(classes: Iterable[Stretch], due: list[int], full: dict[str, int]) -> int:
    """Due school days on which the class was there, less those it reported in full."""
    expected: dict[str, int] = {}
    for each in classes:
        end = len(due) if each.last is None else bisect_left(due, each.last)
        number = max(end - bisect_left(due, each.first), 0)
        expected[each.class_key] = expected.get(each.class_key, 0) + number
    return sum(max(number - full.get(key, 0), 0) for key, number in expected.items())


def _term_begun(calendar: SchoolCalendar, as_of: date) -> Term | None:
    """The term of the day; in a vacation the one before."""
    begun = [term for term in calendar.terms if term.first_day <= as_of]
    return begun[-1] if begun else None


def _shown_days(
    reading: Reading,
    calendar: SchoolCalendar,
    classes: Sequence[Stretch],
    as_of: date,
    position: int,
) -> dict[date | None, set[str]]:
    """The as-of day or the last school day before it, with the schools it is shown for; in
    an unknown year a day with a roll call is a school day of the school that sent it.
    """
    last = calendar.last_school_day(as_of)
    unknown = [
        day.toordinal()
        for day in calendar.unknown_days
        if day <= as_of and (last is None or day > last)
    ]
    sent = _last_sent(reading, sorted({e.class_key for e in classes}), unknown, position)
    days: dict[date | None, set[str]] = {}
    for school in {each.school for each in classes}:
        days.setdefault(sent.get(school, last), set()).add(school)
    return days


def finished(reading: Reading, scope: Scope, *, as_of: date, position: int) -> dict[str, str]:
    """Classes past their ninth grade to which children still belong on a day: their schools."""
    day = as_of.toordinal()
    return {
        each.class_key: each.school
        for each in _with_pupils(reading, scope, position)
        if each.on(day) and finished_from(each.class_key) <= as_of
    }


def _last_sent(
    reading: Reading, class_keys: Sequence[str], days: Sequence[int], position: int
) -> dict[str, date]:
    """The last of some days on which one of the classes handed in a roll call, by school."""
    c = DAYS.c
    found: dict[str, date] = {}
    for start in range(0, len(class_keys) if days else 0, _MANY):
        query = (
            select(c.school, func.max(c.day))
            .where(
                c.class_key.in_(class_keys[start : start + _MANY]),
                c.day.in_(days),
                *DAYS.believed(reading.at(NAME, position)),
            )
            .group_by(c.school)
        )
        for school, day in reading.rows(query):
            sent = date.fromordinal(day)
            found[school] = max(sent, found.get(school, sent))
    return found


def _class_day(
    reading: Reading,
    lines: CountyLines,
    of: Stretch,
    day: date,
    sessions: Sequence[Submission],
    instant: datetime,
) -> ClassDay:
    due = lines.due(day, reading)
    late = due <= instant
    return ClassDay(
        class_key=of.class_key,
        school=of.school,
        day=day,
        state=_state(lines.calendar(of.school).kind_of(day), sessions, late=late),
        due=due,
        late=late,
        sessions=tuple(sessions),
    )


def _state(kind: DayKind, sessions: Sequence[Submission], *, late: bool) -> DayState:
    if len(sessions) == 2 or any(each.session is Session.FULL for each in sessions):
        return DayState.REPORTED
    if sessions:
        return DayState.PARTIAL
    if kind is DayKind.UNKNOWN:
        return DayState.UNKNOWN
    if kind is DayKind.CLOSURE:
        return DayState.CLOSED
    if not kind.has_lessons:
        return DayState.NO_SCHOOL_DAY
    return DayState.SILENT if late else DayState.WAITING


def _classes(reading: Reading, scope: Scope, position: int) -> Iterator[Stretch]:
    """Stretches in which a class is there: from its opening, while it has pupils (or as
    long as none were ever entered), to the end of its ninth grade.
    """
    for each in _with_pupils(reading, scope, position):
        end = finished_from(each.class_key).toordinal()
        if each.first < end:
            yield each if each.last is not None and each.last <= end else each._replace(last=end)


def _with_pupils(reading: Reading, scope: Scope, position: int) -> Iterator[Stretch]:
    known = reading.at(NAME, position)
    c = CLASSES.c
    query = select(c.class_key, c.school, c.valid_from, c.valid_to, c.pos_end).where(
        *CLASSES.believed(known), or_(c.pupils.is_(None), c.pupils > 0)
    )
    found = reading.rows(within(query, scope, school=c.school, class_key=c.class_key))
    for class_key, school, first, valid_to, pos_end in found:
        last = valid_to if known is None else CLASSES.end_at(valid_to, pos_end, known)
        yield Stretch(class_key, school, first, last)


def _reports(
    reading: Reading, class_keys: Sequence[str], day: date, position: int
) -> dict[str, list[Submission]]:
    known = reading.at(NAME, position)
    found: dict[str, list[Submission]] = {}
    for start in range(0, len(class_keys), _MANY):
        chunk = class_keys[start : start + _MANY]
        query = (
            select(DAYS.table)
            .where(
                DAYS.c.class_key.in_(chunk),
                DAYS.c.day == day.toordinal(),
                *DAYS.believed(known),
            )
            .order_by(DAYS.c.class_key, DAYS.c.session)
        )
        unsure = _unverified(reading, chunk, day, position)
        for row in reading.rows(query):
            made = _submission(row, position, unsure.get(row[0], ()))
            found.setdefault(row[0], []).append(made)
    return found


def _unverified(
    reading: Reading, class_keys: Sequence[str], day: date, position: int
) -> Mapping[str, Sequence[UUID]]:
    """The children whose day is 未核, by class."""
    c = UNVERIFIED.c
    query = select(c.class_key, c.child).where(
        c.class_key.in_(class_keys),
        c.day == day.toordinal(),
        *UNVERIFIED.believed(reading.at(NAME, position)),
    )
    found: dict[str, list[UUID]] = {}
    for key, child in reading.rows(query):
        found.setdefault(key, []).append(child)
    return found


def _submission(row: Any, position: int, unsure: Iterable[UUID]) -> Submission:
    """``unsure``: the children of the class whose day is 未核."""
    key, day, session, pos_from, pos_to, _school, *rest = row
    expected, present, roll, listed, on_leave, named, submitted_by, entry, recorded_at = rest
    standing = pos_to is None or pos_to > position
    known = named.split()
    unnamed = sum(child.hex not in known for child in unsure) if standing else 0
    return Submission(
        class_key=key,
        day=date.fromordinal(day),
        session=Session(session),
        expected=expected,
        present=present - unnamed,
        roll=roll,
        listed=listed,
        absent=listed - on_leave - len(known),
        on_leave=on_leave,
        unverified=len(known) + unnamed,
        unnamed=unnamed,
        submitted_by=submitted_by,
        entry=entry,
        recorded_at=from_micros(recorded_at),
        position=pos_from,
        standing=standing,
    )


def _full_days(
    reading: Reading, class_keys: Sequence[str], due: list[int], position: int
) -> dict[str, int]:
    """How many of the due days each class reported in full."""
    if not due:
        return {}
    c = DAYS.c
    gaps = sorted(set(range(due[0], due[-1] + 1)).difference(due))
    whole = func.sum(case((c.session == Session.FULL.value, 2), else_=1))
    found: dict[str, int] = {}
    for start in range(0, len(class_keys), _MANY):
        days = (
            select(c.class_key, c.day)
            .where(
                c.class_key.in_(class_keys[start : start + _MANY]),
                c.day.between(due[0], due[-1]),
                c.day.not_in(gaps),
                *DAYS.believed(reading.at(NAME, position)),
            )
            .group_by(c.class_key, c.day)
            .having(whole >= 2)
            .subquery()
        )
        query = select(days.c.class_key, func.count()).group_by(days.c.class_key)
        found |= dict(map(tuple, reading.rows(query)))
    return found
