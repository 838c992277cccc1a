"""The history of cases: on which days a case is there, and that every fact of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case.codes import CaseKind, EvidenceKind, Stage
from ckbx.domain.child.events import AbsenceWarned, AbsenceWarningWithdrawn
from ckbx.domain.child.relapse import RULE_ALARM
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.legal.events import LegalStepsOpened
from ckbx.domain.shared.event import DomainEvent
from projections import cases, responsibility, roll_call_completeness, roster, suspected
from projections.cases_fold import COURSE, HANDLERS, LEGAL_ACTS, WORK
from projections.scope import Scope
from tests.compat.golden import sample
from tests.projections.suspected_store import (
    CLASS,
    LI,
    NAMES,
    OTHER_CLASS,
    OTHER_SCHOOL,
    SCHOOL,
    WANG,
    Facts,
    day,
)

OF_LI, OF_WANG, STEPS = (uuid5(NAMES, each) for each in ("case li", "case wang", "steps"))
CHILD_OF = {OF_LI: LI, OF_WANG: WANG}
NEXT = uuid5(NAMES, "next")


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    """Two children at two schools, each with a case since 6 November."""
    others = (roster, responsibility, roll_call_completeness, suspected, cases)
    told = Facts(tmp_path, [each.PROJECTION for each in others])
    told.child(LI, SCHOOL, CLASS, village="522699100200")
    told.child(WANG, OTHER_SCHOOL, OTHER_CLASS, grade=7, village="522699101201")
    for case in CHILD_OF:
        opened(told, case)
    yield told
    told.close()


def opened(facts: Facts, case: UUID) -> int:
    return facts.tell(
        ev.CaseOpened,
        case,
        "11-06",
        child=CHILD_OF[case],
        episode=1,
        kind=CaseKind.DROPOUT,
        source=SuspicionSource.ABSENCE,
        first_absent_on=day("11-02"),
        rule="absence_run_5",
        rule_version=0,
        school=SCHOOL,
    )


def on(facts: Facts, when: str, position: int | None = None, **more: Any) -> set[UUID]:
    """The cases of a day."""
    return {each.case.id for each in found(facts, when, position, **more)}


def found(
    facts: Facts, when: str, position: int | None = None, **more: Any
) -> list[cases.CaseOnDay]:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    known = facts.head() if position is None else position
    with facts.reading() as reading:
        return cases.cases_on(reading, scope, as_of=day(when), position=known, **more)


def stage(facts: Facts, when: str, position: int | None = None) -> Stage:
    return next(e.case.stage for e in found(facts, when, position) if e.case.id == OF_LI)


def test_a_case_is_there_from_the_day_of_its_suspicion(facts: Facts) -> None:
    assert on(facts, "11-05") == set()
    assert on(facts, "11-06") == {OF_LI, OF_WANG}
    assert on(facts, "11-06", scope=Scope.schools([SCHOOL])) == {OF_LI}
    assert on(facts, "11-06", scope=Scope.villages(["522699101"])) == {OF_WANG}
    assert on(facts, "11-06", scope=Scope.nothing()) == set()
    assert on(facts, "11-06", children=[WANG]) == {OF_WANG}


@pytest.mark.parametrize(
    ("to", "there", "not_there"), [("11-10", "11-10", "11-09"), ("11-04", "11-04", "11-03")]
)
def test_after_a_revision_the_old_dates_never_were(
    facts: Facts, to: str, there: str, not_there: str
) -> None:
    before = facts.head()
    was = {"was_suspected_on": day("11-06"), "first_absent_on": day("11-01")}
    facts.tell(ev.CaseRevised, OF_LI, to, **was)
    assert OF_LI in on(facts, there)
    assert OF_LI not in on(facts, not_there)
    [row] = [e for e in found(facts, "11-20") if e.case.id == OF_LI]
    assert (row.case.suspected_on, row.case.first_absent_on) == (day(to), day("11-01"))
    assert OF_LI in on(facts, "11-06", before)
    assert OF_WANG in on(facts, "11-06")


def test_a_withdrawn_case_never_was_and_was_believed_before(facts: Facts) -> None:
    before = facts.head()
    facts.tell(ev.CaseWithdrawn, OF_LI, "11-06")
    assert on(facts, "11-20") == {OF_WANG}
    assert on(facts, "11-20", before) == {OF_LI, OF_WANG}


def test_a_concluded_case_is_open_and_no_longer_worked_on_from_its_day(facts: Facts) -> None:
    facts.tell(ev.CaseConcluded, OF_LI, "11-12", how=TrackingStatus.SUSPENDED, because="b")
    assert on(facts, "11-11", which=cases.WORKED_ON) == {OF_LI, OF_WANG}
    assert on(facts, "11-12", which=cases.WORKED_ON) == {OF_WANG}
    assert on(facts, "11-12", which=cases.OPEN) == {OF_LI, OF_WANG}
    assert (stage(facts, "11-11"), stage(facts, "11-12")) == (Stage.OPEN, Stage.CONCLUDED)


def test_a_closed_case_is_open_again_from_the_day_of_its_reopening(facts: Facts) -> None:
    facts.tell(ev.CaseConcluded, OF_LI, "11-12", how=TrackingStatus.SUSPENDED, because="b")
    proof = {"evidence": EvidenceKind.LEAVE, "evidence_ref": "p", "approver_role": "principal"}
    facts.tell(ev.CaseClosed, OF_LI, "11-13", **proof)
    closed = facts.head()
    facts.tell(ev.CaseReopened, OF_LI, "11-16", reason_ref=NEXT)
    open_on = {d: OF_LI in on(facts, d, which=cases.OPEN) for d in ("11-12", "11-13", "11-16")}
    assert open_on == {"11-12": True, "11-13": False, "11-16": True}
    assert OF_LI not in on(facts, "11-16", closed, which=cases.OPEN)
    assert (stage(facts, "11-13"), stage(facts, "11-16")) == (Stage.CLOSED, Stage.CONCLUDED)


def test_a_relapse_ends_a_case_until_it_is_taken_back_for_good(facts: Facts) -> None:
    back(facts)
    facts.tell(ev.CaseRelapsed, OF_LI, "11-18", next_case=NEXT)
    relapsed = facts.head()
    assert OF_LI not in on(facts, "11-18", which=cases.OPEN)
    assert stage(facts, "11-18") is Stage.RELAPSED
    facts.tell(ev.CaseRelapseWithdrawn, OF_LI, "11-20", next_case=NEXT)
    for when in ("11-17", "11-18", "11-19", "11-20"):
        assert OF_LI in on(facts, when, which=cases.WORKED_ON)
        assert stage(facts, when) is Stage.RETURNED
    assert OF_LI not in on(facts, "11-18", relapsed, which=cases.OPEN)


def back(facts: Facts) -> None:
    where = {"unexplained_days": 20, "rounds": 2, "whereabouts": Whereabouts.AT_HOME}
    facts.tell(oc.DropoutDetermined, OF_LI, "11-10", **where)
    placed = {"placement": Placement.ORIGINAL_CLASS, "class_key": CLASS}
    facts.tell(oc.ChildReturned, OF_LI, "11-12", **placed)


def test_dropped_out_and_returned_hold_from_their_days(facts: Facts) -> None:
    back(facts)
    assert on(facts, "11-09", which=cases.DROPPED_OUT) == set()
    assert on(facts, "11-10", which=cases.DROPPED_OUT) == {OF_LI}
    assert (stage(facts, "11-11"), stage(facts, "11-12")) == (Stage.DETERMINED, Stage.RETURNED)
    facts.tell(oc.StabilityConfirmed, OF_LI, "11-19")
    assert (stage(facts, "11-18"), stage(facts, "11-19")) == (Stage.RETURNED, Stage.SETTLED)
    assert on(facts, "11-19", which=cases.WORKED_ON) == {OF_WANG}
    assert on(facts, "11-19", which=cases.OPEN) == {OF_LI, OF_WANG}


def test_what_is_recorded_late_holds_from_its_own_day(facts: Facts) -> None:
    back(facts)
    facts.tell(ev.CaseConcluded, OF_LI, "11-14", how=TrackingStatus.TRANSFERRED, because="b")
    when = {d: OF_LI in on(facts, d, which=cases.WORKED_ON) for d in ("11-13", "11-14")}
    assert when == {"11-13": True, "11-14": False}


def test_only_a_second_case_follows_a_return(facts: Facts) -> None:
    back(facts)
    facts.tell(ev.CaseRelapsed, OF_LI, "11-18", next_case=NEXT)
    second = {"child": LI, "episode": 2, "kind": CaseKind.DROPOUT, "relapse_of": OF_LI}
    of = {"source": SuspicionSource.RELAPSE, "rule": "r", "rule_version": 0}
    facts.tell(ev.CaseOpened, NEXT, "11-18", first_absent_on=day("11-16"), **second, **of)
    rows = found(facts, "11-18")
    with facts.reading() as reading:
        at: dict[str, Any] = {"as_of": day("11-18"), "position": facts.head()}
        assert cases.returned_before(reading, rows, **at) == {NEXT}


def test_alarms_are_kept_by_their_rule_and_fall_with_a_correction(facts: Facts) -> None:
    warned = {"rule_version": 0, "evidence": ["e"]}
    for child in (LI, WANG):
        facts.tell(AbsenceWarned, child, "11-10", rule=RULE_ALARM, **warned)
    facts.tell(AbsenceWarned, LI, "11-11", rule="absence_run_3", **warned)
    before = facts.head()
    facts.tell(AbsenceWarningWithdrawn, LI, "11-11", rule="absence_run_3")
    facts.tell(AbsenceWarningWithdrawn, LI, "11-10", rule=RULE_ALARM)
    assert rung(facts, "11-12", before) == {LI: [day("11-10")], WANG: [day("11-10")]}
    assert rung(facts, "11-12", facts.head()) == {WANG: [day("11-10")]}
    assert rung(facts, "11-09", before) == {}


def rung(facts: Facts, when: str, position: int) -> dict[UUID, list[date]]:
    facts.fold()
    with facts.reading() as reading:
        return cases.alarms(reading, [LI, WANG], as_of=day(when), position=position)


def told(facts: Facts, kind: type[DomainEvent], stream: UUID, when: str) -> None:
    """A fact with some value in every field of its own."""
    envelope = set(DomainEvent.__struct_fields__)
    fields = {k: v for k, v in msgspec.structs.asdict(sample(kind)).items() if k not in envelope}
    fields |= {"number": 1} if "number" in fields else {}  # what is answered was sent
    facts.tell(kind, stream, when, **fields)


def kept(facts: Facts, case: UUID) -> set[str]:
    facts.fold()
    with facts.reading() as reading:
        known = cases.facts_of_cases(reading, [case], facts.head())
    return {type(fact.event).__name__ for fact in known.get(case, [])}


def test_every_fact_of_a_case_and_of_its_legal_steps_is_kept_with_it(facts: Facts) -> None:
    course = [each for each in COURSE if each is not ev.CaseOpened]
    for kind in (*WORK, *course):
        told(facts, kind, OF_LI, "11-10")
        if kind is ev.CaseWithdrawn:  # with it the case is gone
            facts.fold()
            opened(facts, OF_LI)
    facts.tell(LegalStepsOpened, STEPS, "11-10", case=OF_LI, child=LI)
    for kind in LEGAL_ACTS:
        told(facts, kind, STEPS, "11-10")
    wanted = {each.__name__ for each in HANDLERS} - {"AbsenceWarned", "AbsenceWarningWithdrawn"}
    assert kept(facts, OF_LI) == wanted
    assert kept(facts, OF_WANG) == {"CaseOpened"}
    assert [lag.parked for lag in facts.projector.lag()] == [0] * 5


@pytest.mark.parametrize("kind", [ev.CaseClosed, oc.FollowUpMade, LEGAL_ACTS[0]])
def test_a_fact_without_its_beginning_is_parked_alone(
    facts: Facts, kind: type[DomainEvent]
) -> None:
    told(facts, kind, uuid5(NAMES, "nobody"), "11-10")
    assert on(facts, "11-10") == {OF_LI, OF_WANG}
    with facts.reading() as reading:
        [parked] = reading.parked("cases")
    assert parked.topic == kind.TOPIC
    assert parked.error


def test_folded_at_once_and_one_by_one_give_the_same(facts: Facts) -> None:
    facts.fold()
    back(facts)
    facts.fold()
    facts.tell(ev.CaseRelapsed, OF_LI, "11-18", next_case=NEXT)
    facts.fold()
    facts.tell(ev.CaseRelapseWithdrawn, OF_LI, "11-18", next_case=NEXT)
    was = {"was_suspected_on": day("11-06"), "first_absent_on": day("11-03")}
    facts.tell(ev.CaseRevised, OF_LI, "11-09", **was)
    facts.tell(ev.CaseWithdrawn, OF_WANG, "11-06")
    facts.fold()
    assert facts.projector.check("cases").equal
