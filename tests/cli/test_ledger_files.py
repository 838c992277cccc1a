"""Files people take away: nothing in them is a formula, and a workbook prints as it should."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.layout import lines, two_lines
from ckbx.ledgers.model import Kind, Sheet
from ckbx.ledgers.output import inert, sheet_csv
from ckbx.ledgers.xlsx import sheet_xlsx

HOSTILE = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "　=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    '=HYPERLINK("http://evil.example","点我")',
    "|cmd",
    "\x0b=1+1",
    "\ufeff=1+1",
)
SIGNS = tuple("=+-@|%＝＋－＠｜％")


def sheet(name: str, *, missing: tuple[str, ...] = ()) -> Sheet:
    """A suspected ledger with one child of this name."""
    ledger = LEDGERS["suspected"]
    row: dict[str, Any] = dict.fromkeys(ledger.keys)
    row |= {"student_no": "G52260120160506011X", "name": name, "grade": 3, "class": 1}
    row |= {"suspected_on": date(2026, 9, 7), "status": "suspected", "source": "absence"}
    return Sheet(
        ledger=ledger,
        as_of=date(2026, 11, 20),
        known_at=datetime(2026, 11, 21, 2, 0, tzinfo=UTC),
        position=7,
        rows=[row],
        zone=ZoneInfo("Asia/Shanghai"),
        missing=missing,
    )


def parts(content: bytes) -> dict[str, str]:
    """The XML parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def written_name(content: bytes) -> str:
    """The name as the csv file says it."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return dict(zip(rows[0], rows[1], strict=True))["姓名"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_a_csv_file_begins_like_a_formula(name: str) -> None:
    written = written_name(sheet_csv(sheet(name)))
    assert written.startswith("'")
    assert written.removeprefix("'").replace("\\|", "|") == name


@given(st.text(max_size=12))
def test_no_text_at_all_begins_like_a_formula_in_a_csv_file(name: str) -> None:
    kept = name.replace("\x00", "")
    written = written_name(sheet_csv(sheet(kept)))
    visible = written.lstrip(" \t\r\n\v\f　\u00a0\ufeff")
    assert not visible.startswith(SIGNS) or re.fullmatch(r"-?[0-9,.]+", written)


@pytest.mark.parametrize("name", ["王小明", "买买提·艾力", "O'Brien", "12", "a=b", ""])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert inert(name) == name
    assert written_name(sheet_csv(sheet(name))) == name


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(name: str) -> None:
    content = sheet_xlsx(sheet(name))
    found = parts(content)
    page = found["xl/worksheets/sheet1.xml"]
    assert "<f>" not in page
    assert "<hyperlink" not in page
    assert not any("hyperlink" in text for part, text in found.items() if part.endswith(".rels"))


def test_a_workbook_has_title_information_headings_and_rows() -> None:
    content = sheet_xlsx(sheet("王小明", missing=("测试小学：导入中，不完整",)))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "疑似辍学学生台账"
    info = str(rows[1][0])
    for said in ("截至 2026-11-20", "2026-11-21 10:00:00", "口径 2026.2 版", "共 1 行"):
        assert said in info
    assert rows[2][0] == "注意：测试小学：导入中，不完整"
    assert rows[3] == [column.heading for column in sheet("王小明").printed]
    row = dict(zip(rows[3], rows[4], strict=True))
    assert (row["学籍号"], row["姓名"]) == ("G52260120160506011X", "王小明")
    assert (row["年级"], row["列入日期"]) == (3, "2026-09-07")
    assert (row["线索来源"], row["就学状态"]) == ("考勤", "疑似辍学")


def test_a_workbook_prints_on_a3_landscape_with_headings_and_numbers_on_every_page() -> None:
    found = parts(sheet_xlsx(sheet("王小明")))
    page, book = found["xl/worksheets/sheet1.xml"], found["xl/workbook.xml"]
    assert 'paperSize="8"' in page
    assert 'orientation="landscape"' in page
    assert 'fitToHeight="0"' in page
    assert '<pane ySplit="3" topLeftCell="A4"' in page
    assert "第 &amp;P 页" in page
    assert "共 &amp;N 页" in page
    assert "$3:$3</definedName>" in book


def test_columns_are_wide_enough_for_chinese_and_never_too_wide() -> None:
    page = parts(sheet_xlsx(sheet("买买提" * 40)))["xl/worksheets/sheet1.xml"]
    found = re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', page)
    widths = [
        float(width) for first, last, width in found for _ in range(int(first), int(last) + 1)
    ]
    columns = sheet("王小明").printed
    assert len(widths) == len(columns)
    for width, column in zip(widths, columns, strict=True):
        assert two_lines(column.heading) < width < 40


def exempted() -> Sheet:
    """A 免学名册 with one child of whom everything is known."""
    of = LEDGERS["exemptions"]
    row: dict[str, Any] = dict.fromkeys(of.keys)
    row |= dict.fromkeys((c.key for c in of.columns if c.kind is Kind.DAY), date(2026, 7, 6))
    row |= {"student_no": "G52260120160506011X", "name": "欧阳小明", "sex": "女"}
    row |= {"school_code": "2152697002", "school_name": "城关镇第二小学", "grade": 3, "class": 1}
    row |= {"village_code": "522697100201", "reason": "孩子身体状况不适合到校"}
    row |= {"proof": "committee", "proof_from": "县残疾人教育专家委员会"}
    row |= {"proof_document": "县特评〔2026〕0702", "legal_basis": "县政规〔2026〕3号（示例）"}
    row |= {"approver": "bureau", "document": "县教字〔2026〕0709号", "state": "running"}
    return replace(sheet("王"), ledger=of, rows=[row])


def test_a_ledger_of_many_columns_is_printed_large_enough_to_be_read() -> None:
    """Excel prints a column 5/7 of a unit wider than its width; A3 has 213 units at full size."""
    page = parts(sheet_xlsx(exempted()))["xl/worksheets/sheet1.xml"]
    found = re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', page)
    whole = sum((float(width) + 5 / 7) * (int(b) - int(a) + 1) for a, b, width in found)
    assert 11 * 213 / whole >= 7.5


@pytest.mark.parametrize(
    ("text", "room", "taken"),
    [
        ("", 8, 1),
        ("城关镇第二小学", 14, 1),
        ("城关镇第二小学", 8, 2),
        ("县教字〔2026〕0709号", 14, 2),
        ("校长 principal3、班主任 ct302181", 18, 2),
        ("8870377cfd8de606" * 3, 16, 3),
        ("见 8870377cfd8de606", 8, 3),
    ],
)
def test_a_text_breaks_between_words_and_a_word_too_long_is_cut(
    text: str, room: float, taken: int
) -> None:
    assert lines(text, room) == taken


def test_a_row_is_as_high_as_its_text_needs() -> None:
    def heights(name: str) -> list[float]:
        page = parts(sheet_xlsx(sheet(name)))["xl/worksheets/sheet1.xml"]
        return [float(found) for found in re.findall(r'<row r="4"[^>]* ht="([\d.]+)"', page)]

    assert max(heights("王小明")) < 21
    assert min(heights("买买提·" * 20)) > 60  # 160 half characters in a column of 36


def test_a_seal_is_read_to_its_end() -> None:
    of = replace(sheet("王"), seals=["封存摘要 " + "8870377cfd8de606" * 30])
    page = parts(sheet_xlsx(of))["xl/worksheets/sheet1.xml"]
    found = re.search(r'<row r="3"[^>]* ht="([\d.]+)"', page)
    assert found is not None
    assert float(found[1]) > 40


def test_fractions_have_two_places() -> None:
    of = sheet("王")
    of.rows[0]["unexplained_days"] = 95.7
    found = parts(sheet_xlsx(of))
    cell = re.search(r'<c r="[A-Z]+4" s="(\d+)"><v>95.7</v>', found["xl/worksheets/sheet1.xml"])
    assert cell is not None
    styles = found["xl/styles.xml"]
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    assert f'numFmtId="{formats[int(cell[1])]}" formatCode="0.00"' in styles


def test_the_same_ledger_makes_the_same_workbook() -> None:
    assert parts(sheet_xlsx(sheet("王"))) == parts(sheet_xlsx(sheet("王")))
