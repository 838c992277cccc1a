"""空白的花名册: a workbook with the columns that an import reads, to be filled in."""

from __future__ import annotations

import io
from typing import Final
from urllib.parse import quote

import xlsxwriter
from starlette.responses import Response

from ckbx.imports.headings import ROSTER
from ckbx.web.pages.ledger_files import FORMS

USEFUL: Final = ("户籍地区划", "现住址区划", "现住址", "监护人", "联系电话", "特殊群体")
"""Beside those without which a roster is refused."""
_WIDTH: Final = 18


def blank_roster() -> Response:
    """Cells are text, so that no program shortens a number of eighteen digits."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("花名册")
    bold = book.add_format({"bold": True, "num_format": "@", "bg_color": "#E8F0FE"})
    useful = book.add_format({"num_format": "@", "bg_color": "#F2F4F7"})
    headings = (*ROSTER.needed, *USEFUL)
    sheet.set_column(0, len(headings) - 1, _WIDTH, book.add_format({"num_format": "@"}))
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold if column < len(ROSTER.needed) else useful)
    sheet.freeze_panes(1, 0)
    book.close()
    called = quote("花名册（空白）.xlsx")
    return Response(
        made.getvalue(),
        media_type=FORMS["xlsx"].media,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{called}"},
    )
