"""How does a suspicion end, and from which day on?"""

from __future__ import annotations

from typing import Any

import pytest

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.child.transitions import TRANSITIONS
from projections import suspected as module
from projections.suspected_fold import ENDED_BY
from tests.projections.suspected_helps import (
    DECISIONS,
    RUN,
    absent,
    ask,
    clear,
    facts,
    one,
    suspect,
    who,
)
from tests.projections.suspected_store import CLASS, LI, OTHER_CLASS, WANG, Facts, day, days

__all__ = ["facts"]


def test_a_cleared_suspicion_holds_up_to_the_day_before_the_clearing(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    absent(facts, LI, "11-09")
    facts.tell(e.AttendanceResumed, LI, "11-10", class_key=CLASS)
    clear(facts, LI, "11-10")
    assert who(ask(facts, "11-09")) == {LI, WANG}
    assert who(ask(facts, "11-10")) == {WANG}
    assert who(ask(facts, "11-10", before)) == {LI, WANG}
    row = one(facts, "11-20", all_=True)
    assert (row.closed_on, row.how, row.finding) == (day("11-10"), "cleared", "A")
    assert (row.status, row.due_on) == (TrackingStatus.ENROLLED, None)
    open_ = one(facts, "11-09", all_=True)
    assert (open_.closed_on, open_.how, open_.status) == (None, None, TrackingStatus.SUSPECTED)


def test_a_second_suspicion_stands_beside_the_first_one(facts: Facts) -> None:
    suspect(facts, LI)
    clear(facts, LI, "11-09")
    suspect(facts, LI, "11-10", "11-11", "11-12", "11-13", "11-16", episode=2)
    row = one(facts, "11-16")
    assert (row.episode, row.unexplained_days) == (2, 5)
    both = [r for r in ask(facts, "11-16", all_=True) if r.child == LI]
    assert [(r.episode, r.unexplained_days) for r in both] == [(1, 5), (2, 5)]


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda event: event.__name__)
def test_a_decision_ends_the_suspicion_of_its_own_child_on_its_day(
    facts: Facts, decision: type[Any]
) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    facts.tell(decision, LI, "11-10", **DECISIONS[decision])
    assert who(ask(facts, "11-09")) == {LI, WANG}
    assert who(ask(facts, "11-10")) == {WANG}
    assert who(ask(facts, "11-10", before)) == {LI, WANG}
    [row] = [row for row in ask(facts, "11-10", all_=True) if row.child == LI]
    assert (row.closed_on, row.how) == (day("11-10"), ENDED_BY[decision].value)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda event: event.__name__)
def test_a_decision_about_a_child_nobody_suspects_changes_nothing(
    facts: Facts, decision: type[Any]
) -> None:
    suspect(facts, WANG)
    facts.tell(decision, LI, "11-10", **DECISIONS[decision])
    assert who(ask(facts, "11-10", all_=True)) == {WANG}
    with facts.reading() as reading:
        assert reading.parked("suspected") == []


def test_a_leave_granted_before_ends_the_suspicion_on_its_first_day(facts: Facts) -> None:
    absent(facts, LI, *RUN)
    told = facts.tell(
        e.DropoutSuspected,
        LI,
        RUN[-1],
        episode=1,
        source=SuspicionSource.ABSENCE,
        first_absent_on=day(RUN[0]),
        absent_days=days(*RUN),
        rule="absence_run_5",
        rule_version=0,
        until=day("11-10"),
        followed_by=TrackingStatus.SUSPENDED,
    )
    assert [who(ask(facts, on)) for on in ("11-09", "11-10")] == [{LI}, set()]
    over = {"episode": 1, "followed_by": TrackingStatus.SUSPENDED}
    facts.tell(e.SuspicionOvertaken, LI, "11-10", **over)
    assert [who(ask(facts, on)) for on in ("11-09", "11-10")] == [{LI}, set()]
    row = one(facts, "11-10", all_=True)
    assert (row.closed_on, row.how) == (day("11-10"), "suspended")
    assert one(facts, "11-10", told, all_=True) == row


def test_a_withdrawal_goes_before_the_leave_that_was_to_take_over(facts: Facts) -> None:
    over = {"until": day("11-10"), "followed_by": TrackingStatus.SUSPENDED}
    absent(facts, LI, *RUN)
    facts.tell(
        e.DropoutSuspected,
        LI,
        RUN[-1],
        episode=1,
        source=SuspicionSource.ABSENCE,
        first_absent_on=day(RUN[0]),
        rule="absence_run_5",
        rule_version=0,
        **over,
    )
    facts.tell(e.SuspicionWithdrawn, LI, RUN[-1], episode=1)
    assert ask(facts, "11-09", all_=True) == []


def test_a_day_set_aside_counts_no_more_unless_another_class_said_it(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09", "11-10")
    aside = {"class_key": CLASS, "was": Reason.UNEXPLAINED}
    facts.tell(e.AbsenceSetAside, LI, "11-09", **aside)
    facts.tell(e.AbsenceSetAside, LI, "11-10", class_key=OTHER_CLASS)
    assert one(facts, "11-10").unexplained_days == 6
    assert one(facts, "11-10", before).unexplained_days == 7


def test_a_later_decision_does_not_end_again_what_was_cleared(facts: Facts) -> None:
    suspect(facts, LI)
    clear(facts, LI, "11-09")
    facts.tell(lv.TransferStarted, LI, "11-10", **DECISIONS[lv.TransferStarted])
    row = one(facts, "11-10", all_=True)
    assert (row.closed_on, row.how) == (day("11-09"), "cleared")


def test_a_suspicion_goes_on_where_the_transfer_that_ended_it_is_cancelled(facts: Facts) -> None:
    suspect(facts, LI)
    before = facts.tell(lv.TransferStarted, LI, "11-09", **DECISIONS[lv.TransferStarted])
    facts.tell(lv.TransferCancelled, LI, "11-10")
    row = one(facts, "11-10")
    assert (row.suspected_on, row.closed_on, row.how) == (day("11-06"), None, None)
    assert ask(facts, "11-10", before) == []
    clear(facts, LI, "11-11")
    facts.tell(lv.TransferStarted, LI, "11-12", **DECISIONS[lv.TransferStarted])
    facts.tell(lv.TransferCancelled, LI, "11-13")
    assert ask(facts, "11-13") == []


def test_what_rested_on_an_undone_enrolment_never_was(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    facts.tell(e.EnrolmentUndone, LI, "09-01")
    assert who(ask(facts, "11-06", all_=True)) == {WANG}
    assert who(ask(facts, "11-06", before)) == {LI, WANG}


def test_every_step_out_of_suspicion_in_the_matrix_is_handled() -> None:
    suspected_ = TrackingStatus.SUSPECTED
    out = {row.event for row in TRANSITIONS if suspected_ in row.from_ and row.to is not None}
    assert out <= set(module.PROJECTION.handles)


def test_what_comes_after_a_confirmed_dropout_leaves_the_day_its_suspicion_ended(
    facts: Facts,
) -> None:
    suspect(facts, LI)
    facts.tell(rt.DropoutConfirmed, LI, "11-10", **DECISIONS[rt.DropoutConfirmed])
    facts.tell(e.SuspicionGroundChanged, LI, "11-06", episode=1)
    cleared = {"finding": Finding.A, "evidence_ref": "p", "decided_by": "bureau_officer"}
    facts.tell(e.SuspicionCleared, LI, "11-12", episode=1, **cleared)
    [row] = [row for row in ask(facts, "11-13", all_=True) if row.child == LI]
    assert (row.closed_on, row.how, row.ground_changed) == (day("11-10"), "dropped_out", True)
