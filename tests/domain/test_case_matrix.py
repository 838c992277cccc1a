"""Every step at every stage of a case is taken or refused by a named error."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.domain.case import (
    closing,
    plan,
)
from ckbx.domain.case.codes import (
    Stage,
)
from ckbx.domain.case.errors import (
    CaseDayRefused,
    NotFoundDroppedOut,
    RoleRefused,
    StageRefuses,
)
from ckbx.domain.case.steps import STEPS
from tests.domain.case_kit import (
    ALLOWED,
    BEFORE,
    NOTE,
    REACHED,
    TAKEN,
    TODAY,
    Step,
    a_case,
    a_round,
    liaison,
    reported,
)


@pytest.mark.parametrize("stage", list(Stage), ids=str)
@pytest.mark.parametrize("step", TAKEN)
def test_every_step_at_every_stage_is_taken_or_refused_by_name(stage: Stage, step: str) -> None:
    outcome = a_case(stage, *BEFORE.get(step, []))
    assert outcome.aggregate.stage is stage
    outcome.when(TAKEN[step])
    if str(stage) in ALLOWED[step]:
        assert outcome.error is None
        assert len(outcome.events) == 1
    elif step == "determine" and stage in (Stage.OPEN, Stage.VERIFIED):
        outcome.then_refused(NotFoundDroppedOut, "核查")
    else:
        outcome.then_refused(
            StageRefuses, stage.label, "请" if stage is not Stage.WITHDRAWN else ""
        )


def test_every_step_of_the_table_is_tried() -> None:
    assert set(TAKEN) == set(STEPS) == set(ALLOWED)
    assert set(REACHED) == set(Stage)


@pytest.mark.parametrize(
    ("step", "who"),
    [
        (lambda c, x: plan.release_teacher(c, x, role="case_teacher", last_day=TODAY), "校长"),
        (lambda c, x: reported(c, x, role="class_teacher"), "校长"),
        (liaison(role="principal"), "联络员"),
        (
            lambda c, x: closing.reopen(c, x, role="principal", on=TODAY, reason=NOTE),
            "县教育局",
        ),
        (a_round(role="inspector"), "帮扶教师"),
    ],
)
def test_the_wrong_person_is_told_who_can(step: Step, who: str) -> None:
    a_case(Stage.OPEN).when(step).then_refused(RoleRefused, who)


def test_a_step_is_not_dated_in_the_future_or_before_the_absence() -> None:
    early, late = date(2026, 9, 14), date(2026, 11, 21)
    for day in (early, late):
        a_case(Stage.OPEN).when(a_round(on=day)).then_refused(CaseDayRefused, str(day))
