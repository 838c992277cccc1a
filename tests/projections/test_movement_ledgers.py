"""免学缓学休学, 残疾儿童安置, 转入转出: as of a day, as known at a position."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ckbx.domain.child import departures, leaves
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.event import DomainEvent
from projections import movements, roster
from projections.leave import ENDED_BY, KINDS, LeaveRow, LeaveState, leave, placement
from projections.scope import Scope
from projections.transfers import Direction, TransferRow, TransferState, transfers
from tests.projections.case_helps import ask, county, sheet
from tests.projections.suspected_helps import DECISIONS
from tests.projections.suspected_store import (
    CLASS,
    LI,
    OTHER_CLASS,
    OTHER_SCHOOL,
    SCHOOL,
    WANG,
    Facts,
    day,
)
from tests.projections.test_cases_register import told
from tests.support.case_county import CaseCounty

__all__ = ["county"]
S = TrackingStatus
GRANTED = {"effective_from": day("11-10"), "until": day("12-20"), "approver": "township"}
PAPERS = {"document": "d1", "evidence_ref": "p1"}


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    """Two children at two schools."""
    made = Facts(tmp_path, [roster.PROJECTION, movements.PROJECTION])
    made.child(LI, SCHOOL, CLASS, village="522699100200")
    made.child(WANG, OTHER_SCHOOL, OTHER_CLASS, grade=7, village="522699101201")
    yield made
    made.close()


def grant(facts: Facts, child: UUID = LI, on: str = "11-05", **more: Any) -> int:
    return facts.tell(lv.SuspensionGranted, child, on, **{**GRANTED, **PAPERS, **more})


def asked(
    facts: Facts, question: Any, on: date | str, position: int | None = None, **more: Any
) -> Any:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    known = facts.head() if position is None else position
    with facts.reading() as reading:
        return question(reading, scope, as_of=day(on), position=known, **more)


def of_li(facts: Facts, on: date | str, position: int | None = None, **more: Any) -> LeaveRow:
    rows = asked(facts, leave, on, position, all_=True, **more)
    found: LeaveRow = next(row for row in rows if row.child == LI)
    return found


def test_a_leave_is_to_come_then_running_then_over_until_something_ends_it(facts: Facts) -> None:
    grant(facts)
    grant(facts, WANG)
    assert asked(facts, leave, "11-04") == []
    states = {d: of_li(facts, d).state for d in ("11-05", "11-09", "11-10", "12-20", "12-21")}
    assert states == {
        "11-05": LeaveState.TO_COME,
        "11-09": LeaveState.TO_COME,
        "11-10": LeaveState.RUNNING,
        "12-20": LeaveState.RUNNING,
        "12-21": LeaveState.OVER,
    }
    before = facts.head()
    facts.tell(lv.StudyResumed, LI, "12-22", class_key=CLASS, grade=1)
    assert [row.child for row in asked(facts, leave, "12-22")] == [WANG]
    row = of_li(facts, "12-22")
    assert (row.state, row.ended_on, row.ended_by) == (LeaveState.ENDED, day("12-22"), "resumed")
    assert of_li(facts, "12-21").state is LeaveState.OVER
    assert of_li(facts, "12-22", before).state is LeaveState.OVER


def test_an_extension_holds_from_its_own_day(facts: Facts) -> None:
    grant(facts, after_suspicion=True)
    before = facts.head()
    longer = {"until": day("12-31"), "approver": "county", **PAPERS}
    facts.tell(lv.LeaveExtended, LI, "12-01", **longer)
    assert (of_li(facts, "11-30").until, of_li(facts, "12-01").until) == (
        day("12-20"),
        day("12-31"),
    )
    row = of_li(facts, "12-25")
    assert (row.state, row.extended_on) == (LeaveState.RUNNING, day("12-01"))
    assert of_li(facts, "12-25", before).state is LeaveState.OVER
    assert (row.after_suspicion, row.committee) == (True, False)


def test_the_clock_s_notice_changes_nothing_of_a_leave_that_is_over(facts: Facts) -> None:
    grant(facts)
    facts.tell(lv.LeaveExpired, LI, "12-21", until=day("12-20"))
    assert of_li(facts, "12-25").state is LeaveState.OVER


@pytest.mark.parametrize("kind", KINDS)
def test_every_leave_is_a_row_of_its_kind(facts: Facts, kind: type[DomainEvent]) -> None:
    facts.tell(kind, LI, "11-05", **{**DECISIONS[kind], "committee_ref": "c1"})
    rows = [*asked(facts, leave, "11-20"), *asked(facts, placement, "11-20")]
    assert {row.kind for row in rows} == {KINDS[kind]}
    in_leave = KINDS[kind] is not S.HOME_TAUGHT
    assert len(rows) == (2 if in_leave else 1)
    assert rows[0].committee


@pytest.mark.parametrize("kind", ENDED_BY)
def test_every_ending_ends_a_leave(facts: Facts, kind: type[DomainEvent]) -> None:
    grant(facts)
    grant(facts, WANG)
    told(facts, kind, LI, "12-01")
    row = of_li(facts, "12-01")
    assert (row.state, row.ended_by, row.ended_on) == (
        LeaveState.ENDED,
        ENDED_BY[kind],
        day("12-01"),
    )
    assert [each.child for each in asked(facts, leave, "12-01")] == [WANG]
    assert of_li(facts, "11-30").state is LeaveState.RUNNING


def test_only_attendance_named_after_a_leave_ends_it(facts: Facts) -> None:
    grant(facts)
    facts.tell(e.AttendanceResumed, LI, "11-06", class_key=CLASS)
    assert of_li(facts, "11-06").state is LeaveState.TO_COME


def test_another_leave_takes_the_place_of_one(facts: Facts) -> None:
    grant(facts)
    facts.tell(lv.ExemptionGranted, LI, "12-01", **{**GRANTED, **PAPERS, "legal_basis": "b1"})
    rows = asked(facts, leave, "12-01", all_=True)
    assert [(row.kind, row.ended_by) for row in rows] == [
        (S.SUSPENDED, "replaced"),
        (S.EXEMPTED, None),
    ]
    assert [row.kind for row in asked(facts, leave, "12-01")] == [S.EXEMPTED]


def test_only_the_scope_sees_a_leave(facts: Facts) -> None:
    grant(facts)
    grant(facts, WANG)
    seen = {
        "school": Scope.schools([SCHOOL]),
        "township": Scope.villages(["522699100"]),
        "class": Scope.classes([CLASS]),
    }
    for scope in seen.values():
        assert [row.child for row in asked(facts, leave, "11-20", scope=scope)] == [LI]
    assert asked(facts, leave, "11-20", scope=Scope.nothing()) == []


def start(facts: Facts, child: UUID = LI, on: str = "11-05", to: str = OTHER_SCHOOL) -> int:
    of = {"receiving_school": to, "document": "d1", "confirm_by": day("11-19")}
    return facts.tell(lv.TransferStarted, child, on, **of)


def confirm(facts: Facts, on: str) -> int:
    said = {"receiving_school": OTHER_SCHOOL, "evidence_ref": "p"}
    return facts.tell(lv.TransferConfirmed, LI, on, **said)


def of(facts: Facts, on: str, position: int | None = None) -> TransferRow:
    rows = asked(facts, transfers, on, position, all_=True)
    found: TransferRow = next(row for row in rows if row.child == LI)
    return found


def test_a_transfer_is_under_way_until_confirmed_and_the_child_arrives(facts: Facts) -> None:
    start(facts)
    start(facts, WANG, to=SCHOOL)
    before = facts.head()
    confirm(facts, "11-12")
    facts.tell(e.Enrolled, LI, "11-16", school=OTHER_SCHOOL, class_key=OTHER_CLASS, grade=7)
    states = {d: of(facts, d).state for d in ("11-11", "11-12", "11-16")}
    assert states == {
        "11-11": TransferState.UNDER_WAY,
        "11-12": TransferState.CONFIRMED,
        "11-16": TransferState.ARRIVED,
    }
    row = of(facts, "11-20")
    assert (row.from_school, row.class_key, row.receiving_school) == (SCHOOL, CLASS, OTHER_SCHOOL)
    assert (row.confirmed_on, row.arrived_on, row.arrived_at) == (
        day("11-12"),
        day("11-16"),
        OTHER_SCHOOL,
    )
    assert [row.child for row in asked(facts, transfers, "11-20")] == [WANG]
    assert of(facts, "11-20", before).state is TransferState.UNDER_WAY
    assert asked(facts, transfers, "11-04") == []


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (lv.TransferCancelled, TransferState.CANCELLED),
        (lv.TransferLapsed, TransferState.LAPSED),
        (lv.DeathRecorded, TransferState.OVERTAKEN),
    ],
)
def test_what_else_becomes_of_a_transfer(
    facts: Facts, kind: type[DomainEvent], state: TransferState
) -> None:
    start(facts)
    told(facts, kind, LI, "11-19")
    assert (of(facts, "11-18").state, of(facts, "11-19").state) == (
        TransferState.UNDER_WAY,
        state,
    )
    listed = [row.child for row in asked(facts, transfers, "11-19")]
    assert listed == ([LI] if state is TransferState.LAPSED else [])


def test_a_second_transfer_is_a_row_of_its_own(facts: Facts) -> None:
    start(facts)
    facts.tell(lv.TransferCancelled, LI, "11-09")
    start(facts, on="11-10")
    rows = asked(facts, transfers, "11-20", all_=True)
    assert [row.state for row in rows] == [TransferState.CANCELLED, TransferState.UNDER_WAY]


def test_both_schools_see_a_transfer(facts: Facts) -> None:
    start(facts)
    confirm(facts, "11-12")
    for scope, seen in (
        (Scope.schools([SCHOOL]), 1),
        (Scope.schools([OTHER_SCHOOL]), 1),
        (Scope.schools(["2152939999"]), 0),
        (Scope.villages(["522699100"]), 1),
        (Scope.villages(["522699101"]), 0),
        (Scope.nothing(), 0),
    ):
        assert len(asked(facts, transfers, "11-20", scope=scope, all_=True)) == seen


def came(facts: Facts, on: str = "11-16", school: str = OTHER_SCHOOL) -> None:
    paper = {"document": "d1", "evidence_ref": "p1"}
    facts.tell(e.Enrolled, LI, on, school=school, class_key=OTHER_CLASS, grade=7)
    facts.tell(mv.TransferredIn, LI, on, from_region="522601", school=school, **paper)


def in_order(facts: Facts, position: int | None = None) -> list[TransferRow]:
    rows: list[TransferRow] = asked(facts, transfers, "11-20", position, all_=True)
    return sorted(rows, key=lambda row: row.started_on)


def test_an_arrival_from_outside_is_a_row_of_its_own(facts: Facts) -> None:
    came(facts)
    assert asked(facts, transfers, "11-20") == []
    row = of(facts, "11-20")
    assert (row.direction, row.state, row.from_region) == (
        Direction.IN,
        TransferState.ARRIVED,
        "522601",
    )
    assert (row.receiving_school, row.class_key, row.grade) == (OTHER_SCHOOL, OTHER_CLASS, 7)
    assert asked(facts, transfers, "11-15", all_=True) == []
    for school, seen in ((OTHER_SCHOOL, 1), ("2152939999", 0)):
        scope = Scope.schools([school])
        assert len(asked(facts, transfers, "11-20", scope=scope, all_=True)) == seen


def test_one_that_left_the_county_and_came_back_did_not_arrive_where_it_went(
    facts: Facts,
) -> None:
    start(facts, to="3152699999")
    confirm(facts, "11-12")
    came(facts)
    rows = in_order(facts)
    assert [(r.direction, r.state, r.arrived_on) for r in rows] == [
        (Direction.OUT, TransferState.CONFIRMED, None),
        (Direction.IN, TransferState.ARRIVED, day("11-16")),
    ]


def test_with_the_enrolment_that_never_was_the_arrival_never_was(facts: Facts) -> None:
    start(facts)
    confirm(facts, "11-12")
    came(facts)
    before = facts.head()
    facts.tell(e.EnrolmentUndone, LI, "11-16")
    rows = in_order(facts)
    assert [(r.direction, r.state) for r in rows] == [(Direction.OUT, TransferState.CONFIRMED)]
    known = in_order(facts, before)
    assert [r.direction for r in known] == [Direction.OUT, Direction.IN]
    assert facts.projector.check("movements").equal


def test_facts_of_a_child_without_a_leave_or_transfer_are_not_kept(facts: Facts) -> None:
    kinds: tuple[type[DomainEvent], ...] = (*ENDED_BY, lv.LeaveExpired, lv.TransferLapsed)
    for kind in kinds:
        if kind is not lv.TransferStarted:
            told(facts, kind, WANG, "11-10")
    facts.fold()
    with facts.reading() as reading:
        handled = tuple(movements.HANDLERS)
        at: dict[str, Any] = {"as_of": day("12-01"), "position": facts.head()}
        assert movements.movements(reading, handled, **at) == {}


def test_folded_in_steps_equals_folded_at_once(facts: Facts) -> None:
    for kind in (*KINDS, *ENDED_BY):
        told(facts, kind, LI, "11-10")
        facts.fold()
    grant(facts, WANG)
    facts.fold()
    assert facts.projector.check("movements").equal
    assert [lag.parked for lag in facts.projector.lag()][-1] == 0


def test_the_ledgers_show_what_the_county_decided(county: CaseCounty) -> None:
    on = county.days[3]
    county.on(on)
    decision = LeaveDecision(
        occurred_on=on,
        effective_from=on,
        until=on + timedelta(days=30),
        approver="bureau",
        approver_role="bureau_officer",
        document="剑教〔2025〕1号",
        evidence_ref="paper",
        committee_ref="committee",
    )
    county.decide(lambda child, ctx: leaves.suspend(child, ctx, decision))
    first, county.child = county.child, county.pupils[county.state().class_key or ""][1]
    county.decide(
        lambda child, ctx: departures.start_transfer(
            child, ctx, on=on, receiving_school="2152939999", document="d", confirm_by=None
        )
    )
    [suspended] = sheet(county, "leave", on)
    assert (suspended["kind"], suspended["state"]) == ("suspended", "running")
    assert suspended["child_id"] == str(first)
    assert [row["child_id"] for row in sheet(county, "placement", on)] == [str(first)]
    [gone] = sheet(county, "transfers", on)
    assert (gone["child_id"], gone["state"], gone["grade"]) == (
        str(county.child),
        "under_way",
        3,
    )
    assert ask(county, leave, on, scope=Scope.nothing()) == []
