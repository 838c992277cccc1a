"""Decisions on one child: what they do to the roll of its class and to the alerts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ckbx.application import enrolment as use
from ckbx.application.decisions import decide_on_child
from ckbx.application.intake_corrections import rejudge, void_roll_call
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert
from ckbx.domain.alert.events import AlertRaised
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import departures, enrolment, leaves
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import Finding, TrackingStatus
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL, SmallCounty, opened

KEY, OTHER = f"{SCHOOL}/2026/1", f"{SCHOOL}/2026/2"
DAYS = [date(2026, 9, d) for d in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18)]
U = Reason.UNEXPLAINED
Step = Callable[[Child, CommandContext], None]


class Desk(SmallCounty):
    """Two classes, and people who decide."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.office, classes=2)
        self.store = store
        self.child = self.pupils[KEY][0]

    def decide(self, step: Step) -> None:
        """A decision on the child."""
        decide_on_child(self.office, self.office.context("test"), self.child, step)

    def run(self, what: Callable[[Unit], Any]) -> None:
        """A command of its own."""

        def decide(unit: Unit) -> bytes:
            what(unit)
            return b"done"

        self.office.run(self.office.context("test"), decide)

    def suspend(self, first: date, until: date, on: date | None = None) -> None:
        """休学 of the child."""
        self.decide(lambda c, x: leaves.suspend(c, x, leave(first, until, on)))

    def on_roll(self, day: date, key: str = KEY) -> bool:
        """Whether the child is expected at the roll call."""
        stream = ClassRegister.stream(COUNTY, key)
        register = ClassRegister(stream).replay(self.store.log.load([stream])[stream])
        return register.on_roll(self.child, day.toordinal())

    def state(self) -> Child:
        """The child as the log has it."""
        return Child(self.child).replay(self.store.log.load([self.child])[self.child])

    def alerts(self) -> dict[str, str]:
        """What became of the alerts that are not about single warnings, by kind."""
        events = [r.event for r in self.store.log.read(0, 10_000)]
        raised = {e.originator_id: e for e in events if isinstance(e, AlertRaised)}
        found: dict[str, str] = {}
        for stream, first in raised.items():
            if first.child in (None, self.child) and first.kind != "absence_warning":
                found[first.kind] = self._state(stream)
        return found

    def warnings(self) -> list[str]:
        """What became of the early warnings of the child, oldest first."""
        events = [r.event for r in self.store.log.read(0, 10_000)]
        raised = [e for e in events if isinstance(e, AlertRaised) and e.child == self.child]
        return [self._state(e.originator_id) for e in raised if e.kind == "absence_warning"]

    def _state(self, stream: UUID) -> str:
        return Alert(stream).replay(self.store.log.load([stream])[stream]).state

    def stay_away(self, n: int, first: int = 0) -> None:
        """The child is away on some days in a row."""
        for day in DAYS[first : first + n]:
            self.hand_in(KEY, day, {self.child: U})


def leave(first: date, until: date, on: date | None = None) -> LeaveDecision:
    return LeaveDecision(
        occurred_on=on or first,
        effective_from=first,
        until=until,
        approver="a",
        approver_role="bureau_officer",
        document="d",
        evidence_ref="r",
        committee_ref="c",
    )


def cleared(child: Child, ctx: CommandContext) -> None:
    departures.clear_suspicion(
        child, ctx, on=DAYS[8], finding=Finding.A, evidence_ref="r", role="principal"
    )


def transferring(child: Child, ctx: CommandContext) -> None:
    departures.start_transfer(
        child, ctx, on=DAYS[8], receiving_school="z", document="d", confirm_by=DAYS[12]
    )


def missing(child: Child, ctx: CommandContext) -> None:
    departures.end(
        child, ctx, lv.WentMissing, on=DAYS[8], evidence_ref="r", review_by=date(2027, 3, 1)
    )


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(store_url, tmp_path / "secrets") as store:
        yield Desk(store)


def extended(until: date) -> Step:
    return lambda c, x: leaves.extend(
        c,
        x,
        on=DAYS[0],
        until=until,
        approver="a",
        approver_role="bureau_officer",
        document="d",
        evidence_ref="r",
    )


def resumed(key: str) -> Step:
    return lambda c, x: enrolment.resume_study(
        c, x, on=DAYS[6], class_key=key, grade=1, fit_paper_ref="r"
    )


def test_a_leave_extended_before_it_begins_still_begins_on_its_day(desk: Desk) -> None:
    desk.suspend(DAYS[6], DAYS[9], on=DAYS[0])
    desk.decide(extended(DAYS[12]))
    assert [desk.on_roll(DAYS[n]) for n in (5, 6, 12, 13)] == [True, False, False, True]


def test_the_last_day_of_a_leave_is_no_absence_and_the_next_one_is(desk: Desk) -> None:
    desk.suspend(DAYS[1], DAYS[3])
    for day in DAYS[:5]:
        desk.hand_in(KEY, day)
    found = desk.state()
    assert sorted(found.mark_events) == [DAYS[4].toordinal()]
    assert [found.status_on(d) for d in DAYS[3:5]] == [
        TrackingStatus.SUSPENDED,
        TrackingStatus.ABSENT,
    ]


def test_study_resumed_in_another_class_moves_the_child_there(desk: Desk) -> None:
    desk.suspend(DAYS[0], DAYS[12])
    desk.decide(resumed(OTHER))
    assert [desk.on_roll(DAYS[n], OTHER) for n in (5, 6, 13)] == [False, True, True]
    assert [desk.on_roll(DAYS[n]) for n in (6, 13)] == [False, False]
    assert desk.state().class_key == OTHER


def test_study_resumed_in_its_class_puts_the_child_back_on_the_roll(desk: Desk) -> None:
    desk.suspend(DAYS[0], DAYS[12])
    desk.decide(resumed(KEY))
    assert [desk.on_roll(DAYS[n]) for n in (5, 6, 13)] == [False, True, True]


@pytest.mark.parametrize("key", [KEY, OTHER])
def test_a_child_taught_at_home_is_enrolled_in_one_class_only(desk: Desk, key: str) -> None:
    home = leave(DAYS[0], DAYS[9])
    desk.decide(
        lambda c, x: leaves.teach_at_home(c, x, home, visits_per_month=2, lessons_per_visit=2)
    )
    assert [desk.on_roll(DAYS[n]) for n in (0, 9, 13)] == [False, False, False]
    desk.run(
        lambda unit: use.enrol_again(desk.office, unit, key, [desk.child], grade=1, on=DAYS[5])
    )
    assert [desk.on_roll(DAYS[n], key) for n in (4, 5, 13)] == [False, True, True]
    other = OTHER if key == KEY else KEY
    assert not any(desk.on_roll(day, other) for day in DAYS)
    assert desk.state().status_on(DAYS[6]) is TrackingStatus.ENROLLED


def test_a_transfer_keeps_the_child_on_the_roll_in_place_of_a_leave_to_come(desk: Desk) -> None:
    desk.suspend(DAYS[10], DAYS[12], on=DAYS[0])
    desk.decide(transferring)
    assert [desk.on_roll(DAYS[n]) for n in (9, 10, 13)] == [True, True, True]
    assert desk.state().status_on(DAYS[11]) is TrackingStatus.TRANSFERRING


@pytest.mark.parametrize(
    "decision",
    [cleared, transferring, missing, lambda c, x: leaves.suspend(c, x, leave(DAYS[8], DAYS[12]))],
    ids=["cleared", "transfer", "missing", "suspended"],
)
def test_the_alerts_of_a_suspicion_end_with_the_decision_that_ends_it(
    desk: Desk, decision: Step
) -> None:
    desk.stay_away(5)
    for day in DAYS[5:8]:
        desk.hand_in(KEY, day)
    assert desk.alerts() == {"dropout_suspected": "open", "attending_decision_due": "open"}
    head = desk.store.log.head()
    desk.decide(decision)
    made = desk.store.log.read(head, 100)
    assert len({r.event.command_id for r in made}) == 1
    assert desk.alerts() == {"dropout_suspected": "closed", "attending_decision_due": "closed"}
    assert desk.warnings() == ["closed", "closed"], "what warned of it before is answered too"


def test_a_warning_of_a_child_never_suspected_stays_until_somebody_closes_it(desk: Desk) -> None:
    desk.stay_away(3)
    desk.hand_in(KEY, DAYS[3])
    assert desk.warnings() == ["open"]


def test_a_long_leave_to_be_confirmed_is_answered_by_the_decision_after_it(desk: Desk) -> None:
    for day in DAYS[:5]:
        desk.hand_in(KEY, day, {desk.child: Reason.PERSONAL})
    assert desk.alerts() == {"long_leave_check": "open"}
    desk.stay_away(5, first=5)
    assert desk.alerts() == {"long_leave_check": "open", "dropout_suspected": "open"}
    how: dict[str, Any] = {"finding": Finding.A, "evidence_ref": "r", "role": "principal"}
    desk.decide(lambda child, ctx: departures.clear_suspicion(child, ctx, on=DAYS[10], **how))
    assert desk.alerts()["long_leave_check"] == "closed"


def test_a_warning_after_the_decision_is_a_new_one(desk: Desk) -> None:
    desk.stay_away(5)
    for day in DAYS[5:8]:
        desk.hand_in(KEY, day)
    desk.decide(cleared)
    desk.stay_away(3, first=9)
    assert desk.warnings()[:2] == ["closed", "closed"]
    assert "open" in desk.warnings()[2:]


def test_the_alerts_of_a_withdrawn_suspicion_are_withdrawn(desk: Desk) -> None:
    desk.stay_away(5)
    for day in DAYS[5:8]:
        desk.hand_in(KEY, day)
    desk.hand_in(KEY, DAYS[4])
    assert desk.alerts() == {
        "dropout_suspected": "withdrawn",
        "attending_decision_due": "withdrawn",
    }


def test_no_decision_is_due_on_a_stretch_of_attending_that_ended(desk: Desk) -> None:
    desk.stay_away(5)
    for day in DAYS[5:8]:
        desk.hand_in(KEY, day)
    desk.hand_in(KEY, DAYS[8], {desk.child: U})
    assert desk.alerts()["attending_decision_due"] == "withdrawn"
    for day in DAYS[9:12]:
        desk.hand_in(KEY, day)
    events = [r.event for r in desk.store.log.read(0, 10_000)]
    raised = [e for e in events if isinstance(e, AlertRaised)]
    due = [e.occurred_on for e in raised if e.kind == "attending_decision_due"]
    assert due == [DAYS[7], DAYS[11]]


def test_a_headcount_unlike_the_roll_is_told_until_it_is_amended(desk: Desk) -> None:
    desk.pupils[KEY].append(desk.child)
    desk.hand_in(KEY, DAYS[0])
    (raised,) = [
        r.event for r in desk.store.log.read(0, 10_000) if isinstance(r.event, AlertRaised)
    ]
    assert (raised.kind, raised.level, raised.class_key) == ("count_mismatch", "蓝", KEY)
    assert raised.detail == {"expected": 6, "roll": 5}
    desk.pupils[KEY].pop()
    desk.hand_in(KEY, DAYS[0])
    assert desk.alerts() == {"count_mismatch": "withdrawn"}


def test_a_voided_sheet_takes_its_headcount_along(desk: Desk) -> None:
    desk.pupils[KEY].append(desk.child)
    desk.hand_in(KEY, DAYS[0])
    desk.run(lambda unit: void_roll_call(desk.office, unit, KEY, DAYS[0], Session.FULL))
    assert desk.alerts() == {"count_mismatch": "withdrawn"}


def test_what_a_class_reported_of_a_child_that_was_in_another_counts_no_more(desk: Desk) -> None:
    desk.stay_away(5)
    assert desk.state().suspected_on == DAYS[4]

    def move(unit: Unit) -> None:
        use.change_class(desk.office, unit, desk.child, OTHER, grade=1, on=DAYS[3])
        for key in (KEY, OTHER):
            rejudge(desk.office, unit, key, DAYS[3])

    desk.run(move)
    found = desk.state()
    assert found.episode is None
    assert sorted(found.mark_events) == [d.toordinal() for d in DAYS[:3]]
    for day in DAYS[5:7]:
        desk.hand_in(OTHER, day, {desk.child: U})
    assert desk.state().suspected_on == DAYS[6]
