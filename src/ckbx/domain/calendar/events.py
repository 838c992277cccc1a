"""Which facts make up the calendar of a county and of one school (校历)?

One stream a county and one a school that differs from it. Nothing is edited: a later line
for the same day or term replaces the earlier one in the same stream (last wins), and a line
of a school goes before the county's. Text a person typed stands in the vault; ``note_ref``
names it. All days are local dates.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from ckbx.domain.shared.event import DomainEvent

TermName = Literal["autumn", "spring"]
OffKind = Literal["closure", "holiday"]


class TermSet(DomainEvent, frozen=True, kw_only=True):
    """A term's first and last day; ``school_year`` is the year of its autumn."""

    TOPIC: ClassVar[str] = "ckbx.calendar.TermSet"
    TITLE: ClassVar[str] = "学期起止已设定"

    school_year: int
    term: TermName
    first_day: date
    last_day: date
    school: str | None = None


class TermWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """A term entered by mistake; for a school the county's dates hold again."""

    TOPIC: ClassVar[str] = "ckbx.calendar.TermWithdrawn"
    TITLE: ClassVar[str] = "学期起止已撤回"

    school_year: int
    term: TermName
    school: str | None = None


class ClosureDeclared(DomainEvent, frozen=True, kw_only=True):
    """A day without lessons: ``closure`` 停课 (snow, flood, exams) or ``holiday`` 放假."""

    TOPIC: ClassVar[str] = "ckbx.calendar.ClosureDeclared"
    TITLE: ClassVar[str] = "停课或放假已登记"

    day: date
    kind: OffKind
    school: str | None = None
    note_ref: str | None = None


class MakeUpDaySet(DomainEvent, frozen=True, kw_only=True):
    """A day with lessons (补课), whatever weekday it is; ``timetable_of``: whose lessons."""

    TOPIC: ClassVar[str] = "ckbx.calendar.MakeUpDaySet"
    TITLE: ClassVar[str] = "补课日已登记"

    day: date
    school: str | None = None
    timetable_of: date | None = None
    note_ref: str | None = None


class DayLineWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """The line of a day was a mistake: the day is again what it would be without it.

    A closure the school had reported waits for the county's answer again.
    """

    TOPIC: ClassVar[str] = "ckbx.calendar.DayLineWithdrawn"
    TITLE: ClassVar[str] = "校历某日的登记已撤回"

    day: date
    school: str | None = None


class YearConfirmed(DomainEvent, frozen=True, kw_only=True):
    """The county's lines for a calendar year are complete (已核定)."""

    TOPIC: ClassVar[str] = "ckbx.calendar.YearConfirmed"
    TITLE: ClassVar[str] = "年度校历已核定"

    year: int


class YearConfirmationWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """The confirmation of a calendar year was a mistake: the year is unknown again."""

    TOPIC: ClassVar[str] = "ckbx.calendar.YearConfirmationWithdrawn"
    TITLE: ClassVar[str] = "年度校历核定已撤回"

    year: int


class ClosureReported(DomainEvent, frozen=True, kw_only=True):
    """A school says in one tap that it is closed today; silent until the county confirms."""

    TOPIC: ClassVar[str] = "ckbx.calendar.ClosureReported"
    TITLE: ClassVar[str] = "学校报告当日停课"

    day: date
    school: str
    note_ref: str | None = None


class ClosureConfirmed(DomainEvent, frozen=True, kw_only=True):
    """The county accepts a school's reported closure: the day is no school day there."""

    TOPIC: ClassVar[str] = "ckbx.calendar.ClosureConfirmed"
    TITLE: ClassVar[str] = "停课已经县局确认"

    day: date
    school: str


class ClosureRejected(DomainEvent, frozen=True, kw_only=True):
    """The county does not accept a reported closure: the day stays a school day."""

    TOPIC: ClassVar[str] = "ckbx.calendar.ClosureRejected"
    TITLE: ClassVar[str] = "停课未获县局确认"

    day: date
    school: str
    note_ref: str | None = None
