"""By when is what due in a case: one outcome each on every day, computed from facts alone."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as vary
from hypothesis import settings
from hypothesis import strategies as st

from ckbx.domain.calendar.errors import CalendarYearUnknown
from ckbx.domain.case.case import Deed, FollowUp, Letter, Round
from ckbx.domain.case.codes import FollowUpKind, RoundOutcome, Tier
from ckbx.domain.case.deadlines import (
    Attendance,
    CaseFacts,
    Deadline,
    Outcome,
    SchoolDays,
    deadlines,
)
from ckbx.domain.case.spans import consolidation_end, follow_up_days, months_after
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.rules.rule_book import RuleBook
from tests.dsl import an_id, context
from tests.school import plain_calendar

CALENDAR = plain_calendar()
RULES = RuleBook.of("522699")
SINCE = date(2026, 9, 21)  # a Monday
_O = Outcome


def working(day: date, n: int) -> date:
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day


DAYS = SchoolDays(CALENDAR.add_school_days, working, lambda d: consolidation_end(CALENDAR.terms, d))


def facts(**changes: Any) -> CaseFacts:
    values: dict[str, Any] = {
        "case": an_id(1),
        "source": SuspicionSource.ABSENCE,
        "suspected_on": SINCE,
    }
    return CaseFacts(**(values | changes))


def a_round(
    on: date, tier: Tier = Tier.SCHOOL, outcome: RoundOutcome = RoundOutcome.REFUSED
) -> Round:
    return Round(on, f"r:{on}", 1, tier, "10:00", outcome, visit=True)


def of(kind: str, day: date, **changes: Any) -> list[Deadline]:
    return [d for d in deadlines(facts(**changes), DAYS, RULES, day) if d.kind == kind]


def one(kind: str, day: date, **changes: Any) -> tuple[date | None, Outcome]:
    (found,) = of(kind, day, **changes)
    return found.due_on, found.outcome


def test_a_suspicion_is_checked_within_five_school_days() -> None:
    due = date(2026, 9, 28)
    assert one("verify", due) == (due, _O.OPEN)
    assert one("verify", date(2026, 9, 29)) == (due, _O.MISSED)
    in_time = [Deed(due, "v")]
    assert one("verify", date(2026, 9, 29), verified=in_time) == (due, _O.KEPT)
    late = [Deed(date(2026, 9, 29), "v")]
    (missed,) = of("verify", date(2026, 9, 30), verified=late)
    assert (missed.outcome, missed.outcome_on, missed.evidence) == (_O.MISSED, due, "v")


def test_a_register_finding_is_checked_within_ten_working_days() -> None:
    (found,) = of("verify", SINCE, source=SuspicionSource.REGISTER)
    assert (found.due_on, found.unit, found.rule) == (date(2026, 10, 5), "工作日", "finding_10")


def test_a_withdrawn_case_owes_nothing_that_was_not_due_yet() -> None:
    over = Deed(date(2026, 9, 24), "w")
    all_of_it = deadlines(facts(over=over), DAYS, RULES, date(2026, 10, 20))
    assert {d.outcome for d in all_of_it} == {_O.VOID}
    after = Deed(date(2026, 9, 29), "w")
    assert one("verify", date(2026, 10, 20), over=after)[1] is _O.MISSED


def test_school_village_and_township_each_have_their_day() -> None:
    day = date(2026, 10, 30)
    assert [one(f"persuade_{who}", day)[0] for who in ("school", "village", "township")] == [
        date(2026, 9, 24),
        date(2026, 9, 30),
        date(2026, 10, 6),
    ]
    joint = [a_round(date(2026, 9, 23), Tier.SCHOOL_VILLAGE)]
    assert [one(f"persuade_{w}", day, rounds=joint)[1] for w in ("school", "village")] == [
        _O.KEPT,
        _O.KEPT,
    ]
    assert one("persuade_township", day, rounds=joint)[1] is _O.MISSED
    back = Deed(date(2026, 9, 28), "b")
    assert one("persuade_township", day, returned=back)[1] is _O.VOID


def test_the_written_report_is_due_a_day_after_the_schools_round_failed() -> None:
    failed = [a_round(date(2026, 9, 23))]
    assert of("written_report", SINCE + timedelta(days=1), rounds=failed) == []
    assert one("written_report", date(2026, 9, 24), rounds=failed)[0] == date(2026, 9, 24)
    won = [a_round(date(2026, 9, 23), outcome=RoundOutcome.PROMISED)]
    assert of("written_report", date(2026, 9, 30), rounds=won) == []


def test_a_determination_is_due_once_days_and_rounds_are_there() -> None:
    away = CALENDAR.school_days(date(2026, 9, 15), date(2026, 11, 1))
    rounds = [a_round(date(2026, 9, 23)), a_round(date(2026, 9, 24))]
    twentieth = away[19]
    here = Attendance(unexplained=away)
    assert of("determine", twentieth - timedelta(days=1), rounds=rounds, attendance=here) == []
    assert of("determine", twentieth, rounds=rounds[:1], attendance=here) == []
    due, outcome = one("determine", twentieth, rounds=rounds, attendance=here)
    assert (due, outcome) == (CALENDAR.add_school_days(twentieth, 5), _O.OPEN)


def test_a_child_that_attends_again_is_decided_on_within_three_days() -> None:
    on = date(2026, 9, 25)
    lasting = Attendance(attending=[(on, None)])
    assert one("attending_decision", on, attendance=lasting) == (date(2026, 9, 30), _O.OPEN)
    ended = Attendance(attending=[(on, date(2026, 9, 29))])
    assert one("attending_decision", date(2026, 10, 9), attendance=ended)[1] is _O.VOID


def test_a_return_dated_to_the_first_day_attended_is_the_decision() -> None:
    """The days that count lie after it: the return must not leave a decision nobody can take."""
    lasting = Attendance(attending=[(date(2026, 9, 25), None)])
    back, later = Deed(date(2026, 9, 23), "b"), date(2026, 10, 9)
    assert one("attending_decision", later, attendance=lasting, returned=back)[1] is _O.KEPT
    earlier = Deed(date(2026, 9, 23), "d")
    found = one("attending_decision", later, attendance=lasting, determined=earlier)
    assert found[1] is _O.MISSED


def test_a_letter_is_answered_by_its_day() -> None:
    letter = [Letter(Deed(SINCE, "l"), date(2026, 10, 8))]
    assert one("letter_reply", date(2026, 10, 9), letters=letter)[1] is _O.MISSED


def test_the_day_that_ends_a_case_is_not_followed_whether_its_class_reported_or_not() -> None:
    back, leave = Deed(date(2026, 10, 12), "b"), Deed(date(2026, 10, 14), "l")
    later = date(2026, 10, 20)
    for days in ([], [date(2026, 10, 13), leave.on]):
        told = Attendance(reported=days)
        found = of("follow_daily", later, returned=back, attendance=told, over=leave)
        assert [d.outcome for d in found if d.due_on and d.due_on >= leave.on] == [_O.VOID] * 5
        assert found[0].outcome is (_O.KEPT if days else _O.MISSED)


def test_a_return_is_confirmed_and_followed_daily_then_weekly_then_monthly() -> None:
    back = Deed(date(2026, 10, 12), "b")
    assert one("return_confirm", back.on, returned=back)[0] == date(2026, 10, 15)
    told = Attendance(reported=[date(2026, 10, 13)])
    daily = of("follow_daily", date(2026, 10, 14), returned=back, attendance=told)
    assert [(d.due_on, d.outcome) for d in daily] == [
        (date(2026, 10, 13), _O.KEPT),
        (date(2026, 10, 14), _O.OPEN),
    ]
    later = date(2026, 12, 31)
    assert len(of("follow_daily", later, returned=back)) == 10
    visit = [FollowUp(date(2026, 10, 15), "f", FollowUpKind.CALL)]
    weekly = of("follow_weekly", date(2026, 10, 27), returned=back, follow_ups=visit)
    assert [(d.due_on, d.outcome) for d in weekly] == [
        (date(2026, 10, 19), _O.KEPT),
        (date(2026, 10, 26), _O.MISSED),
        (date(2026, 11, 2), _O.OPEN),
    ]
    monthly = of("follow_monthly", date(2027, 7, 2), returned=back)
    assert [d.due_on for d in monthly] == [
        date(2027, 2, 12),
        date(2027, 3, 12),
        date(2027, 4, 12),
        date(2027, 5, 12),
        date(2027, 6, 12),
        date(2027, 7, 2),
    ]


def test_two_days_away_in_the_consolidation_ask_for_a_visit_the_same_day() -> None:
    back, alarm = Deed(date(2026, 10, 12), "b"), date(2026, 10, 22)
    alarms = Attendance(alarms=[alarm])
    same = [FollowUp(alarm, "f", FollowUpKind.VISIT)]
    rung = [FollowUp(alarm, "f", FollowUpKind.CALL)]
    more: dict[str, Any] = {"returned": back, "attendance": alarms}
    assert one("relapse_visit", alarm, **more, follow_ups=same)[1] is _O.KEPT
    assert one("relapse_visit", alarm + timedelta(days=1), **more, follow_ups=rung)[1] is _O.MISSED


def test_where_the_calendar_does_not_say_the_deadline_has_no_day_and_stays_open() -> None:
    def unknown(_day: date, _n: int) -> date:
        raise CalendarYearUnknown(year=2027)

    blank = SchoolDays(unknown, unknown, lambda _d: None)
    (found,) = [d for d in deadlines(facts(), blank, RULES, date(2027, 5, 1)) if d.kind == "verify"]
    assert (found.due_on, found.outcome) == (None, _O.OPEN)


def test_the_numbers_are_those_of_the_rules_in_force_that_day() -> None:
    book = RuleBook.of("522699")
    book.adopt({"verify_within": 2}, SINCE, context(date(2026, 9, 1)))
    (found,) = [d for d in deadlines(facts(), DAYS, book, SINCE) if d.kind == "verify"]
    assert (found.due_on, found.rule_version) == (date(2026, 9, 23), 1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 10, 12), 3, date(2027, 1, 12)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
    ],
)
def test_months_are_cut_to_their_length(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_the_consolidation_lasts_to_the_end_of_the_next_term() -> None:
    terms = CALENDAR.terms
    assert consolidation_end(terms, date(2026, 10, 12)) == date(2027, 7, 2)
    assert consolidation_end(terms, date(2027, 3, 1)) is None


_days = st.dates(SINCE, date(2027, 6, 30))
_deed = st.one_of(st.none(), _days.map(lambda d: Deed(d, f"e:{d}")))


@settings(max_examples=200)
@vary(_deed, _deed, _deed, st.lists(_days, max_size=4), st.lists(_days, max_size=3))
def test_every_deadline_has_one_outcome_a_day_and_a_final_one_never_changes(
    checked: Deed | None,
    returned: Deed | None,
    over: Deed | None,
    rounds: list[date],
    follow_ups: list[date],
) -> None:
    """Once kept, missed or void on a day, it is so on every later day, known the same."""
    case = facts(
        verified=[checked] if checked else [],
        returned=returned,
        over=over,
        rounds=[a_round(day) for day in sorted(rounds)],
        follow_ups=[FollowUp(day, f"f:{day}", FollowUpKind.VISIT) for day in follow_ups],
    )
    final: dict[tuple[str, date], Outcome] = {}
    for n in range(0, 300, 7):
        day = SINCE + timedelta(days=n)
        found = deadlines(case, DAYS, RULES, day)
        keys = [(d.kind, d.on) for d in found]
        assert len(keys) == len(set(keys))
        assert final.keys() <= set(keys), "a deadline that was there is there"
        for each in found:
            before = final.get((each.kind, each.on))
            if before is not None and before is not _O.OPEN:
                assert each.outcome is before
            final[each.kind, each.on] = each.outcome
            assert (each.outcome is _O.OPEN) == (each.outcome_on is None)


def test_weeks_and_months_follow_each_other_without_a_gap() -> None:
    spans = list(follow_up_days(date(2026, 10, 12), 3, date(2027, 7, 2)))
    assert spans[0][1] == date(2026, 10, 13)
    assert spans[-1][2] == date(2027, 7, 2)
    for (_, _, last), (_, first, _) in pairwise(spans):
        assert first == last + timedelta(days=1)
