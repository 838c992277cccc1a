"""What is said of a class on a day, of a sheet handed in, and of a school's roll calls?"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from ckbx.domain.attendance.marks import Session


class DayState(StrEnum):
    """What a class-day is."""

    REPORTED = "reported"
    PARTIAL = "partial"
    SILENT = "silent"
    WAITING = "waiting"
    CLOSED = "closed"
    NO_SCHOOL_DAY = "no_school_day"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _LABELS[self]


_LABELS = {
    DayState.REPORTED: "已报",
    DayState.PARTIAL: "部分报",
    DayState.SILENT: "未报",
    DayState.WAITING: "待报",
    DayState.CLOSED: "停课",
    DayState.NO_SCHOOL_DAY: "非教学日",
    DayState.UNKNOWN: "未知",
}


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one session's roll call; everybody expected is in one of four numbers:
    ``present``, ``absent`` (无故), ``on_leave`` (病假, 事假) or ``unverified`` (未核: listed so,
    or not named 到校 though it had to be, ``unnamed``; of one put aside nobody is). ``listed``
    are reported absent, whatever the reason. ``standing``: not put aside by then.
    """

    class_key: str
    day: date
    session: Session
    expected: int
    present: int
    roll: int
    listed: int
    absent: int
    on_leave: int
    unverified: int
    unnamed: int
    submitted_by: str
    entry: str
    recorded_at: datetime
    position: int
    standing: bool


class ClassDay(msgspec.Struct, frozen=True, kw_only=True):
    """A class on a day. ``due``: the instant by which it had to report (UTC); ``late``: it
    is past, so that a class that has not reported in full counts as silent.
    """

    class_key: str
    school: str
    day: date
    state: DayState
    due: datetime
    late: bool
    sessions: tuple[Submission, ...] = ()

    @property
    def counts_silent(self) -> bool:
        """Silent for the rule and in the figures: also one with half a day only."""
        return self.state is DayState.SILENT or (self.state is DayState.PARTIAL and self.late)


class SchoolReports(msgspec.Struct, frozen=True, kw_only=True):
    """A school's roll calls. ``day``: the as-of day or the last school day before it (None:
    none yet); the counts are of that day, ``silent_class_days`` of the term up to the as-of
    day (the last term that has begun).
    """

    day: date | None
    classes: int
    reported: int
    partial: int
    silent: int
    waiting: int
    silent_class_days: int
