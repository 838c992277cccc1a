"""登记缺勤家访 by the page: by the school, before there is a case, and read by whoever takes it on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ckbx.access import uploads
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.child.return_codes import Whereabouts
from ckbx.domain.child.visit_events import HomeVisited
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Question
from ckbx.vault import Access
from projections.scope import Scope as Scope_
from tests.support.case_county import CaseCounty
from tests.web.acts.deciding import ChildVisitor
from tests.web.cases.visiting import JPEG, Changed, Visitor, sent_by, words

SAID: Changed = {
    "met": ["mother"],
    "outcome": "promised",
    "promised": "2025-09-04",
    "whereabouts": "at_home",
    "note": "说脚崴了，<b>周四</b>送来",
}


def made(county: CaseCounty) -> list[HomeVisited]:
    stream = county.store.log.load([county.child])[county.child]
    return [event for event in stream if isinstance(event, HomeVisited)]


@pytest.fixture
def away(county: CaseCounty) -> None:
    """Two days without a word: 2 and 3 September."""
    county.away(1, 2)


@pytest.mark.usefixtures("away")
def test_a_visit_with_a_photo_is_recorded_and_stands_in_the_file_of_the_child(
    county: CaseCounty, teacher: ChildVisitor
) -> None:
    assert teacher.offers("home-visit")
    page = teacher.decided("home-visit", SAID, [("DSC1.jpg", JPEG)])
    (event,) = made(county)
    assert (event.actor, event.visited_by, event.absent_on) == (
        "ct1",
        "class_teacher",
        county.days[2],
    )
    assert (event.met, event.outcome) == ([Met.MOTHER], RoundOutcome.PROMISED)
    assert event.whereabouts is Whereabouts.AT_HOME
    assert [each.format for each in event.attachments] == ["jpg"]
    told = words(page.text)
    for each in ("办好了：登记缺勤家访", "见到母亲", "承诺返校", "附件1个", "周四"):
        assert each in told
    assert "<b>周四</b>" not in page.text
    stored = b"".join(row.state for row in county.store.log.read_rows(0, 10**6))
    assert "周四".encode() not in stored


@pytest.mark.usefixtures("away")
def test_what_is_refused_comes_again_as_typed(county: CaseCounty, teacher: ChildVisitor) -> None:
    wrongs: list[Changed] = [
        {"met": []},
        {"met": ["nobody"]},
        {"promised": ""},
        {"whereabouts": "moon"},
    ]
    for wrong in wrongs:
        answer = teacher.take("home-visit", {**SAID, **wrong})
        assert answer.status_code == 422
        assert sent_by(answer.text, teacher.path("home-visit"))["note"] == [SAID["note"]]
    assert made(county) == []


def test_who_is_at_school_is_not_visited(county: CaseCounty, teacher: ChildVisitor) -> None:
    assert not teacher.offers("home-visit")
    assert "现在不能办" in words(teacher.get(teacher.path("home-visit")).text)
    county.away(1)
    assert teacher.offers("home-visit")


@pytest.mark.usefixtures("away")
def test_only_the_childs_own_school_records_one(
    county: CaseCounty, head: ChildVisitor, there: ChildVisitor, bureau: ChildVisitor
) -> None:
    assert head.offers("home-visit")
    assert not bureau.offers("home-visit")
    path = there.path("home-visit")
    assert there.get(path).status_code == 404
    assert there.client.post(path, data={**SAID, "on": "2025-09-03"}).status_code == 404
    refused = bureau.client.post(path, data={**SAID, "on": "2025-09-03"})
    assert refused.status_code == 422
    assert made(county) == []


@pytest.mark.usefixtures("away")
def test_the_case_shows_what_was_done_before_it_with_its_photo(
    county: CaseCounty, teacher: ChildVisitor, there: ChildVisitor
) -> None:
    teacher.decided("home-visit", SAID, [("DSC1.jpg", JPEG)])
    county.away(3, 4, 5)
    assert county.case().exists
    assert not teacher.offers("home-visit")
    case = Visitor(county, "ct1")
    page = case.get(case.path()).text
    assert "立案前家访" in words(page)
    assert "说脚崴了" in page
    assert "老师ct1（班主任）" in words(page)
    (file,) = set(re.findall(rf'href="({case.path()}/files/[^"]+)"', page))
    assert case.get(file).headers["content-type"] == "image/jpeg"
    assert there.get(file).status_code == 404


@pytest.mark.usefixtures("away")
def test_files_of_a_day_are_counted_here_too(
    county: CaseCounty, teacher: ChildVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FILES_A_DAY", 1)
    teacher.decided("home-visit", SAID, [("1.jpg", JPEG)])
    answer = teacher.take("home-visit", SAID, [("2.jpg", JPEG)])
    assert answer.status_code == 422
    assert "今天上传的文件已到限额" in words(answer.text)
    assert len(made(county)) == 1


@pytest.mark.usefixtures("away")
def test_the_one_to_one_teacher_records_one_too(county: CaseCounty) -> None:
    student = Scope(ScopeKind.STUDENT, str(county.child))
    county._post(student, "帮扶教师", Role.CASE_TEACHER, "helper")
    helper = ChildVisitor(county, "helper")
    assert helper.offers("home-visit")
    helper.decided("home-visit", SAID)
    assert [(each.actor, each.visited_by) for each in made(county)] == [("helper", "case_teacher")]


@pytest.mark.usefixtures("away")
def test_a_visit_that_was_none_is_withdrawn_and_listed_no_more(
    county: CaseCounty, teacher: ChildVisitor
) -> None:
    assert not teacher.offers("home-visit-withdraw")
    teacher.decided("home-visit", SAID)
    rows = listed(county)
    assert [(row["kind"], row["outcome"], row["case_id"]) for row in rows] == [
        ("home_visit", "promised", None)
    ]
    bare = teacher.take("home-visit-withdraw")
    assert bare.status_code == 422
    page = teacher.decided("home-visit-withdraw", {"note": "登错了孩子"})
    told = words(page.text)
    for each in ("办好了：撤销家访登记", "撤销缺勤家访登记", "登错了孩子", "见到母亲"):
        assert each in told
    assert listed(county) == []
    assert not teacher.offers("home-visit-withdraw")
    stored = b"".join(row.state for row in county.store.log.read_rows(0, 10**6))
    assert "登错了孩子".encode() not in stored


@pytest.mark.usefixtures("away")
def test_a_visit_before_the_case_is_listed_with_it_and_one_taken_back_is_not(
    county: CaseCounty, teacher: ChildVisitor
) -> None:
    teacher.decided("home-visit", SAID)
    county.away(3, 4, 5)
    (row,) = listed(county)
    assert (row["kind"], row["case_id"]) == ("home_visit", str(county.case_id()))
    teacher.decided("home-visit-withdraw", {"note": "没有去成"})
    assert listed(county) == []
    page = words(teacher.get(f"/cases/{county.case_id()}").text)
    assert "缺勤家访" not in page


def listed(county: CaseCounty) -> list[Any]:
    store = county.store
    store.catch_up()
    question = Question(scope=Scope_.county(), as_of=county.office.today())
    access = Access(actor="test", view="test", purpose="test")
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    return list(desk.fill(LEDGERS["visits"], question, access).rows)
