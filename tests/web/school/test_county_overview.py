"""The county's line and townships on 总览: what they say, whom they lead where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from ckbx.store import Store
from ckbx.web.pages.county.attendance_chart import PHONE, WIDE, Size, chart
from projections.attendance_line import AttendanceDay
from tests.web.signing import signed_in
from tests.web.test_pages import good, text_of

MONDAY = date(2026, 11, 16)


def day(n: int, present: int, *, reported: int = 4, waiting: bool = False) -> AttendanceDay:
    """The n-th of some days, with 40 half days expected where a class reported."""
    return AttendanceDay(
        day=MONDAY + timedelta(days=n),
        classes=4,
        reported=reported,
        expected=40 if reported else 0,
        present=present,
        waiting=waiting,
    )


def section(client: TestClient, name: str) -> str:
    html = client.get("/overview").text
    return html.split(f'id="{name}"')[1].split("</section>")[0]


@pytest.fixture
def leader(store: Store) -> Iterator[TestClient]:
    """Of the bureau, with some schools."""
    with signed_in(store, "leader1") as client:
        yield client


def test_the_line_is_broken_where_nobody_reported() -> None:
    days = [day(0, 40), day(1, 38), day(2, 0, reported=0), day(3, 40), day(4, 39)]
    made = chart(days, WIDE)
    assert [len(run.split()) for run in made.lines] == [2, 2]
    assert made.points[2].y is None
    assert made.points[2].tall == 0


def test_the_scale_reaches_down_to_the_worst_day_and_up_to_all() -> None:
    assert [rate for rate, _ in chart([day(0, 40), day(1, 39)], WIDE).scale] == [100, 95, 90]
    deep = chart([day(0, 40), day(1, 21)], WIDE)  # 52.5 %
    assert [rate for rate, _ in deep.scale] == [100, 75, 50]
    top, low = deep.points
    assert top.y is not None
    assert low.y is not None
    assert top.y < low.y <= WIDE.height - WIDE.strip


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_strip_is_filled_as_far_as_classes_reported(size: Size) -> None:
    made = chart([day(0, 40), day(1, 20, reported=1)], size)
    assert [point.tall for point in made.points] == [size.strip, size.strip / 4]
    assert [point.whole for point in made.points] == [True, False]


def test_no_day_gives_no_drawing() -> None:
    made = chart([], WIDE)
    assert (made.points, made.lines) == ([], [])


def test_each_day_leads_to_the_roll_calls_of_that_day(client: TestClient) -> None:
    html = section(client, "attendance")
    days = re.findall(r'<th scope="col"[^>]*><a href="([^"]+)"', html)
    assert len(days) == 20
    assert days[-1] == "/ledgers/roll_call_completeness?as_of=2026-11-20"
    assert all(html.count(f'href="{each}"') == 3 for each in days)  # two drawings, one table
    page = client.get(days[-1])
    assert page.status_code == 200
    assert "2026-11-20" in page.text


def test_the_line_says_in_words_what_it_draws(client: TestClient) -> None:
    html = section(client, "attendance")
    said = text_of(html)
    assert "未报的班不算到校" in said
    assert re.search(r"11月20日星期五，到校率\d+\.\d%，\d+个班已报\d+个", said)
    assert html.count("aria-label=") >= 2 * 20
    assert "style=" not in html


def test_the_reported_classes_of_the_last_day_are_those_of_the_fourth_number(
    client: TestClient,
) -> None:
    text = good(client.get("/overview"))
    reported = re.search(r"11月20日：已报(\d+)，待报", text)
    shown = re.search(r"11月20日星期五，到校率[\d.]+%，(\d+)个班已报(\d+)个", text)
    assert reported
    assert shown
    assert shown[2] == reported[1]


def test_each_number_of_a_township_leads_to_its_list(client: TestClient) -> None:
    html = section(client, "townships")
    links = re.findall(r'href="(/ledgers/(\w+)\?township=(\d{9}))">([\d,]+)</a>', html)
    assert {name for _, name, _, _ in links} >= {"roster", "suspected"}
    for path, name, _code, number in links:
        if name == "deadlines":
            continue  # its rows are kinds and posts: the sum is tested where it is made
        page = client.get(path)
        assert page.status_code == 200
        found = re.search(r"共\s*<b>([\d,]+)</b>", page.text)
        assert found, path
        assert found[1] == number, path


def test_every_township_of_the_chain_stands_there_with_its_name(client: TestClient) -> None:
    text = text_of(section(client, "townships"))
    for name in ("城关镇", "岩门镇", "双河镇", "桐木乡", "石板乡", "高坡乡"):
        assert name in text
    assert "每千名不在校" in text


def test_who_sees_some_schools_sees_their_line_and_no_townships(leader: TestClient) -> None:
    html = leader.get("/overview").text
    if "location" not in leader.get("/overview", follow_redirects=False).headers:
        assert 'id="attendance"' in html
    assert 'id="townships"' not in html
