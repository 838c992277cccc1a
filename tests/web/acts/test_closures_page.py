"""停课 by the page of the county: its yes and its no, and whom it is not for."""

from __future__ import annotations

import pytest

from ckbx.application import closures
from ckbx.application.unit import Unit
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.support.case_county import CaseCounty
from tests.support.county import SCHOOL
from tests.web.acts.deciding import THERE, ChildVisitor
from tests.web.cases.visiting import words

WHY = "山洪冲断了路<b>"


@pytest.fixture
def closed(county: CaseCounty) -> CaseCounty:
    """The school said this morning that it is closed."""
    county.on(county.days[1])
    ctx = county.office.context("head")
    closures.report(county.office, ctx, county.store.vault, school=SCHOOL, why=WHY)
    return county


def tapped(county: CaseCounty) -> dict[str, str]:
    """What the calendar says of each day that was reported."""
    unit = Unit(county.office.map, county.office.context("test"))
    taps = county.office.calendars(unit, SCHOOL).book(SCHOOL).taps
    return {day.isoformat(): state for day, state in taps.items()}


def answering(bureau: ChildVisitor, **fields: str) -> tuple[int, str]:
    day = bureau.county.days[1].isoformat()
    answer = bureau.client.post("/closures", data={"school": SCHOOL, "day": day, **fields})
    return answer.status_code, answer.headers.get("location", words(answer.text))


def test_what_a_school_reported_waits_with_its_reason(
    closed: CaseCounty, bureau: ChildVisitor
) -> None:
    page = bureau.get("/closures")
    assert "一小" in page.text
    assert "山洪冲断了路&lt;b&gt;" in page.text
    assert "head" in page.text
    assert "前答复" in page.text


def test_the_county_says_yes_and_may_change_it_to_a_no_with_its_reason(
    closed: CaseCounty, bureau: ChildVisitor
) -> None:
    day = closed.days[1].isoformat()
    assert answering(bureau, answer="confirmed") == (303, "/closures?done=confirmed")
    assert tapped(closed) == {day: "confirmed"}
    page = words(bureau.get("/closures?done=confirmed").text)
    assert "没有等答复的停课" in page
    assert "改为不认可" in page
    status, said = answering(bureau, answer="rejected")
    assert status == 422
    assert "“为什么不认可”没有填" in said
    assert answering(bureau, answer="rejected", why="路早通了")[0] == 303
    assert tapped(closed) == {day: "rejected"}
    assert "路早通了" in bureau.get("/closures").text
    events = [found.event for found in closed.store.log.read(0, 100_000)]
    assert "路早通了" not in repr(events)


def test_a_day_that_no_school_reported_is_not_answered(
    closed: CaseCounty, bureau: ChildVisitor
) -> None:
    day = closed.days[2].isoformat()
    status, _ = answering(bureau, answer="confirmed", day=day)
    assert status == 422
    assert answering(bureau, answer="confirmed", school="2152939979")[0] == 422
    assert answering(bureau, answer="perhaps")[0] == 404


def test_no_school_answers_itself(closed: CaseCounty, head: ChildVisitor) -> None:
    assert head.get("/closures").status_code == 403
    assert answering(head, answer="confirmed")[0] == 403
    assert set(tapped(closed).values()) == {"reported"}


def test_a_leader_of_the_bureau_answers_for_the_own_school_and_for_no_other(
    closed: CaseCounty,
) -> None:
    for school, account in ((SCHOOL, "leads1"), (THERE, "leads2")):
        closed._post(Scope(ScopeKind.SCHOOL, school), "局领导包学校", Role.BUREAU_LEADER, account)
    other = ChildVisitor(closed, "leads2")
    assert "没有等答复的停课" in words(other.get("/closures").text)
    assert answering(other, answer="confirmed")[0] == 404
    own = ChildVisitor(closed, "leads1")
    assert "学校报了停课，等您答复1次" in words(own.get(f"/schools/{SCHOOL}").text)
    assert answering(own, answer="confirmed") == (303, "/closures?done=confirmed")
    assert tapped(closed) == {closed.days[1].isoformat(): "confirmed"}
    assert "等您答复" not in own.get(f"/schools/{SCHOOL}").text
