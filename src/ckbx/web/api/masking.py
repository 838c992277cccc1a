"""Which values leave the program as they are, and which with their middle hidden?"""

from __future__ import annotations

from typing import Any

import msgspec

from ckbx.ledgers.model import Sheet
from ckbx.vault import mask_id

FLAGS = "groups"
"""困难、残疾等标记: for those who lead a school or more (reliability §8, row 53)."""


def masked_number(number: str | None) -> str | None:
    """A 学籍号 with its middle hidden."""
    return mask_id(number) if number else number


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """A row about a child with its 学籍号 masked."""
    return {**row, "student_no": masked_number(row.get("student_no"))}


def masked_sheet(sheet: Sheet) -> Sheet:
    """A ledger with every number of a person masked."""
    keys = [column.key for column in sheet.ledger.columns if column.masked]
    rows = [{**row, **{key: _hidden(row[key]) for key in keys}} for row in sheet.rows]
    return msgspec.structs.replace(sheet, rows=rows)


def without_flags(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a child without its flags; null is not "has none"."""
    return {**row, FLAGS: None} if FLAGS in row else row


def _hidden(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_hidden(each) for each in value]
    return mask_id(value) if isinstance(value, str) and value else value
