"""Domain §4: one submission a class a day; what follows stands in the same append."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from ckbx.domain.child import leaves
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.class_roll import errors
from ckbx.domain.shared.event import DomainEvent
from tests.dsl import an_id, context
from tests.school import KEY, SPRING, SmallClass, kinds


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


def awaited_class(*, by_leave: tuple[int, int] | None = None) -> SmallClass:
    """Child 3 has to be named 到校: new in its class, or back from a leave of these days."""
    small = SmallClass(3)
    ctx = context(date(2027, 7, 1))
    if by_leave is None:
        small.register.leave(ctx, child=an_id(3), on=small.day(1))
        small.register.join(ctx, children=[an_id(3)], on=small.day(1), awaited=True)
    else:
        first, until = (small.day(n) for n in by_leave)
        decision = LeaveDecision(
            occurred_on=first,
            effective_from=first,
            until=until - timedelta(days=1),
            approver="township",
            approver_role="township_officer",
            document="d",
            evidence_ref="r",
        )
        leaves.suspend(small.child(3), ctx, decision)
        small.register.away(ctx, child=an_id(3), effective_from=first, until=until, awaited=True)
    small.collect()
    return small


def of(events: Iterable[DomainEvent], child: int) -> list[tuple[str, date]]:
    """The names and days of one child's events."""
    return [(type(x).__name__, x.occurred_on) for x in events if x.originator_id == an_id(child)]


def test_naming_the_child_on_an_earlier_day_takes_back_every_day_since() -> None:
    small = awaited_class()
    for n in range(1, 5):
        small.hand_in(n)
    assert ("absence_run_3", small.day(3).toordinal()) in small.child(3).warned
    made = small.hand_in(1, {}, seen=[3], note="漏点")
    assert of(made, 3) == [
        *(("AbsenceVoided", small.day(n)) for n in range(1, 5)),
        ("AbsenceWarningWithdrawn", small.day(3)),
    ]
    ends = [x.until for x in made if isinstance(x, e.AbsenceVoided)]
    assert ends == [small.day(2), small.day(3), small.day(4), None]
    assert kinds(small.hand_in(5)) == ["RollCallSubmitted"]


def test_a_name_taken_back_makes_the_child_awaited_again_from_its_first_day() -> None:
    small = awaited_class()
    small.hand_in(1, {}, seen=[3])
    small.hand_in(2)
    small.hand_in(3, {}, seen=[3])
    made = small.hand_in(1, {}, note="点错人")
    assert of(made, 3) == [
        ("AbsenceRecorded", small.day(1)),
        ("AbsenceRecorded", small.day(2)),
        ("AttendanceResumed", small.day(3)),
    ]
    ends = [x.until for x in made if isinstance(x, e.AbsenceRecorded)]
    assert ends == [small.day(2), small.day(3)]


def test_a_late_sheet_before_the_child_was_seen_counts_it_as_unverified() -> None:
    small = awaited_class()
    small.hand_in(3, {}, seen=[3])
    assert of(small.hand_in(2), 3) == [("AbsenceRecorded", small.day(2))]
    assert of(small.hand_in(4), 3) == []


def test_a_voided_sheet_takes_its_name_back_too() -> None:
    small = awaited_class()
    small.hand_in(1, {}, seen=[3])
    small.hand_in(2)
    made = small.put_aside(1)
    assert of(made, 3) == [("AbsenceRecorded", small.day(2))]


def test_a_half_day_counts_as_unverified_unless_the_child_is_named() -> None:
    small = awaited_class()
    small.hand_in(1, {}, session=Session.MORNING)
    small.hand_in(1, {}, session=Session.AFTERNOON)
    assert small.book.marks(an_id(3)) == {small.day(1).toordinal(): Reason.UNVERIFIED}
    small.hand_in(1, {}, session=Session.AFTERNOON, seen=[3], note="到了")
    assert small.book.marks(an_id(3)) == {}


def test_a_listed_reason_goes_before_unverified() -> None:
    small = awaited_class()
    small.hand_in(1, {3: "s"})
    assert small.book.marks(an_id(3)) == {small.day(1).toordinal(): Reason.SICK}
    made = small.hand_in(1, {}, note="没有请假")
    (explained,) = [x for x in made if isinstance(x, e.AbsenceExplained)]
    assert (explained.was, explained.reason) == (Reason.SICK, Reason.UNVERIFIED)


def test_awaiting_that_began_by_joining_ends_with_the_term() -> None:
    small = awaited_class()
    small.hand_in(1)
    first = next(n for n, d in enumerate(small.school_days, 1) if d >= SPRING.toordinal())
    made = small.hand_in(first, today=date(2027, 7, 1))
    assert of(made, 3) == [("AttendanceResumed", small.day(first))]
    assert of(small.hand_in(first + 1, today=date(2027, 7, 1)), 3) == []


def test_awaiting_after_a_leave_lasts_until_the_child_is_seen() -> None:
    small = awaited_class(by_leave=(1, 3))
    first = next(n for n, d in enumerate(small.school_days, 1) if d >= SPRING.toordinal())
    late = date(2027, 7, 1)
    assert of(small.hand_in(first, today=late), 3) == [("AbsenceRecorded", small.day(first))]
    made = small.hand_in(first + 1, {}, seen=[3], today=late)
    (resumed,) = [x for x in made if isinstance(x, e.AttendanceResumed)]
    assert resumed.after_leave
    assert small.child(3).status_on(late) is TrackingStatus.ENROLLED
    assert small.child(3).leave is None


def test_a_child_named_on_the_first_day_after_its_leave_is_back_from_it() -> None:
    small = awaited_class(by_leave=(1, 3))
    for n in (1, 2):
        small.hand_in(n)
    made = small.hand_in(3, {}, seen=[3])
    (resumed,) = [x for x in made if isinstance(x, e.AttendanceResumed)]
    assert (resumed.originator_id, resumed.after_leave) == (an_id(3), True)
    assert of(small.hand_in(4, {}, seen=[3]), 3) == []


def test_named_earlier_than_known_the_child_was_back_earlier() -> None:
    small = awaited_class(by_leave=(1, 3))
    small.hand_in(5, {}, seen=[3])
    made = small.hand_in(4, {}, seen=[3])
    (resumed,) = [x for x in made if isinstance(x, e.AttendanceResumed)]
    assert (resumed.occurred_on, resumed.after_leave) == (small.day(4), True)


def test_a_child_on_leave_that_was_in_force_is_not_suspected_by_the_rule() -> None:
    small = awaited_class(by_leave=(6, 40))
    made = small.pattern(3, "uuu-u")
    made += small.hand_in(4, {3: "u"}, today=small.day(8))
    assert "AbsenceWarned" in kinds(made)
    assert "DropoutSuspected" not in kinds(made)
    assert small.child(3).status_on(small.day(8)) is TrackingStatus.SUSPENDED


def test_a_leave_to_come_takes_over_from_a_suspicion_and_outlives_its_withdrawal() -> None:
    small = awaited_class(by_leave=(8, 40))
    for n in range(1, 6):
        small.hand_in(n, {3: "u"}, today=small.day(6))
    assert small.child(3).status_on(small.day(6)) is TrackingStatus.SUSPECTED
    assert small.child(3).status_on(small.day(8)) is TrackingStatus.SUSPENDED
    small.hand_in(3, {}, today=small.day(6))
    assert small.child(3).status_on(small.day(6)) is TrackingStatus.ENROLLED
    assert small.child(3).status_on(small.day(8)) is TrackingStatus.SUSPENDED


def test_once_the_leave_has_begun_the_suspicion_is_over() -> None:
    small = awaited_class(by_leave=(8, 40))
    for n in range(1, 6):
        small.hand_in(n, {3: "u"}, today=small.day(6))
    made = small.hand_in(9, today=small.day(9))
    (over,) = [x for x in made if isinstance(x, e.SuspicionOvertaken)]
    assert (over.occurred_on, over.followed_by) == (small.day(8), TrackingStatus.SUSPENDED)
    assert small.child(3).episode is None


def test_a_closure_declared_later_takes_its_day_out_of_the_rule() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuu")
    made = small.close(2)
    assert kinds(made)[0] == "AbsenceSetAside"
    assert "SuspicionWithdrawn" in kinds(made)
    assert small.book.days().reported == [small.day(n).toordinal() for n in (1, 3, 4, 5)]
    assert small.close(2) == []
    back = small.close()
    assert ("AbsenceRecorded", small.day(2)) in of(back, 1)
    assert small.child(1).suspected_on == small.day(5)


def test_a_closure_moves_the_dates_of_a_suspicion_that_still_holds() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuuu")
    (revised,) = [x for x in small.close(2) if isinstance(x, e.SuspicionRevised)]
    assert (revised.occurred_on, revised.first_absent_on) == (small.day(6), small.day(1))


def test_a_voided_day_is_bridged_by_the_absence_before_it() -> None:
    small = SmallClass()
    small.hand_in(1, {1: "s", 2: "u"})
    small.hand_in(2, {2: "u", 3: "u"})
    small.hand_in(3)
    made = {x.originator_id: x for x in small.put_aside(2) if isinstance(x, e.AbsenceSetAside)}
    assert {c: (x.was, x.stands, x.until) for c, x in made.items()} == {
        an_id(1): (None, Reason.SICK, small.day(3)),
        an_id(2): (Reason.UNEXPLAINED, Reason.UNEXPLAINED, small.day(3)),
        an_id(3): (Reason.UNEXPLAINED, None, small.day(3)),
    }
    again = small.hand_in(2, {3: "u"}, note="补报")
    assert of(again, 1) == [("AttendanceResumed", small.day(2))]
    assert of(again, 3) == [("AbsenceRecorded", small.day(2))]


def test_what_replaces_a_whole_day_or_half_days_names_what_it_put_aside() -> None:
    small = SmallClass()
    replaced = []
    for session in (Session.FULL, Session.MORNING, Session.AFTERNOON, Session.FULL):
        made = small.hand_in(1, {1: "u"}, session=session, note="改报")
        replaced.append(made[0].replaces)  # type: ignore[attr-defined]
    assert replaced == [None, 1, None, 3]


def test_a_suspicion_withdrawn_for_the_reason_only_is_listed_beside_an_old_long_leave() -> None:
    small = SmallClass()
    small.pattern(1, "ppppp.")
    small.pattern(1, "uuuuu", start=7)
    made = small.hand_in(9, {1: "s"}, today=date(2026, 10, 9))
    (flagged,) = [x for x in made if isinstance(x, e.LongLeaveFlagged)]
    assert (flagged.rule, flagged.occurred_on) == ("corrected_withdrawal", date(2026, 10, 9))


def test_a_long_leave_of_the_same_absence_is_not_listed_twice() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuu" + "p" * 5)
    made = small.hand_in(3, {1: "s"}, today=date(2026, 10, 9))
    assert "SuspicionWithdrawn" in kinds(made)
    assert [x.rule for x in small.events if isinstance(x, e.LongLeaveFlagged)] == ["long_leave_5"]


def test_a_suspicion_found_late_says_at_once_that_the_child_attends_again() -> None:
    small = SmallClass()
    small.pattern(1, "uu-uu...")
    made = small.hand_in(3, {1: "u"})
    assert small.child(1).suspected_on == small.day(5)
    (spans,) = [x for x in made if isinstance(x, e.SuspectAttendanceChanged)]
    assert spans.spans == [(small.day(6), small.day(8), None)]


def test_an_amendment_of_a_later_day_leaves_what_is_dated_before_it() -> None:
    small = SmallClass()
    small.pattern(1, "uuuuu.uuu.")
    before = set(small.child(1).warned)
    assert "AbsenceWarningWithdrawn" in kinds(small.hand_in(8, {}))
    assert small.child(1).warned == {w for w in before if w[1] < small.day(8).toordinal()}


def test_one_more_day_after_a_class_was_reported_records_only_that_day() -> None:
    small = awaited_class()
    for n in range(1, 4):
        small.hand_in(n)
    assert kinds(small.hand_in(4)) == ["RollCallSubmitted", "AbsenceRecorded"]
    assert kinds(small.hand_in(5, {}, seen=[3])) == ["RollCallSubmitted", "AttendanceResumed"]
    assert kinds(small.hand_in(6)) == ["RollCallSubmitted"]


def test_a_half_put_aside_leaves_the_absence_that_the_other_half_lists() -> None:
    small = SmallClass()
    small.hand_in(1, {1: "u"}, session=Session.MORNING)
    small.hand_in(1, {2: "u"}, session=Session.AFTERNOON)
    assert small.child(2).said == {}
    small.put_aside(1, Session.MORNING)
    assert small.child(2).said_on(small.day(1).toordinal(), KEY) is Reason.UNEXPLAINED
