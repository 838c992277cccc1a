"""What is a post, what does it cover, which role does it give, and who holds it on a day?"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from ckbx.domain.shared.ids import stream_id


class Line(StrEnum):
    """The two lines of 双线."""

    GOVERNMENT = "government"
    EDUCATION = "education"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return "政府线" if self is Line.GOVERNMENT else "教育线"


class ScopeKind(StrEnum):
    """What a post can cover."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    SCHOOL = "school"
    GRADE = "grade"
    CLASS = "class"
    STUDENT = "student"

    @property
    def zh(self) -> str:
        """The Chinese name, as in the column 范围类型."""
        return _SCOPE_ZH[self]


_SCOPE_ZH = {
    ScopeKind.COUNTY: "县",
    ScopeKind.TOWNSHIP: "乡镇",
    ScopeKind.VILLAGE: "村",
    ScopeKind.SCHOOL: "学校",
    ScopeKind.GRADE: "年级",
    ScopeKind.CLASS: "班级",
    ScopeKind.STUDENT: "学生",
}
REGIONS = frozenset({ScopeKind.COUNTY, ScopeKind.TOWNSHIP, ScopeKind.VILLAGE})


class Role(StrEnum):
    """The roles a post can give; ``notified`` gets copies and never answers."""

    CASE_TEACHER = "case_teacher"
    CLASS_TEACHER = "class_teacher"
    GRADE_LEADER = "grade_leader"
    PRINCIPAL = "principal"
    BUREAU_LEADER = "bureau_leader"
    VILLAGE_OFFICER = "village_officer"
    LIAISON = "liaison"
    TOWNSHIP_OFFICER = "township_officer"
    BUREAU_OFFICER = "bureau_officer"
    REGISTRAR = "registrar"
    NOTIFIED = "notified"


# Within one scope the earlier answers first; registrar and notified never answer.
ANSWER_RANK: dict[Role, int] = {
    role: rank for rank, role in enumerate(Role) if role not in (Role.REGISTRAR, Role.NOTIFIED)
}


class Scope(NamedTuple):
    """What a post covers, in normal form.

    ``code``: 6/9/12-digit region; school code; ``school/grade`` (a grade post stays with
    the grade); class key ``school/entry year/number`` (a class post moves up with the
    class); internal id of a child.
    """

    kind: ScopeKind
    code: str

    def __str__(self) -> str:
        return f"{self.kind.zh} {self.code}"


def role_of(line: Line, kind: ScopeKind, title: str) -> Role:
    """The role of a post whose row names none (domain.md §2, last bullet of posts).

    A post titled 家长 or 监护人 (the fourth 长 of 七长) is shown in the chain and never
    answers: a guardian is no user of the system.
    """
    if kind is ScopeKind.STUDENT:
        guardian = "家长" in title or "监护人" in title
        return Role.NOTIFIED if guardian else Role.CASE_TEACHER
    if kind is ScopeKind.SCHOOL:
        return Role.PRINCIPAL if "校长" in title else Role.BUREAU_LEADER
    if kind is ScopeKind.COUNTY:
        return Role.BUREAU_OFFICER if line is Line.EDUCATION else Role.NOTIFIED
    return _ROLE_BY_KIND[kind]


_ROLE_BY_KIND = {
    ScopeKind.CLASS: Role.CLASS_TEACHER,
    ScopeKind.GRADE: Role.GRADE_LEADER,
    ScopeKind.TOWNSHIP: Role.TOWNSHIP_OFFICER,
    ScopeKind.VILLAGE: Role.VILLAGE_OFFICER,
}


def post_id(county: str, line: Line, scope: Scope, title: str) -> UUID:
    """A post is its line, scope and title; the same row always means the same post."""
    return stream_id(county, "post", line, scope.kind, scope.code, title)


class Tenure(msgspec.Struct, frozen=True):
    """One person in one post from a day to a day (local dates, both included)."""

    number: int
    account: str
    holder: UUID
    first_day: date
    last_day: date | None
    ends: frozenset[date | None]  # every last day ever recorded: a row repeating one is a replay
    ended_by: str = ""  # the event (id) that said the last day

    def covers(self, day: date) -> bool:
        """Whether the person held the post that day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def overlaps(self, first_day: date, last_day: date | None) -> bool:
        """Whether the two spans share a day."""
        begins_before_end = last_day is None or self.first_day <= last_day
        return begins_before_end and (self.last_day is None or first_day <= self.last_day)


class Post(msgspec.Struct, frozen=True):
    """A post with its tenures, the later 起 first; voided tenures are gone."""

    id: UUID
    line: Line
    level: int
    title: str
    scope: Scope
    role: Role
    tenures: tuple[Tenure, ...] = ()
    abolished: tuple[date, ...] = ()  # last days of the post, each until a later tenure begins

    def holders(self, day: date) -> tuple[Tenure, ...]:
        """Who holds the post on a local day; the later 起 first, a person once."""
        found = tuple([t for t in self.tenures if t.covers(day)])
        if len(found) < 2:
            return found
        once: dict[UUID, Tenure] = {}
        for tenure in found:
            once.setdefault(tenure.holder, tenure)
        return tuple(once.values())

    def stands(self, day: date) -> bool:
        """Whether the post counts that day: held before or now, and not abolished since.

        A post that stands and has no holder is 空岗; one that does not stand is 未设.
        """
        begun = [t.first_day for t in self.tenures if t.first_day <= day]
        if not begun:
            return False
        latest = max(begun)
        return not any(latest <= gone < day for gone in self.abolished)

    def tenure(self, number: int) -> Tenure | None:
        """The tenure of that number, or None."""
        return next((t for t in self.tenures if t.number == number), None)
