"""``run-due``: everything due by an instant and not yet done, once.

The set of clock alerts is brought in line with what the facts say: missing ones are raised
(and closed at once when their cause is over already), those whose cause fell away are
withdrawn, those that were answered are closed. What a run may take back is exactly what it
computes: duties that fell due since the horizon and by the instant. Running it again changes
nothing, and a run for an earlier instant leaves later duties alone.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import chain
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert
from ckbx.domain.alert.hours import due_hour
from ckbx.scheduling import (
    absent,
    backups,
    care,
    case_duties,
    dated,
    graduation,
    ladder,
    opening,
    primary_gap,
    report_duties,
    returned,
    reviews,
    silence,
    yearly,
)
from ckbx.scheduling.addressing import address, needed
from ckbx.scheduling.duty import CLOCK_RULES, Duty
from ckbx.scheduling.effects import ACTOR, on_children
from ckbx.scheduling.facts import Facts, Importing
from ckbx.scheduling.gather import gather
from ckbx.scheduling.heap import uncollected
from ckbx.scheduling.instants import next_instant
from ckbx.scheduling.watch_tables import ACKNOWLEDGED, CLOSED, OPEN, RESOLVED, WITHDRAWN
from ckbx.store import Store

BATCH = 100


class DueReport(msgspec.Struct):
    """What one run did: how many of each kind. What rests on the ``importing`` it left alone.

    It saw the facts up to ``position``; before ``until`` (UTC) the same facts owe nothing new.
    """

    at: datetime
    position: int = 0
    until: datetime | None = None
    raised: dict[str, int] = {}
    withdrawn: dict[str, int] = {}
    closed: dict[str, int] = {}
    suspected: int = 0
    unsuspected: int = 0
    lapsed: int = 0
    expired: int = 0
    importing: list[Importing] = []

    @property
    def nothing(self) -> bool:
        """Whether nothing was due that had not been done."""
        changes = (self.raised, self.withdrawn, self.closed)
        effects = self.suspected or self.unsuspected or self.lapsed or self.expired
        return not any(changes) and not effects


def run_due(store: Store, at: datetime, stop: threading.Event | None = None) -> DueReport:
    """Do everything due by a UTC instant, cut to now; local midnight ends the day before.

    Once ``stop`` is set it does no further commit, and the next run goes on. Raises
    StoreUnavailable, AnswersBehind; a conflict with another run is decided again.
    """
    with uncollected():
        return _run_due(store, at, stop)


def _run_due(store: Store, at: datetime, stop: threading.Event | None) -> DueReport:
    position = store.catch_up()
    office, answers = store.office, store.answers
    at = min(at, office.clock.now())
    if at.astimezone(office.clock.zone).time() == time.min:
        at -= timedelta(microseconds=1)
    report = DueReport(at, position)
    facts = gather(office, answers, at)
    report.until = next_instant(facts.rules, facts.zone, at)
    done = on_children(office, answers, facts)
    report.suspected, report.unsuspected = done.suspected, done.withdrawn
    report.lapsed, report.expired = done.lapsed, done.expired
    if not report.nothing:
        report.position = store.catch_up()
        facts = gather(office, answers, at)
    report.importing = list(facts.importing)
    wanted = _wanted(facts, office.county)
    steps = list(_steps(wanted, _existing(facts), facts.today))
    for start in range(0, len(steps), BATCH):
        if stop is not None and stop.is_set():
            break
        _apply(office, facts, steps[start : start + BATCH], report)
    return report


def overdue(store: Store, at: datetime) -> dict[str, int]:
    """How many alerts due by a UTC instant a run would still raise, by kind; raises none.

    Raises StoreUnavailable, AnswersBehind.
    """
    store.catch_up()
    facts = gather(store.office, store.answers, at)
    wanted = _wanted(facts, store.office.county)
    steps = _steps(wanted, _existing(facts), facts.today)
    return Counter(s.duty.kind for s in steps if s.action == "raise" and s.duty and _open(s.duty))


def _open(duty: Duty) -> bool:
    """Whether its cause still holds: what is over already is raised only to be closed."""
    return duty.over_on is None


def duties(facts: Facts) -> Iterator[Duty]:
    """Every duty of the clock since the horizon and by the instant, over again or not, but
    for those that wait for the end of an import.
    """
    told = list(_told(facts))
    first, last, waits = facts.horizon, facts.today, bool(facts.importing)
    return (
        duty
        for duty in chain(told, ladder.risen(facts, told))
        if first <= duty.on <= last and not (waits and facts.waits(duty.rule, duty.school, duty.on))
    )


def _told(facts: Facts) -> Iterator[Duty]:
    """What those answerable first are told, and what its own rules tell further up."""
    return chain(
        silence.silent_days(facts),
        dated.leaves(facts),
        dated.transfers(facts),
        dated.vacant_posts(facts),
        dated.closures(facts),
        dated.unknown_years(facts),
        graduation.unrecorded(facts.leaving, facts.horizon, facts.today),
        opening.programme(facts),
        primary_gap.due(facts),
        reviews.due(facts),
        case_duties.of_cases(facts),
        returned.told(facts),
        care.duties(facts),
        report_duties.due(facts),
        absent.due(facts),
        absent.villages_told(facts),
        yearly.due(facts),
        backups.due(facts),
    )


class Wanted(msgspec.Struct, frozen=True):
    """A duty and the stream of its alert."""

    stream: UUID
    duty: Duty


def _wanted(facts: Facts, county: str) -> dict[int, Wanted]:
    """By the streams' numbers: a UUID reckons its hash anew each time it is asked."""
    found = (Wanted(duty.stream(county), duty) for duty in duties(facts))
    return {each.stream.int: each for each in found}


class Raised(msgspec.Struct, frozen=True):
    """An alert that there is: its state, and since which day it has it."""

    stream: UUID
    state: str
    since: date


def _existing(facts: Facts) -> dict[int, Raised]:
    """Clock alerts that fell due since the horizon and by the instant, but for those that wait."""
    dated, come = cache(date.fromordinal), _HasCome(facts)
    return {
        id_.int: Raised(id_, state, dated(since))
        for id_, rule, school, day, state, since in facts.alerts
        if come[rule, day] and not (facts.importing and facts.waits(rule, school, dated(day)))
    }


class _HasCome(dict[tuple[str, int], bool]):
    """Whether the clock's alerts of a rule and a day (ordinal) fell due by the instant: some do
    at an hour of it. Few rules and days, many alerts: each is asked once.
    """

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, key: tuple[str, int]) -> bool:
        rule, day = key[0], date.fromordinal(key[1])
        hour = due_hour(rule, self._facts.rules.rules_on(day).pack)
        come = hour is None or self._facts.passed(day, hour)
        self[key] = rule in CLOCK_RULES and come
        return self[key]


class Step(msgspec.Struct, frozen=True):
    """What is to happen to one alert, seen in a state (empty: there was none): ``raise``,
    ``close`` or ``withdraw``.
    """

    stream: UUID
    action: str
    duty: Duty | None
    seen: str = ""


def _steps(
    wanted: Mapping[int, Wanted], existing: Mapping[int, Raised], today: date
) -> Iterator[Step]:
    for key, each in wanted.items():
        found, stream, duty = existing.get(key), each.stream, each.duty
        if found is not None and found.state in (OPEN, ACKNOWLEDGED):
            if duty.over_on is not None:
                yield Step(stream, "close", duty)
        elif found is None or _again(found, duty, today):
            yield Step(stream, "raise", duty, found.state if found else "")
    for key, found in existing.items():
        if key not in wanted and found.state in (OPEN, ACKNOWLEDGED):
            yield Step(found.stream, "withdraw", None)


def _again(found: Raised, duty: Duty, today: date) -> bool:
    """Whether the cause of an alert put aside holds again. One that the clock closed on a
    later day than the one asked about is left: by then its cause was over.
    """
    if found.state == CLOSED:
        return duty.over_on is None and found.since <= today
    return found.state == WITHDRAWN


def _apply(office: Office, facts: Facts, steps: Sequence[Step], report: DueReport) -> None:
    done: list[tuple[str, str]] = []

    def decide(unit: Unit) -> bytes | None:
        done.clear()
        alerts: dict[UUID, Alert] = unit.get_many(dict.fromkeys((s.stream for s in steps), Alert))
        children = needed(unit, (s.duty for s in steps if s.action == "raise"))
        for step in steps:
            alert, duty = alerts[step.stream], step.duty
            if step.action == "raise" and alert.state != step.seen:
                continue  # another run was faster: what is left to do, the next one finds
            if step.action == "raise" and duty:
                alert.raise_(unit.ctx, address(office, facts, duty, children))
            if duty and duty.over_on:
                alert.close(unit.ctx, on=duty.over_on, reason=RESOLVED)
            if step.action == "withdraw":
                alert.withdraw(unit.ctx, on=facts.today, reason="cause_gone")
            if alert.has_pending:
                done.append((step.action, alert.kind))
        return b"due" if done else None

    office.run(office.context(ACTOR, today=facts.today), decide)
    counters = {"raise": report.raised, "close": report.closed, "withdraw": report.withdrawn}
    for action, kind in done:
        counter = counters[action]
        counter[kind] = counter.get(kind, 0) + 1
