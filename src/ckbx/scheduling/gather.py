"""Gathering the facts of a run: own folded state, calendars, rules, posts, opening rolls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from ckbx.application.office import Office
from ckbx.calendar_data import national_holidays
from ckbx.clock import from_micros, local_day
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import posts_stream, streams_above
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.school.school import County
from ckbx.domain.shared.ids import split_class_key
from ckbx.scheduling.absent import away as absent_since
from ckbx.scheduling.backups import days_made
from ckbx.scheduling.care import care
from ckbx.scheduling.case_facts import watched_cases
from ckbx.scheduling.facts import (
    Facts,
    Importing,
    OpeningRolls,
    Reported,
    Spell,
    Stay,
    WatchedClass,
    opening_terms,
)
from ckbx.scheduling.graduation import leavers
from ckbx.scheduling.legal_facts import with_legal_steps
from ckbx.scheduling.packed import unpacked
from ckbx.scheduling.primary_leavers import left_behind
from ckbx.scheduling.report_duties import signatures
from ckbx.scheduling.told import answered, told
from ckbx.scheduling.unseen import days_looked_at
from ckbx.scheduling.watch_care import REVIEWS
from ckbx.scheduling.watch_classes import spans
from ckbx.scheduling.watch_focus import focus
from ckbx.scheduling.watch_tables import (
    ALERTS,
    CHECKED_IN,
    CLASSES,
    DAYS,
    IMPORTS,
    MARKS,
    SIZES,
    SPELLS,
    STAYS,
    STUDENT_POSTS,
)
from ckbx.scheduling.yearly import rechecked
from projections.kit_reading import Answers, Reading

CHUNK = 200
BEFORE_ANY_TERM = timedelta(days=220)
BEFORE_A_TERM = timedelta(days=31)


def gather(office: Office, answers: Answers, at: datetime) -> Facts:
    """All facts that duties by a UTC instant rest on. The watch must have caught up."""
    log, county = office.log, office.county
    stream = County.stream(county)
    schools = County(stream).replay(log.load([stream]).get(stream, [])).schools
    calendars = CountyCalendars(county, national_holidays())
    for events in log.load(calendars.streams(schools)).values():
        calendars.replay(events)
    rules = RuleBook.of(county)
    rules.replay(log.load([rules.id]).get(rules.id, []))
    today = local_day(at, office.clock.zone)
    horizon = horizon_of(calendars, today)
    with answers.reading() as reading:
        homes = _home_schools(reading)
        students = [row[0] for row in reading.rows(select(STUDENT_POSTS.c.child))]
        return Facts(
            county=county,
            at=at,
            zone=office.clock.zone,
            horizon=horizon,
            calendars=calendars,
            rules=rules,
            directory=_directory(office, schools, students),
            schools=schools,
            classes=_classes(reading),
            reported=_reported(reading, horizon),
            spells=_spells(reading, horizon, today, homes),
            rolls=_rolls(reading, calendars, rules, schools, horizon, today),
            home_schools={id_: known[-1][1] for id_, known in homes.items()},
            importing=_importing(reading),
            leaving=leavers(reading, horizon, today),
            cases=with_legal_steps(office, reading, watched_cases(reading, horizon), today),
            care=care(reading, {id_: known[-1][1] for id_, known in homes.items()}),
            signed=signatures(reading, horizon, today),
            sixth=left_behind(reading, horizon, today),
            told=told(reading, horizon, today),
            answered=answered(reading, horizon, today),
            away=absent_since(reading, horizon, today),
            focus=focus(reading, horizon, today),
            rechecked=rechecked(office, horizon, today),
            backups=days_made(reading, today),
            first_event=_first_event(office),
            alerts=_alerts(reading, horizon, today),
        )


def _alerts(reading: Reading, horizon: date, today: date) -> Sequence[Any]:
    """What was alerted since the horizon, seen in the same moment as what it rests on: an alert
    that another run raises from newer facts is not taken back on older ones.
    """
    c = ALERTS.c
    query = select(c.alert, c.rule, c.school, c.day, c.state, c.since).where(
        c.day >= horizon.toordinal(), c.day <= today.toordinal()
    )
    return reading.rows(query)


def _first_event(office: Office) -> date | None:
    first = office.log.read(0, 1)
    return local_day(from_micros(first[0].recorded_at), office.clock.zone) if first else None


def horizon_of(calendars: CountyCalendars, today: date) -> date:
    """A month before the term before the present one: duties older than it stay as they are."""
    terms = [t for t in calendars.for_school(None).terms if t.first_day <= today]
    if not terms:
        return today - BEFORE_ANY_TERM
    earliest = terms[-2] if len(terms) > 1 else terms[-1]
    return earliest.first_day - BEFORE_A_TERM


def _importing(reading: Reading) -> list[Importing]:
    """Imports that are not finished, the oldest first."""
    c = IMPORTS.c
    query = select(c.batch, c.kind, c.schools, c.began).order_by(c.began, c.batch)
    return [
        Importing(batch, kind, frozenset(schools.split()), date.fromordinal(began))
        for batch, kind, schools, began in reading.rows(query)
    ]


def _directory(office: Office, schools: Sequence[str], students: Iterable[UUID]) -> Directory:
    """The posts of the county, of every school, and of every child with one of its own."""
    county = office.county
    streams = dict.fromkeys(s for school in schools for s in streams_above(county, school=school))
    streams |= dict.fromkeys(streams_above(county))
    scopes = (Scope(ScopeKind.STUDENT, str(child)) for child in students)
    streams |= dict.fromkeys(posts_stream(county, scope) for scope in scopes)
    wanted, directory = list(streams), Directory(county)
    for start in range(0, len(wanted), CHUNK):
        for events in office.log.load(wanted[start : start + CHUNK]).values():
            for event in events:
                directory.apply(event)  # type: ignore[arg-type]
    return directory


def _classes(reading: Reading) -> dict[str, list[WatchedClass]]:
    c = SIZES.c
    query = select(c.class_key, c.day, c.change).order_by(c.class_key, c.day)
    changes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for class_key, day, change in reading.rows(query):
        changes[class_key].append((day, change))
    c = CLASSES.c
    found: dict[str, list[WatchedClass]] = defaultdict(list)
    for key, school, opened in reading.rows(
        select(c.class_key, c.school, c.opened).order_by(c.class_key)
    ):
        filled = _filled(changes.get(key, ()))
        found[school].append(WatchedClass(key, school, opened, filled))
    return dict(found)


def _filled(changes: Iterable[tuple[int, int]]) -> list[tuple[int, int | None]]:
    """Stretches in which the sum of the changes is above zero."""
    found: list[tuple[int, int | None]] = []
    size = 0
    for day, change in changes:
        before, size = size, size + change
        if before <= 0 < size:
            found.append((day, None))
        elif size <= 0 < before:
            found[-1] = (found[-1][0], day)
    return found


def _reported(reading: Reading, horizon: date) -> Reported:
    c = DAYS.c
    reported = Reported(horizon.replace(day=1).toordinal())
    firsts: dict[int, int] = {}
    query = select(c.class_key, c.month, c.whole, c.am, c.pm).where(
        c.month >= horizon.year * 12 + horizon.month - 1
    )
    for class_key, month, whole, am, pm in reading.rows(query):
        first = firsts.get(month)
        if first is None:
            first = firsts[month] = date(month // 12, month % 12 + 1, 1).toordinal()
        reported.add(class_key, first, whole | (am & pm))
    return reported


def _home_schools(reading: Reading) -> dict[UUID, list[tuple[int, str]]]:
    """Since when which school, for children with a spell or a post of their own."""
    c = STAYS.c
    wanted = select(SPELLS.c.child).union(select(STUDENT_POSTS.c.child), select(REVIEWS.c.child))
    query = select(c.child, c.first, c.class_key).where(c.child.in_(wanted))
    homes: dict[UUID, list[tuple[int, str]]] = defaultdict(list)
    for child, first, class_key in reading.rows(query.order_by(c.child, c.first)):
        homes[child].append((first, split_class_key(class_key)[0]))
    return homes


def _spells(
    reading: Reading, horizon: date, today: date, homes: Mapping[UUID, list[tuple[int, str]]]
) -> list[Spell]:
    c = SPELLS.c
    query = select(c.child, c.kind, c.status, c.began, c.until, c.ended, c.version).where(
        c.began <= today.toordinal(),
        or_(c.ended.is_(None), c.ended >= horizon.toordinal()),
    )
    found = []
    for child, kind, status, began, until, ended, version in reading.rows(
        query.order_by(c.child, c.began, c.kind)
    ):
        known = homes.get(child, [])
        school = next((s for first, s in reversed(known) if first <= began), "")
        event = f"{child}:{version}"
        found.append(Spell(child, kind, status, began, until, ended, school, event))
    return found


def _rolls(
    reading: Reading,
    calendars: CountyCalendars,
    rules: RuleBook,
    schools: Sequence[str],
    horizon: date,
    today: date,
) -> OpeningRolls:
    """What stands of the first days of every term looked at, for all schools at once."""
    days: set[int] = set()
    kept: dict[int, set[int]] = {}
    for school in schools:
        calendar = calendars.for_school(school)
        if id(calendar) not in kept:
            kept[id(calendar)] = {
                day
                for term in opening_terms(calendar, horizon, today)
                for day in days_looked_at(calendar, rules, term, today)
            }
            days |= kept[id(calendar)]
    if not days:
        return OpeningRolls({}, {}, frozenset(), {})
    c = MARKS.c
    wanted = select(c.day, c.class_key, c.marks).where(c.day.in_(sorted(days)))
    marks = {(day, key): unpacked(packed) for day, key, packed in reading.rows(wanted)}
    moved = _moved(reading, min(days), {id_ for absent in marks.values() for id_ in absent})
    c = CHECKED_IN.c
    seen = reading.rows(select(c.child, c.term, c.day))
    return OpeningRolls(
        marks,
        moved,
        frozenset(id_ for children in moved.values() for id_ in children),
        {(child.bytes, term): day for child, term, day in seen},
    )


def _moved(reading: Reading, since: int, absent: set[bytes]) -> dict[str, dict[bytes, list[Stay]]]:
    """The stays of absent children who changed place since; nobody else can be unseen."""
    c = STAYS.c
    query = select(c.child, c.class_key, c.first, c.last, c.away).where(
        or_(c.last.is_(None), c.last > since),
        or_(c.first > since, c.last.is_not(None), c.away != ""),
    )
    moved: dict[str, dict[bytes, list[Stay]]] = defaultdict(lambda: defaultdict(list))
    rows: Sequence[Any] = reading.rows(query.order_by(c.child, c.first))
    for child, key, first, last, away in rows:
        id_ = child.bytes
        if id_ in absent:
            moved[split_class_key(key)[0]][id_].append(Stay(key, first, last, spans(away)))
    return moved
