"""``run-due``: everything due by an instant and not yet done, once.

The set of clock alerts is brought in line with what the facts say: missing ones are raised
(and closed at once when their cause is over already), those whose cause fell away are
withdrawn, those that were answered are closed. Running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from ckbx.application.decisions import decide_on_child
from ckbx.application.office import Office
from ckbx.application.routing import Routed, place_of, route_child, routed
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert, Notice
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.child import departures, leaves
from ckbx.domain.child.absences import open_suspicion
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import SuspicionWithdrawn
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.post import Line
from ckbx.domain.shared.event import CommandContext
from ckbx.scheduling import dated, opening, silence, watch
from ckbx.scheduling.duty import CLOCK_RULES, Duty
from ckbx.scheduling.facts import Facts, Unseen
from ckbx.scheduling.gather import gather
from ckbx.store import Store
from projections.kit_reading import Answers

ACTOR = "system:due"
BATCH = 100
RULE_OPENING = "opening_day_5"


class DueReport(msgspec.Struct):
    """What one run did: how many of each kind."""

    at: datetime
    raised: dict[str, int] = {}
    withdrawn: dict[str, int] = {}
    closed: dict[str, int] = {}
    suspected: int = 0
    lapsed: int = 0
    expired: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing was due that had not been done."""
        changes = (self.raised, self.withdrawn, self.closed)
        return not any(changes) and not (self.suspected or self.lapsed or self.expired)


def run_due(store: Store, at: datetime) -> DueReport:
    """Do everything due by a UTC instant, cut to now; local midnight ends the day before.

    Raises StoreUnavailable, AnswersBehind; a conflict with another run is decided again.
    """
    store.catch_up()
    office, answers = store.office, store.answers
    at = min(at, office.clock.now())
    if at.astimezone(office.clock.zone).time() == time.min:
        at -= timedelta(microseconds=1)
    report = DueReport(at)
    facts = gather(office, answers, at)
    _children(office, facts, answers, report)
    if report.suspected or report.lapsed or report.expired:
        store.catch_up()
        facts = gather(office, answers, at)
    wanted = {duty.stream(office.county): duty for duty in duties(facts)}
    existing = _existing(answers, facts)
    steps = list(_steps(wanted, existing))
    for start in range(0, len(steps), BATCH):
        _apply(office, facts, steps[start : start + BATCH], report)
    return report


def duties(facts: Facts) -> Iterator[Duty]:
    """Every duty of the clock by the instant, whether it is over again or not."""
    return chain(
        silence.silent_days(facts),
        dated.leaves(facts),
        dated.transfers(facts),
        dated.vacant_posts(facts),
        dated.closures(facts),
        dated.unknown_years(facts),
        opening.programme(facts),
    )


def _existing(answers: Answers, facts: Facts) -> dict[UUID, tuple[str, str, date]]:
    """Clock alerts within the horizon: kind, state, and the day in their key."""
    c = watch.ALERTS.c
    query = select(c.alert, c.kind, c.rule, c.day, c.state).where(
        c.day >= facts.horizon.toordinal(), c.day <= facts.today.toordinal()
    )
    with answers.reading() as reading:
        rows: Sequence[Any] = reading.rows(query)
    return {
        id_: (kind, state, date.fromordinal(day))
        for id_, kind, rule, day, state in rows
        if rule in CLOCK_RULES
    }


class Step(msgspec.Struct, frozen=True):
    """What is to happen to one alert: ``raise``, ``close`` or ``withdraw``."""

    stream: UUID
    action: str
    duty: Duty | None
    on: date


def _steps(wanted: dict[UUID, Duty], existing: dict[UUID, tuple[str, str, date]]) -> Iterator[Step]:
    for stream, duty in wanted.items():
        _, state, _ = existing.get(stream, ("", "", duty.on))
        if state in ("open", "acknowledged"):
            if duty.over:
                yield Step(stream, "close", duty, duty.on)
        elif not state or (state == "withdrawn" and not duty.over):
            yield Step(stream, "raise", duty, duty.on)
    for stream, (_, state, day) in existing.items():
        if stream not in wanted and state in ("open", "acknowledged"):
            yield Step(stream, "withdraw", None, day)


def _apply(office: Office, facts: Facts, steps: Sequence[Step], report: DueReport) -> None:
    ctx = office.context(ACTOR, today=facts.today)
    done: list[tuple[str, str]] = []

    def decide(unit: Unit) -> bytes | None:
        done.clear()
        alerts: dict[UUID, Alert] = unit.get_many(dict.fromkeys((s.stream for s in steps), Alert))
        for step in steps:
            alert = alerts[step.stream]
            if step.action == "raise" and step.duty:
                notice = _address(office, unit, facts, step.duty)
                alert.raise_(ctx, notice)
                if step.duty.over:
                    alert.close(ctx, on=facts.today, reason="resolved")
            elif step.action == "close":
                alert.close(ctx, on=facts.today, reason="resolved")
            else:
                alert.withdraw(ctx, on=facts.today, reason="cause_gone")
            if alert.has_pending:
                done.append((step.action, alert.kind))
        return b"due" if done else None

    office.run(ctx, decide)
    counters = {"raise": report.raised, "close": report.closed, "withdraw": report.withdrawn}
    for action, kind in done:
        counter = counters[action]
        counter[kind] = counter.get(kind, 0) + 1


def _address(office: Office, unit: Unit, facts: Facts, duty: Duty) -> Notice:
    """The notice with those answerable on the day it fell due."""
    rules = facts.rules.rules_on(duty.on)
    to = Routed((), (), None)
    if duty.at is not None:
        to = routed(facts.directory.answerable(duty.line, duty.at, duty.on))
    elif duty.child is not None:
        child = unit.get(duty.child, Child)
        place = place_of(office, child, duty.on)
        to = routed(facts.directory.answerable(Line.EDUCATION, place, duty.on))
    return msgspec.structs.replace(duty.notice(rules.version), to=to.to, posts=to.posts, via=to.via)


# ------------------------------------------------------------- effects on children


def _children(office: Office, facts: Facts, answers: Answers, report: DueReport) -> None:
    """Expired leaves are noted, unconfirmed transfers lapse, unseen children are suspected."""
    today = facts.today.toordinal()
    for spell in facts.spells:
        if spell.ended is not None or spell.until > today:
            continue
        if spell.kind == "leave":
            done = _decide(office, facts, spell.child, leaves.notice_expiry)
            report.expired += done
        elif spell.until < today and spell.status == watch.TRANSFERRING:
            version = facts.rules.rules_on(date.fromordinal(spell.until)).version

            def lapse(child: Child, ctx: CommandContext, version: int = version) -> None:
                departures.lapse_transfer(child, ctx, rule_version=version)

            report.lapsed += _decide(office, facts, spell.child, lapse)
    found = list(opening.suspects(facts))
    for place, unseen, day, first in found:
        report.suspected += _suspect(office, facts, place, unseen, day, first)
    _withdraw_opening(office, facts, answers, {each.child for _, each, _, _ in found})


def _decide(office: Office, facts: Facts, child: UUID, decide: Any) -> int:
    ctx = office.context(ACTOR, today=facts.today)
    return int(decide_on_child(office, ctx, child, decide).position > 0)


def _suspect(
    office: Office, facts: Facts, place: opening.Opening, unseen: Unseen, day: date, first: date
) -> int:
    """Suspect one child with source 开学未报到, and alert, in one append (domain §11)."""
    ctx = office.context(ACTOR, today=facts.today)
    rules = facts.rules.rules_on(day)

    def decide(unit: Unit) -> bytes | None:
        child = unit.get(unseen.child, Child)
        if child.episode is not None or child.status_on(day) is not TrackingStatus.ENROLLED:
            return None
        if any(reset >= first.toordinal() for reset in child.resets):
            return None
        days = tuple(d for d in sorted(child.mark_events) if first.toordinal() <= d)
        open_suspicion(
            child,
            ctx,
            on=day,
            source=SuspicionSource.OPENING,
            first_absent_on=first,
            days=days,
            rule=RULE_OPENING,
            rule_version=rules.version,
        )
        to = route_child(office, unit, child, day)
        try:
            due = place.calendar.add_school_days(day, rules.pack.verify_within)
        except CalendarRefusal:
            due = None
        notice = Notice(
            kind="dropout_suspected",
            subject=str(child.id),
            rule=RULE_OPENING,
            rule_version=rules.version,
            on=day,
            key_day=day,
            due_on=due,
            child=child.id,
            school=child.school,
            class_key=child.class_key,
            to=to.to,
            posts=to.posts,
            via=to.via,
            events=child.event_ids(days),
        )
        unit.get(notice.stream(office.county), Alert).raise_(ctx, notice)
        return b"suspected"

    return int(office.run(ctx, decide).position > 0)


def _withdraw_opening(
    office: Office, facts: Facts, answers: Answers, still: Iterable[UUID]
) -> None:
    """Corrections showed that a child suspected by the opening had been seen by day 5."""
    kept = set(still)
    c = watch.OPENING.c
    with answers.reading() as reading:
        since = facts.today - opening.SPAN
        query = select(c.child, c.suspected_on).where(c.suspected_on >= since.toordinal())
        rows: Sequence[Any] = reading.rows(query)
    for id_, day in rows:
        on = date.fromordinal(day)
        if id_ not in kept and on <= facts.today:
            _withdraw(office, office.context(ACTOR, today=facts.today), id_, on)


def _withdraw(office: Office, ctx: CommandContext, id_: UUID, on: date) -> None:
    def decide(unit: Unit) -> bytes | None:
        child = unit.get(id_, Child)
        episode = child.episode
        if not episode or episode.source is not SuspicionSource.OPENING or episode.acted:
            return None
        event = child.trigger_event(SuspicionWithdrawn, ctx, occurred_on=on, episode=episode.number)
        blank = Notice(
            kind="dropout_suspected",
            subject=str(id_),
            rule=RULE_OPENING,
            rule_version=0,
            on=on,
            key_day=on,
        )
        alert = unit.get(blank.stream(office.county), Alert)
        alert.withdraw(ctx, on=on, reason="corrected", because=event.event_id)
        return b"withdrawn"

    office.run(ctx, decide)
