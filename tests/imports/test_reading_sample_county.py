"""The files of a county as they are handed over are read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckbx.domain.shared import identifiers as ids
from ckbx.imports import choice_values, date_values, grade_values, identity_values, values
from ckbx.imports.reading import Table, read_table
from ckbx.imports.workbook_sheets import Cell

COUNTY = Path(__file__).parents[2] / "../shared/data/sample-county"
KINDS = ("roster", "rollcalls", "calendar", "chain")
pytestmark = pytest.mark.skipif(
    not COUNTY.is_dir(), reason="the sample county's files are not beside the project"
)


@pytest.mark.parametrize(
    ("name", "kind", "heading", "rows"),
    [
        ("roster-2152939972.xlsx", "roster", 4, 376),
        ("roster-3152354069.csv", "roster", 1, 182),
        ("roster-2152630340.csv", "roster", 1, 371),
        ("chain.csv", "chain", 1, 70),
        ("calendar.csv", "calendar", 1, 3),
        ("rollcalls-2026-09.csv", "rollcalls", 1, 653),
        ("amendments.csv", "rollcalls", 1, 40),
    ],
)
def test_every_file_is_read_whole(name: str, kind: str, heading: int, rows: int) -> None:
    table = read_table(COUNTY / name, KINDS)
    assert (table.kind.name, table.sheets[0].heading_row) == (kind, heading)
    assert len(list(table.rows())) == rows
    assert (table.extra, table.skipped, table.blank_rows, len(table.problems)) == ((), [], 0, 0)


@pytest.mark.parametrize("name", ["roster-2152939972.xlsx", "roster-3152354069.csv"])
def test_every_child_of_a_roster_is_understood(name: str) -> None:
    for row in read_table(COUNTY / name, ("roster",)).rows():
        _understand_child(row.cells)


def _understand_child(cells: dict[str, Cell]) -> None:
    school = ids.parse_school_code(values.plain(cells["学校标识码"]))
    grade = grade_values.parse_grade(cells["年级"], school_year=2026, school_code=school)
    assert grade in range(1, 10)
    assert grade_values.parse_class(cells["班级"], grade=grade) > 0
    number = ids.parse_id_number(identity_values.identity_text(cells["身份证件号"]))
    assert number.birth == date_values.parse_date(cells["出生日期"])
    assert (
        ids.parse_student_number(identity_values.identity_text(cells["学籍号"])).number[1:]
        == number.number
    )
    assert choice_values.parse_sex(cells["性别"]) in ids.Sex
    assert ids.parse_region_code(values.plain(cells["户籍地区划"]), lengths=(12,))


def test_every_row_of_the_roll_calls_is_understood() -> None:
    table: Table = read_table(COUNTY / "rollcalls-2026-10.csv", ("rollcalls",))
    absentees = 0
    for row in table.rows():
        cells = row.cells
        assert date_values.parse_date(cells["日期"]).month == 10
        assert values.parse_count(cells["应到"]) >= values.parse_count(cells["实到"])
        assert choice_values.parse_session(cells["时段"]) == "全天"
        if values.text(cells["缺勤学籍号"]):
            absentees += 1
            assert choice_values.parse_reason(cells["原因"]) in ("病假", "事假", "无故", "未核")
    assert absentees > 0
