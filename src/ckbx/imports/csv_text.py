"""How is a text file (csv, tsv) decoded and cut into rows without guessing?

Encoding: a byte order mark, else strict UTF-8, else strict GB18030 (a superset of GBK);
statistics are not asked, they fail on short files. Delimiter: comma, tab or semicolon,
whichever stands most often in the first lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ckbx.imports.problems import FileRefused
from ckbx.imports.workbook_sheets import Cell, Merged

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_DELIMITERS: Final = ",\t;"
_LOOKED_AT: Final = 30
_FIELD_LIMIT: Final = 131_072


class TextUnreadable(FileRefused):
    code = "text_unreadable"
    message = (
        "{file}：文字编码既不是 UTF-8 也不是 GBK/GB18030（第 {line} 行附近）。"
        "请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
    )


class CsvDamaged(FileRefused):
    code = "csv_damaged"
    message = (
        "{file}：第 {row} 行附近的引号不成对，后面的内容会错位。"
        "请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
    )


class TextSheet:
    """The one sheet of a text file; a quoted line break does not begin a new row."""

    name = ""
    merged: list[Merged] = []
    merges_known = False
    hidden = False

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text
        self.delimiter = sniff_delimiter(text)

    def rows(self) -> Iterator[list[Cell]]:
        """Rows as a person sees them in Excel. Raises CsvDamaged."""
        reader = csv.reader(
            io.StringIO(self._text, newline=""), delimiter=self.delimiter, strict=True
        )
        row = 0
        try:
            for row, cells in enumerate(reader, 1):  # noqa: B007 - named in the refusal
                yield list(cells)
        except csv.Error as error:
            raise CsvDamaged(file=self._file, row=row + 1) from error


def decode(file: str, data: bytes) -> str:
    """The text of a file: byte order mark, strict UTF-8, strict GB18030. Raises TextUnreadable."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(file, data[len(mark) :], encoding)
    if b"\0" in data:
        raise TextUnreadable(file=file, line=data.count(b"\n", 0, data.index(b"\0")) + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _strict(file, data, "gb18030")


def _strict(file: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TextUnreadable(file=file, line=line) from error


def sniff_delimiter(text: str) -> str:
    """Comma, tab or semicolon: the one that stands most often in one of the first lines."""
    lines = list(islice((line for line in io.StringIO(text) if line.strip()), _LOOKED_AT))
    return max(_DELIMITERS, key=lambda mark: max((line.count(mark) for line in lines), default=0))
