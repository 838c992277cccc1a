"""A file that was exported says by whom, and can be traced when that line was cut off."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from ckbx.clock import FixedClock
from ckbx.ledgers.marking import Mark, found_in
from ckbx.store import Store
from tests.support import pdf
from tests.web.admin.conftest import PASSWORDS, give_password
from tests.web.signing import signed_in

WHY = "11 月工作例会 & <核对>"


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


def taken(client: TestClient, form: str, name: str = "roster") -> bytes:
    response = client.post(f"/ledgers/{name}/file", data={"form": form, "why": WHY})
    assert response.status_code == 200
    return response.content


def test_every_page_says_who_took_it_when_and_for_what(officer: TestClient) -> None:
    book = taken(officer, "xlsx")
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    header = re.search(r"<oddHeader>(.*?)</oddHeader>", page)
    assert header is not None
    for said in ("导出编号", "bureau", "2026-11-22", "工作例会"):
        assert said in header[1]
    shown = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert f"用途：{WHY}" in str(shown[1][0])
    pages = pdf.pages(taken(officer, "pdf"))
    assert len(pages) > 1
    assert all("导出编号" in each and "bureau" in each for each in pages)
    lines = taken(officer, "csv").decode("utf-8-sig").splitlines()
    assert "bureau" in lines[0]
    numbers = {line.rsplit(",", 1)[1] for line in lines[1:]}
    assert len(numbers) == 1


def test_a_workbook_is_traced_without_its_lines(own_store: Store, officer: TestClient) -> None:
    """As where somebody deleted title, header and properties: the cells are left."""
    book = taken(officer, "xlsx")
    cut = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as parts, zipfile.ZipFile(cut, "w") as left:
        for name in parts.namelist():
            if name == "xl/styles.xml":
                left.writestr(name, parts.read(name))
    number = found_in(cut.getvalue())
    assert number == found_in(book)
    assert number is not None
    record = own_store.vault.exported(number)
    assert record is not None
    assert (record.actor, record.purpose) == ("bureau", WHY)


def test_eight_neighbouring_cells_hold_the_whole_number(officer: TestClient) -> None:
    with zipfile.ZipFile(io.BytesIO(taken(officer, "xlsx"))) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
    fonts = re.findall(r"<font>.*?</font>", styles)
    formats = re.findall(r'fontId="(\d+)"', styles.split("<cellXfs")[1])
    rows = re.findall(r"<row [^>]*>(.*?)</row>", page)[-12:]
    grid = [[fonts[int(formats[int(s)])] for s in re.findall(r' s="(\d+)"', r)] for r in rows]
    assert len(set(grid[3][2:10])) == 8, "in a row"
    assert len({row[1] for row in grid[:8]}) == 8, "in a column"


def test_a_pdf_is_traced_by_any_page_without_the_visible_line(officer: TestClient) -> None:
    whole = taken(officer, "pdf")
    number = found_in(whole)
    assert number is not None
    assert number == found_in(whole.replace(b"/Keywords", b"/Kezwords"))
    shown = f"{number[:4]}-{number[4:]}"
    assert shown in pdf.pages(whole)[0]


def test_two_exports_bear_two_numbers_and_figures_alone_one_too(
    own_store: Store, officer: TestClient
) -> None:
    one, two = found_in(taken(officer, "csv")), found_in(taken(officer, "csv"))
    assert None not in (one, two)
    assert one != two
    figures = found_in(taken(officer, "xlsx", "indicators"))
    assert figures is not None
    assert own_store.vault.exported(figures) is not None


@pytest.mark.parametrize("number", ["00000000", "0ZZZZZZZ", "ZZZZZZZZ", "7F3K2M9Q"])
def test_every_number_is_read_back(number: str, own_store: Store) -> None:
    mark = Mark(number=number, account="a", at=own_store.clock.now(), purpose="b")
    fonts = "".join(f'<color rgb="FF{each[1:]}"/>' for each in mark.colours())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("xl/styles.xml", fonts + '<color rgb="FF000000"/><color rgb="FFC00000"/>')
    assert found_in(made.getvalue()) == number


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", "姓名\r\n甲".encode()])
def test_a_file_without_a_mark_is_from_no_export(content: bytes) -> None:
    assert found_in(content) is None


def test_who_gave_the_password_long_ago_is_asked_again(own_store: Store) -> None:
    give_password(own_store, "bureau", PASSWORDS["admin"])
    with signed_in(own_store, "bureau") as client:
        clock = own_store.clock
        assert isinstance(clock, FixedClock)
        clock.at += timedelta(minutes=10, seconds=1)
        before = own_store.vault.access_records(limit=10**6)[-1].id
        form = {"form": "csv", "why": WHY}
        asked = client.post("/ledgers/roster/file", data=form)
        assert asked.status_code == 422
        assert "请再输入一次您登录用的密码" in asked.text
        assert 'name="password"' in asked.text
        wrong = client.post("/ledgers/roster/file", data=form | {"password": "no"})
        assert wrong.status_code == 422
        assert "密码不对" in wrong.text
        assert own_store.vault.access_records(after=before) == [], "nobody was read"
        figures = client.post("/ledgers/indicators/file", data=form)
        assert figures.status_code == 200, "figures ask for nothing"
        right = client.post("/ledgers/roster/file", data=form | {"password": PASSWORDS["admin"]})
        assert right.status_code == 200
        clock.at += timedelta(minutes=9)
        assert client.post("/ledgers/roster/file", data=form).status_code == 200
