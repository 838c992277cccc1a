"""Gathering the facts of a run: own folded state, calendars, rules, posts, opening rolls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ckbx.application.office import Office
from ckbx.application.unit import IdentityMap
from ckbx.calendar_data import national_holidays
from ckbx.clock import local_day
from ckbx.domain.attendance.marks import is_unexplained
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.register import streams_above
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.school.school import County
from ckbx.domain.school_class.register import ClassRegister
from ckbx.scheduling import watch
from ckbx.scheduling.facts import Facts, Spell, Unseen, WatchedClass
from projections.kit_reading import Answers, Reading

CHUNK = 200
BEFORE_ANY_TERM = timedelta(days=220)


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
    posts = list({s for school in schools for s in streams_above(county, school=school)})
    found = log.load(posts or streams_above(county))
    directory = Directory.of(county, (e for events in found.values() for e in events))
    today = local_day(at, office.clock.zone)
    with answers.reading() as reading:
        classes = _classes(reading)
        reported = _reported(reading)
        spells = _spells(office, reading, today)
    return Facts(
        county=county,
        at=at,
        zone=office.clock.zone,
        horizon=_horizon(calendars, today),
        calendars=calendars,
        rules=rules,
        directory=directory,
        schools=schools,
        classes=classes,
        reported=reported,
        spells=spells,
        unseen_by=OpeningRolls(office, classes, today).unseen,
    )


def _horizon(calendars: CountyCalendars, today: date) -> date:
    """The first day of the term before the present one: duties older than it stay as they are."""
    terms = [t for t in calendars.for_school(None).terms if t.first_day <= today]
    if not terms:
        return today - BEFORE_ANY_TERM
    earliest = terms[-2] if len(terms) > 1 else terms[-1]
    return earliest.first_day - timedelta(days=31)


def _classes(reading: Reading) -> list[WatchedClass]:
    c = watch.CLASSES.c
    query = select(c.class_key, c.school, c.opened, c.pupils).order_by(c.class_key)
    rows: Sequence[Any] = reading.rows(query)
    return [WatchedClass(*row) for row in rows]


def _reported(reading: Reading) -> dict[str, frozenset[int]]:
    c = watch.DAYS.c
    days: dict[str, set[int]] = defaultdict(set)
    rows: Sequence[Any] = reading.rows(select(c.class_key, c.day).where(c.complete))
    for class_key, day in rows:
        days[class_key].add(day)
    return {key: frozenset(found) for key, found in days.items()}


def _spells(office: Office, reading: Reading, today: date) -> list[Spell]:
    c = watch.SPELLS.c
    query = select(c.child, c.kind, c.status, c.began, c.until, c.ended).order_by(c.child, c.began)
    rows: Sequence[Any] = reading.rows(query.where(c.began <= today.toordinal()))
    schools: dict[UUID, str] = {}
    ids = list(dict.fromkeys(row[0] for row in rows))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        for id_, events in office.log.load(part).items():
            schools[id_] = Child(id_).replay(events).school or ""
    return [
        Spell(child, kind, status, began, until, ended, schools.get(child, ""))
        for child, kind, status, began, until, ended in rows
    ]


class OpeningRolls:
    """Who was not seen in an opening: read from the class rolls, which are short by then."""

    def __init__(self, office: Office, classes: Sequence[WatchedClass], today: date) -> None:
        self._office = office
        self._today = today
        self._by_school: dict[str, list[str]] = defaultdict(list)
        for each in classes:
            self._by_school[each.school].append(each.class_key)
        self._rolls: dict[tuple[str, str], list[tuple[ClassRegister, ClassRoll]]] = {}

    def unseen(self, school: str, term: str, days: Sequence[int]) -> list[Unseen]:
        """Children marked on every one of the days that their class reported in full.

        Children on leave that day (病假, 事假) are 请假, not 未报到; a child checked in by
        name was seen; a class that reported none of the days leaves its children 待核.
        """
        wanted = set(days)
        found = []
        for register, roll in self._loaded(school, term):
            told = [day for day in roll.reported if day in wanted]
            for child, marks in roll.marks.items() if told else ():
                mine = [day for day in told if register.on_roll(child, day)]
                if not mine or any(day not in marks for day in mine):
                    continue
                if is_unexplained(marks[mine[-1]]):
                    found.append(Unseen(child, register.class_key, school))
        return self._not_checked_in(found, term)

    def _not_checked_in(self, found: list[Unseen], term: str) -> list[Unseen]:
        events = self._office.log.load([each.child for each in found])
        seen = {id_ for id_, own in events.items() if term in Child(id_).replay(own).checked_in}
        return [each for each in found if each.child not in seen]

    def _loaded(self, school: str, term: str) -> list[tuple[ClassRegister, ClassRoll]]:
        key = (school, term)
        if key not in self._rolls:
            county = self._office.county
            map_ = IdentityMap(self._office.log)
            loaded = []
            keys = self._by_school.get(school, [])
            for start in range(0, len(keys), CHUNK):
                part = keys[start : start + CHUNK]
                registers = {k: ClassRegister.stream(county, k) for k in part}
                rolls = {k: ClassRoll.stream(county, k, term) for k in part}
                got: Any = map_.load(
                    {
                        **dict.fromkeys(registers.values(), ClassRegister),
                        **dict.fromkeys(rolls.values(), ClassRoll),
                    }
                )
                loaded += [(got[registers[k]], got[rolls[k]]) for k in part]
            self._rolls[key] = loaded
        return self._rolls[key]
