"""疑似辍学学生台账: episodes, their days and their attending, as of a day, as known then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.events import (
    ClosureConfirmed,
    ClosureDeclared,
    ClosureRejected,
    ClosureReported,
    DayLineWithdrawn,
    MakeUpDaySet,
    TermSet,
    TermWithdrawn,
    YearConfirmationWithdrawn,
    YearConfirmed,
)
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.child.transitions import TRANSITIONS
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.responsibility import events as re
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.rules.events import RulePackAdopted
from ckbx.domain.rules.rule_pack import make_rule_pack, rules_as_map
from projections import responsibility, roll_call_completeness, roster
from projections import suspected as module
from projections.scope import Scope
from projections.suspected import SuspectedRow, suspected, withdrawals
from projections.suspected_fold import ENDED_BY
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
    days,
)

CALENDAR, POSTS = uuid5(NAMES, "calendar"), uuid5(NAMES, "posts")
RULES, ROLL = uuid5(NAMES, "rules"), uuid5(NAMES, "roll")
RUN = ("11-02", "11-03", "11-04", "11-05", "11-06")
OTHERS = (roster.PROJECTION, responsibility.PROJECTION, roll_call_completeness.PROJECTION)
CLASS_OF = {LI: CLASS, WANG: OTHER_CLASS}


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    """Two children at two schools, and the autumn term of 2026."""
    told = Facts(tmp_path, [*OTHERS, module.PROJECTION])
    told.child(LI, SCHOOL, CLASS, village="522699100200")
    told.child(WANG, OTHER_SCHOOL, OTHER_CLASS, grade=7, village="522699101201")
    told.tell(TermSet, CALENDAR, "08-01", **TERM, last_day=date(2027, 1, 15))
    yield told
    told.close()


TERM = {"school_year": 2026, "term": "autumn", "first_day": day("09-01")}


def absent(
    facts: Facts, child: UUID, *on: str, reason: Reason = Reason.UNEXPLAINED, **more: Any
) -> int:
    told = 0
    for each in on:
        of = {"class_key": CLASS_OF[child], "reason": reason}
        told = facts.tell(e.AbsenceRecorded, child, each, **of, **more)
    return told


def suspect(facts: Facts, child: UUID, *run: str, episode: int = 1) -> int:
    """The absences of a run, and the suspicion on its last day."""
    run = run or RUN
    absent(facts, child, *run)
    return facts.tell(
        e.DropoutSuspected,
        child,
        run[-1],
        episode=episode,
        source=SuspicionSource.ABSENCE,
        first_absent_on=day(run[0]),
        absent_days=days(*run),
        rule="absence_run_5",
        rule_version=0,
    )


def ask(facts: Facts, on: str, position: int | None = None, **more: Any) -> list[SuspectedRow]:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    with facts.reading() as reading:
        known = facts.head() if position is None else position
        return suspected(reading, scope, as_of=day(on), position=known, **more)


def one(facts: Facts, on: str, position: int | None = None, **more: Any) -> SuspectedRow:
    [row] = [row for row in ask(facts, on, position, **more) if row.child == LI]
    return row


def who(rows: list[SuspectedRow]) -> set[UUID]:
    return {row.child for row in rows}


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
        case_id=None,
        case_teacher=None,
        case_teacher_id=None,
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


# Unexplained days


def test_unexplained_days_grow_up_to_the_day_asked_about(facts: Facts) -> None:
    suspect(facts, LI)
    absent(facts, LI, "11-09", "11-10")
    assert [one(facts, d).unexplained_days for d in ("11-06", "11-09", "11-10")] == [5, 6, 7]


def test_an_excused_day_is_no_unexplained_day(facts: Facts) -> None:
    suspect(facts, LI)
    absent(facts, LI, "11-09", reason=Reason.SICK)
    assert one(facts, "11-09").unexplained_days == 5


def test_days_before_the_run_are_not_counted(facts: Facts) -> None:
    absent(facts, LI, "10-12")
    suspect(facts, LI)
    assert one(facts, "11-06").unexplained_days == 5


def test_an_explanation_takes_a_day_away_as_known_from_then_on(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09")
    fix = {"class_key": CLASS, "was": Reason.UNEXPLAINED}
    facts.tell(e.AbsenceExplained, LI, "11-09", **fix, reason=Reason.SICK)
    assert one(facts, "11-09").unexplained_days == 5
    assert one(facts, "11-09", before).unexplained_days == 6


def test_a_sick_leave_found_untrue_adds_a_day(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09", reason=Reason.SICK)
    fix = {"class_key": CLASS, "was": Reason.SICK}
    facts.tell(e.AbsenceExplained, LI, "11-09", **fix, reason=Reason.UNVERIFIED)
    assert one(facts, "11-09").unexplained_days == 6
    assert one(facts, "11-09", before).unexplained_days == 5


def test_a_voided_absence_takes_its_day_from_its_own_child_only(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    before = facts.head()
    facts.tell(e.AbsenceVoided, LI, "11-03", class_key=CLASS, was=Reason.UNEXPLAINED)
    counts = {row.child: row.unexplained_days for row in ask(facts, "11-06")}
    assert counts == {LI: 4, WANG: 5}
    assert one(facts, "11-06", before).unexplained_days == 5


def test_days_recorded_before_a_late_found_suspicion_count_too(facts: Facts) -> None:
    absent(facts, LI, "11-09", "11-10")
    suspect(facts, LI)
    assert one(facts, "11-10").unexplained_days == 7


def test_days_that_only_the_suspicion_names_count(facts: Facts) -> None:
    fields = {"source": SuspicionSource.OPENING, "rule": "opening", "rule_version": 0}
    named = {"first_absent_on": day("09-01"), "absent_days": days("09-01", "09-02")}
    facts.tell(e.DropoutSuspected, LI, "09-07", episode=1, **fields, **named)
    row = one(facts, "09-07")
    assert (row.unexplained_days, row.source) == (2, SuspicionSource.OPENING)


@pytest.mark.parametrize(
    ("later", "count"),
    [
        ((), 5),
        ((Session.AFTERNOON,), 6),
        ((Session.FULL,), 6),
    ],
)
def test_a_half_reported_day_is_silent(
    facts: Facts, later: tuple[Session, ...], count: int
) -> None:
    suspect(facts, LI)
    for session in (Session.MORNING, *later):
        submit(facts, "11-09", session)
    absent(facts, LI, "11-09", session=Session.MORNING)
    assert one(facts, "11-09").unexplained_days == count


def test_a_half_put_aside_leaves_the_day_silent_again(facts: Facts) -> None:
    suspect(facts, LI)
    submit(facts, "11-09", Session.MORNING)
    absent(facts, LI, "11-09", session=Session.MORNING)
    before = submit(facts, "11-09", Session.AFTERNOON)
    half = {"class_key": CLASS, "session": Session.AFTERNOON, "replaces": 2}
    facts.tell(RollCallVoided, ROLL, "11-09", **half)
    assert one(facts, "11-09").unexplained_days == 5
    assert one(facts, "11-09", before).unexplained_days == 6


def submit(facts: Facts, on: str, session: Session) -> int:
    counts = {"expected": 40, "present": 39, "roll": 40, "submitted_by": "teacher1"}
    of = {"class_key": CLASS, "session": session, "absent": {LI: Reason.UNEXPLAINED}}
    return facts.tell(RollCallSubmitted, ROLL, on, **of, **counts)


# What corrections do


def test_a_withdrawn_suspicion_never_was_but_was_known(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    facts.tell(e.SuspicionWithdrawn, LI, "11-06", episode=1)
    assert who(ask(facts, "11-09")) == {WANG}
    assert who(ask(facts, "11-09", all_=True)) == {WANG}
    assert who(ask(facts, "11-09", before)) == {LI, WANG}
    facts.fold()
    with facts.reading() as reading:
        known = facts.head()
        gone = withdrawals(reading, Scope.county(), as_of=day("11-09"), position=known)
        hidden = withdrawals(
            reading, Scope.schools([OTHER_SCHOOL]), as_of=day("11-09"), position=known
        )
    assert [(w.child, w.suspected_on) for w in gone] == [(LI, day("11-06"))]
    assert hidden == []


def test_a_revised_suspicion_never_held_its_old_dates(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    absent(facts, LI, "11-09")
    revise(facts, LI, "11-09", days("11-03", "11-04", "11-05", "11-06", "11-09"))
    assert who(ask(facts, "11-06")) == {WANG}
    row = one(facts, "11-09")
    assert (row.suspected_on, row.first_absent_on) == (day("11-09"), day("11-03"))
    assert row.unexplained_days == 5
    was = one(facts, "11-06", before)
    assert (was.suspected_on, was.first_absent_on) == (day("11-06"), day("11-02"))
    assert {r.suspected_on for r in ask(facts, "11-09") if r.child == WANG} == {day("11-06")}


def test_a_revision_says_exactly_which_days_count(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09")
    revise(facts, LI, "11-10", days("11-03", "11-05", "11-06", "11-09", "11-10"))
    assert one(facts, "11-10").unexplained_days == 5
    assert one(facts, "11-10", before).unexplained_days == 6


def test_a_revision_keeps_a_day_that_waits_for_its_second_half(facts: Facts) -> None:
    suspect(facts, LI)
    submit(facts, "11-09", Session.MORNING)
    absent(facts, LI, "11-09", session=Session.MORNING)
    absent(facts, LI, "11-10")
    revise(facts, LI, "11-10", days("11-03", "11-04", "11-05", "11-06", "11-10"))
    assert one(facts, "11-10").unexplained_days == 5
    submit(facts, "11-09", Session.AFTERNOON)
    assert one(facts, "11-10").unexplained_days == 6


def revise(facts: Facts, child: UUID, on: str, run: list[date]) -> int:
    was = {"was_suspected_on": day("11-06"), "episode": 1}
    found = {"first_absent_on": run[0], "absent_days": run}
    return facts.tell(e.SuspicionRevised, child, on, **was, **found)


def test_a_ground_that_fell_away_is_marked_and_a_revision_clears_the_mark(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    facts.tell(e.SuspicionGroundChanged, LI, "11-06", episode=1)
    marks = {row.child: row.ground_changed for row in ask(facts, "11-09")}
    assert marks == {LI: True, WANG: False}
    assert not one(facts, "11-09", before).ground_changed
    revise(facts, LI, "11-09", days("11-03", "11-04", "11-05", "11-06", "11-09"))
    assert not one(facts, "11-09").ground_changed


# How suspicions end


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


def clear(facts: Facts, child: UUID, on: str, episode: int = 1) -> int:
    how = {"finding": Finding.A, "evidence_ref": "p1", "decided_by": "principal"}
    return facts.tell(e.SuspicionCleared, child, on, episode=episode, **how)


def test_a_second_suspicion_stands_beside_the_first_one(facts: Facts) -> None:
    suspect(facts, LI)
    clear(facts, LI, "11-09")
    suspect(facts, LI, "11-10", "11-11", "11-12", "11-13", "11-16", episode=2)
    row = one(facts, "11-16")
    assert (row.episode, row.unexplained_days) == (2, 5)
    both = [r for r in ask(facts, "11-16", all_=True) if r.child == LI]
    assert [(r.episode, r.unexplained_days) for r in both] == [(1, 5), (2, 5)]


LEAVE = {
    "effective_from": day("11-10"),
    "until": date(2027, 2, 1),
    "approver": "township",
    "document": "d1",
    "evidence_ref": "p1",
}
DECISIONS: dict[type[Any], dict[str, Any]] = {
    lv.SuspensionGranted: LEAVE,
    lv.DeferralGranted: LEAVE,
    lv.ExemptionGranted: {**LEAVE, "legal_basis": "b1"},
    lv.HomeTeachingArranged: {**LEAVE, "visits_per_month": 4, "lessons_per_visit": 2},
    lv.StudyElsewhereVerified: {"evidence_ref": "p1", "review_by": date(2027, 3, 1)},
    lv.TransferStarted: {
        "receiving_school": OTHER_SCHOOL,
        "document": "d1",
        "confirm_by": day("11-24"),
    },
    lv.DeathRecorded: {"evidence_ref": "p1"},
    lv.WentAbroad: {"evidence_ref": "p1"},
    lv.WentMissing: {"evidence_ref": "p1", "review_by": date(2027, 3, 1)},
    lv.Deregistered: {"evidence_ref": "p1"},
    lv.Graduated: {},
}


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


# Attending again


def test_a_suspect_attends_again_from_the_third_day_and_since_the_first(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    spans(facts, LI, "11-11", (day("11-09"), day("11-11"), None))
    since = {row.child: row.attending_since for row in ask(facts, "11-11")}
    assert since == {LI: day("11-09"), WANG: None}
    assert one(facts, "11-10").attending_since is None
    assert one(facts, "11-11", before).attending_since is None


def spans(facts: Facts, child: UUID, on: str, *rows: tuple[date, date, date | None]) -> int:
    return facts.tell(e.SuspectAttendanceChanged, child, on, episode=1, spans=list(rows))


def test_a_stretch_of_attending_ends_with_the_next_absent_day(facts: Facts) -> None:
    suspect(facts, LI)
    before = spans(facts, LI, "11-11", (day("11-09"), day("11-11"), None))
    spans(facts, LI, "11-13", (day("11-09"), day("11-11"), day("11-13")))
    assert one(facts, "11-12").attending_since == day("11-09")
    assert one(facts, "11-13").attending_since is None
    assert one(facts, "11-13", before).attending_since == day("11-09")


def test_corrected_stretches_replace_all_of_the_episode(facts: Facts) -> None:
    suspect(facts, LI)
    spans(facts, LI, "11-11", (day("11-09"), day("11-11"), None))
    spans(facts, LI, "11-12", (day("11-10"), day("11-12"), None))
    assert one(facts, "11-11").attending_since is None
    assert one(facts, "11-12").attending_since == day("11-10")
    spans(facts, LI, "11-12")
    assert one(facts, "11-12").attending_since is None


# Who works with the child, until when


def test_the_case_teacher_is_the_class_teacher_of_the_day(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    post, first, second = (uuid5(NAMES, x) for x in ("post", "first", "second"))
    of = {"scope_kind": ScopeKind.CLASS, "scope_code": CLASS, "role": Role.CLASS_TEACHER}
    titled = {"line": Line.EDUCATION, "level": 4, "title": "班主任"}
    facts.tell(re.PostEstablished, POSTS, "08-01", post=post, **titled, **of)
    tenure = {"account": "t1", "holder": first, "first_day": day("08-01")}
    facts.tell(re.PostHeld, POSTS, "08-01", post=post, **tenure)
    over = {"previous": 2, "previous_last_day": day("11-09"), "first_day": day("11-10")}
    facts.tell(re.PostHandedOver, POSTS, "11-09", post=post, account="t2", holder=second, **over)
    at = {
        d: (one(facts, d).case_teacher, one(facts, d).case_teacher_id) for d in ("11-09", "11-10")
    }
    assert at == {"11-09": ("t1", first), "11-10": ("t2", second)}
    assert {row.case_teacher for row in ask(facts, "11-10") if row.child == WANG} == {None}


def test_verification_is_due_after_five_school_days_of_the_child_s_school(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    before = facts.head()
    facts.tell(ClosureDeclared, CALENDAR, "11-06", day=day("11-10"), kind="closure", school=SCHOOL)
    due = {row.child: row.due_on for row in ask(facts, "11-09")}
    assert due == {LI: day("11-16"), WANG: day("11-13")}
    assert one(facts, "11-09", before).due_on == day("11-13")


def test_the_deadline_follows_the_rules_in_force_on_the_day_of_the_suspicion(
    facts: Facts,
) -> None:
    suspect(facts, LI, "10-12", "10-13", "10-14", "10-15", "10-16")
    suspect(facts, WANG)
    rules = rules_as_map(make_rule_pack({"verify_within": 2}))
    adopted = {"version": 1, "effective_from": day("11-01"), "rules": rules}
    facts.tell(RulePackAdopted, RULES, "10-20", **adopted)
    due = {row.child: row.due_on for row in ask(facts, "11-09")}
    assert due == {LI: day("10-23"), WANG: day("11-10")}


def test_no_deadline_is_guessed_in_an_unknown_year(facts: Facts) -> None:
    suspect(facts, LI, "12-24", "12-25", "12-28", "12-29", "12-30")
    assert one(facts, "12-30").due_on is None
    facts.tell(YearConfirmed, CALENDAR, "12-30", year=2027)
    assert one(facts, "12-30").due_on == date(2027, 1, 6)
    facts.tell(YearConfirmationWithdrawn, CALENDAR, "12-30", year=2027)
    assert one(facts, "12-30").due_on is None


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ([(ClosureReported, {"day": day("11-10")})], "11-13"),
        (
            [(ClosureReported, {"day": day("11-10")}), (ClosureConfirmed, {"day": day("11-10")})],
            "11-16",
        ),
        (
            [
                (ClosureReported, {"day": day("11-10")}),
                (ClosureConfirmed, {"day": day("11-10")}),
                (ClosureRejected, {"day": day("11-10")}),
            ],
            "11-13",
        ),
        ([(MakeUpDaySet, {"day": day("11-07")})], "11-12"),
        (
            [(MakeUpDaySet, {"day": day("11-07")}), (DayLineWithdrawn, {"day": day("11-07")})],
            "11-13",
        ),
    ],
)
def test_the_deadline_follows_the_calendar(
    facts: Facts, changes: list[tuple[type[Any], dict[str, Any]]], due: str
) -> None:
    suspect(facts, LI)
    for event, fields in changes:
        facts.tell(event, CALENDAR, "11-06", school=SCHOOL, **fields)
    assert one(facts, "11-09").due_on == day(due)


def test_without_a_term_there_is_no_deadline(facts: Facts) -> None:
    suspect(facts, LI)
    facts.tell(TermWithdrawn, CALENDAR, "11-06", school_year=2026, term="autumn")
    assert one(facts, "11-09").due_on is None


# Who sees it, and whether it can be computed anew


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
        *DECISIONS,
    }
    assert set(module.PROJECTION.handles) == told
