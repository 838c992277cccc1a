"""A ledger printed as pdf: complete, A3, headed on every page, honest about missing glyphs."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from ckbx.documents.fonts import FontUnreadable, missing_glyphs
from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.model import Ledger, Sheet
from ckbx.ledgers.pdf import sheet_pdf
from tests.support.pdf import first_page, page_sizes, pages


def sheet(*names: str, ledger: str = "suspected") -> Sheet:
    of = LEDGERS[ledger]
    rows: list[dict[str, Any]] = []
    for n, name in enumerate(names):
        row: dict[str, Any] = dict.fromkeys(of.keys)
        row |= {"student_no": f"G5226012016050{n:04d}X", "name": name, "grade": 3, "class": 1}
        rows.append(row)
    return Sheet(
        ledger=of,
        as_of=date(2026, 11, 20),
        known_at=datetime(2026, 11, 21, 2, 0, 0, 123456, tzinfo=UTC),  # as a clock tells it
        position=7,
        rows=rows,
        zone=ZoneInfo("Asia/Shanghai"),
    )


def headings(content: bytes, of: Ledger) -> list[str]:
    """The headings of the first page as they are broken into lines, in order."""
    text = first_page(content)
    found = []
    for column in of.columns:
        if column.printed and not column.ended:
            broken = re.search("\\s*".join(map(re.escape, column.heading)), text)
            assert broken is not None, column.heading
            found.append(broken[0].replace("\r\n", "\n"))
    return found


@pytest.mark.parametrize("name", sorted(LEDGERS))
def test_every_ledger_prints_its_headings_on_a3_landscape(name: str) -> None:
    made = sheet_pdf(sheet("王小明", ledger=name))
    assert set(page_sizes(made)) == {(420, 297)}
    said = pages(made)[0]
    assert LEDGERS[name].title in said
    for column in LEDGERS[name].columns:
        if column.printed and not column.ended:
            assert column.heading in said, column.heading


def test_columns_of_what_has_ended_are_printed_where_there_is_such_a_row() -> None:
    of = sheet("王小明")
    assert "核销日期" not in pages(sheet_pdf(of))[0]
    of.rows[0]["closed_on"] = date(2026, 11, 18)
    assert "核销日期" in pages(sheet_pdf(of))[0]


def test_paper_carries_of_a_case_number_what_a_command_needs() -> None:
    of = sheet("王小明")
    of.rows[0]["case_id"] = "6094766a-bee4-59e7-a457-9ff3b9e9d190"
    said = pages(sheet_pdf(of))[0]
    assert "6094766a" in said
    assert "9ff3b9e9d190" not in said


@pytest.mark.parametrize("name", sorted(LEDGERS))
def test_a_heading_takes_at_most_two_lines_and_a_short_one_takes_one(name: str) -> None:
    for heading in headings(sheet_pdf(sheet("王小明", ledger=name)), LEDGERS[name]):
        assert heading.count("\n") <= (0 if len(heading.replace("\n", "")) <= 3 else 1), heading


def test_every_child_stands_on_some_page_and_every_page_has_the_headings() -> None:
    names = [f"王{chr(0x4E00 + n)}" for n in range(200)]
    said = pages(sheet_pdf(sheet(*names)))
    assert len(said) > 1
    assert all("学籍号" in page and f"共{len(said)}页" in page for page in said)
    whole = "".join(said)
    assert [name for name in names if name not in whole] == []


@pytest.mark.parametrize(
    "name",
    ["#strong[王]", "*王*_明_", "$x$", "@fig", "<svg>", "= 王", "\\u{4E00}", '"王"', "王//明"],
)
def test_a_name_is_text_and_never_markup(name: str) -> None:
    assert "".join(name.split()) in pages(sheet_pdf(sheet(name)))[0]


def test_a_name_with_a_glyph_no_font_has_is_told_before_it_is_printed() -> None:
    said = pages(sheet_pdf(sheet("𠮷田", "王明")))[0]
    assert "有1个字没有字体，印为〓：U+20BB7" in said
    assert "〓田" in said


def test_a_ledger_without_rows_says_that_there_are_none() -> None:
    assert "（无）" in pages(sheet_pdf(sheet()))[0]


def test_the_same_ledger_is_the_same_file() -> None:
    assert sheet_pdf(sheet("王小明")) == sheet_pdf(sheet("王小明"))


@pytest.mark.parametrize("name", ["阿依古丽·买买提", "王㛃", "丁䶮", "朱𪩘", "欧阳  娜娜", "Ａ1"])
def test_names_as_people_have_them_can_be_drawn(name: str) -> None:
    assert missing_glyphs(name) == ""


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "仿宋.ttf").write_bytes(b"no font")
    with pytest.raises(FontUnreadable, match=r"仿宋\.ttf"):
        missing_glyphs("王", tmp_path)


def report(rows: int, seals: int) -> Sheet:
    """A monthly report with so many lines and seals."""
    of = LEDGERS["monthly_report"]
    line: dict[str, Any] = dict.fromkeys(of.keys) | {"month": "2026-10", "school_name": "第一小学"}
    lines = [line | {"title": f"项目{n:03d}止"} for n in range(rows)]
    return replace(
        sheet(ledger="monthly_report"), rows=lines, seals=[f"封存{n:03d}止" for n in range(seals)]
    )


@pytest.mark.parametrize("rows", range(46, 54))
def test_the_place_to_sign_is_never_alone_on_a_page(rows: int) -> None:
    said = pages(sheet_pdf(report(rows, 2)))
    (signed,) = [page for page in said if "校长（签字）" in page]
    assert f"项目{rows - 1:03d}止" in signed
    whole = "".join(said)
    assert [n for n in range(rows) if whole.count(f"项目{n:03d}止") != 1] == []


def test_the_seals_of_a_large_county_are_all_read() -> None:
    said = pages(sheet_pdf(report(60, 300)))
    whole = "".join(said)
    assert [n for n in range(300) if f"封存{n:03d}止" not in whole] == []
    (signed,) = [page for page in said if "校长（签字）" in page]
    assert "封存299止" in signed
