"""缺勤家访 before there is a case: by whom, about which absence, and what has to be said of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.case.errors import MetContradicts, NobodySaidMet, PromiseUndated
from ckbx.domain.child import events as e
from ckbx.domain.child import home_visit
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import InTheFuture
from ckbx.domain.child.focus_errors import FocusNotTheirs
from ckbx.domain.child.home_visit import Visit, may_be_visited
from ckbx.domain.child.return_codes import Whereabouts
from ckbx.domain.child.visit_errors import (
    HomeVisitUnknown,
    NoAbsenceToVisit,
    VisitBelongsToCase,
    WithdrawalUnexplained,
)
from ckbx.domain.child.visit_events import HomeVisited, HomeVisitWithdrawn
from ckbx.domain.shared.event import CommandContext
from tests.domain.test_child_transitions import KEY, Step, enrolled, registered, suspected
from tests.dsl import Given, an_id, given

MONDAY = date(2026, 11, 16)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3, 4))
U, SICK = Reason.UNEXPLAINED, Reason.SICK


def a_child(today: date = FRIDAY) -> Given[Child]:
    """At school since September, on a day."""
    return given(Child(an_id(1)), today).after(registered, enrolled)


def away(day: date, why: Reason = U) -> Step:
    """The roll call of a day names the child as absent."""

    def step(child: Child, ctx: CommandContext) -> None:
        child.trigger_event(e.AbsenceRecorded, ctx, occurred_on=day, class_key=KEY, reason=why)

    return step


def there(day: date) -> Step:
    """The child was at school again."""

    def step(child: Child, ctx: CommandContext) -> None:
        child.trigger_event(e.AttendanceResumed, ctx, occurred_on=day, class_key=KEY)

    return step


def visit(on: date = TUESDAY, role: str = "class_teacher", **more: Any) -> Step:
    said = {"met": [Met.MOTHER], "outcome": RoundOutcome.WAVERING, **more}
    return lambda child, ctx: home_visit.visit(child, ctx, Visit(on=on, **said), role=role)


def test_a_visit_says_whom_they_met_what_came_of_it_and_where_the_child_is() -> None:
    note = UUID(int=7)
    a_child().after(away(MONDAY), away(TUESDAY)).when(
        visit(
            met=[Met.MOTHER, Met.CHILD],
            outcome=RoundOutcome.PROMISED,
            promised_on=THURSDAY,
            whereabouts=Whereabouts.AT_HOME,
            note=note,
        )
    ).then(
        (
            HomeVisited,
            {
                "occurred_on": TUESDAY,
                "absent_on": TUESDAY,
                "visited_by": "class_teacher",
                "met": [Met.MOTHER, Met.CHILD],
                "outcome": RoundOutcome.PROMISED,
                "promised_on": THURSDAY,
                "whereabouts": Whereabouts.AT_HOME,
                "note_ref": note,
                "attachments": [],
            },
        )
    )


@pytest.mark.parametrize("role", ["class_teacher", "case_teacher", "grade_leader", "principal"])
def test_those_of_the_school_who_may_call_may_visit(role: str) -> None:
    a_child().after(away(TUESDAY)).when(visit(role=role)).then((HomeVisited, {}))


@pytest.mark.parametrize("role", ["village_officer", "registrar", "bureau_officer"])
def test_nobody_else_records_one(role: str) -> None:
    a_child().after(away(TUESDAY)).when(visit(role=role)).then_refused(
        FocusNotTheirs, "班主任", "帮扶教师"
    )


def test_a_visit_is_about_the_last_day_away_before_it() -> None:
    a_child().after(away(MONDAY), away(TUESDAY, SICK)).when(visit(THURSDAY)).then(
        (HomeVisited, {"absent_on": MONDAY})
    )


def test_who_came_back_that_morning_may_have_been_visited_that_day_and_not_on_a_later_one() -> None:
    back = a_child().after(away(TUESDAY), there(WEDNESDAY))
    back.when(visit(WEDNESDAY)).then((HomeVisited, {"absent_on": TUESDAY}))
    back = a_child().after(away(TUESDAY), there(WEDNESDAY))
    back.when(visit(THURSDAY)).then_refused(NoAbsenceToVisit, "2026-11-19")


@pytest.mark.parametrize("before", [[], [away(TUESDAY, SICK)], [away(WEDNESDAY)]])
def test_without_an_unexplained_absence_before_it_there_is_nothing_to_visit(
    before: list[Step],
) -> None:
    a_child().after(*before).when(visit()).then_refused(NoAbsenceToVisit)


def test_nobody_visits_on_a_day_to_come() -> None:
    a_child(TUESDAY).after(away(TUESDAY)).when(visit(WEDNESDAY)).then_refused(InTheFuture)


def test_from_the_suspicion_on_a_visit_is_a_step_on_the_case() -> None:
    child = a_child().after(away(THURSDAY), away(FRIDAY), suspected)
    child.when(visit(FRIDAY)).then_refused(VisitBelongsToCase, "2026-11-20", "个案")


def test_one_made_before_the_suspicion_may_still_be_recorded_after_it() -> None:
    child = a_child().after(away(THURSDAY), away(FRIDAY), suspected)
    child.when(visit(THURSDAY)).then((HomeVisited, {"absent_on": THURSDAY}))


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"met": []}, NobodySaidMet),
        ({"met": [Met.NOBODY, Met.MOTHER]}, NobodySaidMet),
        ({"met": [Met.NOBODY]}, MetContradicts),
        ({"outcome": RoundOutcome.NOT_MET}, MetContradicts),
        ({"outcome": RoundOutcome.PROMISED}, PromiseUndated),
        ({"outcome": RoundOutcome.PROMISED, "promised_on": MONDAY}, PromiseUndated),
    ],
)
def test_whom_they_met_and_what_came_of_it_agree_as_in_a_case(
    said: dict[str, Any], refused: type[NobodySaidMet]
) -> None:
    a_child().after(away(TUESDAY)).when(visit(**said)).then_refused(refused)


def test_a_visit_changes_no_status_and_the_last_day_is_remembered() -> None:
    child = a_child().after(away(TUESDAY))
    before = child.aggregate.status_on(FRIDAY)
    child.after(visit(THURSDAY), visit(TUESDAY))
    assert child.aggregate.status_on(FRIDAY) is before
    assert [made.on for made in child.aggregate.visits] == [THURSDAY, TUESDAY]


REASON = UUID(int=5)


def withdrawn(
    on: date = TUESDAY, role: str = "class_teacher", reason: UUID | None = REASON
) -> Step:
    return lambda child, ctx: home_visit.withdraw(child, ctx, on, role=role, reason=reason)


def test_a_visit_recorded_by_mistake_is_withdrawn_once_with_its_reason() -> None:
    child = a_child().after(away(TUESDAY), visit(TUESDAY), visit(THURSDAY))
    said = {"visited_on": TUESDAY, "withdrawn_by": "class_teacher", "reason_ref": UUID(int=5)}
    child.when(withdrawn()).then((HomeVisitWithdrawn, said))
    over = a_child().after(away(TUESDAY), visit(TUESDAY), visit(THURSDAY), withdrawn())
    assert [made.on for made in over.aggregate.visits] == [THURSDAY]
    over.when(withdrawn()).then_refused(HomeVisitUnknown, "已经撤销")


def test_of_two_visits_of_a_day_the_last_is_withdrawn_first() -> None:
    child = a_child().after(away(TUESDAY), visit(), visit())
    first, second = child.aggregate.visits
    child.after(withdrawn())
    assert child.aggregate.visits == (first,) != (second,)


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        (withdrawn(role="village_officer"), FocusNotTheirs),
        (withdrawn(WEDNESDAY), HomeVisitUnknown),
        (withdrawn(reason=None), WithdrawalUnexplained),
    ],
)
def test_a_withdrawal_is_refused_where_it_is_not_theirs_or_says_nothing(
    step: Step, refused: type[Any]
) -> None:
    a_child().after(away(TUESDAY), visit()).when(step).then_refused(refused)


def test_it_is_offered_for_a_week_after_the_absence_until_there_is_a_case() -> None:
    child = a_child().after(away(TUESDAY), there(WEDNESDAY)).aggregate
    assert may_be_visited(child, WEDNESDAY)
    assert may_be_visited(child, WEDNESDAY + timedelta(days=7))
    assert not may_be_visited(child, WEDNESDAY + timedelta(days=8))
    assert not may_be_visited(a_child().after(away(TUESDAY), suspected).aggregate, WEDNESDAY)
    assert not may_be_visited(a_child().aggregate, WEDNESDAY)
