"""A disabled child's placement, and the visits of 送教 against the plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.case.people import Participant
from ckbx.domain.child import errors as ce
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision, teach_at_home
from ckbx.domain.leave.errors import LeaveDocumentMissing
from ckbx.domain.placement import assessing, deciding, errors, visits
from ckbx.domain.placement import events as ev
from ckbx.domain.placement.assessing import Found
from ckbx.domain.placement.codes import AT_SCHOOL, PlacementKind
from ckbx.domain.placement.deciding import Plan
from ckbx.domain.placement.home_teaching import Outcome, TeachingPlan, months
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.event import CommandContext
from tests.domain.test_calendar_days import AUTUMN, county_with
from tests.dsl import Given, an_id, context, given
from tests.support.leave_county import BEGAN, NOTE, TODAY, UNTIL, a_child

Step = Callable[[ChildPlacement, CommandContext], Any]
K = PlacementKind


def assessed(
    advises: PlacementKind = K.INCLUSIVE, *, role: str = "bureau_officer", **more: Any
) -> Step:
    values: dict[str, Any] = {"on": TODAY, "document": "评1", "opinion": NOTE, "advises": advises}
    found = Found(**(values | more))
    return lambda p, x: assessing.assess(p, x, an_id(7), found, role=role)


def decided(
    kind: PlacementKind = K.INCLUSIVE,
    child: Child | None = None,
    *,
    role: str = "bureau_officer",
    **more: Any,
) -> Step:
    values: dict[str, Any] = {
        "on": TODAY,
        "document": "县教2号",
        "plan_no": "案1",
        "review_on": UNTIL,
        "kind": kind,
    }
    plan = Plan(**(values | more))
    return lambda p, x: deciding.decide(p, x, child or a_child(), plan, role=role)


def ended(*, role: str = "bureau_officer", **more: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "document": "县教9号", "note": NOTE}
    return lambda p, x: deciding.end_at_school(p, x, role=role, **(values | more))


def reviewed(*, role: str = "bureau_officer", **more: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "review_on": UNTIL, "note": NOTE}
    return lambda p, x: deciding.review(p, x, role=role, **(values | more))


def at_home(*, until: date = UNTIL) -> Child:
    """A child taught at home since the term began."""
    child = a_child()
    decision = LeaveDecision(
        occurred_on=BEGAN,
        effective_from=BEGAN,
        until=until,
        approver="b",
        approver_role="bureau_officer",
        document="d",
        evidence_ref="e",
        committee_ref="c",
    )
    teach_at_home(child, context(TODAY), decision, visits_per_month=4, lessons_per_visit=2)
    return child


WHO = Participant(line=Line.EDUCATION, role=Role.CLASS_TEACHER, account="ct1")


def visited(child: Child | None = None, *, role: str = "class_teacher", **more: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "lessons": 2, "teachers": [WHO], "content": NOTE}
    return lambda p, x: visits.visit(p, x, child or at_home(), role=role, **(values | more))


def voided(number: int = 1, *, role: str = "principal", reason: Any = NOTE) -> Step:
    return lambda p, x: visits.void_visit(p, x, role=role, on=TODAY, number=number, reason=reason)


def a_placement(*steps: Step) -> Given[ChildPlacement]:
    return given(ChildPlacement(an_id(1)), TODAY).after(*steps)


@pytest.mark.parametrize("kind", list(K))
def test_only_placements_at_school_are_decided_without_an_application(kind: PlacementKind) -> None:
    outcome = a_placement(assessed(kind)).when(decided(kind))
    if kind in AT_SCHOOL:
        outcome.then((ev.PlacementDecided, {"kind": kind, "plan_no": "案1", "school": "s"}))
    else:
        outcome.then_refused(errors.PlacementNeedsApplication, kind.label, "监护人")


@pytest.mark.parametrize(
    ("steps", "step", "error", "words"),
    [
        ([], decided(), errors.AssessmentMissing, ("专家委员会", "县教育局")),
        (
            [assessed(K.HOME_TAUGHT)],
            decided(),
            errors.PlacementAgainstAdvice,
            ("送教上门", "重新评估"),
        ),
        ([assessed()], decided(role="principal"), errors.PlacementRoleRefused, ("县教育局",)),
        (
            [assessed()],
            decided(child=a_child(enrolled=False)),
            errors.PlacementNeedsSchool,
            ("应入学未入学", "入学"),
        ),
        ([assessed()], decided(child=at_home()), errors.PlacementNeedsSchool, ("送教上门",)),
        ([assessed()], decided(plan_no=""), LeaveDocumentMissing, ("一人一案",)),
        ([assessed()], decided(document=""), LeaveDocumentMissing, ("文号",)),
        ([assessed()], decided(review_on=None), ce.ReviewDayMissing, ("县教育局",)),
        ([assessed()], decided(on=date(2026, 11, 21)), errors.PlacementDayRefused, ("还没有到",)),
        ([], assessed(role="principal"), errors.PlacementRoleRefused, ("县教育局",)),
        ([], assessed(document=""), LeaveDocumentMissing, ("评估意见书",)),
        ([], assessed(opinion=None), errors.PlacementPaperMissing, ("评估意见书",)),
        ([], reviewed(), errors.NoPlacement, ("县教育局",)),
        ([assessed(), decided()], reviewed(note=None), errors.PlacementPaperMissing, ("复核",)),
        ([assessed(), decided()], reviewed(review_on=TODAY), ce.ReviewDayMissing, ()),
        ([], ended(), errors.NoPlacement, ("县教育局",)),
        ([assessed(), decided()], ended(role="principal"), errors.PlacementRoleRefused, ("县",)),
        ([assessed(), decided()], ended(document=""), LeaveDocumentMissing, ("文号",)),
        ([assessed(), decided()], ended(note=None), errors.PlacementPaperMissing, ("理由",)),
        ([assessed(), decided()], ended(on=BEGAN), errors.PlacementDayRefused, ("早于",)),
        ([], visited(a_child()), errors.NotTaughtAtHome, ("在读", "县教育局")),
        ([], visited(role="inspector"), errors.PlacementRoleRefused, ("班主任",)),
        ([], visited(lessons=0), errors.PlacementPaperMissing, ("课时",)),
        ([], visited(teachers=[]), errors.PlacementPaperMissing, ("送教教师",)),
        ([], visited(content=None), errors.PlacementPaperMissing, ("教学内容",)),
        ([], visited(on=date(2026, 11, 21)), errors.PlacementDayRefused, ("还没有到",)),
        ([visited()], visited(), errors.VisitRepeated, ("第 1 次",)),
        ([visited()], voided(2), errors.VisitUnknown, ("第 2 次",)),
        ([visited()], voided(reason=None), errors.PlacementPaperMissing, ("理由",)),
        ([visited(), voided()], voided(), errors.VisitUnknown, ("已更正",)),
    ],
)
def test_what_is_missing_is_named_with_who_supplies_it(
    steps: list[Step], step: Step, error: type[Any], words: tuple[str, ...]
) -> None:
    a_placement(*steps).when(step).then_refused(error, *words)


def test_a_placement_at_school_leaves_the_child_what_it_was() -> None:
    child = a_child()
    before = child.version
    a_placement(assessed()).when(decided(child=child)).then((ev.PlacementDecided, {}))
    assert child.version == before


def test_a_review_sets_the_next_one() -> None:
    outcome = a_placement(assessed(), decided()).when(reviewed(review_on=date(2027, 9, 30)))
    outcome.then((ev.PlacementReviewed, {"review_on": date(2027, 9, 30)}))
    assert outcome.aggregate.review_on == date(2027, 9, 30)


def test_only_a_placement_by_leave_ends_with_the_leave() -> None:
    at_school = a_placement(assessed(), decided())
    at_school.when(lambda p, x: deciding.end(p, x, on=TODAY, decision="c:1")).then_nothing()


def test_a_corrected_visit_may_be_recorded_again_under_a_new_number() -> None:
    outcome = a_placement(visited(), voided()).when(visited())
    outcome.then((ev.HomeVisitMade, {"visit": 2, "lessons": 2}))
    assert list(outcome.aggregate.visits) == [2]


def test_visits_go_on_after_the_last_day_until_something_else_is_decided() -> None:
    child = at_home(until=date(2026, 10, 31))
    a_placement().when(visited(child)).then((ev.HomeVisitMade, {"visit": 1}))


@pytest.mark.parametrize(
    ("given_", "wanted"), [("智力残疾", "智力"), ("5", "智力"), ("多重", "多重")]
)
def test_a_category_is_read_as_people_write_it(given_: str, wanted: str) -> None:
    assert assessing.category_of(given_) == wanted


def test_a_category_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(errors.CategoryUnknown, match="视力、听力"):
        assessing.category_of("糖尿病")
    with pytest.raises(errors.CategoryUnknown, match="一级、二级"):
        assessing.level_of("五级")


# Months against the plan


def calendar() -> SchoolCalendar:
    """The autumn term of 2026, 1 September to 22 January."""
    return county_with(AUTUMN).for_school(None)


def outcomes(
    plan: TeachingPlan, made: list[date], day: date
) -> list[tuple[int | None, int, Outcome]]:
    return [(each.planned, each.done, each.outcome) for each in months(plan, made, calendar(), day)]


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def test_a_month_is_open_until_its_end_then_kept_or_missed() -> None:
    plan = TeachingPlan(2, date(2026, 9, 1), date(2027, 1, 22))
    made = days("2026-09-08", "2026-09-22", "2026-10-13")
    assert outcomes(plan, made, date(2026, 10, 31)) == [
        (2, 2, Outcome.KEPT),
        (2, 1, Outcome.OPEN),
    ]
    assert outcomes(plan, made, date(2026, 11, 1)) == [
        (2, 2, Outcome.KEPT),
        (2, 1, Outcome.MISSED),
        (2, 0, Outcome.OPEN),
    ]


def test_a_month_of_few_school_days_asks_for_its_share_and_a_holiday_for_none() -> None:
    plan = TeachingPlan(4, date(2026, 9, 21), date(2026, 12, 31))
    first, *_ = outcomes(plan, [], date(2026, 10, 1))
    assert first[0] == 1  # 7 school days of 22 weekdays: 4 × 7/22 = 1.3
    summer = TeachingPlan(4, date(2026, 7, 1), date(2026, 12, 31))
    assert outcomes(summer, [], date(2026, 9, 1))[:2] == [
        (0, 0, Outcome.VOID),
        (0, 0, Outcome.VOID),
    ]


def test_a_month_of_an_unknown_year_is_not_judged() -> None:
    plan = TeachingPlan(4, date(2027, 1, 1), date(2027, 1, 31))
    assert outcomes(plan, [], date(2027, 2, 1)) == [(None, 0, Outcome.VOID)]


def test_a_visit_to_come_is_not_counted_yet() -> None:
    plan = TeachingPlan(2, date(2026, 9, 1), date(2026, 12, 31))
    assert outcomes(plan, days("2026-09-20"), date(2026, 9, 10)) == [(2, 0, Outcome.OPEN)]


def test_the_county_ends_a_placement_at_a_school_and_another_may_follow() -> None:
    placed = a_placement(assessed(), decided())
    placed.when(ended()).then((ev.PlacementEnded, {"document": "县教9号", "note_ref": NOTE}))
    over = (assessed(), decided(), ended())
    a_placement(*over).when(ended()).then_refused(errors.NoPlacement, "不能结束")
    a_placement(*over).when(decided()).then((ev.PlacementDecided, {"kind": K.INCLUSIVE}))
