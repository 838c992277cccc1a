"""What does a sheet of a workbook give: its name, its merged ranges, its rows?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

if TYPE_CHECKING:
    from collections.abc import Iterator


Cell = str | int | float | bool | date | datetime | time | timedelta
Merged = tuple[tuple[int, int], tuple[int, int]]


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


def parse(data: bytes) -> list[WorkbookSheet]:
    """The work sheets of a workbook; what the parser raises goes through."""
    workbook = CalamineWorkbook.from_filelike(BytesIO(data))
    return [
        WorkbookSheet(meta.name, workbook, hidden=meta.visible != SheetVisibleEnum.Visible)
        for meta in workbook.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet
    ]
