"""What comes next, what is missing, who must act and by when, as a page or an alert asks it."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.domain.legal.codes import PaperKind
from ckbx.domain.legal.next_step import Action, NextStep, next_step, next_steps
from tests.domain.legal_cells import STATES, at
from tests.domain.test_legal_papers import state
from tests.support.legal import Steps

K, A = PaperKind, Action
GOV = ("township_officer", "bureau_officer")
COUNTY = ("bureau_officer", "bureau_leader")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nothing", (A.ISSUE, K.PERSUASION_NOTICE, None, None)),
        ("notice unserved", (A.SERVE, K.PERSUASION_NOTICE, None, at(6))),
        ("notice running", (A.WAIT, K.PERSUASION_NOTICE, at(8), None)),
        ("notice lapsed", (A.ISSUE, K.ORDER_TO_ATTEND, at(8), None)),
        ("order unserved", (A.SERVE, K.ORDER_TO_ATTEND, None, None)),
        ("order running", (A.WAIT, K.ORDER_TO_ATTEND, at(19), None)),
        ("order lapsed", (A.ISSUE, K.FINE_NOTICE, at(19), None)),
        ("order lapsed, no basis", (A.SKIP, None, at(19), None)),
        ("fine skipped", (A.ISSUE, K.COMPLAINT, at(20), None)),
        ("told, may answer", (A.WAIT, K.FINE_NOTICE, at(26), None)),
        ("hearing asked", (A.HEAR, K.FINE_NOTICE, None, None)),
        ("told, period over", (A.ISSUE, K.FINE_DECISION, at(26), None)),
        ("decision running", (A.WAIT, K.FINE_DECISION, at(46), None)),
        ("decision lapsed", (A.ISSUE, K.REMINDER, at(46), None)),
        ("appeal pending", (A.APPEAL, K.FINE_DECISION, None, None)),
        ("decision final", (A.ISSUE, K.ENFORCEMENT_APPLICATION, date(2019, 10, 9), None)),
        ("applied", (A.COURT, K.ENFORCEMENT_APPLICATION, None, None)),
        ("denied", (A.ISSUE, K.COMPLAINT, at(46), None)),
        ("sued", (A.COURT, K.COMPLAINT, None, None)),
        ("mediated", (A.WAIT, K.MEDIATION, at(71), None)),
        ("complied", (A.FOLLOW, None, None, None)),
        ("away again", (A.ISSUE, K.FINE_NOTICE, at(19), None)),
    ],
)
def test_the_next_step_of_each_state(
    name: str, expected: tuple[Action, PaperKind | None, date | None, date | None]
) -> None:
    steps = state(name)
    found = next_step(steps.state, steps.law, steps.today)
    assert found is not None
    if name == "decision final":
        assert found.due_on == date(2020, 1, 8)
        expected = (*expected[:3], found.due_on)
    assert (found.action, found.kind, found.opens_on, found.due_on) == expected
    assert found.who


def test_what_is_missing_is_said_with_who_can_supply_it() -> None:
    steps = state("order lapsed, no basis")
    (fine,) = [
        s
        for s in next_steps(steps.state, steps.law, at(19))
        if s.kind == K.FINE_NOTICE and s.missing
    ]
    assert [m.code for m in fine.missing] == ["legal_fine_basis_missing"]
    assert "请县教育局先登记依据文号" in fine.missing[0].text
    assert not fine.is_open(at(19))


def test_the_bodies_of_each_step_are_told() -> None:
    assert next_of("nothing").who[-1] == "township_officer"
    assert next_of("order lapsed").who == GOV
    assert next_of("order lapsed, no basis").who == COUNTY


def next_of(name: str) -> NextStep:
    steps = state(name)
    found = next_step(steps.state, steps.law, steps.today)
    assert found is not None
    return found


def test_an_order_must_be_served_while_seven_days_are_left() -> None:
    steps: Steps = state("notice lapsed")
    steps.issue(at(8), K.ORDER_TO_ATTEND, due_on=at(20))
    found = next_step(steps.state, steps.law, at(9))
    assert found is not None
    assert (found.action, found.due_on) == (A.SERVE, at(13))
    assert found.is_open(at(13))
    assert not found.is_open(at(14))


def test_a_paper_without_ground_is_to_be_repaired_before_anything_else_is_proposed() -> None:
    steps = state("ground gone")
    found = next_steps(steps.state, steps.law, at(26))
    repair = [s for s in found if s.action == A.REPAIR]
    assert [(s.paper, s.missing[0].code) for s in repair] == [(3, "legal_paper_not_served")]
    assert not [s for s in found if s.action in (A.ISSUE, A.SKIP)]


def test_after_the_window_the_civil_way_is_left_and_the_closed_one_says_why() -> None:
    steps = state("window closed")
    found = next_steps(steps.state, steps.law, at(330))
    assert (found[0].action, found[0].kind) == (A.ISSUE, K.COMPLAINT)
    assert [s.missing[0].code for s in found if s.missing] == ["legal_window_closed"]


@pytest.mark.parametrize("name", STATES)
def test_every_state_says_what_is_next_in_chinese(name: str) -> None:
    steps = state(name)
    found = next_steps(steps.state, steps.law, steps.today)
    assert all(not s.title.isascii() for s in found)
    assert found


def test_once_the_court_granted_enforcement_its_officers_are_waited_for() -> None:
    found = next_of("granted")
    assert (found.action, found.kind) == (A.COURT, K.ENFORCEMENT_GRANTED)


def test_a_child_that_came_back_is_followed_and_no_paper_is_handed_over() -> None:
    steps = state("order unserved")
    steps.comply(at(9), 2)
    found = next_step(steps.state, steps.law, at(9))
    assert found is not None
    assert found.action == A.FOLLOW
