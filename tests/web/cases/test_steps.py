"""Each step on a case through its form: by whom, with which fact, and back to the case."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid5

import pytest

from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.codes import (
    EvidenceKind,
    LetterAnswer,
    Means,
    Measure,
    Met,
    RiskLevel,
    RoundOutcome,
    Stage,
    Tier,
)
from ckbx.domain.child.status import Finding
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from tests.support.case_county import KEY, OTHER, SPACE, CaseCounty
from tests.support.photos import jpeg
from tests.web.cases.visiting import JPEG, NOTHING, Changed, Visitor, sent_by, visiting, words

ON_BOTH = "county"

ROUND: Changed = {
    "hour": "19:00",
    "who": ["helper", "head"],
    "met": ["mother"],
    "outcome": "promised",
    "note": "说下周送来",
}


def test_a_contact_is_recorded_in_the_role_over_this_child(teacher: Visitor) -> None:
    (event,) = teacher.done("contact", {"means": "call", "met": ["mother"], "note": "在外婆家"})
    assert isinstance(event, wk.GuardianContacted)
    assert (event.means, event.met) == (Means.CALL, [Met.MOTHER])
    assert (event.actor, event.acted_as) == ("helper", Role.CASE_TEACHER)
    assert "在外婆家" in teacher.get(teacher.path()).text


def test_a_round_of_two_persons_with_a_photo(teacher: Visitor) -> None:
    promised = (teacher.county.office.today() + timedelta(days=2)).isoformat()
    (event,) = teacher.done("visit", {**ROUND, "promised": promised}, [("DSC1.jpg", JPEG)])
    assert isinstance(event, wk.PersuasionHeld)
    assert [(p.account, p.role) for p in event.participants] == [
        ("helper", Role.CASE_TEACHER),
        ("head", Role.PRINCIPAL),
    ]
    assert (event.tier, event.outcome) == (Tier.SCHOOL, RoundOutcome.PROMISED)
    assert event.promised_on is not None
    assert event.promised_on.isoformat() == promised
    assert [(a.format, a.size) for a in event.attachments] == [("jpg", len(JPEG))]


def test_somebody_without_an_account_is_named_in_the_vault_alone(teacher: Visitor) -> None:
    (event,) = teacher.done(
        "visit",
        {
            **ROUND,
            "who": ["helper"],
            "outcome": "wavering",
            "tier": "school_village",
            "other_name": ["刘网格", ""],
            "other_role": ["liaison", ""],
        },
    )
    assert isinstance(event, wk.PersuasionHeld)
    other = event.participants[1]
    assert (other.account, other.line, other.role) == (None, Line.GOVERNMENT, Role.LIAISON)
    assert "刘网格" in teacher.get(teacher.path()).text
    assert "刘网格".encode() not in b"".join(_bytes(teacher.county))


def _bytes(county: CaseCounty) -> list[bytes]:
    return [repr(found.event).encode() for found in county.store.log.read(0, 100_000)]


def test_a_plan_a_cause_a_risk_and_a_measure(teacher: Visitor) -> None:
    (plan,) = teacher.done("plan", {"words": "每周补课两次", "measures": ["study", "funding"]})
    (cause,) = teacher.done("cause", {"cause": "02"})
    (risk,) = teacher.done("risk", {"level": "orange"})
    (support,) = teacher.done("support", {"measure": "study", "note": "补了数学"})
    assert isinstance(plan, wk.PlanMade)
    assert plan.measures == [Measure.STUDY, Measure.FUNDING]
    assert isinstance(cause, wk.CauseRecorded)
    assert cause.primary
    assert isinstance(risk, wk.RiskAssessed)
    assert risk.level is RiskLevel.ORANGE
    assert isinstance(support, wk.SupportGiven)
    page = words(teacher.get(teacher.path()).text)
    for said in ("每周补课两次", "外出务工（主因）", "风险橙", "补了数学"):
        assert said in page


def test_a_check_with_its_evidence_and_then_the_report(teacher: Visitor, head: Visitor) -> None:
    (check,) = head.done("verify", {"finding": "K", "evidence": "家访记录", "note": "邻居证实"})
    assert isinstance(check, oc.SuspicionVerified)
    assert check.finding is Finding.K
    assert head.case().stage is Stage.PERSUADING
    teacher.done("visit", {**ROUND, "outcome": "refused"})
    (report,) = head.done(
        "report", {"document": "测小报〔2025〕3号", "evidence": "劝返一次，父亲拒绝"}
    )
    assert isinstance(report, wk.WrittenReportMade)


def test_a_suspicion_is_cleared_as_found_and_closed_by_the_principal(head: Visitor) -> None:
    head.done("verify", {"finding": "A", "evidence": "学籍卡"})
    head.county.there(5)
    events = head.done("clear", NOTHING, [("card.jpg", JPEG)])
    assert [type(e) for e in events] == [wk.FilesAttached, ev.CaseConcluded]
    (attached, closed) = head.done("close", {"evidence": "学籍卡复印件"}, [("card.jpg", JPEG)])
    assert isinstance(attached, wk.FilesAttached)
    assert isinstance(closed, ev.CaseClosed)
    assert closed.evidence is EvidenceKind.CLEARED
    assert head.case().stage is Stage.CLOSED


def test_a_wrong_closing_is_reopened_by_the_county(head: Visitor, bureau: Visitor) -> None:
    head.done("verify", {"finding": "A", "evidence": "学籍卡"})
    head.county.there(5)
    head.done("clear", {"evidence": "学籍卡"})
    head.done("close", {"evidence": "学籍卡"})
    (event,) = bureau.done("reopen", {"reason": "核错了人"})
    assert isinstance(event, ev.CaseReopened)


def test_from_the_determination_to_the_return_that_is_confirmed_and_followed_up(
    county: CaseCounty, bureau: Visitor, head: Visitor, teacher: Visitor
) -> None:
    county.away(*range(5, 20))
    county.persuaded_out()
    (determined,) = bureau.done("determine", {"whereabouts": "work_outside"})
    assert isinstance(determined, oc.DropoutDetermined)
    assert determined.unexplained_days == 20
    county.on(county.days[20])
    (back,) = head.done("return", {"placement": "original_class", "class_key": KEY})
    assert isinstance(back, oc.ChildReturned)
    assert "须点名连续到校3个教学日" in words(head.refused("confirm"))
    county.there(20, 21, 22)
    (confirmed,) = head.done("confirm")
    assert isinstance(confirmed, oc.ReturnConfirmed)
    (follow,) = teacher.done("follow-up", {"kind": "visit", "result": "steady", "note": "作业交齐"})
    assert isinstance(follow, oc.FollowUpMade)
    assert "巩固期" in bureau.refused("settle")


def test_a_settled_return_proves_itself(county: CaseCounty, bureau: Visitor) -> None:
    county.persuaded_out()
    day = county.days[5]
    county.on(day)
    visiting(county, "head").done("return", {"class_key": KEY})
    county.there(5, 6, 7)
    visiting(county, "head").done("confirm")
    visiting(county, "helper").done("follow-up", {"result": "steady"})
    county.on(county.days[-1] + timedelta(days=1))
    assert "写明" in bureau.refused("settle")
    bureau.done("settle", {"reason": "教师病假，电话问过"})
    (closed,) = bureau.done("close")
    assert isinstance(closed, ev.CaseClosed)
    assert closed.evidence is EvidenceKind.RETURN


def test_a_child_is_placed_in_another_class_of_the_school(
    county: CaseCounty, head: Visitor
) -> None:
    county.on(county.days[5])
    (back,) = head.done("return", {"placement": "other_class", "class_key": OTHER})
    assert isinstance(back, oc.ChildReturned)
    assert back.class_key == OTHER


def test_a_letter_and_its_answer(head: Visitor) -> None:
    until = (head.county.office.today() + timedelta(days=10)).isoformat()
    letter = {"to": "邻县第二小学", "document": "测小函〔2025〕2号", "reply_by": until}
    unknown = head.refused("letter", {**letter, "region": "隔壁县"})
    assert "不认得“隔壁县”：请写到县（市、区）" in words(unknown)
    assert sent_by(unknown, head.path("letter"))["region"] == ["隔壁县"]
    (sent,) = head.done("letter", {**letter, "region": "贵州省榕江县"})
    assert isinstance(sent, wk.LetterSent)
    assert sent.region == "522632"
    (answered,) = head.done(
        "answer", {"answer": "not_there", "note": "查无此人"}, [("复函.jpg", JPEG)]
    )
    assert isinstance(answered, wk.LetterAnswered)
    assert (answered.number, answered.answer) == (1, LetterAnswer.NOT_THERE)
    assert "answer" not in head.get(head.path()).text.split("也可以办")[1].split("</section>")[0]


def test_a_teacher_is_named_hands_over_and_leaves(county: CaseCounty, head: Visitor) -> None:
    (named,) = head.done(
        "teacher",
        {"account": "ct1", "first": (county.office.today() + timedelta(days=1)).isoformat()},
    )
    assert isinstance(named, wk.TeacherNamed)
    assert named.account == "ct1"
    later = county.office.today() + timedelta(days=2)
    (handed,) = head.done("teacher", {"account": "ct2", "first": later.isoformat()})
    assert isinstance(handed, wk.TeacherNamed)
    assert handed.previous == "ct1"
    assert handed.holder == uuid5(SPACE, "ct2")
    county.on(later)
    (left,) = head.done("release")
    assert isinstance(left, wk.TeacherReleased)


def test_a_photo_is_added_to_a_fact_that_is_there(teacher: Visitor) -> None:
    teacher.done("contact", {"met": ["nobody"]})
    number = str(teacher.case().version)
    (event,) = teacher.done("attach", {"fact": number}, [("a.jpg", JPEG), ("b.jpg", jpeg(b"2"))])
    assert isinstance(event, wk.FilesAttached)
    assert event.fact == int(number)
    assert len(event.attachments) == 2


def test_a_village_officer_walks_there(county: CaseCounty) -> None:
    county._post(Scope(ScopeKind.COUNTY, "522699"), "联络员", Role.LIAISON, "liaison")
    liaison = visiting(county, "liaison")
    (event,) = liaison.done(
        "walk", {"who": ["liaison"], "met": ["relative"], "note": "邻居说在县城"}
    )
    assert isinstance(event, wk.LiaisonVisited)
    assert event.acted_as == Role.LIAISON


@pytest.mark.parametrize("step", ["determine", "settle", "reopen", "close"])
def test_what_others_decide_is_not_offered_and_refused_in_the_domain_s_words(
    teacher: Visitor, step: str
) -> None:
    page = teacher.get(teacher.path()).text
    assert f'{teacher.path()}/{step}"' not in page
    assert "现在不能办" in teacher.get(teacher.path(step)).text
    answer = teacher.send(
        step,
        {
            "on": teacher.county.office.today().isoformat(),
            "whereabouts": "at_home",
            "kind": "return",
            "reason": "试一试",
        },
    )
    assert answer.status_code == 422
    assert "县教育局" in words(answer.text)
    assert teacher.case().version == 1
