"""How problems look to a person and to a program, and what they must not show."""

from __future__ import annotations

import json

import pytest

from ckbx.domain.shared.identifiers import IdNumberCheckDigit, parse_id_number
from ckbx.imports.problems import ImportRefused, Problem, Problems, mask


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("身份证件号", "522699201912044698", "522699********4698"),
        ("学籍号", "G522699201912044698", "G52269*********4698"),
        ("联系电话", "13812345678", "1******"),
        ("姓名", "王梓涵", "王**"),
        ("出生日期", "20191204", "2******"),
        ("户籍地", "云溪县启明镇一村", "云******"),
        ("年级", "高一", "高一"),
        ("范围代码", "G522699201912044698", "G52269*********4698"),
        ("账号", "打电话13812345678", "打电话13*********"),
        ("没有的列", "留守", "留*"),
        ("年级", None, ""),
        ("班级", "138-1234-5678", "13*********"),
        ("适用", "522699 20191204 4698", "522699********4698"),
        ("身份证件号", "522699 20191204 4698", "522699**********4698"),
        ("身份证件号", "王梓涵522699201912044698", "王******"),
        ("日期", "2026-09-01 至 2026-09-30", "2026-09-01 至 2026-09-30"),
    ],
)
def test_personal_values_are_masked_wherever_they_slipped(
    column: str, value: object, shown: str
) -> None:
    assert mask(column, value) == shown


def test_a_number_in_a_sentence_or_a_sheets_name_is_masked_too() -> None:
    problem = Problem(
        file="a.xlsx",
        sheet="138 1234 5678",
        row=2,
        what="不认识“522699-20191204-4698”",
        mend="改正",
    )
    assert problem.line() == (
        "a.xlsx 工作表“13*********” 第 2 行：不认识“522699********4698”。改正"
    )
    assert "5678" not in json.dumps([problem.what, problem.sheet])


def test_a_refused_number_is_placed_and_masked() -> None:
    number = "522699201912044697"
    problems = Problems("花名册.xlsx")
    with pytest.raises(IdNumberCheckDigit) as refused:
        parse_id_number(number)
    problems.refuse(refused.value, sheet="一", row=7, column="身份证件号", value=number)
    (line,) = problems.lines()
    assert line.startswith("花名册.xlsx 工作表“一” 第 7 行 “身份证件号”列：身份证号校验位不对")
    assert "（填的是“522699********4697”）。请对照户口簿核对" in line
    assert number not in json.dumps(problems.as_json())
    assert problems.as_json()[0]["code"] == "id_number_check_digit"
    assert problems.rows() == {("花名册.xlsx", "一", 7)}


def test_no_problem_raises_nothing_and_one_refuses_the_import() -> None:
    problems = Problems("a.csv")
    problems.raise_if_any()
    problems.add(Problem(file="a.csv", row=2, what="坏了", mend="改正"))
    with pytest.raises(ImportRefused, match="什么也没有写入：共 1 处问题") as refused:
        problems.raise_if_any()
    assert refused.value.exit_code == 3
    assert refused.value.as_dict()["problems"][0]["row"] == 2


def test_a_long_list_is_cut_in_the_sentence_and_whole_for_a_program() -> None:
    problems = Problems("a.csv")
    for row in range(2, 52):
        problems.add(Problem(file="a.csv", row=row, what="坏了", mend="改正"))
    refused = ImportRefused(problems)
    assert "另有 30 处" in str(refused)
    assert len(refused.as_dict()["problems"]) == 50
