"""疑似辍学学生台账: which suspicions stand, as of a day, as known then, and who sees them."""

from __future__ import annotations

from uuid import UUID

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.case.case import case_stream
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from projections import suspected as module
from projections.scope import Scope
from projections.suspected import SuspectedRow
from tests.projections.suspected_helps import (
    DECISIONS,
    absent,
    ask,
    clear,
    facts,
    one,
    revise,
    spans,
    submit,
    suspect,
    who,
)
from tests.projections.suspected_store import (
    CLASS,
    COUNTY,
    LI,
    OTHER_CLASS,
    SCHOOL,
    WANG,
    Facts,
    day,
    days,
)

__all__ = ["facts"]


def test_a_suspicion_holds_from_the_day_it_came_true(facts: Facts) -> None:
    suspect(facts, LI)
    assert ask(facts, "11-05") == []
    assert one(facts, "11-06") == SuspectedRow(
        child=LI,
        school_code=SCHOOL,
        class_key=CLASS,
        grade=1,
        episode=1,
        source=SuspicionSource.ABSENCE,
        first_absent_on=day("11-02"),
        unexplained_days=5,
        suspected_on=day("11-06"),
        status=TrackingStatus.SUSPECTED,
        attending_since=None,
        case_id=case_stream(COUNTY, LI, 1),
        case_teacher=None,
        case_teacher_id=None,
        due="verify",
        due_on=day("11-13"),
        ground_changed=False,
        closed_on=None,
        how=None,
        finding=None,
    )


def test_a_suspicion_was_not_known_before_it_was_recorded(facts: Facts) -> None:
    before = facts.head()
    suspect(facts, LI)
    assert ask(facts, "11-06", before) == []


def test_two_children_keep_their_own_dates_and_days(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG, "11-03", "11-04", "11-05", "11-06", "11-09")
    absent(facts, WANG, "11-10")
    rows = {row.child: (row.suspected_on, row.unexplained_days) for row in ask(facts, "11-10")}
    assert rows == {LI: (day("11-06"), 5), WANG: (day("11-09"), 6)}


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.county(), {LI, WANG}),
        (Scope.schools([SCHOOL]), {LI}),
        (Scope.classes([OTHER_CLASS]), {WANG}),
        (Scope.villages(["522699100"]), {LI}),
        (Scope.nothing(), set()),
    ],
)
def test_a_scope_sees_its_own_children_only(facts: Facts, scope: Scope, seen: set[UUID]) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    assert who(ask(facts, "11-06", scope=scope, all_=True)) == seen


def test_rows_stand_by_school_and_class(facts: Facts) -> None:
    suspect(facts, WANG)
    suspect(facts, LI)
    assert [row.child for row in ask(facts, "11-06")] == [LI, WANG]


def test_a_change_to_a_suspicion_that_never_began_is_parked_and_named(facts: Facts) -> None:
    suspect(facts, WANG)
    facts.tell(e.SuspicionGroundChanged, LI, "11-06", episode=1)
    assert who(ask(facts, "11-06")) == {WANG}
    with facts.reading() as reading:
        assert [p.subject for p in reading.parked("suspected")] == [str(LI)]


def test_a_suspicion_that_holds_on_other_ground_says_which(facts: Facts) -> None:
    suspect(facts, LI)
    facts.fold()
    (before,) = ask(facts, "11-09")
    now = {"was_suspected_on": day("11-06"), "episode": 1, "first_absent_on": day("11-03")}
    ground = {"source": SuspicionSource.OPENING, "rule": "opening_day_5"}
    facts.tell(e.SuspicionRevised, LI, "11-09", **now, **ground)
    facts.fold()
    (after,) = ask(facts, "11-09")
    assert (before.source, after.source) == (SuspicionSource.ABSENCE, SuspicionSource.OPENING)
    assert facts.projector.check("suspected").equal


def test_rebuilt_suspicions_are_the_same_rows(facts: Facts) -> None:
    suspect(facts, LI)
    facts.fold()
    suspect(facts, WANG)
    absent(facts, LI, "11-09")
    submit(facts, "11-10", Session.MORNING)
    spans(facts, WANG, "11-11", (day("11-09"), day("11-11"), None))
    facts.fold()
    revise(facts, LI, "11-09", days("11-03", "11-04", "11-05", "11-06", "11-09"))
    submit(facts, "11-10", Session.FULL)
    spans(facts, WANG, "11-13", (day("11-09"), day("11-11"), day("11-13")))
    facts.tell(e.AbsenceVoided, WANG, "11-06", class_key=OTHER_CLASS, was=Reason.UNEXPLAINED)
    facts.fold()
    clear(facts, WANG, "11-16")
    before = ask(facts, "11-16", all_=True)
    past = ask(facts, "11-09", facts.head() - 3)
    assert facts.projector.check("suspected").equal
    facts.projector.rebuild(["suspected"])
    assert ask(facts, "11-16", all_=True) == before
    assert ask(facts, "11-09", facts.head() - 3) == past


def test_every_event_it_handles_stands_in_a_test() -> None:
    told = {
        e.DropoutSuspected,
        e.SuspicionRevised,
        e.SuspicionGroundChanged,
        e.SuspicionWithdrawn,
        e.SuspicionCleared,
        e.SuspicionOvertaken,
        e.SuspectAttendanceChanged,
        e.EnrolmentUndone,
        e.AbsenceRecorded,
        e.AbsenceExplained,
        e.AbsenceVoided,
        e.AbsenceSetAside,
        RollCallSubmitted,
        RollCallVoided,
        lv.TransferCancelled,
        *DECISIONS,
    }
    assert set(module.PROJECTION.handles) == told
