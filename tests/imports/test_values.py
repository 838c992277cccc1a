"""Cells as people write them, and the cells that are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.domain.shared.identifiers import Sex
from ckbx.imports import (
    choice_values,
    date_values,
    grade_values,
    identity_values,
    value_errors,
    values,
)
from ckbx.imports.workbook_sheets import Cell

ZONE = ZoneInfo("Asia/Shanghai")
PRIMARY, JUNIOR = "2152939972", "3152354069"
FIRST = date(2026, 9, 1)
MOMENT = datetime(2026, 9, 1, 8, 47)  # noqa: DTZ001 - Excel knows no zone


@pytest.mark.parametrize(
    ("cell", "grade"),
    [
        ("1", 1), ("１", 1), (1.0, 1), ("一年级", 1), (" 小学三年级 ", 3), ("3年级", 3), ("初一", 7),
        ("初2", 8), ("初中三年级", 9), ("七年级", 7), ("九", 9), ("8.0", 8),
    ],
)  # fmt: skip
def test_a_grade_is_read(cell: Cell, grade: int) -> None:
    assert grade_values.parse_grade(cell) == grade


@pytest.mark.parametrize(
    ("cell", "school", "grade"),
    [
        ("2026级", PRIMARY, 1),
        ("2021级", PRIMARY, 6),
        ("2026级", JUNIOR, 7),
        ("2024级", JUNIOR, 9),
        ("2022级", JUNIOR, 5),  # a nine-year school: nothing else gives a grade
        ("初2025级", PRIMARY, 8),
        ("小学2025级", JUNIOR, 2),
    ],
)
def test_a_cohort_is_counted_from_its_first_year_in_that_school(
    cell: str, school: str, grade: int
) -> None:
    assert grade_values.parse_grade(cell, school_year=2026, school_code=school) == grade


@pytest.mark.parametrize("cell", ["0", "10", "十", "高一", "初四", "学前班", -1, "1.5", "2020级"])
def test_what_is_no_grade_of_compulsory_schooling_is_refused(cell: Cell) -> None:
    with pytest.raises(value_errors.GradeRefused):
        grade_values.parse_grade(cell, school_year=2026, school_code=PRIMARY)


def test_a_cohort_without_a_school_year_is_refused() -> None:
    with pytest.raises(value_errors.GradeRefused):
        grade_values.parse_grade("2026级")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1", 1), ("1班", 1), ("(1)班", 1), ("（１）班", 1), ("三（1）班", 1), ("三(1)", 1), (1.0, 1),
        ("01", 1), ("一班", 1), ("2026级2班", 2), ("三年级3班", 3), ("三2班", 2), ("302", 2),
        ("十二班", 12), ("二十班", 20), ("3(2)班", 2), ("3年级12班", 12), ("第4班", 4), ("12", 12),
    ],
)  # fmt: skip
def test_a_class_number_is_read(cell: Cell, number: int) -> None:
    assert grade_values.parse_class(cell, grade=3) == number


@pytest.mark.parametrize(
    "cell", ["实验班", "1.5", "0", "402", "100", "二(1)班", "七年级3班", "(1"[:1]]
)
def test_a_class_that_is_no_number_or_of_another_grade_is_refused(cell: Cell) -> None:
    with pytest.raises(value_errors.ClassRefused):
        grade_values.parse_class(cell, grade=3)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-01", "2026/9/1", "2026.9.1", "2026.9.1.", "20260901", "2026年9月1日", "2026年9月1号",
        " 2026 年 9 月 1 日 ", "２０２６－０９－０１", "2026-09-01 00:00:00", "2026年9月1日(星期二)",
        FIRST, MOMENT, 46266, 46266.0, "46266", 20260901.0, "'2026-09-01",
    ],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(cell: Cell) -> None:
    assert date_values.parse_date(cell) == FIRST


@pytest.mark.parametrize(
    "cell",
    [
        "2026-02-30", "26.9.1", "9月1日", "01/09/2026", "2026-09/01", "1850-01-01", "99999999",
        "2026年9月", "202609", "不详", True, 1.0, 1e30, float("inf"), time(8, 0),
    ],
)  # fmt: skip
def test_what_is_no_full_date_is_refused(cell: Cell) -> None:
    with pytest.raises(value_errors.DateRefused):
        date_values.parse_date(cell)


@pytest.mark.parametrize(
    "cell", ["2026年9月", "2026-09", "2026.9", "202609", "2026-09-17", 46270.0]
)
def test_a_month_is_its_first_day(cell: Cell) -> None:
    assert date_values.parse_month(cell) == FIRST


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-01 08:47", "2026/9/1 8:47:00", "2026-09-01T08:47", "2026年9月1日8:47",
        MOMENT, 46266.36597222222,
    ],
)  # fmt: skip
def test_an_instant_is_local_time_read_as_utc(cell: Cell) -> None:
    assert date_values.parse_instant(cell, ZONE) == datetime(2026, 9, 1, 0, 47, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2026-09-01", "2026-09-01 25:00", "08:47", 46266.0])
def test_an_instant_without_an_hour_of_the_day_is_refused(cell: Cell) -> None:
    with pytest.raises(value_errors.DateRefused):
        date_values.parse_instant(cell, ZONE)


@given(st.dates(date(1930, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y%m%d"]))
def test_every_date_comes_back(day: date, form: str) -> None:
    assert date_values.parse_date(day.strftime(form)) == day
    assert date_values.parse_date(f"{day.year}年{day.month}月{day.day}日") == day
    assert date_values.parse_date(float((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    "cell",
    [
        5.22699201909117e17, 522699201909117446, "5.22699E+17", "5.22699e17", "G5.2269E+17",
        "522699201909117000", "G522699201909117000",
    ],
)  # fmt: skip
def test_an_identity_number_that_excel_rounded_is_refused_with_the_mend(cell: Cell) -> None:
    with pytest.raises(value_errors.NumberDestroyed, match="文本"):
        identity_values.identity_text(cell)


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ('="522699201909117446"', "522699201909117446"),
        ("'52269920190911744x", "52269920190911744X"),
        ("\ufeff 522699 201909117446\u3000", "522699201909117446"),
        (110105491231002.0, "110105491231002"),
        ("110105201602281000", "110105201602281000"),  # ends in 000 and checks
        (None, ""),
    ],
)
def test_an_identity_number_kept_as_text_is_read(cell: Cell | None, read: str) -> None:
    assert identity_values.identity_text(cell) == read


@pytest.mark.parametrize(
    ("cell", "count"), [(34.0, 34), ("34人", 34), ("３４", 34), (0, 0), ("0", 0)]
)
def test_a_count_is_read(cell: Cell, count: int) -> None:
    assert values.parse_count(cell) == count


@pytest.mark.parametrize("cell", [-1.0, "-1", "3.5", "三", True, "1e3", float("nan")])
def test_a_negative_or_broken_count_is_refused(cell: Cell) -> None:
    with pytest.raises(value_errors.CountRefused):
        values.parse_count(cell)


def test_code_words_are_read_by_their_common_spellings() -> None:
    assert [choice_values.parse_sex(c) for c in ("男", "2", 1.0, "女性")] == [
        Sex.MALE, Sex.FEMALE, Sex.MALE, Sex.FEMALE,
    ]  # fmt: skip
    assert [choice_values.parse_session(c) for c in ("", None, "上午", "下 午")] == [
        "全天", "全天", "上午", "下午",
    ]  # fmt: skip
    assert [choice_values.parse_reason(c) for c in ("病假", "旷课", " 未核实", "到校")] == [
        "病假", "无故", "未核", "到校",
    ]  # fmt: skip


def test_unknown_code_words_are_refused_naming_the_choices() -> None:
    with pytest.raises(value_errors.ChoiceRefused, match="病假、事假、无故、未核"):
        choice_values.parse_reason("玩耍")
    with pytest.raises(value_errors.ChoiceRefused, match="全天、上午、下午"):
        choice_values.parse_session("晚上")
    with pytest.raises(value_errors.SexRefused):
        choice_values.parse_sex("9")


@pytest.mark.parametrize(
    "read",
    [grade_values.parse_grade, grade_values.parse_class, date_values.parse_date, values.parse_count,
     choice_values.parse_sex, choice_values.parse_reason],
)  # fmt: skip
@pytest.mark.parametrize("cell", ["", None, " \u3000"])
def test_an_empty_needed_cell_is_named_as_missing(
    read: type[value_errors.ValueMissing], cell: Cell | None
) -> None:
    with pytest.raises(value_errors.ValueMissing, match="没有填"):
        read(cell)  # type: ignore[arg-type,call-arg]


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("留守、脱贫户", ("留守", "脱贫户")),
        ("留守儿童，随迁；残疾/留守", ("留守", "随迁", "残疾")),
        ("无", ()),
        (" ", ()),
        ("—", ()),
        ("烈士子女", ("烈士子女",)),
    ],
)
def test_marks_are_split_united_and_kept_once(cell: str, marks: tuple[str, ...]) -> None:
    assert choice_values.parse_marks(cell) == marks


def test_yes_and_no_are_read_from_words_and_codes() -> None:
    assert choice_values.parse_yes("是", "是否孤儿")
    assert choice_values.parse_yes(2.0, "是否留守儿童")
    assert not choice_values.parse_yes("", "是否孤儿")
    with pytest.raises(value_errors.ChoiceRefused):
        choice_values.parse_yes("2", "是否孤儿")


def test_no_refusal_of_a_value_repeats_it() -> None:
    with pytest.raises(value_errors.ValueRefused) as refused:
        date_values.parse_date("王梓涵2019")
    assert "王梓涵" not in str(refused.value) + str(refused.value.as_dict())


def test_a_region_newer_than_the_birth_or_unknown_is_warned_about() -> None:
    assert identity_values.region_warning("110112", 2016) is None
    assert "1990" in str(identity_values.region_warning("110112", 1990))
    assert "不在" in str(identity_values.region_warning("522699", 2016))


@pytest.mark.parametrize("written", ["1000", "9223372036854775808", "1" + "0" * 30])
def test_a_count_larger_than_any_class_is_refused(written: str) -> None:
    with pytest.raises(value_errors.CountRefused, match="大于"):
        values.parse_count(written)
