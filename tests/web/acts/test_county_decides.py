"""失联, 外地就读, 出国, 死亡 and placements by the pages: by the county alone, on evidence."""

from __future__ import annotations

import pytest

from ckbx.domain.child.leave_events import StudyElsewhereVerified
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.placement.placement import ChildPlacement
from tests.support.case_county import KEY, CaseCounty
from tests.support.county import COUNTY
from tests.web.acts.deciding import ChildVisitor
from tests.web.cases.visiting import JPEG, sent_by, words

S = TrackingStatus
COUNTYS = ("death", "abroad", "deregister", "missing", "elsewhere", "still-away")


def placement(county: CaseCounty) -> ChildPlacement:
    stream = ChildPlacement.stream(COUNTY, county.child)
    return ChildPlacement(stream).replay(county.store.log.load([stream]).get(stream, []))


@pytest.mark.parametrize("step", [*COUNTYS, "assessment", "placement"])
def test_no_school_decides_for_the_county(head: ChildVisitor, step: str) -> None:
    assert not head.offers(step)
    assert head.get(head.path(step)).status_code == 403
    assert head.send(step, {"evidence": "x"}).status_code == 403
    assert head.status is S.ENROLLED


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("death", S.DECEASED),
        ("abroad", S.ABROAD),
        ("deregister", S.DEREGISTERED),
        ("missing", S.MISSING),
        ("elsewhere", S.ENROLLED_ELSEWHERE),
    ],
)
def test_the_county_decides_on_evidence_which_the_event_log_does_not_hold(
    county: CaseCounty, bureau: ChildVisitor, step: str, status: TrackingStatus
) -> None:
    assert bureau.offers(step)
    lacks = bureau.take(step, {"document": "公1号"})
    assert lacks.status_code == 422
    assert sent_by(lacks.text, bureau.path(step))["document"] == ["公1号"]
    told = {"on": county.office.today().isoformat(), "document": "公1号", "evidence": "一句话"}
    page = bureau.decided(step, told, [("证.jpg", JPEG)])
    assert "办好了" in words(page.text)
    assert bureau.status is status
    assert not bureau.offers(step)
    events = [found.event for found in county.store.log.read(0, 100_000)]
    assert "一句话" not in repr(events)


def test_a_child_that_is_missing_is_looked_for_again_and_enrolled_when_found(
    bureau: ChildVisitor,
) -> None:
    assert "不是失联" in words(bureau.get(bureau.path("still-away")).text)
    bureau.decided("missing", {"evidence": "报案回执"})
    bureau.decided("still-away", {"evidence": "公安回复"})
    assert bureau.status is S.MISSING
    wrong = bureau.take("still-away", {"evidence": "公安回复", "region": "某地"})
    assert wrong.status_code == 422
    bureau.decided("enrol", {"class_key": KEY})
    assert bureau.county.state().class_key == KEY


def test_where_a_child_is_at_school_is_told_by_name(
    county: CaseCounty, bureau: ChildVisitor
) -> None:
    proof = {"evidence": "就读证明"}
    wrong = bureau.take("elsewhere", {**proof, "region": "海南"})
    assert wrong.status_code == 422
    assert "海南省、青海省海南藏族自治州" in words(wrong.text)
    sent = sent_by(wrong.text, bureau.path("elsewhere"))
    assert (sent["region"], sent["evidence"]) == (["海南"], ["就读证明"])
    assert '<option value="贵州省贵阳市云岩区">' in wrong.text, "its province is suggested"
    bureau.decided("elsewhere", {**proof, "region": "广东省东莞市"})
    events = [found.event for found in county.store.log.read(0, 100_000)]
    (found,) = (event for event in events if isinstance(event, StudyElsewhereVerified))
    assert found.region == "441900"


def test_a_placement_rests_on_the_committees_assessment(
    county: CaseCounty, bureau: ChildVisitor
) -> None:
    assert "先登记评估" in words(bureau.get(bureau.path("placement")).text)
    found = {
        "advises": "inclusive",
        "document": "残委1号",
        "category": "智力",
        "level": "三级",
        "evidence": "可随班就读",
    }
    wrong = bureau.take("assessment", {**found, "certificate": "123"})
    assert wrong.status_code == 422
    bureau.decided("assessment", found)
    plan = {"document": "测教安1号", "plan_no": "1", "plan": "资源教室", "review_on": "2026-03-02"}
    bureau.decided("placement", {**plan, "teacher": "ct1"})
    current = placement(county).current
    assert current is not None
    assert current.kind is PlacementKind.INCLUSIVE
    bureau.decided("placement-review", {"note": "仍合适", "review_on": "2026-06-01"})
    events = [found.event for found in county.store.log.read(0, 100_000)]
    bare = bureau.take("placement-end", {"document": "测教安2号"})
    assert bare.status_code == 422
    bureau.decided("placement-end", {"document": "测教安2号", "note": "不再需要"})
    assert placement(county).current is None
    assert not bureau.offers("placement-end")
    assert "没有要结束的" in words(bureau.get(bureau.path("placement-end")).text)
    events = [found.event for found in county.store.log.read(0, 100_000)]
    for typed in ("智力", "可随班就读", "资源教室", "仍合适", "不再需要"):
        assert typed not in repr(events)


def test_lessons_at_home_are_recorded_and_corrected(
    county: CaseCounty, teacher: ChildVisitor, bureau: ChildVisitor
) -> None:
    assert "现在不是送教上门" in words(teacher.get(teacher.path("home-lesson")).text)
    assessed = {"document": "残委1号", "category": "肢体", "level": "一级", "evidence": "重度"}
    bureau.decided("assessment", {**assessed, "advises": "home_taught"})
    applied = {"kind": "home_taught", "proof": "committee", "applicant": "王", "reason": "不能到校"}
    teacher.decided("leave", applied)
    ChildVisitor(county, "head").decided("leave-opinion", {"agrees": "yes"})
    granted = {"document": "送1号", "review_on": "2026-03-02", "visits": "2", "lessons": "2"}
    bureau.decided("leave-approve", {**granted, "plan_no": "1", "plan": "认字", "teacher": "ct1"})
    assert teacher.status is S.HOME_TAUGHT
    teacher.decided("home-lesson", {"lessons": "2", "who": ["ct1"], "content": "认十个字"})
    assert len(placement(county).visits) == 1
    again = teacher.take("home-lesson", {"lessons": "2", "who": ["ct1"], "content": "又一次"})
    assert again.status_code == 422
    assert "又一次" in again.text
    teacher.decided("home-lesson-void", {"note": "记错了"})
    assert placement(county).visits == {}


@pytest.mark.parametrize("step", ["death", "abroad"])
def test_the_day_of_what_happened_elsewhere_is_typed_not_taken_for_today(
    bureau: ChildVisitor, step: str
) -> None:
    form = sent_by(bureau.get(bureau.path(step)).text, bureau.path(step))
    assert form["on"] == [""]
    refused = bureau.take(step, {"evidence": "证明"})
    assert refused.status_code == 422
    assert "没有填" in words(refused.text)
