"""依法控辍四步 by the page: what else befalls a paper, and what the guardian does and may ask."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ckbx.application.legal import look_at_steps, record_basis
from ckbx.domain.legal.codes import AppealKind, AppealOutcome, SkipReason
from ckbx.domain.legal.events import PaperIssued, PaperServed
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.web.render import short_day
from tests.support.case_county import CaseCounty
from tests.support.county import COUNTY, SCHOOL
from tests.web.cases.visiting import JPEG, Changed, Visitor, sent_by, visiting, words

NOTICE: Changed = {"paper": "persuasion_notice", "document": "测小劝1号", "due_days": "7"}
ORDER: Changed = {"paper": "order_to_attend", "document": "测教令1号", "due_days": "10"}
FINE: Changed = {"paper": "fine_notice", "document": "测教告1号", "amount": "200"}
TOGETHER: Changed = {"who": ["head", "bureau"]}


def steps_of(county: CaseCounty) -> LegalSteps:
    """The steps as the log has them."""
    return look_at_steps(county.office, county.case_id(), county.office.today()).state


def taken(visitor: Visitor, step: str, changed: Changed) -> LegalSteps:
    """The form of a step is handed in and carried out."""
    answer = visitor.take(step, changed)
    assert answer.status_code == 303, words(answer.text)[-900:]
    return steps_of(visitor.county)


def served(visitor: Visitor, number: int, **more: object) -> LegalSteps:
    """A paper is handed to the father."""
    fields = {"recipient": "father", "taker": "王大山", "evidence": "回证", "paper": str(number)}
    return taken(visitor, "legal-serve", {**fields, **TOGETHER})


def noticed(county: CaseCounty, head: Visitor) -> date:
    """The notice is served; the first day after its term."""
    taken(head, "legal-issue", NOTICE)
    served(head, 1)
    return county.office.today() + timedelta(days=8)


def ordered(county: CaseCounty, head: Visitor, bureau: Visitor) -> date:
    """The order is served too; the first day after its term."""
    county.on(noticed(county, head))
    taken(bureau, "legal-issue", ORDER)
    served(bureau, 2)
    return county.office.today() + timedelta(days=11)


def told(county: CaseCounty, head: Visitor, bureau: Visitor) -> None:
    """The 处罚事先告知书 is served."""
    county.on(ordered(county, head, bureau))
    ctx = county.office.context("bureau")
    day = county.office.today()
    record_basis(
        county.office, ctx, matter="fine", document="县政规1号", on=day, role="bureau_officer"
    )
    taken(bureau, "legal-issue", FINE)
    served(bureau, 3)


def test_an_order_whose_turn_it_is_stands_in_the_next_step_of_whoever_may_issue_it(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    county.on(noticed(county, head))
    wanted = "现在可以出：责令送被监护人接受义务教育通知书"
    next_step = bureau.get(bureau.path()).text.split('id="rounds"')[0]
    assert wanted in words(next_step)
    assert f'href="{bureau.path("legal-issue")}"' in next_step
    assert wanted not in words(head.get(head.path()).text)
    taken(bureau, "legal-issue", ORDER)
    assert wanted not in words(bureau.get(bureau.path()).text)


def test_nothing_is_offered_that_nothing_was_done_for(county: CaseCounty, head: Visitor) -> None:
    page = head.get(head.path()).text
    offered = {step for step in STEPS if f'href="{head.path(step)}"' in page}
    assert offered == {"legal-issue"}
    for step in STEPS - {"legal-issue"}:
        form = head.get(head.path(step))
        assert form.status_code == 200
        assert "现在不能办：" in words(form.text)
        assert f'action="{head.path(step)}"' not in form.text


STEPS = {
    "legal-issue",
    "legal-serve",
    "legal-fail",
    "legal-skip",
    "legal-void",
    "legal-revoke",
    "legal-promise",
    "legal-comply",
    "legal-cease",
    "legal-lapse",
    "legal-statement",
    "legal-hearing",
    "legal-appeal",
    "legal-result",
}


def test_a_service_that_failed_is_recorded_with_its_proof(
    county: CaseCounty, head: Visitor
) -> None:
    taken(head, "legal-issue", NOTICE)
    answer = head.take("legal-fail", {"reason": "whereabouts_unknown", "who": ["head"]})
    assert answer.status_code == 422
    assert "走访记录或退件" in words(answer.text)
    fields = sent_by(answer.text, head.path("legal-fail"))
    assert (fields["reason"], fields["who"]) == (["whereabouts_unknown"], ["head"])
    kept = head.send("legal-fail", {**fields, "evidence": "两次上门无人"}, [("门.jpg", JPEG)])
    assert kept.status_code == 303, words(kept.text)
    assert steps_of(county).papers[1].failures == [county.office.today()]
    page = words(head.get(head.path()).text)
    assert "去过1次未成" in page
    assert "下落不明" in page
    assert "两次上门无人" in page


def test_a_paper_that_was_refused_is_left_there(county: CaseCounty, head: Visitor) -> None:
    taken(head, "legal-issue", NOTICE)
    left = {"mode": "left_with_witnesses", "recipient": "father", "taker": "王大山"}
    state = taken(head, "legal-serve", {**left, **TOGETHER, "evidence": "拒收，留置"})
    assert state.papers[1].service is not None


def test_a_service_recorded_wrongly_is_put_aside_and_recorded_anew(
    county: CaseCounty, head: Visitor
) -> None:
    noticed(county, head)
    state = taken(head, "legal-void", {"reason": "wrong_person", "note": "送到邻居家了"})
    assert state.papers[1].service is None
    assert served(head, 1).papers[1].service is not None
    events = [found.event for found in county.store.log.read(0, 100_000)]
    assert "送到邻居家了" not in repr(events)


def test_a_served_paper_is_taken_back_only_by_a_numbered_decision(
    county: CaseCounty, head: Visitor
) -> None:
    noticed(county, head)
    wrong = {"reason": "content_wrong", "note": "写错了名字"}
    answer = head.take("legal-revoke", wrong)
    assert answer.status_code == 422
    assert "写错了名字" in answer.text
    state = taken(head, "legal-revoke", {**wrong, "document": "测小撤1号"})
    assert state.papers[1].revoked_on == county.office.today()
    assert "（已撤销）" in words(head.get(head.path()).text)


def test_a_promise_moves_the_term_and_a_lapse_is_recorded(
    county: CaseCounty, head: Visitor
) -> None:
    noticed(county, head)
    until = county.office.today() + timedelta(days=9)
    promised = {"promised_on": until.isoformat(), "evidence": "承诺书"}
    state = taken(head, "legal-promise", promised)
    assert state.papers[1].promised_on == until
    assert "没有已经到期" in words(head.get(head.path("legal-lapse")).text)
    county.on(until + timedelta(days=1))
    assert f"{short_day(until)}到期：" in words(head.get(head.path("legal-lapse")).text)
    assert taken(head, "legal-lapse", {}).papers[1].lapse_noted


def test_a_child_sent_back_and_away_again_stands_in_the_steps(
    county: CaseCounty, head: Visitor
) -> None:
    noticed(county, head)
    assert taken(head, "legal-comply", {"evidence": "点名到校"}).is_back
    page = head.get(head.path()).text
    assert f'href="{head.path("legal-promise")}"' not in page
    mistaken = {"mistake": ["yes"], "note": "其实没有来"}
    assert not taken(head, "legal-cease", mistaken).is_back


def test_only_the_county_leaves_out_a_step_for_a_reason_that_fits(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    assert "只有县教育局能批准" in words(head.get(head.path("legal-skip")).text)
    skip = {
        "skipped": "1",
        "reason": "hardship",
        "approver": "bureau",
        "document": "县教批1号",
        "note": "父母去向不明",
    }
    refused = bureau.take("legal-skip", skip)
    assert refused.status_code == 422
    assert "父母去向不明" in refused.text
    state = taken(bureau, "legal-skip", {**skip, "reason": "guardian_unreachable"})
    assert state.skips[1].reason is SkipReason.UNREACHABLE
    assert "经批准跳过" in words(bureau.get(bureau.path()).text)
    forged = {**skip, "reason": "urgent", "skipped": "2", "command": "", "seen": ""}
    assert head.send("legal-skip", forged).status_code == 422


def test_a_hearing_that_was_asked_for_is_held_before_the_fine(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    told(county, head, bureau)
    assert f'href="{head.path("legal-statement")}"' not in head.get(head.path()).text
    taken(bureau, "legal-statement", {"answer": "hearing", "evidence": "书面申请"})
    decision = {"paper": "fine_decision", "document": "测教罚1号", "amount": "200"}
    day = county.office.today()
    terms = {"due_days": "15", "pay_by": (day + timedelta(days=15)).isoformat()}
    early = bureau.take("legal-issue", {**decision, **terms})
    assert early.status_code == 422
    assert "听证" in words(early.text)
    state = taken(bureau, "legal-hearing", {"evidence": "听证笔录"})
    assert state.papers[3].hearing_held_on == day
    assert f"已听证{day.month}月{day.day}日" in words(bureau.get(bureau.path()).text)


def test_which_paper_is_chosen_first_and_its_form_asks_for_no_more(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    told(county, head, bureau)
    choice = bureau.get(bureau.path("legal-issue")).text
    assert f'action="{bureau.path("legal-issue")}"' not in choice, "no form before the choice"
    assert f'href="{bureau.path("legal-issue")}?paper=fine_decision"' in choice
    assert "强制执行申请书今天还不能出：" in words(choice), "what it waits for is told"
    asked = {
        "order_to_attend": {"due_on", "due_days"},
        "fine_notice": {"amount"},
        "fine_decision": {"due_on", "due_days", "amount", "pay_by"},
        "reminder": set(),
        "judgement": {"due_on", "due_days"},
    }
    for paper, fields in asked.items():
        form = bureau.form("legal-issue", paper=paper)
        assert fields == {"due_on", "due_days", "amount", "pay_by"} & set(form), paper
    notice = {"paper": "fine_notice", "document": "测教告2号"}
    refused = bureau.take("legal-issue", {**notice, "amount": ""})
    assert refused.status_code == 422
    assert sent_by(refused.text, bureau.path("legal-issue"))["paper"] == ["fine_notice"]
    given = {**notice, "amount": "200", "pay_by": county.office.today().isoformat()}
    assert bureau.take("legal-issue", given).status_code == 422
    school = head.form("legal-issue")
    assert school["paper"] == ["persuasion_notice"], "the only one it issues needs no choice"
    assert "amount" not in school
    unknown = bureau.get(bureau.path("legal-issue") + "?paper=x")
    assert "先选哪种文书" in words(unknown.text)


def test_who_issued_a_paper_and_where_it_was_served_is_chosen_by_name(
    county: CaseCounty, head: Visitor
) -> None:
    page = head.get(head.path("legal-issue") + "?paper=persuasion_notice").text
    assert f'<option value="{SCHOOL}" selected>一小</option>' in page
    taken(head, "legal-issue", NOTICE)
    fields = {"recipient": "father", "taker": "王大山", "evidence": "回证", **TOGETHER}
    both = head.take("legal-serve", {**fields, "place_outside": "贵州省榕江县"})
    assert both.status_code == 422
    assert "县外的，上面选“不在本县”" in words(both.text)
    away = sent_by(both.text, head.path("legal-serve"))
    assert away["place_outside"] == ["贵州省榕江县"]
    taken(head, "legal-serve", {**away, "place": "outside"})
    events = [found.event for found in county.store.log.read(0, 100_000)]
    assert [event.issuer for event in events if isinstance(event, PaperIssued)] == [SCHOOL]
    assert [event.place for event in events if isinstance(event, PaperServed)] == ["522632"]


def test_a_paper_of_the_court_names_where_it_sits(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    ordered(county, head, bureau)
    form = bureau.form("legal-issue", paper="judgement")
    assert form["issuer"] == [COUNTY], "of its own county, unless another is written"
    refused = bureau.take("legal-issue", {"paper": "judgement", "issuer": "朝阳区"})
    assert "叫“朝阳区”的有2处" in words(refused.text)


def test_an_appeal_against_the_fine_is_recorded_with_its_result(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    told(county, head, bureau)
    county.on(county.office.today() + timedelta(days=20))
    day = county.office.today()
    decision = {"paper": "fine_decision", "document": "测教罚1号", "amount": "200"}
    terms = {"due_days": "15", "pay_by": (day + timedelta(days=15)).isoformat()}
    taken(bureau, "legal-issue", {**decision, **terms})
    served(bureau, 4)
    state = taken(bureau, "legal-appeal", {"kind": "review", "document": "县复受1号"})
    pending = state.pending_appeal(4)
    assert pending is not None
    assert pending.kind is AppealKind.REVIEW
    assert "没有结果" in words(bureau.get(bureau.path()).text)
    state = taken(bureau, "legal-result", {"outcome": "upheld", "document": "县复决1号"})
    assert state.appeals[0].outcome is AppealOutcome.UPHELD
    assert "行政复议：第4份决定书" in words(bureau.get(bureau.path()).text)


@pytest.mark.parametrize("step", sorted(STEPS - {"legal-issue", "legal-serve"}))
def test_a_teacher_next_door_reaches_no_legal_act(county: CaseCounty, step: str) -> None:
    other = visiting(county, "ct2")
    assert other.get(other.path(step)).status_code == 404
    assert other.send(step, {"paper": "1"}).status_code == 404
