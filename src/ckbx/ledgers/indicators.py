"""How are the indicators gathered from the answers, and how do they become rows?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from ckbx.domain.case.case import case_stream
from ckbx.domain.case.codes import Means
from ckbx.domain.case.work_events import GuardianContacted, LiaisonVisited, PersuasionHeld
from ckbx.domain.indicators.dates import IndicatorDates
from ckbx.domain.indicators.episodes import Suspicion
from ckbx.domain.indicators.model import Indicator
from ckbx.domain.indicators.rates import DeadlineFact
from ckbx.domain.indicators.report import Facts, Report, Reports
from ckbx.domain.indicators.stays import Population, should_study
from ckbx.eventlog.readable import read_readable
from ckbx.ledgers.columns import ROLES
from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look
from projections import deadlines, roll_call_completeness, roster_histories, suspected_episodes
from projections.roll_call_completeness import CountyLines

_CHUNK: Final = 2_000
DISABILITY_MARKS: Final = frozenset({"残疾", "残疾证号", "残疾类型", "残疾等级"})
"""Marks of the vault that say a child is disabled."""


def indicator_rows(look: Look) -> list[Row]:
    """指标: one row an indicator and stage, of the deadlines one a post."""
    return [_row(look, one) for one in _report(look).all_()]


def _report(look: Look) -> Report:
    q, reading = look.question, look.reading
    if q.scope.village_codes or q.scope.class_keys:
        msg = "indicators are counted by county or school"
        raise ValueError(msg)
    dates = IndicatorDates(CountyLines.at(reading, look.position).calendars, q.as_of)
    lives = roster_histories.histories(reading, q.scope, **look.at)
    population = Population(lives, None if q.scope.everything else q.scope.school_codes)
    # A school may begin its year on a day of its own: from the year before, then by school.
    first = dates.year_start(None, dates.school_year - 1)
    suspicions = suspected_episodes.suspicions(reading, q.scope, first=first, **look.at)
    facts = Facts(
        suspicions=suspicions,
        cohorts=roster_histories.cohorts(reading, q.scope, position=look.position)
        if q.scope.everything
        else {},
        disabled=_disabled(look, population),
        reports=_reports(look),
        visits=_first_visits(look, suspicions),
        deadlines=_deadlines(look, dates),
    )
    return Report(population, dates, facts)


def _first_visits(look: Look, of: Sequence[Suspicion]) -> dict[tuple[UUID, int], date]:
    """The first day by the as-of day on which somebody saw the family at home, by episode."""
    county = look.reading.county
    streams = {case_stream(county, s.child, s.episode): (s.child, s.episode) for s in of}
    found: dict[tuple[UUID, int], date] = {}
    for event in _events(look, streams):
        day = event.occurred_on
        if _is_visit(event) and day <= look.question.as_of:
            key = streams[event.originator_id]
            found[key] = min(found.get(key, day), day)
    return found


def _deadlines(look: Look, dates: IndicatorDates) -> list[DeadlineFact]:
    """Those of the school year that have come by the as-of day, by the role that answers."""
    scope = look.question.scope
    only = next(iter(scope.school_codes)) if len(scope.school_codes) == 1 else None
    first = dates.year_start(only, dates.school_year)
    found = deadlines.kept_by_role(look.reading, scope, first, **look.at)
    return [DeadlineFact(post=ROLES[role], kept=kept, due=due) for role, kept, due in found]


def _is_visit(event: Any) -> bool:
    if isinstance(event, PersuasionHeld | GuardianContacted):
        return event.means is Means.VISIT
    return isinstance(event, LiaisonVisited)


def _events(look: Look, streams: Iterable[UUID]) -> Iterator[Any]:
    """What can be read of these streams up to the position of the look."""
    listed = list(streams)
    for start in range(0, len(listed), _CHUNK):
        chunk = listed[start : start + _CHUNK]
        for recorded in read_readable(look.log, chunk, up_to=look.position).events:
            yield recorded.event


def _disabled(look: Look, population: Population) -> set[UUID]:
    """Marks are read of those alone who are asked about on the day."""
    day = look.question.as_of
    asked = [child for child, stay in population.on(day) if should_study(stay)]
    people = look.people(asked, ("marks",))
    return {
        child
        for child, person in people.items()
        if person.marks and any(m.code in DISABILITY_MARKS for m in person.marks.on(day).entries)
    }


def _reports(look: Look) -> Reports:
    """All schools together; the latest day where they differ."""
    found = roll_call_completeness.by_school(
        look.reading, look.question.scope, instant=look.instant, **look.at
    ).values()
    days = [each.day for each in found if each.day is not None]
    return Reports(
        day=max(days, default=None),
        reported=sum(each.reported for each in found),
        silent=sum(each.silent for each in found),
        waiting=sum(each.waiting for each in found),
    )


def _row(look: Look, one: Indicator) -> Row:
    return {
        "indicator": one.id,
        "name": one.caliber.name,
        "stage": one.stage.value,
        "post": one.post,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "value": one.value,
        "unit": one.unit.value,
        "has_data": one.has_data,
        "note": one.note,
        "base_day": one.base_day,
        "caliber": one.caliber.code,
        "as_of": look.question.as_of,
        "known_at": look.instant,
    }
