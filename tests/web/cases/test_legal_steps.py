"""依法控辍四步 on the page of a case: their state, a paper issued and served."""

from __future__ import annotations

from ckbx.application.legal import look_at_steps
from ckbx.domain.legal.codes import PaperKind, ServiceMode
from ckbx.web.pages.cases.in_hand import own_home
from projections.scope import Scope
from tests.support.case_county import CaseCounty
from tests.web.cases.visiting import JPEG, Changed, Visitor, sent_by, visiting, words

NOTICE: Changed = {
    "paper": "persuasion_notice",
    "document": "测小劝〔2025〕1号",
    "due_days": "7",
}


def test_the_four_steps_are_shown_with_what_comes_next_and_who_does_it(head: Visitor) -> None:
    page = words(head.get(head.path()).text.split('id="legal"')[1])
    for said in ("1宣传教育", "2责令改正", "3行政处罚", "4申请强制执行或提起诉讼"):
        assert said in page
    assert "出具：劝返通知书由学校、村（社区）或乡镇办" in page
    assert "出具法律文书" in page


def test_a_notice_is_issued_and_served(county: CaseCounty, head: Visitor) -> None:
    answer = head.take("legal-issue", NOTICE)
    assert answer.status_code == 303, words(answer.text)
    (paper,) = look_at_steps(
        county.office, county.case_id(), county.office.today()
    ).state.papers.values()
    assert (paper.kind, paper.document) == (PaperKind.PERSUASION_NOTICE, "测小劝〔2025〕1号")
    served = head.take(
        "legal-serve",
        {"recipient": "father", "taker": "王大山", "who": ["head"], "evidence": "送达回证"},
        [("回证.jpg", JPEG)],
    )
    assert served.status_code == 303, words(served.text)
    (paper,) = look_at_steps(
        county.office, county.case_id(), county.office.today()
    ).state.papers.values()
    assert paper.service is not None
    assert paper.service.mode is ServiceMode.DIRECT
    page = head.get(head.path()).text
    assert "直接送达9月5日" in words(page)
    assert f"{head.path()}/files/" in page
    events = [found.event for found in county.store.log.read(0, 100_000)]
    assert "王大山" not in repr(events)


def test_a_paper_that_was_issued_asks_to_be_served_next(
    county: CaseCounty, head: Visitor, bureau: Visitor
) -> None:
    head.take("legal-issue", NOTICE)
    page = head.get(f"{head.path()}?done=legal-issue").text
    assert "接下来：送达劝返通知书" in words(page)
    assert sent_by(page, head.path("legal-serve"))["paper"] == ["1"], "the form stands open"
    for name in ("persuasion_notice", "service_receipt"):
        assert f"{head.path()}/papers/{name}.pdf" in page.split('id="rounds"')[0]
    assert "待送达" in words(page.split('id="legal"')[1])
    receipt = words(head.get(head.path("papers/service_receipt")).text)
    assert "送达回证" in receipt
    assert 'value="劝返通知书"' in head.get(head.path("papers/service_receipt")).text
    assert 'value="测小劝〔2025〕1号"' in head.get(head.path("papers/service_receipt")).text
    assert "legal-serve" not in bureau.get(bureau.path()).text.split('id="rounds"')[0]

    head.take(
        "legal-serve",
        {"recipient": "father", "taker": "王大山", "who": ["head"], "evidence": "送达回证"},
    )
    page = words(head.get(f"{head.path()}?done=legal-serve").text)
    assert "接下来：等待期满：劝返通知书" in page
    assert "待送达" not in page


def test_a_form_asks_for_what_the_papers_that_may_be_issued_need(head: Visitor) -> None:
    assert "罚款" not in words(head.get(head.path("legal-issue")).text)


def test_what_the_law_does_not_allow_is_refused_and_stays_typed(head: Visitor) -> None:
    answer = head.take("legal-issue", {**NOTICE, "due_days": "99"})
    assert answer.status_code == 422
    assert "劝返通知书" in words(answer.text)
    assert sent_by(answer.text, head.path("legal-issue"))["due_days"] == ["99"]
    answer = head.send(
        "legal-issue",
        {**head.form("legal-issue", paper="persuasion_notice"), **NOTICE, "paper": "fine_decision"},
    )
    assert answer.status_code == 422


def test_legal_steps_that_others_took_meanwhile_are_shown(
    county: CaseCounty, head: Visitor
) -> None:
    form = {**head.form("legal-issue", paper="persuasion_notice"), **NOTICE}
    other = visiting(county, "ct1")
    assert other.take("legal-issue", {**NOTICE, "document": "测小劝〔2025〕2号"}).status_code == 303
    answer = head.send("legal-issue", form)
    assert answer.status_code == 422
    assert "别人办过这个个案" in words(answer.text)
    assert sent_by(answer.text, head.path("legal-issue"))["document"] == ["测小劝〔2025〕1号"]


def test_a_township_issues_in_its_own_name_where_a_child_has_two_homes() -> None:
    """Registered in one township and living in another, a child is seen by both."""
    registered, living = "522697105200", "522697102201"
    for township, home in (("522697105", registered), ("522697102", living)):
        assert own_home(Scope.villages([township]), (registered, living)) == home
    assert own_home(Scope.villages(["522697109"]), (registered, living)) == registered
    assert own_home(Scope.county(), (None, living)) == living
    assert own_home(Scope.county(), (None, None)) == ""
