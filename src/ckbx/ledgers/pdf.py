"""How does a ledger become a pdf that prints on A3 and says on every page what it is?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ckbx.documents.fonts import missing_glyphs
from ckbx.documents.typesetting import set_pdf
from ckbx.ledgers.calibers import caliber_words
from ckbx.ledgers.layout import between, bounds, display_width
from ckbx.ledgers.model import Kind, Sheet

STAND_IN: Final = "〓"
_SAMPLED: Final = 2_000
_PAGE: Final = (420 - 24) / 25.4 * 72
"""Points between the margins of A3 landscape."""
_SIZES: Final = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
_READABLE: Final = 7.5
"""Down to this size the type shrinks rather than break a cell into two lines."""
_WIDEST: Final = 44
_INSET: Final = 7.0
_SLACK: Final = 1.16
"""Latin letters and digits are wider than half a Chinese character."""


def sheet_pdf(sheet: Sheet, own_fonts: Path | None = None) -> bytes:
    """The ledger as PDF: title, 截至/已记录/口径, headings on each page, A3 landscape.

    A character that no font can draw is printed as 〓 and named in a note above the table:
    a box in place of part of a name is never printed silently.
    """
    columns = sheet.printed
    rows = [
        [column.on_paper(row[column.key], sheet.zone) for column in columns] for row in sheet.rows
    ]
    notes = list(sheet.notes)
    undrawn = missing_glyphs("".join(text for row in rows for text in row), own_fonts)
    if undrawn:
        notes.append(f"有 {len(undrawn)} 个字没有字体，印为 {STAND_IN}：{_named(undrawn)}")
        stand_in = dict.fromkeys(map(ord, undrawn), STAND_IN)
        rows = [[text.translate(stand_in) for text in row] for row in rows]
    size, widths = _layout(
        [column.heading for column in columns], rows[:_SAMPLED] or [[""] * len(columns)]
    )
    colours = sheet.mark.colours() if sheet.mark else ["#000000"]
    data: dict[str, Any] = {
        "title": sheet.ledger.title,
        "info": sheet.info(),
        "mark": sheet.marked,
        "notes": notes,
        "foot_left": f"{sheet.ledger.title}　口径 {caliber_words(sheet.ledger.caliber)}",
        "foot_right": f"截至 {sheet.as_of}",
        "size": size,
        "columns": [
            {
                "heading": _broken(column.heading, (width - _INSET) / size),
                "number": column.kind is Kind.NUMBER,
                "width": width,
                "colour": colours[n % len(colours)],
            }
            for n, (column, width) in enumerate(zip(columns, widths, strict=True))
        ],
        "rows": rows,
        "seals": list(sheet.seals),
        "signatures": list(sheet.ledger.signatures),
    }
    return set_pdf("ledger", data, at=sheet.known_at, own_fonts=own_fonts, tags=False)


def _layout(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, list[float]]:
    """Type size and column widths, both in points, that fill the width of the page.

    Codes, numbers and days are never broken; text may be. The type shrinks when the page is
    too narrow for what may not be broken.
    """
    of = bounds(headings, rows, _WIDEST)
    least, most = of
    fitting = [s for s in _SIZES if _points(least, s) <= _PAGE] or [_SIZES[-1]]
    unbroken = [s for s in fitting if _points(most, s) <= _PAGE and s >= _READABLE]
    size = unbroken[0] if unbroken else next((s for s in fitting if s <= _READABLE), fitting[0])
    room = _PAGE - _points(least, size)
    wish = _points(most, size) - _points(least, size)
    share = min(room / wish, 1.0) if wish > 0 else 0.0
    units = between(of, share)
    spread = _PAGE / _points(units, size) if _points(units, size) else 1.0
    return size, [(u * size / 2 * _SLACK + _INSET) * spread for u in units]


def _broken(heading: str, room: float) -> str:
    """The heading in one line where it fits, else in two that fit ``room`` (characters) well.

    Words mostly have two characters, so the first line takes an even number where it can.
    """
    count = len(heading)
    if display_width(heading) / 2 <= room:
        return heading
    fitting = [n for n in range(1, count) if max(n, count - n) <= room]
    if not fitting:
        return heading
    first = min(fitting, key=lambda n: (n % 2, abs(2 * n - count), -n))
    return f"{heading[:first]}\n{heading[first:]}"


def _points(units: Sequence[float], size: float) -> float:
    """The width of columns given in half-width characters."""
    return sum(u * size / 2 * _SLACK + _INSET for u in units)


def _named(characters: str) -> str:
    return "、".join(f"U+{ord(c):04X}" for c in characters)
