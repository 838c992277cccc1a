"""A blank roster: filled in, it is imported as it is."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

import pytest

from ckbx.imports.blank import HEADING_ROW, SAID, blank_roster, roster_columns
from ckbx.imports.headings import NOTES_SHEET, ROSTER
from ckbx.imports.intake import ImportSummary, import_calendar, import_roster
from ckbx.imports.problems import ImportRefused
from ckbx.imports.workbook import read_workbook
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    ROSTER_HEAD,
    IntakeStore,
    pupil,
    sqlite_store,
    term,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    store = sqlite_store(tmp_path)
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, term())])
    yield store
    store.close()


def filled(store: IntakeStore, *rows: Mapping[str, object]) -> Path:
    """The blank, with children below its heading."""
    lines = "".join(line(n, row) for n, row in enumerate(rows, HEADING_ROW + 1))
    path = store.folder / "花名册.xlsx"
    with ZipFile(io.BytesIO(blank_roster())) as blank, ZipFile(path, "w") as full:
        for name in blank.namelist():
            part = blank.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                assert "</sheetData>" in part
                part = part.replace("</sheetData>", f"{lines}</sheetData>")
            full.writestr(name, part)
    return path


def line(number: int, row: Mapping[str, object]) -> str:
    """A row of a sheet as Excel keeps it."""
    values = [escape(str(row.get(name, ""))) for name in roster_columns()]
    cells = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
        for at, value in enumerate(values)
    )
    return f'<row r="{number}">{cells}</row>'


def row(n: int) -> Mapping[str, object]:
    return dict(zip(ROSTER_HEAD, pupil(n), strict=True))


def imported(store: IntakeStore, path: Path) -> ImportSummary:
    return import_roster(store.job, [path])


def shown(sheet: str, schools: Sequence[tuple[str, str]] = ()) -> list[Sequence[object]]:
    sheets = {each.name: each for each in read_workbook("a.xlsx", blank_roster(schools))}
    return list(sheets[sheet].rows())


def test_two_rows_that_were_filled_in_are_imported_without_a_word(store: IntakeStore) -> None:
    found = imported(store, filled(store, row(1), row(2)))
    assert found.problems == []
    assert found.warnings == []
    assert (found.rows, found.applied) == (2, 2)


def test_nobody_is_imported_from_a_blank_that_nobody_filled_in(store: IntakeStore) -> None:
    before = store.log.head()
    try:
        found = imported(store, filled(store))
    except ImportRefused as refused:
        assert refused.problems.items  # noqa: PT017 - either answer is right, a child is not
    else:
        assert found.applied == 0
    assert store.counts()["Enrolled"] == 0
    assert store.log.head() - before <= 2


def test_the_example_would_be_believed(store: IntakeStore) -> None:
    example = {name: said.example for name, said in SAID.items()}
    found = imported(store, filled(store, example))
    assert (found.problems, found.applied) == ([], 1)


def test_its_columns_are_those_that_the_import_reads() -> None:
    columns = roster_columns()
    heading = shown(ROSTER.title)[HEADING_ROW - 1]
    assert tuple(heading) == columns
    assert columns[: len(ROSTER.needed)] == ROSTER.needed
    assert all(ROSTER.column((name,)) == name for name in columns)
    assert set(SAID) == set(columns), "each says how it is filled in"


def test_the_notes_say_of_every_column_how_and_whether_it_must_be_filled_in() -> None:
    lines = {line[0]: line for line in shown(NOTES_SHEET) if line[0] in SAID}
    assert set(lines) == set(roster_columns())
    must = {name for name, line in lines.items() if line[1] == "必填"}
    assert must == set(ROSTER.needed)


def test_the_only_school_stands_in_the_example() -> None:
    own = ("2152939972", "岩门小学")
    example = shown(ROSTER.title, [own])[HEADING_ROW - 2]
    assert tuple(example[:2]) == own
