"""Headings, rows and what is passed over, in text files and workbooks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from ckbx.imports import csv_text, reading
from ckbx.imports.grade_values import parse_grade
from ckbx.imports.headings import KINDS, ROSTER
from ckbx.imports.problems import Problems
from ckbx.imports.reading import Row, Table, read_content, read_table
from ckbx.imports.value_errors import GradeRefused

HEAD = list(ROSTER.needed)
CHILD = ["2152939972", "启明小学", "1", "1", "王一", "男", "20191204", "居民身份证",
         "522699201912044698", "G522699201912044698"]  # fmt: skip


def text(*rows: list[str], mark: str = ",") -> bytes:
    return "\r\n".join(mark.join(row) for row in rows).encode()


def workbook(path: Path, sheets: dict[str, list[list[Any]]], merged: tuple[Any, ...] = ()) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write(number, column, cell)
            for area in merged:
                sheet.merge_range(*area)
    return path


def rows_of(table: Table) -> list[Row]:
    return list(table.rows())


def test_rows_carry_the_number_a_person_sees() -> None:
    table = read_content("a.csv", text(["花名册"], [], HEAD, CHILD, [], CHILD), ["roster"])
    assert [row.number for row in table.rows()] == [4, 6]
    assert table.sheets[0].heading_row == 3
    assert rows_of(table)[0].cells["姓名"] == "王一"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_every_usual_encoding_and_delimiter_is_read(encoding: str, mark: str) -> None:
    data = text(HEAD, CHILD, mark=mark).decode().encode(encoding)
    assert rows_of(read_content("a.csv", data, ["roster"]))[0].cells["学校名称"] == "启明小学"


def test_headings_are_known_in_any_order_and_dress() -> None:
    dressed = ["＊学籍号", " 姓 名\u3000", "学生性别", "出生日期\r\n(YYYYMMDD)", "身份证号码（必填）",
               "身份证件\n类型", "学校（机构）标识码", "就读学校", "年  级", "所在班级"]  # fmt: skip
    quoted = ['"' + title + '"' for title in dressed]
    table = read_content("a.csv", text(quoted, CHILD[::-1]), ["roster"])
    assert set(table.sheets[0].columns) == set(HEAD)
    assert table.sheets[0].columns["学籍号"] == 0


def test_unknown_columns_are_listed_and_a_doubled_optional_one_too() -> None:
    head = [*HEAD, "血型", "联系电话", "联系电话"]
    table = read_content("a.csv", text(head, [*CHILD, "A", "1", "2"]), ["roster"])
    assert table.extra == ("血型", "联系电话（与“联系电话”重复，未采用）")
    assert rows_of(table)[0].cells["联系电话"] == "1"


def test_a_needed_column_found_twice_is_refused() -> None:
    with pytest.raises(reading.HeadingAmbiguous, match="姓名"):
        read_content("a.csv", text([*HEAD, "姓名"], [*CHILD, "李"]), ["roster"])


def test_the_canonical_heading_wins_over_a_synonym() -> None:
    table = read_content("a.csv", text(["学校", *HEAD], ["甲", *CHILD]), ["roster"])
    assert rows_of(table)[0].cells["学校名称"] == "启明小学"
    assert table.extra == ("学校",)


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(reading.ColumnsMissing, match="缺少列：学籍号.*姓名.*血型"):
        read_content("a.csv", text([*HEAD[:-1], "血型"], CHILD), ["roster"])


def test_a_file_without_a_heading_is_refused_saying_what_it_should_hold() -> None:
    with pytest.raises(reading.HeadingNotFound, match="花名册的表头.*学校标识码"):
        read_content("a.csv", text(CHILD, CHILD), ["roster"])


def test_sums_signatures_numbered_blanks_and_repeated_headings_are_listed() -> None:
    head = ["序号", *HEAD]
    foot = [["合计", "", "", "", "", "2"], ["填报人：张三　审核人：李四"], ["3"], head, ["", " "]]
    table = read_content("a.csv", text(head, ["1", *CHILD], ["2", *CHILD], *foot), ["roster"])
    assert [row.number for row in table.rows()] == [2, 3]
    assert [(s.row, s.why) for s in table.skipped] == [
        (4, "合计、填报人或说明行"),
        (5, "合计、填报人或说明行"),
        (6, "只有序号，没有内容"),
        (7, "重复的表头行"),
    ]
    assert table.blank_rows == 1


def test_reading_twice_counts_once() -> None:
    table = read_content("a.csv", text(HEAD, CHILD, [], ["合计"]), ["roster"])
    assert rows_of(table) == rows_of(table)
    assert (table.blank_rows, len(table.skipped)) == (1, 1)


def test_a_row_with_more_cells_than_the_heading_is_a_problem_not_a_row() -> None:
    table = read_content("a.csv", text(HEAD, [*CHILD, "多"], CHILD), ["roster"])
    assert [row.number for row in table.rows()] == [3]
    assert "第 2 行" in table.problems.lines()[0]
    assert "11 格" in table.problems.lines()[0]


def test_a_quoted_line_break_does_not_begin_a_row() -> None:
    child = [*CHILD[:1], '"启明\n小学"', *CHILD[2:]]
    assert [
        r.number for r in rows_of(read_content("a.csv", text(HEAD, child, CHILD), ["roster"]))
    ] == [2, 3]


@pytest.mark.parametrize("before", [0, 40])
def test_an_open_quote_is_refused_instead_of_swallowing_rows(before: int) -> None:
    data = text(HEAD, *[CHILD] * before, ['"x', *CHILD[1:]], CHILD)
    with pytest.raises(csv_text.CsvDamaged, match=f"第 {before + 2} 行附近的引号"):
        rows_of(read_content("a.csv", data, ["roster"]))


def test_bytes_in_no_known_encoding_are_refused() -> None:
    with pytest.raises(csv_text.TextUnreadable, match="GBK"):
        read_content("a.csv", text(HEAD) + b"\r\n\xff\xff\x80", ["roster"])


def test_the_kind_is_the_one_that_fits() -> None:
    rollcalls = "日期,学校标识码,年级,班级,时段,应到,实到,缺勤学籍号,原因,提交人\n2026-09-01,2152939972,1,1,,34,34,,,t"
    closures = "适用,日期,类型\n522699,2026-09-29,停课"
    every = list(KINDS)
    assert read_content("a.csv", rollcalls.encode(), every).kind.name == "rollcalls"
    assert read_content("a.csv", closures.encode(), ["roster", "calendar"]).kind.name == "calendar"
    with pytest.raises(reading.ColumnsMissing, match="学籍号"):
        read_content("a.csv", rollcalls.encode(), ["roster"])


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_merged_two_level_headings_are_joined(tmp_path: Path, suffix: str) -> None:
    """学籍号 … are merged downwards; 监护人信息 stands over 姓名, 关系, 电话."""
    upper = [*HEAD, "监护人信息", "", ""]
    lower = [*[""] * len(HEAD), "姓名", "关系", "联系电话"]
    rows = [["花名册"], upper, lower, [*CHILD, "王父", "父亲", "13800000000"]]
    path = tmp_path / f"a.{suffix}"
    if suffix == "xlsx":
        down = tuple((1, i, 2, i, title) for i, title in enumerate(HEAD))
        workbook(path, {"一": rows}, (*down, (1, 10, 1, 12, "监护人信息"), (0, 0, 0, 12, "花名册")))
    else:
        book = xlwt.Workbook()
        sheet = book.add_sheet("一")
        sheet.write_merge(0, 0, 0, 12, "花名册")
        for i, title in enumerate(HEAD):
            sheet.write_merge(1, 2, i, i, title)
        sheet.write_merge(1, 1, 10, 12, "监护人信息")
        for number, row in ((2, lower), (3, rows[3])):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write(number, column, cell)
        book.save(path)
    table = read_table(path, ["roster"])
    read = rows_of(table)[0]
    assert (read.sheet, read.number, table.sheets[0].heading_row) == ("一", 4, 3)
    assert (read.cells["姓名"], read.cells["监护人"], read.cells["监护人关系"]) == (
        "王一",
        "王父",
        "父亲",
    )
    assert read.cells["联系电话"] == "13800000000"


def test_two_level_headings_of_a_text_file_are_joined() -> None:
    upper = [*HEAD, "监护人1信息", "", ""]
    lower = [*[""] * len(HEAD), "姓名", "关系", "电话"]
    table = read_content("a.csv", text(upper, lower, [*CHILD, "王父", "父亲", "1"]), ["roster"])
    assert rows_of(table)[0].cells["监护人"] == "王父"
    assert rows_of(table)[0].number == 3


def test_the_name_of_a_second_guardian_is_not_the_childs() -> None:
    head = [*HEAD, "监护人2信息", ""]
    table = read_content(
        "a.csv", text(head, [*[""] * 10, "姓名", "电话"], [*CHILD, "x", "y"]), ["roster"]
    )
    assert "监护人" not in table.sheets[0].columns
    assert table.extra == ("姓名", "电话")


def test_a_sheet_that_begins_away_from_the_corner_keeps_its_row_numbers(tmp_path: Path) -> None:
    away = [[], [], ["", "", *HEAD], ["", "", *CHILD]]
    table = read_table(workbook(tmp_path / "a.xlsx", {"一": away}), ["roster"])
    assert rows_of(table)[0].number == 4
    assert rows_of(table)[0].cells["学校标识码"] == "2152939972"


def test_every_sheet_with_the_heading_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Any]]] = {
              "一年级": [HEAD, CHILD], "说明": [["填表说明"]], "二年级": [["题"], HEAD, CHILD],
              "汇总": [["学校名称", "年级", "班级", "人数"], ["甲", "1", "1", 3]]}  # fmt: skip
    table = read_table(workbook(tmp_path / "a.xlsx", sheets), ["roster"])
    assert [(r.sheet, r.number) for r in table.rows()] == [("一年级", 2), ("二年级", 3)]
    assert [name for name, _ in table.unread_sheets] == ["说明", "汇总"]


def test_a_second_sheet_that_lacks_one_column_refuses_the_file(tmp_path: Path) -> None:
    sheets = {"一年级": [HEAD, CHILD], "二年级": [HEAD[:-1], CHILD[:-1]]}
    with pytest.raises(reading.ColumnsMissing, match="二年级"):
        read_table(workbook(tmp_path / "a.xlsx", sheets), ["roster"])


def test_hidden_sheets_are_named_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("一", "旧"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEAD)
            sheet.write_row(1, 0, CHILD)
        sheet.hide()
    table = read_table(path, ["roster"])
    assert [row.sheet for row in table.rows()] == ["一"]
    assert table.unread_sheets == (("旧", "隐藏的工作表"),)


def test_cells_keep_their_type(tmp_path: Path) -> None:
    child = [*CHILD[:2], 1, 1, *CHILD[4:6], date(2019, 12, 4), *CHILD[7:]]
    cells = rows_of(read_table(workbook(tmp_path / "a.xlsx", {"一": [HEAD, child]}), ["roster"]))[
        0
    ].cells
    assert (cells["年级"], cells["出生日期"]) == (1.0, date(2019, 12, 4))


def test_a_refused_value_becomes_a_problem_at_its_place() -> None:
    table = read_content("a.csv", text(HEAD, [*CHILD[:2], "高一", *CHILD[3:]]), ["roster"])
    problems = Problems(table.file)
    for row in table.rows():
        with pytest.raises(GradeRefused) as refused:
            parse_grade(row.cells["年级"])
        problems.refuse(
            refused.value, sheet=row.sheet, row=row.number, column="年级", value=row.cells["年级"]
        )
    assert problems.lines()[0].startswith("a.csv 第 2 行 “年级”列：年级不是义务教育")
    assert "“高一”" in problems.lines()[0]
