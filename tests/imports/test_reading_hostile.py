"""Files that are not what they say, too large, damaged or made to harm."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from ckbx.imports import (
    reading,
    sources,
    workbook,
    workbook_archive,
    workbook_errors,
    workbook_extent,
)
from ckbx.imports.problems import FileRefused
from ckbx.imports.reading import read_content, read_table

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)
CELL = '<c r="{}" t="inlineStr"><is><t>x</t></is></c>'


def book(**cells: str) -> bytes:
    """A workbook with text in the cells named."""
    store = io.BytesIO()
    with xlsxwriter.Workbook(store) as made:
        sheet = made.add_worksheet()
        for address, value in cells.items():
            sheet.write(address, value)
    return store.getvalue()


def with_sheet(xml: str) -> bytes:
    """A workbook whose sheet is this XML."""
    store = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(A1="x"))) as old, zipfile.ZipFile(store, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, xml if name.endswith("sheet1.xml") else old.read(name))
    return store.getvalue()


def archive(**parts: bytes) -> bytes:
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/").replace("_", "."), data)
    return store.getvalue()


def test_three_hundred_megabytes_of_nothing_are_refused_before_unpacking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = archive(xl__workbook_xml=b"", xl__a_xml=bytes(300 * 1024 * 1024))

    def unpack(*_part: object) -> None:
        pytest.fail("unpacked before it was refused")

    monkeypatch.setattr(workbook_archive, "_inflate", unpack)
    with pytest.raises(workbook_errors.WorkbookTooLarge, match="压缩比"):
        read_content("a.xlsx", data, ["roster"])


def test_the_sum_of_the_parts_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_archive, "MAX_UNPACKED", 1000)
    with pytest.raises(workbook_errors.WorkbookTooLarge, match="MB"):
        read_content("a.xlsx", book(A1="x"), ["roster"])


def test_an_archive_of_too_many_parts_is_refused() -> None:
    data = archive(**{f"p{i}": b"" for i in range(workbook_archive.MAX_PARTS + 1)})
    with pytest.raises(workbook_errors.WorkbookTooLarge, match="内部文件"):
        read_content("a.xlsx", data, ["roster"])


def test_a_part_larger_than_it_declares_is_refused() -> None:
    data = bytearray(archive(xl__workbook_xml=b"<a>" + b"x" * 100_000))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)
    with pytest.raises(workbook_errors.WorkbookTooLarge, match="标明"):
        read_content("a.xlsx", bytes(data), ["roster"])


def test_one_character_in_the_last_cell_is_refused_naming_where() -> None:
    data = book(A1="x", XFD1048576=" ")
    with pytest.raises(workbook_errors.WorkbookTooWide, match="第 1048576 行、第 16384 列"):
        read_content("a.xlsx", data, ["roster"])


@pytest.mark.parametrize(
    "cell",
    ["<c r='XFD1048576'><v>1</v></c>", '<c s="1" r="XFD1048576"><v>1</v></c>',
     '<c\n r="XFD1048576"><v>1</v></c>', '<c r="XFD1"><v>1</v></c><c r="A1048576"><v>1</v></c>'],
)  # fmt: skip
def test_a_far_cell_is_seen_however_its_tag_is_written(cell: str) -> None:
    data = with_sheet(SHEET.format(f'<row r="1">{CELL.format("A1")}{cell}</row>'))
    with pytest.raises(workbook_errors.WorkbookTooWide):
        read_content("a.xlsx", data, ["roster"])


def test_a_far_cell_is_seen_across_the_border_of_two_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = with_sheet(
        SHEET.format(f'<row r="1">{CELL.format("A1")}{CELL.format("XFD1048576")}</row>')
    )
    for size in range(1, 40):
        monkeypatch.setattr(workbook_archive, "_CHUNK", size)
        with pytest.raises(workbook_errors.WorkbookTooWide):
            read_content("a.xlsx", data, ["roster"])


def test_a_filled_cell_without_an_address_is_refused() -> None:
    with pytest.raises(workbook_errors.WorkbookUnaddressed, match="位置"):
        read_content("a.xlsx", with_sheet(SHEET.format("<row><c><v>1</v></c></row>")), ["roster"])


def test_an_empty_styled_far_cell_does_no_harm() -> None:
    far = f'<row r="1">{CELL.format("A1")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    with pytest.raises(reading.HeadingNotFound):
        read_content("a.xlsx", with_sheet(SHEET.format(far)), ["roster"])


@pytest.mark.parametrize("letters", ["A", "Z", "AA", "AD", "AZ", "ZZ", "AAA", "XFD"])
def test_the_pattern_of_columns_holds_exactly_those_up_to_it(letters: str) -> None:
    number = workbook_extent.column_number(letters.encode())
    extent = workbook_extent.Extent()
    extent.feed(CELL.format(f"{letters}1").encode())
    assert (extent.last_column, extent.cells) == (number, number)


def test_a_damaged_archive_is_refused() -> None:
    data = book(A1="x")
    for broken in (
        data[: len(data) // 2],
        b"PK\x03\x04rubbish",
        data[:200] + bytes(400) + data[600:],
    ):
        with pytest.raises(workbook_errors.WorkbookDamaged):
            read_content("a.xlsx", broken, ["roster"])


def old_book() -> bytes:
    store = io.BytesIO()
    made = xlwt.Workbook()
    sheet = made.add_sheet("一")
    sheet.write(0, 0, "姓名")
    sheet.write(1, 1, "x")
    made.save(store)
    return store.getvalue()


def test_an_xls_that_makes_the_parser_abort_is_refused_and_the_program_lives() -> None:
    """The second cell says it stands in row 65536, column 65536: 137 GB for the parser."""
    cell = struct.pack("<HHHH", 0x00FD, 10, 1, 1)
    data = old_book()
    assert data.count(cell) == 1
    with pytest.raises(workbook_errors.WorkbookDamaged):
        read_content(
            "a.xls", data.replace(cell, struct.pack("<HHHH", 0x00FD, 10, 65535, 65535)), ["roster"]
        )


@pytest.mark.parametrize(("original", "times"), [(book(A1="姓名", B2="x"), 100), (old_book(), 10)])
def test_random_damage_never_ends_in_anything_but_a_named_refusal(
    original: bytes, times: int
) -> None:
    chance = random.Random(20260901)
    for _ in range(times):
        data = bytearray(original)
        for _ in range(5):
            data[chance.randrange(8, min(len(data), 4096))] = chance.randrange(256)
        with pytest.raises(FileRefused):
            read_content("a.xls", bytes(data), ["roster"])


def test_a_workbook_is_known_by_its_content_not_its_suffix() -> None:
    with pytest.raises(reading.HeadingNotFound):
        read_content("a.csv", book(A1="x"), ["roster"])
    with pytest.raises(reading.HeadingNotFound):
        read_content("a.xls", book(A1="x"), ["roster"])


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.xls", b"\xef\xbb\xbf\r\n<html><table><tr><td>x</td></tr></table>", "网页"),
        ("a.xls", b"<table><tr><td>x</td></tr></table>", "网页"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "XML"),
        ("a.xlsx", "姓名,性别,年级\n".encode("gbk"), "CSV"),
        ("a.xls", bytes(range(256)), "二进制"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.xlsx", archive(word__document_xml=b"<a/>"), "Word"),
        ("a.xlsx", archive(content_xml=b"<a/>"), "ods"),
        ("a.xlsx", archive(xl__workbook_bin=b"x"), "xlsb"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(name: str, data: bytes, what: str) -> None:
    with pytest.raises(workbook_errors.NotASpreadsheet, match=f"{what}.*另存为 xlsx"):
        read_content(name, data, ["roster"])


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.zip", archive(a_txt=b"x"), "压缩包。请先解压"),
        ("a.csv", b"Rar!\x1a\x07\x00", "压缩包。请先解压"),
        ("a.csv", b"\x1f\x8b\x08", "压缩包。请先解压"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(99), "图片。请找到原来的"),
        ("a.csv", b"\xff\xd8\xff\xe0", "图片。请找到原来的"),
        ("a.csv", b"\x7fELF" + bytes(99), "二进制数据。请找到原来的"),
    ],
)
def test_what_is_no_table_at_all_is_called_by_its_name(name: str, data: bytes, said: str) -> None:
    with pytest.raises(workbook_errors.NotATable, match=f"^{name}：这不是表格，而是{said}"):
        read_content(name, data, ["roster"])


def test_an_encrypted_workbook_is_refused_with_the_mend() -> None:
    data = workbook.OLE_SIGNATURE + bytes(2000) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(workbook_errors.WorkbookEncrypted, match="取消密码"):
        read_content("a.xlsx", data, ["roster"])


def test_missing_empty_and_oversized_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(sources.FileMissing):
        read_table(path, ["roster"])
    path.write_bytes(b" \r\n")
    with pytest.raises(reading.FileEmpty):
        read_table(path, ["roster"])
    with path.open("wb") as file:
        file.truncate(sources.MAX_SIZE + 1)
    with pytest.raises(sources.FileTooLarge, match="50 MB"):
        read_table(path, ["roster"])


@pytest.mark.parametrize("path", ["fifo", "folder", "/dev/zero"])
def test_what_is_no_regular_file_is_refused_without_waiting_for_it(
    tmp_path: Path, path: str
) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with pytest.raises(sources.NotRegularFile, match="不是普通文件，没有读取。请写明"):
        read_table(tmp_path / path, ["roster"])


def test_a_refusal_of_a_file_names_it_without_its_folders(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read_table(tmp_path / "a.csv", ["roster"])
    assert str(refused.value).startswith("a.csv：")
    assert refused.value.exit_code == 3
