"""The list of cases: what is late first, and only what was asked for."""

from __future__ import annotations

from tests.support.case_county import KEY, CaseCounty
from tests.web.cases.visiting import NAME, Visitor, visiting, words


def test_a_case_says_what_is_due_by_whom_and_by_when(teacher: Visitor) -> None:
    page = words(teacher.get("/cases").text)
    assert "未结1个" in page
    assert f"{NAME}" in page
    assert "学校劝返9月10日（周三）校长待核实" in page


def test_what_is_late_is_said_with_its_days(county: CaseCounty, teacher: Visitor) -> None:
    county.on(county.days[9])
    county.away(*range(5, 10))
    page = words(teacher.get("/cases").text)
    assert "1个有逾期" in page
    assert "学校劝返逾期" in page
    late = teacher.get("/cases?overdue=1").text
    assert teacher.path() in late


def test_cases_are_filtered_by_stage_and_school(bureau: Visitor) -> None:
    assert bureau.path() in bureau.get("/cases?stage=open").text
    page = bureau.get("/cases?stage=consolidating").text
    assert bureau.path() not in page
    assert "没有符合条件的个案" in page
    assert bureau.path() in bureau.get("/cases?school=2152939972").text
    assert bureau.get("/cases?school=9999999999").status_code == 404


def test_nothing_late_is_left_out_when_only_late_ones_are_asked_for(bureau: Visitor) -> None:
    assert "没有符合条件的个案" in bureau.get("/cases?overdue=1").text


def test_a_closed_case_is_listed_when_asked_for(head: Visitor) -> None:
    head.done("verify", {"finding": "A", "evidence": "学籍卡"})
    head.county.there(5)
    head.done("clear", {"evidence": "学籍卡"})
    assert "销号校长或县教育局" in words(head.get("/cases").text)
    head.done("close", {"evidence": "学籍卡"})
    assert head.path() not in head.get("/cases").text
    assert head.path() in head.get("/cases?all=1").text


def test_after_a_step_the_page_says_what_comes_next(county: CaseCounty, head: Visitor) -> None:
    answer = head.take("verify", {"finding": "K", "evidence": "家访记录"})
    page = words(head.get(answer.headers["location"]).text)
    assert "办好了：登记核查结论。接下来：学校劝返，9月10日（周三）前，由校长办。" in page


def test_the_form_of_what_is_due_stands_open_with_its_tier(county: CaseCounty) -> None:
    teacher = visiting(county, "helper")
    page = teacher.get(teacher.path()).text
    assert f'action="{teacher.path("visit")}"' in page
    assert "先打印《家访记录》带去" in page


def test_both_lines_say_who_answers(teacher: Visitor) -> None:
    page = words(teacher.get(teacher.path()).text)
    assert "教育线现由谁负责老师helper" in page
    assert "政府线现由谁负责" in page


def test_a_child_that_is_back_is_decided_on_before_its_home_is_visited(head: Visitor) -> None:
    assert f'action="{head.path("visit")}"' in head.get(head.path()).text
    head.county.there(5, 6, 7)
    page = head.get(head.path()).text
    assert f'action="{head.path("clear")}"' in page
    assert f'action="{head.path("visit")}"' not in page
    assert "孩子已经到校，请作决定" in page
    assert f'href="{head.path("return")}"' in page


def test_from_the_file_of_a_child_it_is_one_step_to_its_case(
    county: CaseCounty, head: Visitor
) -> None:
    file = f"/children/{county.child}"
    assert f'href="{head.path()}">办理个案（待核实）' in head.get(file).text


def test_the_file_of_a_child_names_no_case_where_there_is_none(
    county: CaseCounty, head: Visitor
) -> None:
    """The control."""
    other = next(each for each in county.pupils[KEY] if each != county.child)
    assert "/cases/" not in head.get(f"/children/{other}").text
