"""转学 in two steps by the pages of two schools, and what becomes of it otherwise."""

from __future__ import annotations

import pytest

from ckbx.domain.child.movement_events import TransferredIn
from ckbx.domain.child.status import TrackingStatus
from tests.projections.case_helps import sheet
from tests.support.case_county import CaseCounty
from tests.support.county import SCHOOL
from tests.web.acts.deciding import KEY_THERE, THERE, ChildVisitor
from tests.web.cases.test_basis import basis
from tests.web.cases.visiting import JPEG, NAME, sent_by, words

GOING = {"to": THERE, "document": "测转1号"}


def test_one_school_sends_the_other_receives(head: ChildVisitor, there: ChildVisitor) -> None:
    assert "没有等您的学校确认的转入" in there.get("/transfers").text
    assert there.get(there.path()).status_code == 404
    page = head.decided("transfer", GOING)
    assert "办好了：办理转出" in words(page.text)
    assert head.status is TrackingStatus.TRANSFERRING
    waiting = there.get("/transfers")
    assert NAME in waiting.text
    assert "9月15日" in words(waiting.text)
    assert f'href="{there.path("transfer-confirm")}"' in waiting.text
    page = there.decided("transfer-confirm", {"class_key": KEY_THERE}, [("接收证明.jpg", JPEG)])
    assert "办好了：确认转入" in words(page.text)
    assert there.county.state().class_key == KEY_THERE
    assert there.get(there.path()).status_code == 200
    assert NAME not in head.get("/transfers").text


def test_the_form_says_from_where_to_where_the_child_goes(
    head: ChildVisitor, there: ChildVisitor
) -> None:
    head.decided("transfer", GOING)
    told = {
        "从哪里转出": "一小3年级1班",
        "转到哪里": "二小",
        "转出日期": "2025年9月1日",
        "转学文号": "测转1号",
        "最晚哪天确认": "2025年9月15日",
    }
    assert basis(there, "transfer-confirm") == told
    assert basis(head, "transfer-cancel") == told


def test_a_transfer_is_confirmed_only_by_the_school_it_goes_to(
    head: ChildVisitor, there: ChildVisitor
) -> None:
    head.decided("transfer", GOING)
    mine = head.get("/transfers").text
    assert NAME in mine
    assert head.path("transfer-confirm") not in mine
    assert head.get(head.path("transfer-confirm")).status_code == 404
    assert head.send("transfer-confirm", {"evidence": "x"}).status_code == 404
    assert there.get(there.path("transfer-cancel")).status_code == 404
    assert there.send("transfer", GOING).status_code == 404
    assert head.status is TrackingStatus.TRANSFERRING


def test_what_was_typed_stays_where_the_confirmation_lacks_its_proof(
    head: ChildVisitor, there: ChildVisitor
) -> None:
    head.decided("transfer", GOING)
    answer = there.take("transfer-confirm", {"class_key": KEY_THERE})
    assert answer.status_code == 422
    assert "接收证明" in words(answer.text)
    sent = sent_by(answer.text, there.path("transfer-confirm"))
    assert sent["class_key"] == [KEY_THERE]


def test_a_transfer_that_came_to_nothing_is_cancelled(head: ChildVisitor) -> None:
    assert not head.offers("transfer-cancel")
    head.decided("transfer", GOING)
    assert not head.offers("transfer")
    head.decided("transfer-cancel")
    assert head.status is TrackingStatus.ENROLLED


def test_a_transfer_to_a_school_of_another_county_is_confirmed_by_the_bureau(
    head: ChildVisitor, bureau: ChildVisitor
) -> None:
    head.decided("transfer", {"to": "outside", "to_outside": "2152939999", "document": "测转2号"})
    assert "县外学校2152939999" in words(bureau.get("/transfers").text)
    bureau.decided("transfer-confirm", {"evidence": "接收证明"})
    assert head.status is TrackingStatus.TRANSFERRED


def test_a_school_of_another_county_is_called_as_it_was_written_down(
    head: ChildVisitor, bureau: ChildVisitor
) -> None:
    sent = {"to": "outside", "to_outside": "2152939999", "to_name": "石桥县第一小学"}
    head.decided("transfer", {**sent, "document": "测转2号"})
    assert "石桥县第一小学（县外）" in words(bureau.get("/transfers").text)
    assert basis(bureau, "transfer-confirm")["转到哪里"] == "石桥县第一小学（县外）"
    (row,) = sheet(head.county, "transfers", head.county.store.office.today())
    assert (row["receiving_school"], row["receiving_name"]) == ("2152939999", "石桥县第一小学")
    bureau.decided("transfer-confirm", {"evidence": "接收证明"})
    told = words(bureau.get(bureau.path()).text)
    assert "转往石桥县第一小学（县外）" in told
    assert "石桥县第一小学（县外）已接收" in told


def test_a_school_of_the_county_keeps_its_own_name_and_a_number_is_no_name(
    head: ChildVisitor, there: ChildVisitor
) -> None:
    sent = {**GOING, "to": "outside", "to_outside": "2152939999", "to_name": "13885501234"}
    answer = head.take("transfer", sent)
    assert answer.status_code == 422
    assert "不能含证件号或电话号" in words(answer.text)
    head.decided("transfer", {**GOING, "to_name": "别的小学"})
    assert "别的小学" not in there.get("/transfers").text
    assert "转往二小" in words(head.get(head.path()).text)


def test_the_school_a_child_goes_to_is_chosen_by_its_name(head: ChildVisitor) -> None:
    page = head.get(head.path("transfer")).text
    chosen = page.split('name="to"')[1].split("</select>")[0]
    assert f'<option value="{THERE}">二小</option>' in chosen
    assert SCHOOL not in chosen, "its own school is none to go to"
    assert "县外学校（在下面写标识码）" in chosen


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"to": ""}, "“转入学校”没有填"),
        ({"to": "2152939999"}, "“转入学校”不能用：请从列出的当中选"),
        ({"to": "outside"}, "“县外学校的标识码”没有填"),
        ({"to": "outside", "to_outside": "2152"}, "学校标识码应为10位数字"),
        ({"to": THERE, "to_outside": "2152939999"}, "“转入学校”选了本县的，这里就不写"),
    ],
)
def test_a_school_that_was_not_chosen_well_is_asked_again_with_what_was_typed(
    head: ChildVisitor, typed: dict[str, str], said: str
) -> None:
    sent = {**GOING, "to": "", "to_outside": "", **typed}
    answer = head.take("transfer", sent)
    assert answer.status_code == 422
    assert said in words(answer.text)
    again = sent_by(answer.text, head.path("transfer"))
    assert again["document"] == ["测转1号"]
    assert again["to_outside"] == [sent["to_outside"]]
    assert head.status is TrackingStatus.ENROLLED


def test_a_child_says_where_it_came_from_once(county: CaseCounty, head: ChildVisitor) -> None:
    arrival = {"region": "云南西盟县", "document": "转1号", "evidence": "学籍转接单"}
    for region, said in (("翁当寨", "不认得“翁当寨”"), ("朝阳区", "叫“朝阳区”的有2处")):
        wrong = head.take("arrive", {**arrival, "region": region})
        assert wrong.status_code == 422
        assert said in words(wrong.text)
        assert sent_by(wrong.text, head.path("arrive"))["region"] == [region]
    wrong = head.take("arrive", {**arrival, "school": "12"})
    assert "学校标识码应为10位数字" in words(wrong.text)
    head.decided("arrive", {**arrival, "school_name": "西盟县第一小学"})
    (row,) = sheet(county, "transfers", county.store.office.today(), all_=True)
    assert (row["school_code"], row["school_name"]) == (None, "西盟县第一小学")
    events = [found.event for found in county.store.log.read(0, 100_000)]
    (came,) = (event for event in events if isinstance(event, TransferredIn))
    assert (came.from_region, came.from_school) == ("530829", None)
    assert not head.offers("arrive")
    assert "已登记过从哪里转来" in words(head.get(head.path("arrive")).text)


def test_pressed_twice_a_transfer_is_begun_once(county: CaseCounty, head: ChildVisitor) -> None:
    form = {**head.form("transfer"), **GOING}
    assert head.send("transfer", form).status_code == 303
    before = county.store.log.head()
    assert head.send("transfer", form).status_code == 303
    assert county.store.log.head() == before


@pytest.mark.parametrize("step", ["transfer", "arrive", "enrol", "suspect"])
def test_a_class_teacher_moves_no_child(teacher: ChildVisitor, step: str) -> None:
    assert teacher.get("/transfers").status_code == 403
    assert not teacher.offers(step)
    assert teacher.get(teacher.path(step)).status_code == 403
    assert teacher.send(step, GOING).status_code == 403


def test_a_principal_enters_a_suspicion_and_its_case_opens(head: ChildVisitor) -> None:
    head.decided("suspect")
    assert head.status is TrackingStatus.SUSPECTED
    assert head.county.case().exists
