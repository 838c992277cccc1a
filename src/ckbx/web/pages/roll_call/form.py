"""What was filled in on the page of a roll call, and which class is it of?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from ckbx.application.class_sheet import ClassSheet, Marks
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.shared.ids import LAST_GRADE, grade_of
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name

Named = tuple[str, str, str]
"""School, entry year and number as they stand in an address."""
MOST_EXTRA: Final = 30
_SCHOOL: Final = re.compile(r"\d{10}")
_SMALL: Final = re.compile(r"[1-9]\d{0,3}")
_TAKEN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


class InHand(NamedTuple):
    """A class the viewer may call the roll of, and the role in which."""

    key: str
    school: str
    role: str
    path: str

    def name(self, day: date) -> str:
        """3年级2班, on a day."""
        return class_name(self.key, school_year_of(day))


def in_hand(desk: WebDesk, named: Named) -> InHand:
    """Raises NotThere for a class that is not there for this viewer."""
    school, entry, number = named
    if not (_SCHOOL.fullmatch(school) and _SMALL.fullmatch(entry) and _SMALL.fullmatch(number)):
        raise NotThere
    key = f"{school}/{entry}/{number}"
    roles = desk.viewer.roles_over(Permission.ROLL_CALL, school=school, class_key=key)
    if not roles or not 1 <= grade_of(int(entry), school_year_of(desk.today)) <= LAST_GRADE:
        raise NotThere
    return InHand(key, school, roles[0], f"/roll-calls/{key}")


class Filled(NamedTuple):
    """A page as it was sent. ``absent``: by child, what a person chose for it."""

    session: Session
    absent: Mapping[UUID, Reason]
    seen: frozenset[UUID]
    seen_all: bool
    extra: int
    taken_at: str | None
    mark: str
    roll_mark: str
    why: str

    def marks(self, of: InHand, day: date, account: str) -> Marks:
        """What is to be recorded of it."""
        return Marks(
            class_key=of.key,
            class_name=of.name(day),
            day=day,
            session=self.session,
            absent=self.absent,
            seen=self.seen,
            seen_all=self.seen_all,
            extra=self.extra,
            submitted_by=account,
            claimed_at=self.taken_at,
        )

    def ticked(self, sheet: ClassSheet) -> frozenset[UUID]:
        """Everybody who is named 到校 on the page of a class."""
        return self.seen | (sheet.named - self.absent.keys()) if self.seen_all else self.seen


def day_of(posted: Posted) -> date | None:
    """The day the page is of; noted as wrong where it is none."""
    return posted.day("day", "日期")


def session_of(text: str, otherwise: Session = Session.FULL) -> Session:
    """全天, 上午 or 下午."""
    return Session(text) if text in {each.value for each in Session} else otherwise


def filled(posted: Posted) -> Filled:
    """Read the page; what cannot be is noted as wrong, and everything stays."""
    absent = {child: _reason(posted, child) for child in _children(posted, "absent")}
    named = _children(posted, "seen")
    if named & absent.keys():
        posted.wrong("seen", "有学生既记了到校又记了缺勤，请改正标红的学生")
    taken = posted.text("taken_at", most=16)
    return Filled(
        session=session_of(posted.text("session")),
        absent=absent,
        seen=frozenset(named),
        seen_all=bool(posted.text("seen_all")),
        extra=_extra(posted),
        taken_at=taken if _TAKEN.fullmatch(taken) else None,
        mark=posted.text("mark", most=80),
        roll_mark=posted.text("roll_mark", most=80),
        why=posted.text("why", most=300),
    )


def _children(posted: Posted, name: str) -> set[UUID]:
    found = set()
    for text in posted.texts(name):
        try:
            found.add(UUID(text))
        except ValueError:
            posted.wrong(name, "名单里有认不出的学生，请刷新页面后重填")
    return found


def _reason(posted: Posted, child: UUID) -> Reason:
    text = posted.text(f"r-{child}")
    return Reason(text) if text in {each.value for each in Reason} else Reason.UNVERIFIED


def _extra(posted: Posted) -> int:
    text = posted.text("extra", most=4)
    if not text:
        return 0
    if not text.isdecimal() or int(text) > MOST_EXTRA:
        posted.wrong("extra", f"名单外学生人数请填 0 到 {MOST_EXTRA} 的整数")
        return 0
    return int(text)
