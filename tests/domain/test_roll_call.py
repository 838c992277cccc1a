"""Domain §4: one submission a class a day; what follows stands in the same append."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.class_roll import errors
from tests.dsl import an_id, context
from tests.school import SmallClass, kinds


def test_only_what_changed_is_recorded_for_each_child() -> None:
    small = SmallClass()
    assert kinds(small.hand_in(1)) == ["RollCallSubmitted"]
    assert kinds(small.hand_in(2, {1: "u", 2: "s"})) == [
        "RollCallSubmitted",
        "AbsenceRecorded",
        "AbsenceRecorded",
    ]
    assert kinds(small.hand_in(3, {2: "s"})) == [
        "RollCallSubmitted",
        "AttendanceResumed",
        "AbsenceRecorded",
    ]


def test_the_fifth_unexplained_day_suspects_in_the_same_append() -> None:
    small = SmallClass()
    made = small.pattern(1, ".uunuu")
    suspected = next(x for x in made if isinstance(x, e.DropoutSuspected))
    assert suspected.occurred_on == small.day(6)
    assert suspected.first_absent_on == small.day(2)
    assert suspected.source is SuspicionSource.ABSENCE
    assert len(suspected.evidence) == 5
    assert small.child(1).base is TrackingStatus.SUSPECTED
    assert small.child(2).base is TrackingStatus.ENROLLED


def test_the_same_sheet_again_changes_nothing() -> None:
    small = SmallClass()
    small.hand_in(1, {1: "u"})
    assert small.hand_in(1, {1: "u"}) == []


def test_an_earlier_version_again_changes_nothing_unless_a_reason_is_given() -> None:
    small = SmallClass()
    small.hand_in(1, {1: "u"})
    small.hand_in(1, {1: "s"})
    assert small.hand_in(1, {1: "u"}) == []
    assert kinds(small.hand_in(1, {1: "u"}, note="家长电话更正")) == [
        "RollCallSubmitted",
        "AbsenceExplained",
    ]


def test_an_amendment_replaces_the_day_whole_and_keeps_both() -> None:
    small = SmallClass()
    small.hand_in(1, {1: "u", 2: "u"})
    made = small.hand_in(1, {2: "s", 3: "n"})
    assert kinds(made) == [
        "RollCallSubmitted",
        "AbsenceVoided",
        "AbsenceExplained",
        "AbsenceRecorded",
    ]
    assert made[0].replaces == 1  # type: ignore[attr-defined]
    voided = made[1]
    assert isinstance(voided, e.AbsenceVoided)
    assert voided.originator_id == an_id(1)
    assert voided.corrects is not None


def test_a_correction_withdraws_the_suspicion_and_the_warnings_that_rested_on_it() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuu")
    made = kinds(small.hand_in(3, {}))
    assert made == [
        "RollCallSubmitted",
        "AbsenceVoided",
        "AbsenceWarningWithdrawn",
        "AbsenceWarningWithdrawn",
        "SuspicionWithdrawn",
    ]
    assert small.child(1).base is TrackingStatus.ENROLLED
    assert small.child(1).episode is None


def test_withdrawn_because_only_the_reason_changed_goes_to_the_long_leave_list_today() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuu")
    made = small.hand_in(1, {1: "s"}, today=date(2026, 10, 9))
    withdrawn = next(x for x in made if isinstance(x, e.SuspicionWithdrawn))
    assert withdrawn.reason_only
    flagged = next(x for x in made if isinstance(x, e.LongLeaveFlagged))
    assert flagged.occurred_on == date(2026, 10, 9)
    assert flagged.rule == "corrected_withdrawal"


def test_a_correction_that_moves_the_dates_revises_the_suspicion() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuuu")
    made = small.hand_in(1, {})
    revised = next(x for x in made if isinstance(x, e.SuspicionRevised))
    assert revised.was_suspected_on == small.day(5)
    assert revised.occurred_on == small.day(6)
    assert revised.first_absent_on == small.day(2)
    assert revised.absent_days == [small.day(n) for n in range(2, 7)]
    assert small.child(1).suspected_on == small.day(6)


def test_after_a_person_acted_the_ground_is_marked_changed_instead() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuu")
    episode = small.child(1).episode
    assert episode is not None
    episode.acted = True
    assert "SuspicionGroundChanged" in kinds(small.hand_in(3, {}))
    assert small.child(1).base is TrackingStatus.SUSPECTED
    assert "SuspicionGroundChanged" not in kinds(small.hand_in(2, {}))


def test_a_late_sheet_for_a_silent_day_can_break_a_run() -> None:
    small = SmallClass()
    small.pattern(1, "uu-uuu")
    assert small.child(1).episode is not None
    made = small.hand_in(3, {})
    resumed = next(x for x in made if isinstance(x, e.AttendanceResumed))
    assert (resumed.occurred_on, resumed.until) == (small.day(3), small.day(4))
    assert "SuspicionWithdrawn" in kinds(made)


def test_a_late_sheet_for_a_silent_day_can_complete_a_run() -> None:
    small = SmallClass()
    small.pattern(1, "uu-uu")
    made = small.hand_in(3, {1: "u"})
    absence = next(x for x in made if isinstance(x, e.AbsenceRecorded))
    assert absence.until == small.day(4)
    suspected = next(x for x in made if isinstance(x, e.DropoutSuspected))
    assert suspected.occurred_on == small.day(5)


def test_half_days_count_only_when_both_are_in() -> None:
    small = SmallClass()
    small.pattern(1, "uuuu")
    small.hand_in(5, {1: "u"}, session=Session.MORNING)
    assert small.child(1).episode is None
    small.hand_in(5, {1: "u"}, session=Session.AFTERNOON)
    assert small.child(1).suspected_on == small.day(5)


def test_a_half_day_attended_is_a_day_attended() -> None:
    small = SmallClass()
    small.pattern(1, "uuuu")
    small.hand_in(5, {1: "u"}, session=Session.MORNING)
    assert kinds(small.hand_in(5, {}, session=Session.AFTERNOON)) == [
        "RollCallSubmitted",
        "AbsenceVoided",
    ]
    assert small.child(1).episode is None


def test_a_whole_day_sheet_replaces_the_halves() -> None:
    small = SmallClass()
    small.hand_in(1, {1: "u"}, session=Session.MORNING)
    small.hand_in(1, {1: "s"})
    assert list(small.roll.by_day[small.day(1).toordinal()]) == [Session.FULL]
    assert small.roll.marks[an_id(1)] == {small.day(1).toordinal(): Reason.SICK}


def test_attending_again_does_not_clear_but_counts_from_the_third_day() -> None:
    small = SmallClass()
    made = small.pattern(1, "uuuuu...")
    changed = [x for x in made if isinstance(x, e.SuspectAttendanceChanged)]
    assert [x.spans for x in changed] == [[(small.day(6), small.day(8), None)]]
    assert small.child(1).base is TrackingStatus.SUSPECTED
    gone = small.hand_in(9, {1: "u"})
    ended = next(x for x in gone if isinstance(x, e.SuspectAttendanceChanged))
    assert ended.spans == [(small.day(6), small.day(8), small.day(9))]


def test_an_awaited_child_counts_as_unverified_until_it_is_named() -> None:
    small = SmallClass(3)
    ctx = context(date(2026, 12, 31))
    small.register.leave(ctx, child=an_id(3), on=small.day(1))
    small.register.join(ctx, children=[an_id(3)], on=small.day(1), awaited=True)
    made = small.hand_in(1, {})
    absence = next(x for x in made if isinstance(x, e.AbsenceRecorded))
    assert (absence.originator_id, absence.reason, absence.implied) == (
        an_id(3),
        Reason.UNVERIFIED,
        True,
    )
    assert "AttendanceResumed" in kinds(small.hand_in(2, {}, seen=[3]))
    assert kinds(small.hand_in(3, {})) == ["RollCallSubmitted"]


def test_numbers_that_cannot_be_are_refused_and_nothing_is_recorded() -> None:
    small = SmallClass()
    with pytest.raises(errors.PresentExceedsExpected):
        small.hand_in(1, {}, expected=5, present=6)
    with pytest.raises(errors.NegativeCount):
        small.hand_in(1, {}, expected=-1, present=-1)
    with pytest.raises(errors.AbsenteesDoNotAddUp, match="列出了 1 名"):
        small.hand_in(1, {1: "u"}, expected=5, present=3)
    assert small.roll.version == 0


def test_an_absentee_from_another_class_is_refused() -> None:
    small = SmallClass()
    with pytest.raises(errors.AbsenteeNotOnRoll):
        small.hand_in(1, {99: "u"})


def test_a_headcount_that_disagrees_with_the_roll_is_kept_with_both_numbers() -> None:
    small = SmallClass()
    (submitted,) = small.hand_in(1, {}, expected=7, present=7)
    assert (submitted.expected, submitted.roll) == (7, 5)  # type: ignore[attr-defined]


def test_a_child_on_leave_is_not_on_the_roll() -> None:
    small = SmallClass()
    ctx = context(date(2026, 12, 31))
    small.register.away(
        ctx, child=an_id(2), effective_from=small.day(2), until=small.day(4), awaited=True
    )
    assert len(small.register.roll(small.day(1).toordinal())) == 5
    assert len(small.register.roll(small.day(2).toordinal())) == 4
    made = small.hand_in(4, {})
    assert [x.originator_id for x in made if isinstance(x, e.AbsenceRecorded)] == [an_id(2)]
