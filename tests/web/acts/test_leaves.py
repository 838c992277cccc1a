"""休缓免学 by the pages: applied for, with papers and opinions, decided, and the child back."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.application.leave_filing import applications_of
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.codes import Stage
from tests.support.case_county import KEY, CaseCounty
from tests.support.county import SCHOOL
from tests.web.acts.deciding import ChildVisitor
from tests.web.cases.test_basis import basis
from tests.web.cases.visiting import JPEG, sent_by, visiting, words

ON_BOTH = "county"

ASKED = {
    "kind": "suspended",
    "proof": "hospital",
    "applicant": "王大山",
    "reason": "要住院",
    "first": "2025-09-02",
    "until": "2026-02-27",
}
PAPER = {"hospital": "县人民医院", "document": "诊1号"}
GRANT = {"document": "测教休1号", "first": "2025-09-02", "until": "2026-02-27"}


def last(county: CaseCounty) -> LeaveApplication:
    return applications_of(county.office, county.child)[-1]


def ill(teacher: ChildVisitor, head: ChildVisitor, bureau: ChildVisitor) -> None:
    """The child's 休学 is granted until the end of the winter holidays."""
    teacher.county.on(date(2025, 9, 2))
    teacher.decided("leave", ASKED)
    head.decided("leave-opinion", {"agrees": "yes"})
    teacher.decided("leave-hospital", PAPER, [("证明.jpg", JPEG)])
    bureau.decided("leave-approve", GRANT)


def test_a_leave_is_applied_for_seen_by_the_school_and_granted_by_the_county(
    county: CaseCounty, teacher: ChildVisitor, head: ChildVisitor, bureau: ChildVisitor
) -> None:
    county.on(date(2025, 9, 2))
    page = teacher.decided("leave", ASKED)
    assert "办好了：登记休缓免学申请" in words(page.text)
    assert not teacher.offers("leave")
    assert teacher.offers("leave-hospital")
    assert not teacher.offers("leave-approve")
    assert "“批准申请”由" in words(teacher.get(teacher.path("leave-approve")).text)
    head.decided("leave-opinion", {"agrees": "yes"})
    lacks = bureau.take("leave-approve", GRANT)
    assert lacks.status_code == 422
    assert sent_by(lacks.text, bureau.path("leave-approve"))["document"] == ["测教休1号"]
    shown = words(bureau.get(bureau.path("leave-approve")).text)
    assert "申请休学申请日期2025年9月2日要求的起止2025年9月2日至2026年2月27日" in shown
    assert "学校意见同意，9月2日医院证明还没有" in shown
    teacher.decided("leave-hospital", PAPER, [("证明.jpg", JPEG)])
    assert "医院证明诊1号" in words(bureau.get(bureau.path("leave-approve")).text)
    bureau.decided("leave-approve", GRANT)
    assert last(county).stage is Stage.APPROVED
    assert head.status is TrackingStatus.SUSPENDED
    events = [found.event for found in county.store.log.read(0, 100_000)]
    for typed in ("王大山", "要住院", "县人民医院"):
        assert typed not in repr(events)


def test_an_application_that_others_changed_meanwhile_is_shown(
    county: CaseCounty, teacher: ChildVisitor, head: ChildVisitor, bureau: ChildVisitor
) -> None:
    teacher.decided("leave", {**ASKED, "first": "", "until": ""})
    form = {**bureau.form("leave-refuse"), "reason": "材料不实"}
    head.decided("leave-opinion", {"agrees": "no", "note": "能上学"})
    answer = bureau.send("leave-refuse", form)
    assert answer.status_code == 422
    assert "别人办过该生的事项" in words(answer.text)
    assert sent_by(answer.text, bureau.path("leave-refuse"))["reason"] == ["材料不实"]
    again = sent_by(answer.text, bureau.path("leave-refuse"))
    assert bureau.send("leave-refuse", again).status_code == 303
    assert last(county).stage is Stage.REFUSED


def test_what_awaits_a_decision_is_listed_with_what_it_lacks_and_who_decides(
    county: CaseCounty, teacher: ChildVisitor, there: ChildVisitor, bureau: ChildVisitor
) -> None:
    assert "没有待决定的申请" in teacher.get("/leaves").text
    teacher.decided("leave", ASKED)
    for visitor in (teacher, bureau):
        page = visitor.get("/leaves")
        assert f'href="{visitor.path()}"' in page.text
        assert "医院证明（监护人）、学校意见（校长）" in words(page.text)
    assert f'href="{there.path()}"' not in there.get("/leaves").text
    bureau.decided("leave-refuse", {"reason": "材料不实"})
    assert f'href="{bureau.path()}"' not in bureau.get("/leaves").text


def test_an_application_is_taken_back(county: CaseCounty, teacher: ChildVisitor) -> None:
    teacher.decided("leave", ASKED)
    teacher.decided("leave-withdraw", {"note": "不休了"})
    assert last(county).stage is Stage.WITHDRAWN
    assert teacher.offers("leave")


def test_a_leave_is_prolonged_on_a_new_paper(
    county: CaseCounty, teacher: ChildVisitor, head: ChildVisitor, bureau: ChildVisitor
) -> None:
    ill(teacher, head, bureau)
    more = {"until": "2026-05-29", "document": "测教延1号"}
    assert bureau.take("leave-extend", more).status_code == 422
    bureau.decided("leave-extend", {**more, "evidence": "复诊证明"})
    granted = last(county).granted
    assert granted is not None
    assert granted.until == date(2026, 5, 29)


def test_the_forms_of_a_leave_say_from_when_to_when_it_goes(
    teacher: ChildVisitor, head: ChildVisitor, bureau: ChildVisitor
) -> None:
    assert basis(bureau, "leave-extend") == {}
    ill(teacher, head, bureau)
    for visitor, step in (
        (bureau, "leave-extend"),
        (bureau, "leave-review"),
        (head, "leave-resume"),
    ):
        assert basis(visitor, step) == {
            "这次是": "休学",
            "从哪一天起": "2025年9月2日",
            "最后一天": "2026年2月27日",
            "批准": "测教休1号，2025年9月2日",
        }, step
    more = {"until": "2026-05-29", "document": "测教延1号", "evidence": "复诊证明"}
    bureau.decided("leave-extend", more)
    assert basis(head, "leave-resume")["最后一天"] == "2026年5月29日"
    teacher.county.on(date(2026, 6, 1))
    assert basis(head, "leave-resume")["最后一天"] == "2026年5月29日已期满"


def test_a_child_whose_leave_is_over_is_taken_back_from_the_check_in_board(
    county: CaseCounty, teacher: ChildVisitor, head: ChildVisitor, bureau: ChildVisitor
) -> None:
    ill(teacher, head, bureau)
    county.on(date(2026, 3, 2))
    board = head.get(f"/check-in?school={SCHOOL}").text
    assert f'href="{head.path("leave-resume")}"' in board
    assert f'name="child" value="{county.child}"' not in board
    other = teacher.get(f"/check-in?school={SCHOOL}").text
    assert teacher.path("leave-resume") not in other
    assert "请校长或学籍管理员办理复学" in other
    lacks = head.take("leave-resume", {"class_key": KEY})
    assert lacks.status_code == 422
    assert "康复" in words(lacks.text)
    head.decided("leave-resume", {"class_key": KEY, "evidence": "康复证明"})
    assert head.status is TrackingStatus.ENROLLED
    assert last(county).stage is Stage.ENDED
    assert head.path("leave-resume") not in head.get(f"/check-in?school={SCHOOL}").text


@pytest.mark.parametrize("step", ["leave", "leave-approve", "leave-resume"])
def test_a_leave_of_another_schools_child_is_not_there(there: ChildVisitor, step: str) -> None:
    assert there.get(there.path(step)).status_code == 404
    assert there.send(step, ASKED).status_code == 404
    assert visiting(there.county, "leader").client.get(there.path(step)).status_code == 403


def test_what_has_to_be_applied_for_first_is_a_link_beside_the_refusal(
    county: CaseCounty, teacher: ChildVisitor, bureau: ChildVisitor
) -> None:
    """Given no application: its papers cannot be entered, and the page leads to the application;
    one without its paper is not granted, and the page leads to the paper.
    """
    county.on(date(2025, 9, 2))
    page = teacher.get(teacher.path("leave-hospital")).text
    assert f'href="{teacher.path("leave")}">先去：登记休缓免学申请</a>' in page
    teacher.decided("leave", ASKED)
    lacks = bureau.take("leave-approve", GRANT)
    assert lacks.status_code == 422
    assert f'先办这一步：<a href="{bureau.path("leave-hospital")}">登记医院证明</a>' in lacks.text
