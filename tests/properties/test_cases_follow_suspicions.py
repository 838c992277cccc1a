"""No open suspicion without a case, no case without a suspicion, whatever happens in between."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ckbx.application import cases, enrolment
from ckbx.application.decisions import decide_on_child
from ckbx.application.intake_corrections import void_roll_call
from ckbx.application.policies import cases as policy
from ckbx.application.routing import route_child
from ckbx.application.unit import Unit
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import AWAY, Stage
from ckbx.domain.child import departures, leaves
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import DropoutSuspected
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.shared.errors import CkbxError
from tests.support.case_county import (
    KEY,
    OTHER,
    Step,
    a_round,
    back,
    case_county,
    cause,
    determined,
    looked_after,
    verify,
)
from tests.support.county import COUNTY

KIDS = st.integers(0, 1)
DAY = st.integers(0, 15)
S = TrackingStatus


class Life(RuleBasedStateMachine):
    """Two children of a class over some weeks; anything may be refused, nothing half done."""

    CHECKED = True
    """Whether the county checks its answers in the end, because nothing else does."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.county = self.stack.enter_context(
            case_county(self.url(folder), folder, checked=self.CHECKED)
        )
        self.kids = self.county.pupils[KEY][:2]
        self.today = 5
        self.county.on(self.county.days[self.today])

    def url(self, folder: Path) -> str:
        """Where its store is made: a file in a folder of its own."""
        return f"sqlite:///{folder / 'store.db'}"

    def teardown(self) -> None:
        self.stack.close()

    def child(self, n: int) -> Child:
        id_ = self.kids[n]
        return Child(id_).replay(self.county.store.log.load([id_])[id_])

    def attempt(self, n: int, step: Step) -> None:
        office = self.county.office
        with suppress(CkbxError):
            decide_on_child(office, office.context("bureau"), self.kids[n], step)

    def on_case(self, n: int, act: cases.Act, actor: str = "head") -> None:
        self.county.child = self.kids[n]
        with suppress(CkbxError):
            self.county.do(act, episode=self.child(n).episodes, actor=actor)

    @property
    def now(self) -> date:
        return self.county.office.today()

    def next_day(self, absent: list[UUID], key: str = KEY) -> None:
        """The class reports the next school day, while there is one."""
        if self.today + 1 < len(self.county.days):
            self.today += 1
            self.county.report(self.county.days[self.today], absent, key=key)

    @rule(days=st.lists(st.sets(KIDS), min_size=1, max_size=6), key=st.sampled_from([KEY, OTHER]))
    def time_passes(self, days: list[set[int]], key: str) -> None:
        for away in days:
            self.next_day([self.kids[n] for n in away], key)

    @rule(n=KIDS, length=st.integers(3, 6))
    def stays_away(self, n: int, length: int) -> None:
        for _ in range(length):
            self.next_day([self.kids[n]])

    @rule(n=KIDS)
    def is_worked_on_until_it_is_determined(self, n: int) -> None:
        for _ in range(20):
            self.next_day([self.kids[n]])
        self.on_case(n, verify(Finding.K, self.now))
        papers = self.county.papers()
        self.on_case(n, cause(self.now, papers))
        for hour in ("07:00", "07:30"):
            self.on_case(n, a_round(self.now, hour))
        self.on_case(n, determined(self.now), "bureau")

    @rule(ago=DAY, away=st.sets(KIDS), why=st.sampled_from([Reason.UNEXPLAINED, Reason.SICK]))
    def amends(self, ago: int, away: set[int], why: Reason) -> None:
        day = self.county.days[max(self.today - ago, 0)]
        self.county.report(day, [self.kids[n] for n in away], why=why)

    @rule(ago=DAY)
    def voids(self, ago: int) -> None:
        day = self.county.days[max(self.today - ago, 0)]
        office = self.county.office
        self.county.run(lambda unit: void_roll_call(office, unit, KEY, day, Session.FULL))

    @rule(n=KIDS, finding=st.sampled_from([Finding.A, Finding.K, Finding.K]))
    def is_checked(self, n: int, finding: Finding) -> None:
        self.on_case(n, verify(finding, self.now))

    @rule(n=KIDS, hour=st.integers(8, 20))
    def is_visited(self, n: int, hour: int) -> None:
        self.on_case(n, a_round(self.now, f"{hour:02}:00"))

    @rule(n=KIDS)
    def is_determined(self, n: int) -> None:
        self.on_case(n, determined(self.now), "bureau")

    @rule(n=KIDS, key=st.sampled_from([KEY, KEY, OTHER]))
    def comes_back(self, n: int, key: str) -> None:
        self.next_day([])
        self.on_case(n, back(self.now, key))

    @rule(n=KIDS)
    def comes_back_for_good(self, n: int) -> None:
        self.comes_back(n, KEY)
        for _ in range(3):
            self.next_day([])
        self.is_confirmed_and_looked_after(n)

    @rule(n=KIDS)
    def is_confirmed_and_looked_after(self, n: int) -> None:
        self.on_case(n, cases.confirm_return(role="principal"))
        self.on_case(n, looked_after(self.now))

    @rule(n=KIDS, finding=st.sampled_from([Finding.A, Finding.C]))
    def is_cleared(self, n: int, finding: Finding) -> None:
        self.on_case(
            n, cases.clear(role="principal", on=self.now, finding=finding, evidence_ref="p")
        )

    @rule(n=KIDS)
    def is_found_by_a_register(self, n: int) -> None:
        day = self.now
        self.attempt(
            n,
            lambda child, ctx: departures.suspect(
                child,
                ctx,
                on=day,
                source=SuspicionSource.REGISTER,
                first_absent_on=day,
                rule="register_finding",
                rule_version=0,
                evidence=[],
            ),
        )

    @rule(n=KIDS, later=st.integers(0, 10))
    def is_suspended(self, n: int, later: int) -> None:
        first = self.now + timedelta(days=later)
        granted = LeaveDecision(
            occurred_on=self.now,
            effective_from=first,
            until=first + timedelta(days=20),
            approver="a",
            approver_role="bureau_officer",
            document="d",
            evidence_ref="r",
        )
        self.attempt(n, lambda child, ctx: leaves.suspend(child, ctx, granted))

    @rule(n=KIDS)
    def starts_a_transfer(self, n: int) -> None:
        day = self.now
        self.attempt(
            n,
            lambda child, ctx: departures.start_transfer(
                child, ctx, on=day, receiving_school="z", document="d", confirm_by=day
            ),
        )

    @rule(n=KIDS)
    def its_transfer_is_cancelled(self, n: int) -> None:
        day = self.now
        self.attempt(n, lambda child, ctx: departures.cancel_transfer(child, ctx, on=day))

    @rule(n=KIDS)
    def a_transfer_comes_to_nothing(self, n: int) -> None:
        self.starts_a_transfer(n)
        self.next_day([self.kids[n]])
        self.its_transfer_is_cancelled(n)

    @rule(n=KIDS)
    def its_transfer_lapses(self, n: int) -> None:
        self.county.on(self.now + timedelta(days=1))
        self.attempt(n, lambda c, x: departures.lapse_transfer(c, x, rule_version=0))

    @rule(n=KIDS)
    def its_enrolment_is_undone(self, n: int) -> None:
        if n == 1:
            office, kid = self.county.office, self.kids[n]
            self.county.run(lambda unit: enrolment.undo_enrolment(office, unit, kid, batch="b"))

    @invariant()
    def every_open_suspicion_has_its_case_and_every_open_case_its_suspicion(self) -> None:
        for n, id_ in enumerate(self.kids):
            child = self.child(n)
            streams = {k: case_stream(COUNTY, id_, k) for k in range(1, child.episodes + 1)}
            loaded = self.county.store.log.load(list(streams.values()))
            for number, stream in streams.items():
                case = Case(stream).replay(loaded.get(stream, []))
                assert case.exists, f"episode {number} has no case"
                check(child, case)
            if child.episode is not None:
                self.somebody_answers(child, child.episode.suspected_on)

    def somebody_answers(self, child: Child, since: date) -> None:
        unit = Unit(self.county.office.map, self.county.office.context("t"))
        for day in (since, self.now, self.now + timedelta(days=30)):
            assert route_child(self.county.office, unit, child, day).to


def check(child: Child, case: Case) -> None:
    """What the child's own facts say of an episode is what its case says."""
    episode = child.episode
    mine = episode is not None and episode.number == case.episode
    back_here = child.back is not None and child.back.episode == case.episode
    if mine and episode is not None:
        assert case.stage in AWAY
        assert case.suspected_on == episode.suspected_on
        assert (case.ground_changed is not None) == episode.ground_changed
        dropped = child.base is S.DROPPED_OUT
        assert (case.stage is Stage.DETERMINED) == dropped
    elif back_here:
        assert case.stage in (Stage.RETURNED, Stage.CONSOLIDATING)
    else:
        assert case.stage not in (*AWAY, Stage.RETURNED, Stage.CONSOLIDATING)
        assert case.over is not None


STEPS = settings(max_examples=20, stateful_step_count=20)
FIRST = settings(STEPS, phases=[Phase.generate])


def test_cases_and_suspicions_go_together() -> None:
    run_state_machine_as_test(Life, settings=STEPS)


def test_control_a_writer_that_goes_round_the_policy_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rest = {kind: way for kind, way in policy._FOLLOW.items() if kind is not DropoutSuspected}
    monkeypatch.setattr(policy, "_FOLLOW", rest)
    with pytest.raises(AssertionError, match="has no case"):
        run_state_machine_as_test(Life, settings=FIRST)
