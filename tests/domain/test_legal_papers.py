"""Who may issue which paper, what must stand on it, and what a mistake costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ckbx.domain.legal import basis, errors, papers
from ckbx.domain.legal.checks import check_code
from ckbx.domain.legal.codes import PAPERS, Obeyed, PaperKind, SkipReason
from ckbx.domain.legal.grounds import defects
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.terms import Draft
from ckbx.domain.school.school import County
from tests.domain.legal_cells import COMMANDS, at
from tests.domain.legal_cells import STATES as CELLS
from tests.dsl import context
from tests.support.legal import CASE, CHILD, COUNTY, Steps

K = PaperKind
EVERY_ROLE = (
    *("class_teacher", "case_teacher", "grade_leader", "principal", "village_officer"),
    *("township_officer", "bureau_officer", "bureau_leader", "inspector", "registrar"),
    *("liaison", "administrator"),
)


def state(name: str) -> Steps:
    """The four steps in a named state, on its day."""
    make, day = CELLS[name]
    steps = make()
    steps.today = at(day)
    return steps


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize("kind", PaperKind)
def test_only_the_bodies_of_a_step_issue_its_papers(kind: PaperKind, role: str) -> None:
    steps = Steps(at(0))
    step_one = {"class_teacher", "case_teacher", "grade_leader", "principal", "village_officer"}
    may = {"township_officer"} | (step_one if PAPERS[kind].step == 1 else {"bureau_officer"})
    with pytest.raises(errors.LegalRefusal) as refusal:
        steps.issue(at(0), kind, role=role, due_days=999)
    assert (type(refusal.value) is errors.NotThisRole) == (role not in may)
    if role not in may:
        assert "办理；请" in str(refusal.value)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, errors.DeadlineMissing),
        ({"due_on": at(18), "due_days": 10}, errors.DeadlineMissing),
        ({"due_days": 6}, errors.DeadlineOutOfBounds),
        ({"due_days": 16}, errors.DeadlineOutOfBounds),
        ({"due_on": at(8 + 6)}, errors.DeadlineOutOfBounds),
        ({"due_on": at(8 + 16)}, errors.DeadlineOutOfBounds),
        ({"due_days": 10, "amount": 5}, errors.AmountNotAllowed),
    ],
)
def test_an_order_gives_seven_to_fifteen_days_and_asks_no_fine(
    fields: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        state("notice lapsed").issue(at(8), K.ORDER_TO_ATTEND, **fields)


@pytest.mark.parametrize("n", [7, 15])
def test_the_bounds_themselves_are_allowed(n: int) -> None:
    state("notice lapsed").issue(at(8), K.ORDER_TO_RETURN, due_days=n)


def test_the_numbers_of_the_rule_pack_are_those_of_the_day_of_issue() -> None:
    steps = state("notice lapsed")
    steps.issue(at(8), K.ORDER_TO_ATTEND, due_days=10)
    (issued,) = [e for e in steps.events if getattr(e, "kind", "") == K.ORDER_TO_ATTEND]
    assert issued.rule_version == 0  # type: ignore[attr-defined]


def test_a_fine_may_not_be_raised_after_the_guardian_has_spoken() -> None:
    steps = state("told, period over")
    with pytest.raises(errors.FineHeavier, match="600 元高于告知的 500"):
        steps.issue(at(30), K.FINE_DECISION, amount=600, due_days=10, pay_by=at(45))
    steps.issue(at(30), K.FINE_DECISION, amount=400, due_days=10, pay_by=at(45))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"amount": None, "pay_by": at(45)}, errors.AmountMissing),
        ({"amount": 0, "pay_by": at(45)}, errors.AmountMissing),
        ({"amount": 500}, errors.DeadlineMissing),
        ({"amount": 500, "pay_by": at(29)}, errors.DeadlineMissing),
    ],
)
def test_a_decision_names_its_fine_and_until_when_to_pay(
    fields: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        state("told, period over").issue(at(30), K.FINE_DECISION, due_days=10, **fields)


def test_a_paper_is_not_dated_in_the_future_nor_before_the_steps_began() -> None:
    steps = state("order lapsed")
    with pytest.raises(errors.LegalDayInFuture):
        steps.issue(at(20), K.FINE_NOTICE, amount=500)
    with pytest.raises(errors.LegalDateOrder, match="启动步骤"):
        steps.issue(at(-1), K.FINE_NOTICE, amount=500)


def test_a_document_number_is_asked_for_and_stands_once() -> None:
    steps = state("order lapsed")
    with pytest.raises(errors.DocumentNumberMissing):
        steps.issue(at(19), K.FINE_NOTICE, amount=500, document=" ")
    used = steps.state.papers[1].document
    with pytest.raises(errors.DocumentNumberUsed, match="劝返通知书"):
        steps.issue(at(19), K.FINE_NOTICE, amount=500, document=used)
    with pytest.raises(errors.PersonalTextRefused):
        steps.issue(at(19), K.FINE_NOTICE, amount=500, document="县罚〔2019〕1号\n另附说明")


@pytest.mark.parametrize("value", ["杨某某", "note 1", "a\nb", "", "x" * 121])
def test_names_and_typed_text_are_refused_where_a_code_belongs(value: str) -> None:
    with pytest.raises(errors.PersonalTextRefused, match="个人信息库"):
        check_code("送达人", value)


def test_a_correction_that_takes_the_ground_away_stops_what_comes_next() -> None:
    steps = state("ground gone")
    assert list(defects(steps.state, steps.law)) == [3]
    steps.today = at(40)
    with pytest.raises(errors.GroundGone, match="还没有送达回证"):
        steps.issue(at(40), K.FINE_DECISION, amount=500, due_days=10, pay_by=at(50))


def test_a_service_recorded_anew_with_its_true_day_gives_the_ground_back() -> None:
    steps = state("ground gone")
    steps.serve(at(8), 2)
    assert defects(steps.state, steps.law) == {}
    steps.today = at(40)
    steps.issue(at(40), K.FINE_DECISION, amount=500, due_days=10, pay_by=at(50))


def test_a_true_day_after_which_the_next_paper_came_too_early_keeps_the_defect() -> None:
    steps = state("ground gone")
    steps.serve(at(12), 2)
    (why,) = defects(steps.state, steps.law).values()
    assert isinstance(why, errors.DeadlineNotPassed)
    steps.today = at(41)
    steps.revoke(at(41), 3)
    steps.give(at(41), K.FINE_NOTICE, amount=500)


def test_obeying_found_out_later_takes_the_ground_from_what_was_issued_after_it() -> None:
    steps = state("told, may answer")
    steps.comply(at(15), 2)
    (why,) = defects(steps.state, steps.law).values()
    assert isinstance(why, errors.AlreadyComplied)


def test_obeying_on_the_day_a_paper_was_issued_leaves_that_paper_its_ground() -> None:
    steps = state("told, may answer")
    steps.comply(at(19), 3)
    assert defects(steps.state, steps.law) == {}


def test_a_served_paper_is_taken_back_only_by_a_numbered_decision() -> None:
    steps = state("order running")
    with pytest.raises(errors.DocumentNumberMissing):
        steps.revoke(at(18), 2, document=None)
    steps.revoke(at(18), 2)
    with pytest.raises(errors.PaperUnknown):
        steps.revoke(at(18), 2)


def test_a_step_done_after_all_takes_the_place_of_the_leave_to_skip_it() -> None:
    steps = state("notice lapsed")
    steps.skip(at(8), 2, SkipReason.DONE_BEFORE)
    steps.skip(at(8), 3, SkipReason.HARDSHIP)
    steps.give(at(8), K.ORDER_TO_ATTEND, due_days=10)
    steps.today = at(19)
    with pytest.raises(errors.DeadlineNotPassed):
        steps.issue(at(18), K.COMPLAINT)
    steps.issue(at(19), K.COMPLAINT)


def test_a_skipped_order_is_no_ground_for_a_fine() -> None:
    steps = state("notice lapsed")
    steps.skip(at(8), 2, SkipReason.URGENT)
    with pytest.raises(errors.OrderMissing):
        steps.issue(at(8), K.FINE_NOTICE, amount=500)


@pytest.mark.parametrize("role", [r for r in EVERY_ROLE if not r.startswith("bureau")])
def test_only_the_county_lets_a_step_be_skipped(role: str) -> None:
    with pytest.raises(errors.NotThisRole, match="县教育局"):
        state("notice lapsed").skip(at(8), 2, SkipReason.URGENT, role=role)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (1, SkipReason.NO_FINE_BASIS),
        (2, SkipReason.HARDSHIP),
        (3, SkipReason.NO_FINE_BASIS),  # untrue: the county has recorded a basis
        (4, SkipReason.OTHER),
    ],
)
def test_a_reason_must_fit_its_step_and_be_true(step: int, reason: SkipReason) -> None:
    with pytest.raises(errors.SkipReasonWrong):
        state("order lapsed").skip(at(19), step, reason)


@pytest.mark.parametrize("field", ["document", "text_ref", "approver"])
def test_a_skip_names_its_document_its_text_and_who_approved_it(field: str) -> None:
    with pytest.raises(errors.LegalRefusal):
        state("order lapsed").skip(at(19), 3, SkipReason.HARDSHIP, **{field: ""})


def test_away_again_the_same_order_opens_the_next_step() -> None:
    steps = state("away again")
    COMMANDS["issue fine_notice"](steps, at(21))


def test_a_return_recorded_by_mistake_never_was() -> None:
    steps = state("complied")
    steps.cease(at(19), mistake=True)
    assert steps.state.back == []
    steps.note_lapse(2)


def test_only_a_decision_or_reminder_is_paid() -> None:
    with pytest.raises(errors.WrongPaper, match="缴纳罚款"):
        state("order running").comply(at(18), 2, Obeyed.FINE)


def test_school_and_fine_obeyed_leave_nothing_to_enforce() -> None:
    steps = state("decision final")
    steps.comply(at(200), 5, Obeyed.ALL)
    with pytest.raises(errors.AlreadyComplied):
        steps.issue(at(220), K.ENFORCEMENT_APPLICATION)
    assert [e.scope for e in steps.events if hasattr(e, "scope")] == [Obeyed.ALL]


def test_a_promise_in_time_moves_the_term_once_and_not_far() -> None:
    steps = state("order running")
    with pytest.raises(errors.PromiseTooFar):
        steps.promise(at(18), 2, at(34))
    steps.promise(at(18), 2, at(25))
    with pytest.raises(errors.PromiseStands):
        steps.promise(at(18), 2, at(26))
    steps.today = at(26)
    with pytest.raises(errors.DeadlineNotPassed):
        steps.issue(at(25), K.FINE_NOTICE, amount=500)
    steps.issue(at(26), K.FINE_NOTICE, amount=500)


def test_a_promise_after_the_term_moves_nothing() -> None:
    steps = state("order lapsed")
    steps.promise(at(19), 2, at(30))
    steps.issue(at(19), K.FINE_NOTICE, amount=500)


def test_a_lapse_is_noted_once() -> None:
    steps = state("order lapsed")
    steps.note_lapse(2)
    before = steps.state.version
    steps.note_lapse(2)
    assert steps.state.version == before


def test_a_lapse_is_noted_again_for_the_service_recorded_anew() -> None:
    steps = state("order lapsed")
    steps.note_lapse(2)
    steps.void_service(at(19), 2)
    with pytest.raises(errors.NotServedYet):
        steps.note_lapse(2)
    steps.serve(at(9), 2)
    steps.today = at(20)
    before = steps.state.version
    steps.note_lapse(2)
    assert steps.state.version == before + 1


def test_the_county_records_changes_and_withdraws_the_basis_of_a_fine() -> None:
    county = County(County.stream(COUNTY))
    ctx = context(date(2026, 9, 1))
    values: dict[str, Any] = {
        "matter": basis.FINE,
        "on": date(2026, 9, 1),
        "role": "bureau_officer",
    }
    for _ in range(2):
        basis.record_basis(county, ctx, document="县政规〔2026〕1号", **values)
    assert (county.version, county.legal_basis) == (1, {"fine": "县政规〔2026〕1号"})
    with pytest.raises(errors.NotThisRole, match="县教育局"):
        basis.record_basis(county, ctx, document="x", **{**values, "role": "principal"})
    with pytest.raises(errors.LegalMatterUnknown):
        basis.record_basis(county, ctx, document="x", **{**values, "matter": "tax"})
    with pytest.raises(errors.DocumentNumberMissing):
        basis.record_basis(county, ctx, document="", **values)
    with pytest.raises(errors.ReferenceMissing):
        basis.withdraw_basis(county, ctx, text_ref="", **values)
    basis.withdraw_basis(county, ctx, text_ref="t1", **values)
    assert county.legal_basis == {}
    with pytest.raises(errors.BasisNotRecorded):
        basis.withdraw_basis(county, ctx, text_ref="t1", **values)


def test_a_pledge_may_have_a_number_as_papers_have() -> None:
    steps = state("order running")
    steps.promise(at(18), 2, at(20), document="承〔2019〕3号")
    with pytest.raises(errors.PersonalTextRefused):
        state("order running").promise(at(18), 2, at(20), document="杨某\n承诺")


def test_a_paper_whose_term_the_law_sets_takes_no_other() -> None:
    with pytest.raises(errors.DeadlineNotAllowed, match=K.REMINDER.label):
        state("decision lapsed").issue(at(46), K.REMINDER, due_days=10)


@pytest.mark.parametrize("code", ["53082", "53082910A", "530829103201", "５３０８２９１０３"])
def test_the_issuer_is_named_by_a_code_of_its_kind(code: str) -> None:
    steps = state("notice lapsed")
    draft = Draft(kind=K.ORDER_TO_ATTEND, on=at(8), document="责令1号", issuer=code, due_days=10)
    with pytest.raises(errors.IssuerCodeWrong, match="9 位"):
        papers.issue(
            steps.state,
            context(at(8)),
            draft,
            role="township_officer",
            law=steps.law,
            of=Subject(CASE, CHILD),
        )
