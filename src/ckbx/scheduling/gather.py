"""Gathering the facts of a run: own folded state, calendars, rules, posts, opening rolls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, or_, select

from ckbx.application.office import Office
from ckbx.calendar_data import national_holidays
from ckbx.clock import from_micros, local_day
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.school.school import County
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.selects import Prepared
from ckbx.scheduling.absent import away as absent_since
from ckbx.scheduling.back import stays_of_warned, with_returns
from ckbx.scheduling.backups import days_made
from ckbx.scheduling.care import care
from ckbx.scheduling.case_facts import watched_cases
from ckbx.scheduling.directories import directory_of
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
from ckbx.scheduling.instants import next_instant
from ckbx.scheduling.legal_facts import with_legal_steps
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.packed import children_of
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
from projections.kit.reading import Answers, Reading
from projections.kit.tables import as_stored

BEFORE_ANY_TERM = timedelta(days=220)
BEFORE_A_TERM = timedelta(days=31)


def gather(office: Office, answers: Answers, at: datetime, memory: Memory | None = None) -> Facts:
    """All facts that duties by a UTC instant rest on. The watch must have caught up.

    ``memory``: what earlier looks of this process made of them (none: everything anew).
    """
    memory = Memory() if memory is None else memory
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
        students = [row[0] for row in reading.rows(_OF_STUDENTS)]
        importing = _importing(reading)
        ground = _ground(calendars, rules, schools, importing)
        until = next_instant(rules, office.clock.zone, at)
        hour = at.replace(minute=0, second=0, microsecond=0)
        memory.stand_on((ground, horizon, hour, until))
        facts = Facts(
            county=county,
            at=at,
            zone=office.clock.zone,
            horizon=horizon,
            calendars=calendars,
            rules=rules,
            directory=directory_of(office, schools, students, memory),
            schools=schools,
            classes=_classes(reading),
            reported=_reported(reading, horizon),
            spells=_spells(reading, horizon, today, homes),
            rolls=_rolls(reading, calendars, rules, schools, horizon, today, memory),
            home_schools={id_: known[-1][1] for id_, known in homes.items()},
            importing=importing,
            leaving=leavers(reading, horizon, today),
            cases=with_legal_steps(office, reading, watched_cases(reading, horizon, memory), today),
            care=care(reading, {id_: known[-1][1] for id_, known in homes.items()}),
            signed=signatures(reading, horizon, today),
            sixth=left_behind(reading, horizon, today),
            told=told(reading, horizon, today, memory),
            answered=answered(reading, horizon, today),
            away=absent_since(reading, horizon, today),
            focus=focus(reading, horizon, today),
            rechecked=rechecked(office, horizon, today),
            backups=days_made(reading, today),
            first_event=_first_event(office),
            alerts=_alerts(reading, horizon, today),
            memory=memory,
        )
        return with_returns(facts, stays_of_warned(reading, horizon))


def _ground(
    calendars: CountyCalendars,
    rules: RuleBook,
    schools: Sequence[str],
    importing: Sequence[Importing],
) -> Hashable:
    """What every unit rests on besides its own facts, told by how many events there are of it:
    a stream only grows. The instant is told by the next one at which anything can fall due, and
    by the hour: what a list of instants forgot is late by no more.
    """
    own = tuple((code, calendars.book(code).version) for code in calendars.schools_with_lines())
    imports = tuple((each.batch, each.kind, each.schools, each.began) for each in importing)
    return rules.version, calendars.county_book.version, own, tuple(schools), imports


_OF_STUDENTS = select(STUDENT_POSTS.c.child).order_by(STUDENT_POSTS.c.child)
_ALERTS = Prepared(
    select(
        as_stored(ALERTS.c.alert),
        ALERTS.c.rule,
        ALERTS.c.school,
        ALERTS.c.day,
        ALERTS.c.state,
        ALERTS.c.since,
    ).where(
        ALERTS.c.day >= bindparam("horizon", None, type_=Integer()),
        ALERTS.c.day <= bindparam("today", None, type_=Integer()),
    )
)


def _alerts(reading: Reading, horizon: date, today: date) -> Sequence[Any]:
    """What was alerted since the horizon, seen in the same moment as what it rests on: an alert
    that another run raises from newer facts is not taken back on older ones.
    """
    return reading.ask(_ALERTS, horizon=horizon.toordinal(), today=today.toordinal())


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
    memory: Memory,
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
        return OpeningRolls({}, {}, {}, frozenset(), {})
    by_school: dict[str, list[tuple[int, str, bytes]]] = defaultdict(list)
    absent: set[bytes] = set()
    c = MARKS.c
    wanted = select(c.day, c.class_key, c.marks).where(c.day.in_(sorted(days)))
    for row in reading.rows(wanted.order_by(c.day, c.class_key)):
        day, key, packed = row
        by_school[split_class_key(key)[0]].append((day, key, packed))
        absent |= children_of(packed)
    moved = _moved(reading, min(days), absent)
    c, same = CHECKED_IN.c, memory.part("same")
    seen = {
        (child.bytes, term): day
        for child, term, day in reading.rows(select(c.child, c.term, c.day))
    }
    movers = frozenset(id_ for children in moved.values() for id_ in children)
    return OpeningRolls(
        marks={(day, key): packed for rows in by_school.values() for day, key, packed in rows},
        schools=by_school,
        moved=moved,
        movers=same.made("movers", movers, lambda: movers),
        checked_in=same.made("checked in", seen, lambda: seen),
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
