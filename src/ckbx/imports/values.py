"""What did the person mean who wrote this into a cell?

Each function takes a raw cell (text, number, date) and returns a plain value, or raises a
:class:`ValueRefused` with a stable code whose sentence never repeats the value: the place
and the masked value are added by :mod:`ckbx.imports.problems`. Code-table values come back
as their canonical Chinese word.
"""

# ruff: noqa: EM102 - a refusal of a cell is made of its two sentences

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ckbx.imports.value_errors import CountRefused, ValueMissing

if TYPE_CHECKING:
    from ckbx.imports.workbook_sheets import Cell


_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff]+")
_FORMULA_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
WHOLE: Final = re.compile(r"(-?\d+)(?:\.0+)?")


def text(cell: Cell | None) -> str:
    """The cell as a person reads it: trimmed, 12.0 as ``12``, ``="…"`` and a leading ' undone."""
    if isinstance(cell, str) and (not cell or cell.isalnum()):  # nearly every cell
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    written = _INVISIBLE.sub("", cell if isinstance(cell, str) else str(cell)).strip()
    wrapped = _FORMULA_TEXT.fullmatch(written)
    if wrapped:
        written = wrapped[1].strip()
    return written.removeprefix("'").strip()


def plain(cell: Cell | None) -> str:
    """:func:`text` in half-width characters without any white space, for codes and numbers."""
    written = text(cell)
    if written.isascii() and (not written or written.isalnum()):
        return written
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", written))


def needed(cell: Cell | None, column: str) -> str:
    """:func:`text`, which may not be empty. Raises ValueMissing."""
    found = text(cell)
    if not found:
        raise ValueMissing(f"“{column}”没有填", "请补填")
    return found


LARGEST_COUNT = 999
"""More than any class holds; what is larger was typed into the wrong column."""


def parse_count(cell: Cell | None, column: str = "人数") -> int:
    """A count of people in a class, 0 to ``LARGEST_COUNT``. Raises ValueMissing, CountRefused."""
    written = plain(cell)
    if not written:
        raise ValueMissing(f"“{column}”没有填", "请填人数，没有人填 0")
    found = WHOLE.fullmatch(re.sub("[人名个]$", "", written))
    if isinstance(cell, bool) or not found:
        raise CountRefused(f"“{column}”不是整数", "请只填数字")
    if int(found[1]) < 0:
        raise CountRefused(f"“{column}”是负数", "请填 0 或正整数")
    if int(found[1]) > LARGEST_COUNT:
        raise CountRefused(f"“{column}”大于 {LARGEST_COUNT}", "请核对是否填错了列或多填了数字")
    return int(found[1])
