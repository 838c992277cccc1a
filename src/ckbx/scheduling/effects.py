"""What the clock does to children: leaves noticed, transfers lapsed, the unseen suspected.

Each is one append with its alerts. A suspicion of the opening rests on the days up to day 5
alone, so it is the same whenever it is made, and is taken back when it would not be made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select

from ckbx.application import roll_calls
from ckbx.application.decisions import decide_on_child
from ckbx.application.office import Office
from ckbx.application.rule_alerts import RuleAlerts
from ckbx.application.unit import Unit
from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.child import departures, leaves
from ckbx.domain.child import events as e
from ckbx.domain.child.absences import RULE_OPENING, open_suspicion
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.system_actors import DUE
from ckbx.scheduling import opening
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.pace import Pace
from ckbx.scheduling.unseen import Unseen
from ckbx.scheduling.watch_tables import OPENING, STANDING, TRANSFERRING
from projections.kit.reading import Answers

ACTOR = DUE
RULE_WAITS = "opening_close_5_county"
"""Suspicions of the opening wait for imports as the alerts of its day 5 do."""
_EXPECTED = (TrackingStatus.ENROLLED, TrackingStatus.ABSENT)
Decision = Callable[[Unit, Child], bool]


class Effects(msgspec.Struct):
    """How many children each effect met."""

    suspected: int = 0
    withdrawn: int = 0
    lapsed: int = 0
    expired: int = 0


def on_children(office: Office, answers: Answers, facts: Facts, pace: Pace) -> Effects:
    """Bring the children in line with what the clock says by the instant asked about."""
    run = _Run(office, facts, pace)
    done = Effects()
    today = facts.today.toordinal()
    for spell in facts.spells:
        if spell.ended is not None or spell.until >= today:
            continue
        if spell.kind == "leave" and spell.status == STANDING:
            done.expired += run.notice_expiry(spell.child)
        elif spell.status == TRANSFERRING:
            done.lapsed += run.lapse(spell.child, date.fromordinal(spell.until))
    found = [each for each in opening.suspects(facts) if not _waits(facts, each[1])]
    still = {(each.child, each.on) for _, each in found}
    standing = _standing(answers, facts)
    for child, on in sorted(standing - still):
        done.withdrawn += run.withdraw(child, on)
    for _, each in found:
        if (each.child, each.on) not in standing:
            done.suspected += run.suspect(each)
    return done


def _waits(facts: Facts, each: Unseen) -> bool:
    return facts.waits(RULE_WAITS, each.school, each.on)


def _standing(answers: Answers, facts: Facts) -> set[tuple[UUID, date]]:
    """Open suspicions of the opening that a run of this instant would make or take back."""
    c = OPENING.c
    query = select(c.child, c.suspected_on).where(
        c.suspected_on >= facts.horizon.toordinal(), c.suspected_on <= facts.today.toordinal()
    )
    with answers.reading() as reading:
        found = {(child, date.fromordinal(day)) for child, day in reading.rows(query)}
    return {(child, on) for child, on in found if facts.closed(on)}


class _Run:
    """One run's decisions on one child at a time."""

    def __init__(self, office: Office, facts: Facts, pace: Pace) -> None:
        self.office = office
        self.facts = facts
        self.pace = pace

    def context(self) -> CommandContext:
        return self.office.context(ACTOR, today=self.facts.today)

    def notice_expiry(self, child: UUID) -> bool:
        with self.pace.turn():
            done = decide_on_child(self.office, self.context(), child, leaves.notice_expiry)
        return done.position > 0

    def lapse(self, id_: UUID, due: date) -> bool:
        """A transfer nobody confirmed: noted, and the child suspected, with its alert."""

        def decide(unit: Unit, child: Child) -> bool:
            start = len(child.pending_since(0))
            version = self.facts.rules.rules_on(due).version
            departures.lapse_transfer(child, unit.ctx, rule_version=version)
            events = child.pending_since(start)
            self._alert(unit, child, events)
            return bool(events)

        return self._decide(id_, decide)

    def suspect(self, each: Unseen) -> bool:
        """Suspect one child with source 开学未报到, and alert, in one append (domain §11).

        Not one that is suspected already, was cleared since, or is on leave or gone by now.
        """

        def decide(unit: Unit, child: Child) -> bool:
            first = each.first.toordinal()
            expected = all(child.status_on(d) in _EXPECTED for d in (each.on, unit.ctx.today))
            cleared = any(reset >= first for reset in child.resets)
            if child.episode is not None or not expected or cleared:
                return False
            start = len(child.pending_since(0))
            open_suspicion(
                child,
                unit.ctx,
                on=each.on,
                source=SuspicionSource.OPENING,
                first_absent_on=each.first,
                days=self._unexplained(each),
                rule=RULE_OPENING,
                rule_version=self.facts.rules.rules_on(each.on).version,
            )
            self._alert(unit, child, child.pending_since(start))
            # Since when the child attends again, as if the suspicion had been there in time.
            key = child.class_key or each.class_key
            roll_calls.apply_rule(self.office, unit, key, each.on)
            return True

        return self._decide(each.child, decide)

    def _unexplained(self, each: Unseen) -> tuple[int, ...]:
        """The child's unexplained days since its first, where its class reported in full."""
        marks: dict[tuple[int, str], Reason] = {}
        for event in self.office.log.load([each.child]).get(each.child, []):
            match event:
                case e.AbsenceRecorded() | e.AbsenceExplained():
                    marks[event.occurred_on.toordinal(), event.class_key] = event.reason
                case e.AbsenceVoided() | e.AbsenceSetAside():
                    marks.pop((event.occurred_on.toordinal(), event.class_key), None)
                case _:
                    pass
        first, told = each.first.toordinal(), self.facts.reported.told
        days = {d for (d, key), why in marks.items() if is_unexplained(why) and told(key, d)}
        return tuple(sorted(day for day in days if day >= first))

    def withdraw(self, id_: UUID, on: date) -> bool:
        """The days up to day 5 say by now that the child was seen, excused, or not asked for.

        Where a person has acted on the episode it stays, marked 依据已变 (domain §4).
        """

        def decide(unit: Unit, child: Child) -> bool:
            episode = child.episode
            if episode is None or (episode.source, episode.suspected_on) != (
                SuspicionSource.OPENING,
                on,
            ):
                return False
            if not self._day_five_closed(child.school or "", on):
                return False
            if self.facts.waits(RULE_WAITS, child.school, on):
                return False
            if episode.acted and episode.ground_changed:
                return False
            kind = e.SuspicionGroundChanged if episode.acted else e.SuspicionWithdrawn
            event = child.trigger_event(kind, unit.ctx, occurred_on=on, episode=episode.number)
            self._alert(unit, child, [event])
            return True

        return self._decide(id_, decide)

    def _day_five_closed(self, school: str, on: date) -> bool:
        """Whether the opening to which a suspicion belongs has come to its day 5 (it may have
        been moved by a calendar line since); False where no opening is known any more.
        """
        return any(
            on in each.term and each.closed(each.suspect_day)
            for each in opening.openings(self.facts)
            if each.school == school
        )

    def _alert(self, unit: Unit, child: Child, events: Sequence[DomainEvent]) -> None:
        """The alerts that go with these events, in the same append."""
        calendar = self.office.calendars(unit, child.school).for_school(child.school)
        rules = roll_calls.rule_book(self.office, unit)
        RuleAlerts(self.office, unit, calendar, rules).follow(child, events)

    def _decide(self, id_: UUID, decide: Decision) -> bool:
        def run(unit: Unit) -> bytes | None:
            return b"due" if decide(unit, unit.get(id_, Child)) else None

        with self.pace.turn():
            return self.office.run(self.context(), run).position > 0
