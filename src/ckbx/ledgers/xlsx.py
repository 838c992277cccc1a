"""How does a ledger become a workbook that prints well and in which nothing is a formula?"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

import xlsxwriter

from ckbx.ledgers.calibers import caliber_words
from ckbx.ledgers.layout import between, bounds, display_width, lines
from ckbx.ledgers.model import Column, Kind, Sheet

_A3: Final = 8
_NARROWEST: Final = 5
_PADDING: Final = 1
_SLACK: Final = 1.05
"""A character of 宋体 is a little wider than the unit in which a sheet counts widths."""
_PAGE: Final = 213
"""Units between the margins of A3 landscape where nothing is shrunk."""
_BORDER: Final = 0.7
"""Units that a column takes beside its width."""
_READABLE: Final = 0.85
"""Down to this share the page is shrunk (11 to 9 points) rather than a cell broken."""
_LINE_HEIGHT: Final = 15
_ROW_HEIGHT: Final = 20
_INFO_SHARE: Final = 0.95
"""The lines above the table are set smaller than the table."""
_WIDEST: Final = 36
_NEARLY: Final = 0.7
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
            "keywords": sheet.marked,
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
        self.widths = self._widths()
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
        colours = [{"font_color": each} for each in sheet.mark.colours()] if sheet.mark else [{}]
        centre = {**cell, "align": "center"}
        self.texts = [book.add_format({**cell, "num_format": "@", **c}) for c in colours]
        self.numbers = [book.add_format({**centre, **c}) for c in colours]
        self.fractions = [book.add_format({**centre, "num_format": "0.00", **c}) for c in colours]

    def write(self) -> None:
        first = self._head()
        for place, row in enumerate(self.sheet.rows, start=first):
            taken = [
                self._cell(place, n, column, row[column.key])
                for n, column in enumerate(self.columns)
            ]
            self._height(place, max(taken, default=1))
        for n, width in enumerate(self.widths):
            self.page.set_column(n, n, width)
        self._print_setup(first - 1)

    def _head(self) -> int:
        """Title, information, notes and headings; returns the row of the first data."""
        last = len(self.columns) - 1
        self.page.merge_range(0, 0, 0, last, "", self.title)
        self.page.write_string(0, 0, self.sheet.ledger.title, self.title)
        self.page.set_row(0, 30)
        said = [(self.sheet.marked, self.info)] if self.sheet.mark else []
        said += [(self.sheet.info(), self.info)]
        said += [(f"注意：{sentence}", self.note) for sentence in self.sheet.notes]
        said += [(sentence, self.info) for sentence in self.sheet.seals]
        for place, (sentence, style) in enumerate(said, start=1):
            self.page.merge_range(place, 0, place, last, "", style)
            self.page.write_string(place, 0, sentence, style)
            across = sum(self.widths) / _INFO_SHARE
            self._height(place, lines(sentence, across))
        place = len(said) + 1
        for n, column in enumerate(self.columns):
            self.page.write_string(place, n, column.heading, self.heading)
        self.page.set_row(place, 32)
        self.page.freeze_panes(place + 1, 0)
        return place + 1

    def _cell(self, place: int, n: int, column: Column, value: Any) -> int:
        """Write one cell; how many lines it takes."""
        turn = (place + n) % len(self.texts)  # neighbours bear the next sign of the mark
        if column.kind is Kind.NUMBER and type(value) in (int, float):
            style = self.fractions[turn] if type(value) is float else self.numbers[turn]
            self.page.write_number(place, n, value, style)
            return 1
        text = column.on_paper(value, self.sheet.zone)
        style = self.numbers[turn] if column.kind is Kind.NUMBER else self.texts[turn]
        self.page.write_string(place, n, text, style)
        return lines(text, (self.widths[n] - _PADDING) / _SLACK)

    def _height(self, place: int, taken: int) -> None:
        """A row as high as its lines; one line has the height of every row."""
        if taken > 1:
            self.page.set_row(place, taken * _LINE_HEIGHT + _ROW_HEIGHT - _LINE_HEIGHT)

    def _widths(self) -> list[float]:
        """As wide as what stands in the column; narrower where the page would be shrunk much.

        A heading that nearly fits into one line is given one, else two, never three.
        """
        sample: Sequence[dict[str, Any]] = self.sheet.rows[:_SAMPLED]
        zone = self.sheet.zone
        shown = [[c.on_paper(row[c.key], zone) for c in self.columns] for row in sample]
        headings = [column.heading for column in self.columns]
        of = bounds(headings, shown or [[""] * len(headings)], _WIDEST)
        for n, whole in enumerate(map(display_width, headings)):
            if of.most[n] >= whole * _NEARLY:
                of.most[n] = max(of.most[n], whole)
        least, most = sum(map(_units, of.least)), sum(map(_units, of.most))
        room = _PAGE / _READABLE - _BORDER * len(headings)
        share = (room - least) / (most - least) if most > least else 1.0
        return [_units(width) for width in between(of, min(max(share, 0.0), 1.0))]

    def _print_setup(self, heading_row: int) -> None:
        self.page.set_paper(_A3)
        self.page.set_landscape()
        self.page.fit_to_pages(1, 0)
        self.page.center_horizontally()
        self.page.repeat_rows(heading_row)
        self.page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        caliber = f"{self.sheet.ledger.title}　口径 {caliber_words(self.sheet.ledger.caliber)}"
        if self.sheet.mark:
            self.page.set_header("&C&8" + self.sheet.marked.replace("&", "&&"))
        self.page.set_footer(f"&L{caliber}&C第 &P 页　共 &N 页&R截至 {self.sheet.as_of}")


def _units(width: float) -> float:
    """The width of a column in which a text of this display width stands on one line."""
    return max(width * _SLACK + _PADDING, _NARROWEST)
