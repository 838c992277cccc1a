"""A workbook's XML names no file to read in and swells to nothing: entities are not resolved."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from ckbx.imports.problems import FileRefused
from ckbx.imports.workbook import read_workbook
from tests.imports.test_reading_hostile import book

SECRET = "此处是服务器上的秘密"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = f'<worksheet {SPACE}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{{}}</t></is></c></row></sheetData></worksheet>'  # noqa: E501
STRINGS = f'<sst {SPACE} count="1" uniqueCount="1"><si><t>{{}}</t></si></sst>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
"""Ten thousand million times ``ha``."""


def with_part(ending: str, xml: str) -> bytes:
    """A workbook in which a part is this XML."""
    store = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(A1="x"))) as old, zipfile.ZipFile(store, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, xml if name.endswith(ending) else old.read(name))
    return store.getvalue()


def told(data: bytes) -> str:
    """Everything that comes of a file: what was read, or how it was refused."""
    try:
        return repr([list(sheet.rows()) for sheet in read_workbook("a.xlsx", data)])
    except FileRefused as error:
        return f"{error} {error.__cause__}"


@pytest.mark.parametrize(
    ("ending", "around"), [("sheet1.xml", SHEET), ("sharedStrings.xml", STRINGS)]
)
@pytest.mark.parametrize("kind", ["file", "parameter"])
def test_no_file_of_the_server_is_read_in(
    tmp_path: Path, ending: str, around: str, kind: str
) -> None:
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    url = (tmp_path / "secret.txt").as_uri()
    declared = (
        f'<!ENTITY x SYSTEM "{url}">'
        if kind == "file"
        else f'<!ENTITY % y SYSTEM "{url}"> %y; <!ENTITY x "%y;">'
    )
    said = told(with_part(ending, f"<!DOCTYPE a [{declared}]>" + around.format("&x;")))
    assert SECRET not in said


@pytest.mark.parametrize(
    ("ending", "around"), [("sheet1.xml", SHEET), ("sharedStrings.xml", STRINGS)]
)
def test_entities_within_entities_swell_to_nothing(ending: str, around: str) -> None:
    data = with_part(ending, f"<!DOCTYPE a [{LAUGHS}]>" + around.format("&l9;"))
    assert len(data) < 20_000
    said = told(data)
    assert "haha" not in said
    assert len(said) < 10_000


def test_control_a_plain_part_is_read() -> None:
    assert "平常的字" in told(with_part("sheet1.xml", SHEET.format("平常的字")))
