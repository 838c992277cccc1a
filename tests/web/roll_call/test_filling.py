"""What is filled in on a page of a roll call, and what becomes of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from ckbx.application import enrolment
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.vault import Identity
from tests.support.county import COUNTY
from tests.web.roll_call.conftest import MONDAY, MORNING, OTHER, OWN, PATH, Morning
from tests.web.roll_call.filling import Page, hidden_of, marked, standing
from tests.web.signing import signed_in

ON_BOTH = "morning"

FRIDAY = MONDAY - timedelta(days=3)


def log_of(morning: Morning) -> list[Any]:
    stream = ClassRoll.stream(COUNTY, OWN, "2026-1")
    return list(morning.store.log.load([stream])[stream])


def test_three_of_forty_are_away(morning: Morning) -> None:
    one, two, three = morning.children[3:6]
    marks = {one: "sick", two: "unexplained", three: "unverified"}
    answer = Page(morning, "ct1").send(marks)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    sheet = standing(morning, OWN)
    assert sheet is not None
    assert (sheet.expected, sheet.present) == (40, 37)
    assert dict(sheet.absent) == {child: Reason(why) for child, why in marks.items()}
    shown = signed_in(morning.store, "ct1").get(PATH).text
    assert "已报" in shown
    assert "08:12" in shown
    assert marked(shown) == {str(child): why for child, why in marks.items()}


def test_a_new_page_presets_everybody_as_there_in_the_order_of_their_numbers(
    morning: Morning,
) -> None:
    text = Page(morning, "ct1").text
    assert marked(text) == {}
    listed = re.findall(r'data-child="([^"]+)"', text)
    assert listed == [str(child) for child in morning.children]


def test_a_child_marked_without_a_reason_is_unverified(morning: Morning) -> None:
    child = morning.children[0]
    page = Page(morning, "ct1")
    page.client.post(PATH, data={**page.hidden, "absent": str(child)})
    sheet = standing(morning, OWN)
    assert sheet is not None
    assert dict(sheet.absent) == {child: Reason.UNVERIFIED}


def test_the_senders_short_answer_says_when_and_where(morning: Morning) -> None:
    page = Page(morning, "ct1")
    answer = page.send_short({}, taken_at="2026-11-23T08:05")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["state"], told["at"]) == ("stored", "08:12")
    (event,) = log_of(morning)
    assert event.claimed_at == "2026-11-23T08:05"
    assert page.send_short({}, taken_at="2026-11-23T08:05").json() == told
    assert len(log_of(morning)) == 1


@pytest.mark.parametrize("taken", ["", "soon", "2026-11-23T08:05:01Z", "<b>"])
def test_a_time_that_is_none_is_no_claim(morning: Morning, taken: str) -> None:
    Page(morning, "ct1").send({}, taken_at=taken)
    (event,) = log_of(morning)
    assert event.claimed_at is None or event.claimed_at == taken[:16]


def test_a_form_without_an_own_id_is_still_recorded_once(morning: Morning) -> None:
    page = Page(morning, "ct1")
    fields = page.fields({}, command="no id")
    for _ in range(2):
        assert page.client.post(PATH, data=fields).status_code == 303
    assert len(log_of(morning)) == 1


def test_a_refused_page_keeps_every_mark_and_says_which_field(morning: Morning) -> None:
    marks = {morning.children[0]: "personal", morning.children[9]: "sick"}
    answer = Page(morning, "ct1").send(marks, extra="many")
    assert answer.status_code == 422
    assert marked(answer.text) == {str(child): why for child, why in marks.items()}
    assert "名单外学生人数请填" in answer.text
    assert standing(morning, OWN) is None


def test_a_colleague_was_first_both_are_shown_and_nothing_is_overwritten(
    morning: Morning,
) -> None:
    mine, other = Page(morning, "ct1"), Page(morning, "head")
    theirs, own = morning.children[7], morning.children[2]
    other.send({theirs: "personal"})
    answer = mine.send({own: "sick"})
    assert answer.status_code == 409
    assert marked(answer.text) == {str(own): "sick"}
    stands = answer.text.partition("rc-stands")[2].partition("</section>")[0]
    assert morning.name(theirs) in stands
    assert "head" in stands
    fields = {**mine.fields({own: "sick"}), **hidden_of(answer.text)}
    without = mine.client.post(PATH, data=fields)
    assert without.status_code == 422
    assert marked(without.text) == {str(own): "sick"}
    assert mine.client.post(PATH, data={**fields, "why": "他到了"}).status_code == 303
    shown = signed_in(morning.store, "head").get(PATH).text
    assert "他到了" in shown
    assert "已被更正" in shown
    assert dict(standing(morning, OWN).absent) == {own: Reason.SICK}  # type: ignore[union-attr]


def test_the_senders_short_answer_to_a_page_that_came_second(morning: Morning) -> None:
    mine = Page(morning, "ct1")
    Page(morning, "head").send({morning.children[0]: "sick"})
    answer = mine.send_short({})
    assert answer.status_code == 409
    assert answer.json()["code"] == "sheet_changed_meanwhile"
    assert morning.name(morning.children[0]) not in answer.text


def test_a_child_that_joined_after_the_page_was_made_is_shown_first(morning: Morning) -> None:
    page = Page(morning, "ct1")
    child = uuid4()

    def decide(unit: Unit) -> bytes:
        pupil = enrolment.NewPupil(child=child, sex="f")
        office = morning.store.office
        enrolment.admit(office, unit, OWN, [pupil], grade=1, on=MONDAY, school_name="一小")
        unit.writes += morning.store.vault.prepare(child, "child", identity=Identity(name="新来的"))
        return b"joined"

    morning.store.office.run(morning.store.office.context("reg"), decide)
    answer = page.send({morning.children[0]: "sick"})
    assert answer.status_code == 409
    assert "新来的" in answer.text
    assert marked(answer.text) == {str(morning.children[0]): "sick"}


def test_children_not_on_the_list_count_on_both_sides(morning: Morning) -> None:
    Page(morning, "ct1").send({morning.children[0]: "sick"}, extra="2")
    sheet = standing(morning, OWN)
    assert sheet is not None
    assert (sheet.expected, sheet.present) == (42, 41)
    (event,) = log_of(morning)
    assert (event.expected, event.roll) == (42, 40)
    assert 'value="2"' in Page(morning, "ct1").text


def test_two_halves_are_two_pages(morning: Morning) -> None:
    child = morning.children[0]
    first = Page(morning, "ct1", query="?session=am")
    assert first.send({child: "sick"}).status_code == 303
    second = Page(morning, "ct1")
    assert second.hidden["session"] == "pm", "the half that is still open"
    assert marked(second.text) == {}
    assert second.send({}).status_code == 303
    assert standing(morning, OWN, session=Session.MORNING) is not None
    assert standing(morning, OWN, session=Session.AFTERNOON) is not None


def test_a_slip_marks_the_child_beforehand(morning: Morning) -> None:
    child = morning.children[4]
    client = signed_in(morning.store, "ct1")
    fields = {
        "child": str(child),
        "reason": "personal",
        "first_day": MONDAY.isoformat(),
        "last_day": (MONDAY + timedelta(days=2)).isoformat(),
    }
    assert client.post(f"{PATH}/slips", data=fields).status_code == 303
    page = Page(morning, "ct1")
    assert marked(page.text) == {str(child): "personal"}
    assert "请假到 11月25日" in page.text
    refused = client.post(f"{PATH}/slips", data={**fields, "reason": "sick"})
    assert refused.status_code == 422
    assert f'value="{child}" selected' in refused.text
    back = {"slip": "1", "back_on": MONDAY.isoformat()}
    assert client.post(f"{PATH}/slips/end", data=back).status_code == 303
    assert marked(Page(morning, "ct1").text) == {}


def moved_here(morning: Morning, count: int) -> list[UUID]:
    """Children who came from the other class today and have to be named 到校."""
    office, moved = morning.store.office, morning.county.pupils[OTHER][:count]

    def decide(unit: Unit) -> bytes:
        for child in moved:
            enrolment.change_class(office, unit, child, OWN, grade=1, on=MONDAY, awaited=True)
        return b"moved"

    office.run(office.context("reg"), decide)
    return moved


def test_children_to_be_named_are_there_when_somebody_says_so(morning: Morning) -> None:
    one, two, three = moved_here(morning, 3)
    page = Page(morning, "ct1")
    assert "要逐名确认到校的 3 人" in page.text
    assert "未核中 <b>3</b> 人没有确认到校" in page.text, "beside the button that sends"
    assert page.send({two: "sick"}, seen=[str(one)]).status_code == 303
    sheet = standing(morning, OWN)
    assert sheet is not None
    assert sheet.seen == {one}
    assert three not in dict(sheet.absent), "not named: the rule takes it for 未核, the sheet not"
    again = Page(morning, "ct1")
    assert f'name="seen" value="{one}" checked' in again.text, "an amendment keeps who was seen"
    assert "未核中 <b>1</b> 人没有确认到校" in again.text


def counted(html: str) -> dict[str, int]:
    """The numbers beside the button that sends."""
    bar = html.partition('<div class="rc-bar">')[2].partition("</div>")[0]
    return {name: int(n) for name, n in re.findall(r">([^<>\s]+) <b id=\"[a-z-]+\">(\d+)</b>", bar)}


def test_who_is_not_confirmed_is_not_counted_as_there(morning: Morning) -> None:
    """Given three who have to be named, one of them named and one on leave: the third is 未核 on
    the page, on the school's page and in the ledger, and the numbers add up to 应到.
    """
    one, two, _three = moved_here(morning, 3)
    sent = Page(morning, "ct1").send(
        {two: "sick", morning.children[0]: "unexplained"}, seen=[str(one)]
    )
    assert sent.status_code == 303
    wanted = {"应到": 43, "实到": 40, "缺勤": 1, "请假": 1, "未核": 1}
    with signed_in(morning.store, "ct1") as teacher:
        mine = teacher.get(PATH).text
    assert counted(mine) == wanted
    words = "，".join(f"{name} {number}" for name, number in wanted.items())
    assert words in mine
    with signed_in(morning.store, "head") as principal:
        shown = principal.get(f"/schools/{OWN.partition('/')[0]}").text
        assert re.findall(r'data-label="(?:实到|缺勤|请假|未核)">(\d+)<', shown)[:4] == [
            "40",
            "1",
            "1",
            "1",
        ]


def test_all_of_them_but_those_marked_are_named_in_one_tap(morning: Morning) -> None:
    one, two, three = moved_here(morning, 3)
    assert Page(morning, "ct1").send({two: "sick"}, seen_all="1").status_code == 303
    sheet = standing(morning, OWN)
    assert sheet is not None
    assert sheet.seen == {one, three}
    assert 'id="unsure" hidden' in Page(morning, "ct1").text


def test_a_child_is_not_seen_and_absent_at_once(morning: Morning) -> None:
    (one,) = moved_here(morning, 1)
    answer = Page(morning, "ct1").send({one: "sick"}, seen=[str(one)])
    assert answer.status_code == 422
    assert "既记了到校又记了缺勤" in answer.text
    assert "rc-wrong" in answer.text
    assert standing(morning, OWN) is None


def test_a_past_day_is_told_as_such_and_marked_late(morning: Morning) -> None:
    tuesday = MONDAY - timedelta(days=6)
    page = Page(morning, "ct1", query=f"?day={tuesday}")
    assert "过去的一天" in page.text
    assert page.send({}).headers["location"] == f"{PATH}?day={tuesday}"
    (event,) = log_of(morning)
    assert (event.occurred_on, event.lag_days, event.entry) == (tuesday, 6, "initial")


@pytest.mark.parametrize(
    ("day", "said"), [("2026-11-22", "不是教学日"), ("2026-08-20", "不在学期内")]
)
def test_on_a_day_without_lessons_there_is_nothing_to_fill_in(
    morning: Morning, day: str, said: str
) -> None:
    text = signed_in(morning.store, "ct1").get(f"{PATH}?day={day}").text
    assert said in text
    assert 'id="roll-call"' not in text


def test_a_day_to_come_cannot_be_handed_in(morning: Morning) -> None:
    page = Page(morning, "ct1")
    answer = page.send({}, day=(MONDAY + timedelta(days=1)).isoformat())
    assert answer.status_code == 422
    assert standing(morning, OWN) is None


def test_yesterdays_page_is_not_taken_for_today_without_being_asked(morning: Morning) -> None:
    page = Page(morning, "ct1")
    clock = morning.store.clock
    assert isinstance(clock, FixedClock)
    clock.at = MORNING + timedelta(days=1)
    client = signed_in(morning.store, "ct1")
    late = client.post(PATH, data=page.fields({}))
    assert late.status_code == 422
    assert "今天是 2026年11月24日" in late.text
    taken = client.post(PATH, data=page.fields({}, taken_at="2026-11-23T16:00"))
    assert taken.status_code == 303, "it was filled in on its day and had no network"


def test_names_are_shown_as_text(morning: Morning) -> None:
    child = morning.children[0]
    hostile = '<svg onload="alert(1)">"\'{{7*7}}'
    morning.write(
        lambda unit: unit.writes.extend(
            morning.store.vault.prepare(
                child, "child", identity=Identity(name=hostile, student_no="G522699000000000001")
            )
        )
    )
    page = Page(morning, "ct1")
    assert "<svg onload" not in page.text
    page.send({child: "sick"})
    page.client.post(PATH, data={**Page(morning, "ct1").hidden, "why": "<b>x</b>"})
    shown = signed_in(morning.store, "ct1").get(PATH).text
    assert "<svg onload" not in shown
    assert "<b>x</b>" not in shown


def test_one_view_of_the_class_leaves_one_access_record(morning: Morning) -> None:
    client = signed_in(morning.store, "ct1")
    before = viewed(morning)
    client.get(PATH)
    assert viewed(morning) == before + 1


def viewed(morning: Morning) -> int:
    records = morning.store.vault.access_records_of(morning.children[0])
    return sum(record.view == "web:roll-call" and record.actor == "ct1" for record in records)


def test_the_worker_comes_from_the_root_for_everybody(morning: Morning) -> None:
    answer = signed_in(morning.store, "ct1").get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"].startswith("text/javascript")
