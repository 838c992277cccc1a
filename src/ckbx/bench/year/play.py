"""The year is played: the clock stands only where somebody acts or something can fall due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ckbx.bench.year.days import AUTUMN, BEGINS, ENDS, SCHOOL, SPRING, WORKING
from ckbx.bench.year.script import FIRST, MORNING, NINTH, Script
from ckbx.bench.year.world import Kid, Site, World
from ckbx.clock import local_instant
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.scheduling.instants import instants

ROLL_CALL_HOUR, STILL_SILENT_HOUR, RISING_HOUR, OPENING_DAYS = 10, 14, 16, 14
Tick = Callable[[datetime], object]
PRIMARY_TAUGHT = (2021, date(2026, 12, 22))
"""The class of the primary school that is taught, and since when."""


class Moment(NamedTuple):
    """What happens at one instant, in order."""

    at: datetime
    dos: list[Callable[[], None]]


def moments(world: World, script: Script) -> list[Moment]:
    """Everything people do in the year, by instant."""
    found: dict[datetime, list[Callable[[], None]]] = defaultdict(list)
    for act in script.acts:
        for site in world.sites[:1] if act.once else world.sites:
            found[world.at(act.day, act.hour)].append(_bound(act.do, world, site))
    for day in SCHOOL.days:
        for site in world.sites:
            for hour, do in _mornings(world, script, site, day):
                found[world.at(day, hour)].append(do)
    return [Moment(at, found[at]) for at in sorted(found)]


def _bound(do: Callable[[World, Site], None], world: World, site: Site) -> Callable[[], None]:
    return lambda: do(world, site)


def _mornings(
    world: World, script: Script, site: Site, day: date
) -> Iterator[tuple[str, Callable[[], None]]]:
    away = script.away.get(day, {})
    for entry in range(NINTH, FIRST + 1):
        hour = script.silent.get((day, entry), MORNING)
        if hour is not None:
            yield hour, _morning(world, site, entry, away, script.more.get((day, entry), 0))
    entry, since = PRIMARY_TAUGHT
    if day >= since:
        yield MORNING, lambda: world.morning(site, entry, {}, primary=True)


def _morning(
    world: World, site: Site, entry: int, away: Mapping[Kid, object], more: int
) -> Callable[[], None]:
    return lambda: world.morning(site, entry, away, more=more)  # type: ignore[arg-type]


def due_instants(
    world: World, script: Script, after: datetime, *, every: bool = False
) -> Iterator[datetime]:
    """The instants after one at which something can fall due, in order, without end.

    Of the hours of a day only those that can matter on it, unless ``every``: 10:00 on school
    days, 14:00 where a class was late, 16:00 on working days, 12:00 and 18:00 in the first
    weeks of a term. What fell due at another hour would be told late, and so be found.
    """
    rules, zone = RuleBook.of(world.office.county), world.clock.zone
    opening = {day for term in (AUTUMN, SPRING) for day in SCHOOL.of(*term)[:OPENING_DAYS]}
    hours: dict[int, Container[date]] = {
        ROLL_CALL_HOUR: SCHOOL,
        STILL_SILENT_HOUR: {day for day, _ in script.silent},
        RISING_HOUR: WORKING,
    }
    for at in instants(rules, zone, after):
        there = at.astimezone(zone)
        days = hours.get(there.hour, ())
        if every or there.hour == 0 or there.date() in days or there.date() in opening:
            yield at


def play(
    world: World, script: Script, tick: Tick, *, until: date = ENDS, every: bool = False
) -> None:
    """Play the year; ``tick`` at every instant at which something can fall due."""
    world.clock.at = world.at(BEGINS, "07:00")
    world.begin()
    end = local_instant(until + timedelta(days=1), datetime.min.time(), world.clock.zone)
    ahead = due_instants(world, script, world.clock.now(), every=every)
    due = next(ahead)
    for moment in [*moments(world, script), Moment(end, [])]:
        while due < min(moment.at, end):
            world.clock.at = due
            tick(due)
            due = next(ahead)
        if moment.at >= end:
            return
        world.clock.at = moment.at
        for do in moment.dos:
            do()
