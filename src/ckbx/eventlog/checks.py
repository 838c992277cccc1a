"""May this store be used by this program? Asked at every start; a doubt closes the store.

What only deserves attention (SQLite's version, a clock that went back) is returned as a
Chinese sentence for ``doctor`` and the health page; everything else raises.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from ckbx.clock import from_micros, micros
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.codec import EventUnreadable, decode_event
from ckbx.eventlog.ports import StoredRow

CLOCK_TOLERANCE_SECONDS = 60
LOWEST = -(2**63)
"""Before every position a database can hold."""


def sqlite_version_warning(version: str = sqlite3.sqlite_version) -> str | None:
    """A warning when SQLite has the WAL-reset defect (3.7.0 up to 3.51.2, not the back-ports).

    Source: SQLite's release notes for 3.51.3, 3.50.7 and 3.44.6. One writer at a time, as
    this program works, does not meet the defect's precondition.
    """
    number = tuple(int(part) for part in version.split(".")[:3])
    mended = (
        number >= (3, 51, 3)
        or (3, 50, 7) <= number < (3, 51, 0)
        or (3, 44, 6) <= number < (3, 45, 0)
    )
    if mended or number < (3, 7, 0):
        return None
    return (
        f"SQLite {version} 有 WAL 重置缺陷（3.51.3、3.50.7、3.44.6 起已修复）；"
        "本程序以单一写锁避开其触发条件，建议择期升级，且不要用其他程序写这个数据库"
    )


def check_schema_version(meta: Mapping[str, str], program: int) -> None:
    """Raises StoreUnavailable unless the file has exactly the program's schema version."""
    stored = meta.get("schema_version", "")
    if not stored.isdigit():
        raise StoreUnavailable(why="文件不是控辍保学事件库，或尚未初始化；请先运行 ckbx init")
    if int(stored) > program:
        why = f"事件库版本 {stored} 比本程序（{program}）新；请使用更新的程序"
        raise StoreUnavailable(why=why)
    if int(stored) < program:
        why = f"事件库版本 {stored} 比本程序（{program}）旧；请先备份，再运行 ckbx init 升级"
        raise StoreUnavailable(why=why)


def check_county(stored: str, wanted: str | None) -> None:
    """Raises StoreUnavailable when the store belongs to another county."""
    if stored and wanted and stored != wanted:
        why = f"这个事件库属于县 {stored}，不是 {wanted}；请检查 CKBX_DATABASE_URL"
        raise StoreUnavailable(why=why)


def check_guards(missing: Sequence[str]) -> None:
    """Raises StoreUnavailable when append-only triggers were taken off the file."""
    if missing:
        why = (
            f"事件库的只追加保护被移除（{'、'.join(missing)}）；请保留现场，报告上级，并从备份恢复"
        )
        raise StoreUnavailable(why=why)


def check_first(rows: Sequence[StoredRow]) -> None:
    """Raises StoreUnavailable when the first event stands where no reader would meet it."""
    for row in rows[:1]:
        if row.position <= 0:
            raise _damaged(row.position, "的位点不是正数，台账看不到它")


def clock_warning(now: datetime, last_recorded_at: int) -> str | None:
    """A warning when the clock stands more than 60 s before the last event (microseconds)."""
    behind = (last_recorded_at - micros(now)) / 1_000_000
    if behind <= CLOCK_TOLERANCE_SECONDS:
        return None
    last = from_micros(last_recorded_at).isoformat(timespec="seconds")
    return (
        f"服务器时钟比最后一条事件的记录时间（{last}）早 {behind:.0f} 秒；"
        "请校准时钟，校准前新事件沿用最后的记录时间"
    )


def check_tail(rows: Sequence[StoredRow]) -> None:
    """Raises StoreUnavailable unless the last events decode and agree with their columns."""
    for row in rows:
        try:
            event = decode_event(row.topic, row.state)
        except EventUnreadable as error:
            raise StoreUnavailable(why=f"第 {row.position} 号事件：{error}") from error
        if (event.originator_id, event.originator_version) != (row.stream, row.version):
            raise _damaged(row.position, "内容与编号不一致")
    for before, after in pairwise(rows):
        if after.recorded_at < before.recorded_at:
            raise _damaged(after.position, "记录时间早于前一条")


def _damaged(position: int, what: str) -> StoreUnavailable:
    why = f"第 {position} 号事件{what}；请停止使用，保留现场，从备份恢复"
    return StoreUnavailable(why=why)
