"""Which options do several commands share, and how are dates and instants typed?"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ckbx.cli.context import UsageRefused
from ckbx.clock import local_instant

_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")


class Format(StrEnum):
    """Every form in which a ledger leaves the program."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class Plain(StrEnum):
    """Forms of what is no ledger."""

    TABLE = "table"
    JSON = "json"


SchoolOption = Annotated[
    str | None,
    typer.Option("--school", metavar="学校标识码", help="只看一所学校（10 位学校标识码）"),
]
TownshipOption = Annotated[
    str | None,
    typer.Option(
        "--township", metavar="代码", help="只看户籍或居住在一个乡镇（9 位）或村（12 位）的儿童"
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="日期", help="截至哪一天的情况；默认今天，给了 --known-at 时为那一天"
    ),
]
KnownAtOption = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="日期或时刻",
        help="只按那时已经记录的内容作答；只写日期指当天结束，如 2026-11-20 或 2026-11-20T18:00+08:00",
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="也列出已经结束的")]
WhyOption = Annotated[
    str | None,
    typer.Option(
        "--why", metavar="用途", help="查阅个人信息的用途，记入查阅记录；默认“命令行查询”"
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", metavar="格式", help="table（默认）、json、csv、xlsx 或 pdf；-o 可省略"
    ),
]
PlainFormatOption = Annotated[Plain, typer.Option("--format", metavar="格式", help="table 或 json")]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="文件", help="写到文件，不显示在屏幕上")
]


def day(text: str | None, option: str) -> date | None:
    """A local date as people write it. Raises UsageRefused."""
    if text is None:
        return None
    found = _DAY.fullmatch(text.strip())
    if found:
        year, month, number = found[1], found[2] or found[4], found[3] or found[5]
        try:
            return date(int(year), int(month), int(number))
        except ValueError:
            pass
    raise UsageRefused(what=f"{option} 的日期“{text}”不能用：请写成 2026-11-20 这样")


def instant(text: str | None, option: str, zone: ZoneInfo) -> datetime | None:
    """A UTC instant; a date alone is the end of that local day, a time without zone is local.

    Raises UsageRefused.
    """
    if text is None:
        return None
    if _DAY.fullmatch(text.strip()):
        on = day(text, option)
        return None if on is None else end_of_day(on, zone)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        what = f"{option} 的时刻“{text}”不能用：请写成 2026-11-20T18:00+08:00 或 2026-11-20"
        raise UsageRefused(what=what) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def end_of_day(on: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of a local day, in UTC."""
    return local_instant(on, time.max, zone)


def chosen_format(given: Format | None, output: Path | None) -> Format:
    """The form asked for, else that of the file's suffix, else a table."""
    if given is not None:
        return given
    suffix = output.suffix.removeprefix(".").lower() if output else ""
    return Format(suffix) if suffix in set(Format) else Format.TABLE
