"""Which day, month or instant did a person write into a cell?"""

# ruff: noqa: EM102 - a refusal of a cell is made of its two sentences

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from ckbx.clock import local_instant
from ckbx.imports.value_errors import DateRefused, ValueMissing
from ckbx.imports.values import plain, text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ckbx.imports.workbook_sheets import Cell

_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's serials are local
_LONGEST: Final = 64
_SERIALS: Final = range(10_000, 73_051)  # 1927-05-18 to 2099-12-31
_YEARS: Final = range(1900, 2101)


def parse_date(cell: Cell | None, column: str = "日期") -> date:
    """A local date, from 2026-09-01, 2026/9/1, 2026.9.1, 20260901, 2026年9月1日 or an Excel date.

    An hour written behind the day is left out. Raises ValueMissing, DateRefused.
    """
    found = _date_parts(cell, column)
    if found[2] is None:
        raise DateRefused(f"“{column}”只有年月，没有日", "请填到日，如 2026-09-01")
    return _date(found[0], found[1], found[2], column)


def parse_month(cell: Cell | None, column: str = "年月") -> date:
    """The first day of a month, from 2026年9月, 2026-09, 202609 or any full date.

    Raises ValueMissing, DateRefused.
    """
    year, month, day = _date_parts(cell, column)
    return _date(year, month, day or 1, column).replace(day=1)


def _date_parts(cell: Cell | None, column: str) -> tuple[int, int, int | None]:
    if isinstance(cell, date):
        return cell.year, cell.month, cell.day
    written = plain(cell)
    if not written:
        raise ValueMissing(f"“{column}”没有填", "请填日期，如 2026-09-01")
    moment = _serial(written)
    if moment:
        return moment.year, moment.month, moment.day
    found = re.fullmatch(
        r"(\d{4})([-/.年])(\d{1,2})(?:(?:\2|月)(\d{1,2}))?[日号月.]?"
        r"(?:\(?(?:星期|周)[一二三四五六日天]\)?)?",
        _without_hour(cell),
    ) or re.fullmatch(r"(\d{4})()(\d{2})(\d{2})?", written)
    if not found:
        raise DateRefused(f"“{column}”不是日期", "请写成 2026-09-01，年份写四位")
    return int(found[1]), int(found[3]), int(found[4]) if found[4] else None


def _written(cell: Cell | None) -> str:
    """What stands in a cell; nothing where it is longer than any date and hour."""
    written = unicodedata.normalize("NFKC", text(cell))
    return written if len(written) <= _LONGEST else ""


def _without_hour(cell: Cell | None) -> str:
    """The day part of ``2026-09-01 08:47``: white space inside a date does not count."""
    written = _written(cell)
    day = re.sub(r"(?:[\sT]+|(?<=[日号]))\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", written)
    return re.sub(r"\s+", "", day)


def _date(year: int, month: int, day: int, column: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise DateRefused(f"“{column}”是不存在的日期", "请核对年月日") from error
    if found.year not in _YEARS:
        raise DateRefused(f"“{column}”的年份不合理", "请核对年份")
    return found


def _serial(written: str) -> datetime | None:
    """An Excel serial (days since 1899-12-30) to the second, or None where it is none."""
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", written) or int(float(written)) not in _SERIALS:
        return None
    return _EPOCH + timedelta(seconds=round(float(written) * 86_400))


def parse_instant(cell: Cell | None, zone: ZoneInfo, column: str = "时间") -> datetime:
    """A UTC instant, from the local ``2026-09-01 08:47`` (also with seconds) or an Excel date-time.

    Raises ValueMissing, DateRefused.
    """
    if isinstance(cell, datetime):
        return local_instant(cell.date(), cell.time(), zone)
    written = _written(cell)
    moment = _serial(written)
    if moment and "." in written:
        return local_instant(moment.date(), moment.time(), zone)
    hour = re.search(r"[\sT日]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?$", written)
    day = parse_date(cell, column)
    if not hour:
        raise DateRefused(f"“{column}”没有写时刻", "请写成 2026-09-01 08:47")
    try:
        at = time(int(hour[1]), int(hour[2]), int(hour[3] or 0))
    except ValueError as error:
        raise DateRefused(f"“{column}”的时刻不存在", "请写成 2026-09-01 08:47") from error
    return local_instant(day, at, zone)
