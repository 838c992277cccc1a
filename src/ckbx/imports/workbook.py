"""How is an Excel file (xlsx, xls) opened without letting it harm the program?

A workbook is looked at before it is parsed. The parser lays every sheet out as a full
rectangle of cells, so one stray cell at XFD1048576 would ask for half a terabyte and take
the process down; and a small zip can hold gigabytes. So the parts are inflated once, under
a limit, and only searched for the farthest cell that holds something. An old xls cannot be
looked at so easily: it is parsed in a process of its own.
"""

from __future__ import annotations

import os
import pickle
import re
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final, Protocol

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ckbx.imports.problems import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

Cell = str | int | float | bool | date | datetime | time | timedelta
Merged = tuple[tuple[int, int], tuple[int, int]]

ZIP_SIGNATURE: Final = b"PK\x03\x04"
OLE_SIGNATURE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
MAX_UNPACKED: Final = 512 * 1024 * 1024
MAX_RATIO: Final = 100  # a roster of 100,000 equal rows packs about 30:1
RATIO_FROM: Final = 8 * 1024 * 1024
MAX_PARTS: Final = 4096
MAX_DIRECTORY: Final = 1024 * 1024
MAX_CELLS: Final = 32 * 1024 * 1024  # 32 bytes each in the parser: one gigabyte
_CHUNK: Final = 1024 * 1024
_PACKED_CHUNK: Final = 64 * 1024
_OVERLAP: Final = 512
_LONGEST_TAG: Final = 64 * 1024
_ADDRESS: Final = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,8})([0-9]{1,9})[\"']")
_CHILD_MEMORY: Final = 2 * 1024**3
_LOCKED: Final = 3
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class WorkbookTooLarge(FileRefused):
    code = "workbook_too_large"
    message = (
        "{file}：解压后过大（{why}），没有读取。请删去空白行、图片和多余的工作表，另存后再导入"
    )


class WorkbookTooWide(FileRefused):
    code = "workbook_too_wide"
    message = (
        "{file}：表格一直用到第 {rows} 行、第 {columns} 列，多半是远处误填了一个字符。"
        "请按 Ctrl+End 找到它，删去多余的行和列，另存后再导入"
    )


class WorkbookUnaddressed(FileRefused):
    code = "workbook_unaddressed"
    message = (
        "{file}：单元格没有写明位置（由别的软件生成）。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
    )


class WorkbookDamaged(FileRefused):
    code = "workbook_damaged"
    message = "{file}：Excel 文件已损坏或没有传完整。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"


class WorkbookEncrypted(FileRefused):
    code = "workbook_encrypted"
    message = "{file}：文件设了打开密码。请打开后取消密码，另存为 xlsx 再导入"


class NotASpreadsheet(FileRefused):
    code = "not_a_spreadsheet"
    message = (
        "{file}：这不是真正的 Excel 文件，而是{what}。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
    )


UNPACK: Final = "请先解压，再导入里面的 xlsx、xls 或 csv 文件"


class NotATable(NotASpreadsheet):
    """Nothing in it can be saved as a workbook."""

    code = "not_a_table"
    message = "{file}：这不是表格，而是{what}。{mend}"


class RawSheet(Protocol):
    """A sheet before its heading is known; ``rows`` may be called again and starts anew."""

    name: str
    merged: list[Merged]
    merges_known: bool
    hidden: bool

    def rows(self) -> Iterator[list[Cell]]:
        """All rows from row 1 of the sheet, each as wide as the sheet."""


class WorkbookSheet:
    """A sheet of a workbook; merged ranges count from the first used column."""

    merges_known = True

    def __init__(self, name: str, workbook: CalamineWorkbook, *, hidden: bool) -> None:
        self.name, self.hidden = name, hidden
        self._sheet = workbook.get_sheet_by_name(name)
        left = (self._sheet.start or (0, 0))[1]
        ranges = self._sheet.merged_cell_ranges or []
        self.merged: list[Merged] = [
            ((top, max(first - left, 0)), (bottom, last - left))
            for (top, first), (bottom, last) in ranges
            if last >= left
        ]

    def rows(self) -> Iterator[list[Cell]]:
        return self._sheet.iter_rows()


class LegacySheet:
    """A sheet of an xls file as the other process handed it over: rows cut at their last cell."""

    merges_known = True

    def __init__(
        self, name: str, rows: list[list[Cell]], merged: list[Merged], *, hidden: bool
    ) -> None:
        self.name, self.merged, self.hidden = name, merged, hidden
        self._rows, self._width = rows, max(map(len, rows), default=0)

    def rows(self) -> Iterator[list[Cell]]:
        for row in self._rows:
            yield row + [""] * (self._width - len(row))


def read_workbook(file: str, data: bytes) -> list[RawSheet]:
    """The work sheets of an xlsx or xls file, hidden ones marked.

    Raises WorkbookTooLarge, WorkbookTooWide, WorkbookDamaged, WorkbookEncrypted,
    NotASpreadsheet, NotATable.
    """
    if not data.startswith(ZIP_SIGNATURE):
        return list(_read_legacy(file, data))
    inspect_archive(file, data)
    try:
        return list(_parse(data))
    except PasswordError as error:
        raise WorkbookEncrypted(file=file) from error
    except (CalamineError, OSError, ValueError) as error:
        raise WorkbookDamaged(file=file) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the parser's own crash, no Exception
            raise
        raise WorkbookDamaged(file=file) from error


def _parse(data: bytes) -> list[WorkbookSheet]:
    workbook = CalamineWorkbook.from_filelike(BytesIO(data))
    return [
        WorkbookSheet(meta.name, workbook, hidden=meta.visible != SheetVisibleEnum.Visible)
        for meta in workbook.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet
    ]


def _read_legacy(file: str, data: bytes) -> list[LegacySheet]:
    """Parse an xls in a process of its own: one wrong byte can make the parser abort.

    The other process has a limit on memory and time, no settings and no secrets; it hands
    back plain rows.
    """
    if _ENCRYPTED in data:
        raise WorkbookEncrypted(file=file)
    command = [sys.executable, "-m", "ckbx.imports.workbook"]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(  # noqa: S603 - this program itself, nothing a person typed
            command, input=data, env=environment, capture_output=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WorkbookDamaged(file=file) from error
    if done.returncode == _LOCKED:
        raise WorkbookEncrypted(file=file)
    if done.returncode != 0:
        raise WorkbookDamaged(file=file)
    return [
        LegacySheet(name, rows, merged, hidden=hidden)
        for name, rows, merged, hidden in pickle.loads(done.stdout)  # noqa: S301 - our own child's
    ]


def _hand_over() -> int:
    """The other process: xls on standard input, pickled rows on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_CHILD_MEMORY, _CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheets = _parse(sys.stdin.buffer.read())
    except PasswordError:
        return _LOCKED
    plain = [(s.name, [_cut(row) for row in s.rows()], s.merged, s.hidden) for s in sheets]
    sys.stdout.buffer.write(pickle.dumps(plain, pickle.HIGHEST_PROTOCOL))
    return 0


def _cut(row: list[Cell]) -> list[Cell]:
    while row and row[-1] == "":
        row.pop()
    return row


def inspect_archive(file: str, data: bytes) -> None:
    """Refuse an xlsx that is too large, too wide, lies about its sizes, or is something else."""
    if _directory_size(data) > MAX_DIRECTORY:
        raise WorkbookTooLarge(file=file, why=f"内部文件超过 {MAX_PARTS} 个")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        raise WorkbookDamaged(file=file) from error
    _check_sizes(file, parts)
    _check_contents(file, [part.filename.replace("\\", "/").lower() for part in parts])
    extent = Extent()
    for part in parts:
        extent.new_part()
        for chunk in _inflate(file, data, part):
            extent.feed(chunk)
            if extent.unaddressed:
                raise WorkbookUnaddressed(file=file)
            if extent.cells > MAX_CELLS:
                raise WorkbookTooWide(file=file, rows=extent.last_row, columns=extent.last_column)


def _directory_size(data: bytes) -> int:
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if at < 0 or at + 16 > len(data):
        return 0
    return int(struct.unpack_from("<I", data, at + 12)[0])


def _check_sizes(file: str, parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise WorkbookTooLarge(file=file, why=f"内部文件超过 {MAX_PARTS} 个")
    total = sum(part.file_size for part in parts)
    if total > MAX_UNPACKED:
        raise WorkbookTooLarge(file=file, why=f"约 {total // 1024**2} MB")
    for part in parts:
        if part.file_size > max(RATIO_FROM, MAX_RATIO * part.compress_size):
            ratio = part.file_size // max(part.compress_size, 1)
            raise WorkbookTooLarge(file=file, why=f"压缩比 {ratio} 倍，不像正常的表格")


def _check_contents(file: str, names: list[str]) -> None:
    if any(name.endswith(("workbook.xml", "workbook2.xml")) for name in names):
        return
    if any(name.endswith("workbook.bin") for name in names):
        raise NotASpreadsheet(file=file, what=" xlsb 二进制工作簿")
    if "content.xml" in names:
        raise NotASpreadsheet(file=file, what=" OpenDocument 文档（ods）")
    if any(name.startswith("word/") for name in names):
        raise NotASpreadsheet(file=file, what=" Word 文档")
    raise NotATable(file=file, what="压缩包", mend=UNPACK)


def _inflate(file: str, data: bytes, part: zipfile.ZipInfo) -> Iterable[bytes]:
    """The part in chunks, never more than it declares."""
    at = part.header_offset
    if data[at : at + 4] != ZIP_SIGNATURE or part.flag_bits & 1:
        raise WorkbookDamaged(file=file)
    names = struct.unpack_from("<HH", data, at + 26)
    start = at + 30 + sum(names)
    packed = memoryview(data)[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise WorkbookDamaged(file=file)
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), part.file_size
    try:
        for begin in range(0, len(packed), _PACKED_CHUNK):
            rest: bytes | memoryview = packed[begin : begin + _PACKED_CHUNK]
            while rest:
                chunk = inflate.decompress(rest, _CHUNK)
                rest, left = inflate.unconsumed_tail, left - len(chunk)
                if left < 0:
                    raise WorkbookTooLarge(file=file, why="实际内容比标明的大")
                yield chunk
        yield inflate.flush()  # at most one match that the limit had cut
    except zlib.error as error:
        raise WorkbookDamaged(file=file) from error


class Extent:
    """The rectangle that the cells of the parts need, seen chunk by chunk.

    One pass of a pattern that passes over every cell with an address inside the rectangle so
    far (``<c r="AD17"``) and stops at the first outside; the height grows to the next round
    number, so that it stops seldom. A filled cell without an address is flagged: where it
    lies cannot be seen from its tag.
    """

    def __init__(self) -> None:
        self.unaddressed = False
        self.last_row = self.last_column = 1
        self._earlier, self._height = -1, 1
        self.new_part()

    def new_part(self) -> None:
        """Begin with the next part: every sheet is a rectangle of its own."""
        self._earlier = self.cells
        self.last_row = self.last_column = self._height = 1
        self._tail, self._sheet_seen = b"", False
        self._outside = self._pattern()

    @property
    def cells(self) -> int:
        """Cells of the parts seen so far, never fewer than the parser will lay out."""
        return self._earlier + self._height * self.last_column

    def feed(self, chunk: bytes) -> None:
        """Look at the next piece of a part."""
        data = self._tail + chunk
        if not self._sheet_seen and (at := data.find(b"sheetData")) > 0:
            self._sheet_seen = True
            self.unaddressed |= data[at - 1 : at] == b":"  # cells have prefixes too
        at = 0
        while found := self._outside.search(data, at):
            end = data.find(b">", found.start())
            if end < 0:  # the tag goes on in the next piece
                at = found.start()
                break
            self._stop_at(data[found.start() : end + 1])
            at = end
        self._tail = data[at:] if data.find(b">", at) < 0 else data[max(at, len(data) - _OVERLAP) :]
        self.unaddressed |= len(self._tail) > _LONGEST_TAG

    def _stop_at(self, tag: bytes) -> None:
        if tag.endswith(b"/>"):
            return
        address = _ADDRESS.search(tag)
        if address is None:
            self.unaddressed = True
            return
        self.last_column = max(self.last_column, column_number(address[1]))
        self.last_row = max(self.last_row, int(address[2]))
        if self.last_row > self._height:
            digits = str(self.last_row)
            self._height = (int(digits[0]) + 1) * 10 ** (len(digits) - 1) - 1
        self._outside = self._pattern()

    def _pattern(self) -> re.Pattern[bytes]:
        first, rest = str(self._height)[0], len(str(self._height)) - 1
        rows = f"[1-{first}][0-9]{{{rest}}}" + (f"|[0-9]{{1,{rest}}}" if rest else "")
        inside = f' r="(?:{_up_to(self.last_column)})(?:{rows})"'
        return re.compile(f"<c(?!{inside}|[^ >\\t\\r\\n])".encode())


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _up_to(column: int) -> str:
    """A pattern for the letters of the columns from A to this one."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    found = [letters]
    for i, letter in enumerate(letters):
        if letter > "A":
            tail = len(letters) - i - 1
            found.append(f"{letters[:i]}[A-{chr(ord(letter) - 1)}][A-Z]{{{tail}}}")
    if len(letters) > 1:
        found.append(f"[A-Z]{{1,{len(letters) - 1}}}")
    return "|".join(reversed(found))


if __name__ == "__main__":
    sys.exit(_hand_over())
