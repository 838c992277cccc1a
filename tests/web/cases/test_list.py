"""The list of cases: what is late first, and only what was asked for."""

from __future__ import annotations

from functools import partial

from ckbx.application import cases
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.web.pages.cases.listing import Asked
from tests.support.case_county import KEY, CaseCounty, back
from tests.support.county import SCHOOL
from tests.web.cases.test_standing import vacate
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


def test_a_child_that_attends_again_is_said_to_be_back(teacher: Visitor) -> None:
    """On the list, the case and the form of a step; from the third day in a row on."""
    pages = ("/cases", teacher.path(), teacher.path("contact"))
    teacher.county.there(5, 6)
    assert not any("已到校" in teacher.get(path).text for path in pages)
    teacher.county.there(7)
    for path in pages:
        assert "已到校9月8日起" in words(teacher.get(path).text), path


def test_a_child_that_stays_away_again_is_not_said_to_be_back(teacher: Visitor) -> None:
    teacher.county.there(5, 6, 7)
    teacher.county.away(8)
    assert "已到校" not in teacher.get("/cases").text


def test_whose_turn_it_is_sees_the_case_among_its_own(
    county: CaseCounty, head: Visitor, teacher: Visitor, bureau: Visitor
) -> None:
    """Given a check and a round owed by the principal, and nothing by the others."""
    assert "只看轮到我办的（1）" in head.get("/cases").text
    assert head.path() in head.get("/cases?mine=1").text
    for other in (teacher, bureau, *map(partial(visiting, county), ("ct1", "ct2"))):
        page = other.get("/cases?mine=1").text
        assert "只看轮到我办的（0）" in page
        assert "没有符合条件的个案" in page


def test_of_what_is_due_the_viewers_own_is_said_first(
    county: CaseCounty, bureau: Visitor, head: Visitor
) -> None:
    """Given more overdue with the principal, and the township's round not due yet."""
    county._post(Scope(ScopeKind.SCHOOL, SCHOOL), "包校", Role.TOWNSHIP_OFFICER, "town")
    county.on(county.days[9])
    county.away(*range(5, 10))
    town = visiting(county, "town")
    whole, mine = words(town.get("/cases").text), words(town.get("/cases?mine=1").text)
    assert "学校劝返逾期" in whole
    assert "乡镇劝返" not in whole
    assert "乡镇劝返9月20日" in mine
    assert "学校劝返逾期" not in mine
    assert "没有符合条件的个案" in town.get("/cases?mine=1&overdue=1").text


def test_the_teacher_of_a_child_without_another_follows_it_up(county: CaseCounty) -> None:
    """Given a child that is back: the one-to-one teacher, and where nobody is, that of its class."""
    county.there(5, 6, 7)
    county.do(back(county.days[5]))
    county.do(cases.confirm_return(role=Role.PRINCIPAL))
    helper, ct1 = visiting(county, "helper"), visiting(county, "ct1")
    assert "每周回访" in words(helper.get("/cases?mine=1").text)
    assert "没有符合条件的个案" in ct1.get("/cases?mine=1").text
    vacate(county, helper)
    assert "每周回访" in words(ct1.get("/cases?mine=1").text)


def test_what_was_asked_for_stays_on_the_next_page() -> None:
    asked = Asked(stage="open", mine=True, all_=True)
    assert asked.address(2) == "/cases?stage=open&mine=1&all=1&at=2"


def test_a_case_waits_for_whoever_may_close_it(head: Visitor, teacher: Visitor) -> None:
    head.done("verify", {"finding": "A", "evidence": "学籍卡"})
    head.county.there(5)
    head.done("clear", {"evidence": "学籍卡"})
    assert head.path() in head.get("/cases?mine=1").text
    assert teacher.path() not in teacher.get("/cases?mine=1").text
