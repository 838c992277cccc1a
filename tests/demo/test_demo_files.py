"""Every ledger and letter of the demo county, opened again: headings, figures, names."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

import docx
import pytest
from python_calamine import CalamineWorkbook

from ckbx.documents.paper import load_paper, paper_names
from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.model import Column, Kind
from tests.demo import making
from tests.support.pdf import page_sizes, pages
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A terminal on the demo county, on its Sunday."""
    folder = tmp_path_factory.mktemp("demo")
    making.made_in(folder, tmp_path_factory)
    settings = making.settings_in(folder)
    return Terminal(settings.database_url, settings.secret_dir, making.SUNDAY)


class Written(NamedTuple):
    """A ledger as json has it, its printed columns, and these as people read them (the csv)."""

    name: str
    rows: list[dict[str, Any]]
    columns: list[Column]
    shown: list[list[str]]


@pytest.fixture(scope="module", params=sorted(LEDGERS))
def ledger(
    request: pytest.FixtureRequest, run: Terminal, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    name: str = request.param
    rows = run("ledger", name, "--all", "--format", "json").ok().json["rows"]
    assert rows, "the demo county shows something in every ledger"
    file = tmp_path_factory.mktemp("csv") / "台账.csv"
    run("ledger", name, "--all", "-o", file).ok()
    head, *lines = csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    columns = LEDGERS[name].columns
    assert head[:-1] == [column.heading for column in columns]
    assert head[-1].startswith("导出编号"), "the mark has a column of its own"
    ended = {key for row in rows for key, value in row.items() if value is not None}
    kept = [n for n, of in enumerate(columns) if of.printed and (not of.ended or of.key in ended)]
    shown = [[line[n][: columns[n].short or None] for n in kept] for line in lines]
    return Written(name, rows, [columns[n] for n in kept], shown)


def test_the_workbook_of_a_ledger_has_its_headings_and_every_figure(
    run: Terminal, ledger: Written, tmp_path: Path
) -> None:
    name, rows, columns, _shown = ledger
    file = tmp_path / "台账.xlsx"
    run("ledger", name, "--all", "-o", file).ok()
    sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    top = sheet.index([column.heading for column in columns])
    assert sheet[0][0] == LEDGERS[name].title
    assert "导出编号" in str(sheet[1][0])
    assert f"共 {len(rows)} 行" in str(sheet[2][0])
    body = sheet[top + 1 :]
    assert len(body) == len(rows)
    for line, row in zip(body, rows, strict=True):
        for cell, column in zip(line, columns, strict=True):
            if column.kind is Kind.NUMBER and row[column.key] is not None:
                assert cell == pytest.approx(row[column.key]), column.heading


def test_the_pdf_of_a_ledger_has_its_headings_on_every_page_and_every_cell(
    run: Terminal, ledger: Written, tmp_path: Path
) -> None:
    name, _rows, columns, shown = ledger
    file = tmp_path / "台账.pdf"
    run("ledger", name, "--all", "-o", file).ok()
    content = file.read_bytes()
    said = pages(content)
    assert set(page_sizes(content)) == {(420, 297)}
    assert LEDGERS[name].title in said[0]
    for page in said:
        for column in columns:
            assert "".join(column.heading.split()) in page, column.heading
    whole = "".join(said)
    lost = {cell for line in shown for cell in line if "".join(cell.split()) not in whole}
    assert lost == set()


NAMED: dict[str, tuple[str, ...]] = {
    "deferral_application": ("name",),
    "inquiry_letter": ("name", "student_no"),
    "letter_to_parents": (),
    "service_receipt": (),
}
"""What of a case stands on these papers; on the others the child's name and school."""


@pytest.fixture(scope="module")
def told(run: Terminal) -> dict[str, Any]:
    """The case of the demo county whose child was visited most, as its ledger has it."""
    visited = [
        row["student_no"] for row in run("ledger", "visits", "--format", "json").ok().json["rows"]
    ]
    listed = run("ledger", "dropout", "--format", "json").ok().json["rows"]
    return max(listed, key=lambda row: visited.count(row["student_no"]))


@pytest.mark.parametrize("paper", paper_names())
def test_a_letter_says_the_same_as_docx_and_as_pdf(
    run: Terminal, told: dict[str, Any], paper: str, tmp_path: Path
) -> None:
    files = [tmp_path / f"文书.{suffix}" for suffix in ("docx", "pdf")]
    for file in files:
        run("paper", paper, told["student_no"], "-o", file).ok()
    made = docx.Document(str(files[0]))
    cells = [c.text for table in made.tables for row in table.rows for c in row.cells]
    said = ["".join(text.split()) for text in [*(p.text for p in made.paragraphs), *cells]]
    printed = "".join(pages(files[1].read_bytes()))
    assert [text for text in said if text not in printed] == []
    wanted = {key: told[key] for key in NAMED.get(paper, ("name", "school_name"))}
    assert {key: value for key, value in wanted.items() if value not in "".join(said)} == {}
    assert "".join(load_paper(paper).title.split()) in printed
