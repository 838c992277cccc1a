"""What a decision rests on stands beside its form: days away, rounds, the check, the days back."""

from __future__ import annotations

import re
from datetime import timedelta

from ckbx.application import cases
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.case.codes import Stage
from ckbx.domain.child.status import Finding
from ckbx.domain.responsibility.post import Role
from tests.support.case_county import CaseCounty, back, looked_after, verify
from tests.web.cases.visiting import Visitor, words


def basis(visitor: Visitor, step: str) -> dict[str, str]:
    """The facts beside the form of a step."""
    html = visitor.get(visitor.path(step)).text
    found = re.search(r'<dl class="facts basis">.*?</dl>', html, re.DOTALL)
    parts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found[0], re.DOTALL) if found else []
    return {words(title): words(said) for title, said in parts}


def test_the_county_sees_what_a_determination_rests_on_and_what_is_missing(
    county: CaseCounty, bureau: Visitor
) -> None:
    """Given a child away from the first day of its term, checked, with one round of two."""
    county.do(verify(Finding.K, county.office.today()))
    assert basis(bureau, "determine") == {
        "首次缺勤": "2025年9月1日",
        "无故缺勤": "5个教学日还差15天",
        "最后一次到校": "本学年没有到校的记录",
        "劝返": "0次还差2次",
        "核查结论": "K真辍学，9月5日核查",
        "辍学原因": "还没有",
        "书面报告": "没有提交",
    }
    short = words(bureau.get(bureau.path("determine")).text)
    assert "条件还不够：无故缺勤还差15天、劝返还差2次、辍学原因还没有。" in short
    county.persuaded_out()
    county.away(*range(5, 20))
    assert "条件还不够" not in bureau.get(bureau.path("determine")).text
    shown = basis(bureau, "determine")
    assert shown["无故缺勤"] == "20个教学日够了"
    assert shown["劝返"].startswith("2次，最近9月5日")
    assert shown["劝返"].endswith("够了")
    assert shown["辍学原因"] == "已登记"


def test_the_last_day_at_school_is_the_one_the_roll_calls_say(
    county: CaseCounty, bureau: Visitor
) -> None:
    """A day of illness is none."""
    county.do(verify(Finding.K, county.office.today()))
    county.there(5)
    county.report(county.days[6], [county.child], why=Reason.SICK)
    county.away(7)
    assert basis(bureau, "determine")["最后一次到校"] == "2025年9月8日"


def test_the_principal_sees_who_leaves_since_when_and_what_was_done(
    county: CaseCounty, head: Visitor
) -> None:
    assert basis(head, "release") == {}
    today = county.office.today()
    head.done("teacher", {"account": "ct1", "first": today.isoformat()})
    county.on(county.days[5])
    head.done("contact", {"met": ["nobody"]})
    assert basis(head, "release") == {
        "帮扶教师": "老师ct1",
        "从哪一天起": "2025年9月5日",
        "任内登记的": "联系监护人1次",
    }


def test_the_county_sees_how_a_child_stayed_before_it_closes(
    county: CaseCounty, bureau: Visitor
) -> None:
    """Given a child back since the ninth of September, away for one day since, seen twice."""
    county.there(5, 6, 7, 8)
    county.do(back(county.days[6]))
    county.do(cases.confirm_return(role=Role.PRINCIPAL))
    county.away(9)
    county.there(10)
    for day in (county.days[9], county.days[10]):
        county.do(looked_after(day))
    shown = basis(bureau, "settle")
    assert shown.pop("巩固期最后一天") == "2026年7月3日还没有满"
    assert shown["返校"] == "2025年9月9日"
    assert shown["返校以来到校"] == "4天（点名5天）"
    assert shown.pop("回访") == "2次，最近9月15日"
    assert "巩固期办结" not in shown
    assert basis(bureau, "close") == {}
    county.on(county.days[-1] + timedelta(days=1))
    assert basis(bureau, "settle")["巩固期最后一天"] == "2026年7月3日满了"
    bureau.done("settle", {"reason": "教师病假，电话问过"})
    closing = basis(bureau, "close")
    assert closing.pop("巩固期办结") == "2026年7月4日"
    assert closing.pop("回访") == "2次，最近9月15日缺19次"
    assert closing == shown


def test_a_case_that_ended_otherwise_says_how(county: CaseCounty, head: Visitor) -> None:
    head.done("verify", {"finding": "A", "evidence": "学籍卡"})
    county.there(5)
    head.done("clear", {"evidence": "学籍卡"})
    assert head.case().stage is Stage.CONCLUDED
    assert basis(head, "close") == {
        "列入疑似": "2025年9月5日",
        "最后一次到校": "2025年9月8日",
        "核查结论": "A在校有学籍，9月5日核查",
        "怎样了结": "在读",
        "了结日期": "2025年9月8日",
    }


def test_what_is_said_by_its_form_has_no_facts_beside_it(teacher: Visitor) -> None:
    """The control."""
    assert basis(teacher, "contact") == {}


def test_the_principal_confirms_by_the_days_beside_the_button(
    county: CaseCounty, head: Visitor
) -> None:
    county.there(5, 6)
    county.do(back(county.days[5]))
    assert basis(head, "confirm") == {
        "回校": "2025年9月8日",
        "连续到校": "2个教学日还差1天",
        "到校的日子": "9月8日、9月9日",
    }
    county.there(7)
    assert basis(head, "confirm")["连续到校"] == "3个教学日够了"


def test_who_names_a_teacher_sees_whom_it_relieves(head: Visitor, county: CaseCounty) -> None:
    assert basis(head, "teacher") == {"帮扶教师": "还没有指定，由班主任负责"}
    head.done("teacher", {"account": "ct1", "first": county.office.today().isoformat()})
    assert basis(head, "teacher") == {"帮扶教师": "老师ct1，2025年9月5日起"}
