"""How does a ledger become a workbook that prints well and in which nothing is a formula?"""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, Final

import xlsxwriter

from ckbx.ledgers.model import Column, Kind, Sheet

_A3: Final = 8
_NARROWEST: Final = 6
_PADDING: Final = 2
_LINE_HEIGHT: Final = 15
_ROW_HEIGHT: Final = 20
_INFO_SHARE: Final = 0.95
"""The lines above the table are set smaller than the table."""
_WIDEST: Final = 36
_NEARLY: Final = 0.7
"""A heading that nearly fits into one line is given one."""
_SAMPLED: Final = 2_000
_SHEET_NAME: Final = 31
_SAFE: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,  # no copy of minors' data in the folder for temporary files
}


def sheet_xlsx(sheet: Sheet) -> bytes:
    """The workbook: title, one line of 截至/已记录/口径, headings that stay, A3 landscape."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, _SAFE)
    book.set_properties(
        {
            "title": sheet.ledger.title,
            "comments": sheet.info(),
            "created": sheet.known_at.astimezone(UTC).replace(tzinfo=None),
        }
    )
    _Page(book, sheet).write()
    book.close()
    return made.getvalue()


class _Page:
    """One worksheet being written."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self.sheet = sheet
        self.columns = sheet.printed
        self.widths = list(self._widths())
        self.page = book.add_worksheet(sheet.ledger.title[:_SHEET_NAME])
        self.page.set_default_row(_ROW_HEIGHT)
        base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        self.title = book.add_format({**base, "font_size": 18, "bold": True, "align": "center"})
        line = {**base, "font_size": 10, "text_wrap": True}
        self.info = book.add_format(line)
        self.note = book.add_format({**line, "bold": True, "font_color": "#C00000"})
        cell = {**base, "border": 1, "text_wrap": True}
        self.heading = book.add_format(
            {**cell, "bold": True, "align": "center", "bg_color": "#DDE6F0"}
        )
        self.text = book.add_format({**cell, "num_format": "@"})
        self.number = book.add_format({**cell, "align": "center"})
        self.fraction = book.add_format({**cell, "align": "center", "num_format": "0.00"})

    def write(self) -> None:
        first = self._head()
        for place, row in enumerate(self.sheet.rows, start=first):
            lines = [
                self._cell(place, n, column, row[column.key])
                for n, column in enumerate(self.columns)
            ]
            self._height(place, max(lines, default=1))
        for n, width in enumerate(self.widths):
            self.page.set_column(n, n, width)
        self._print_setup(first - 1)

    def _head(self) -> int:
        """Title, information, notes and headings; returns the row of the first data."""
        last = len(self.columns) - 1
        self.page.merge_range(0, 0, 0, last, "", self.title)
        self.page.write_string(0, 0, self.sheet.ledger.title, self.title)
        self.page.set_row(0, 30)
        said = [(self.sheet.info(), self.info)]
        said += [(f"注意：{sentence}", self.note) for sentence in self.sheet.notes]
        said += [(sentence, self.info) for sentence in self.sheet.seals]
        for place, (sentence, style) in enumerate(said, start=1):
            self.page.merge_range(place, 0, place, last, "", style)
            self.page.write_string(place, 0, sentence, style)
            across = sum(self.widths) / _INFO_SHARE
            self._height(place, math.ceil(display_width(sentence) / across))
        place = len(said) + 1
        for n, column in enumerate(self.columns):
            self.page.write_string(place, n, column.heading, self.heading)
        self.page.set_row(place, 32)
        self.page.freeze_panes(place + 1, 0)
        return place + 1

    def _cell(self, place: int, n: int, column: Column, value: Any) -> int:
        """Write one cell; how many lines it takes."""
        if column.kind is Kind.NUMBER and type(value) in (int, float):
            style = self.fraction if type(value) is float else self.number
            self.page.write_number(place, n, value, style)
            return 1
        text = column.on_paper(value, self.sheet.zone)
        style = self.number if column.kind is Kind.NUMBER else self.text
        self.page.write_string(place, n, text, style)
        return math.ceil(display_width(text) / (self.widths[n] - _PADDING))

    def _height(self, place: int, lines: int) -> None:
        """A row as high as its lines; one line has the height of every row."""
        if lines > 1:
            self.page.set_row(place, lines * _LINE_HEIGHT + _ROW_HEIGHT - _LINE_HEIGHT)

    def _widths(self) -> Iterator[float]:
        """As wide as what stands in the column; a heading may take two lines, never three."""
        sample: Sequence[dict[str, Any]] = self.sheet.rows[:_SAMPLED]
        for column in self.columns:
            shown = (column.on_paper(row[column.key], self.sheet.zone) for row in sample)
            widest = max((display_width(text) for text in shown), default=0)
            whole = display_width(column.heading)
            least = two_lines(column.heading)
            heading = whole if max(widest, least) >= whole * _NEARLY else least
            yield min(max(max(widest, heading) + _PADDING, _NARROWEST), _WIDEST)

    def _print_setup(self, heading_row: int) -> None:
        self.page.set_paper(_A3)
        self.page.set_landscape()
        self.page.fit_to_pages(1, 0)
        self.page.repeat_rows(heading_row)
        self.page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        caliber = f"{self.sheet.ledger.title}　口径 {self.sheet.ledger.caliber}"
        self.page.set_footer(f"&L{caliber}&C第 &P 页　共 &N 页&R截至 {self.sheet.as_of}")


def two_lines(heading: str) -> int:
    """The width in which a heading takes at most two lines; a short one is never broken."""
    shortest = 3
    return 2 * math.ceil(len(heading) / 2) if len(heading) > shortest else display_width(heading)


def display_width(text: str) -> int:
    """Columns of a screen or a sheet that a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
