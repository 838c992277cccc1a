"""学校台账: one school on one page. Which classes reported, who is suspected, which posts are vacant?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.overview import base
from ckbx.web.words import class_name
from projections import responsibility, roll_call_completeness, roster, school, suspected
from projections.responsibility import PostRow
from projections.roll_call_completeness import ClassDay, DayState, Submission
from projections.scope import Scope
from projections.suspected import SuspectedRow

COLUMNS: Final = (
    ("expected", "应入学"), ("attending", "在校"), ("enrolled", "在读"), ("on_leave", "请假"),
    ("absent", "缺勤"), ("suspected", "疑似辍学"), ("suspected_attending", "其中已到校"),
    ("dropped_out", "辍学"), ("persuaded_back", "劝返复学"), ("not_enrolled", "未入学"),
    ("suspended", "休学"), ("deferred", "缓学"), ("exempted", "免学"), ("home_taught", "送教上门"),
    ("transferring", "转出在途"), ("missing", "失联"),
)  # fmt: skip
_STAYING: Final = frozenset(TrackingStatus) - {
    TrackingStatus.ENROLLED_ELSEWHERE,
    TrackingStatus.MISSING,
}


class ClassLine(msgspec.Struct, frozen=True, kw_only=True):
    """A class on the day shown. ``last``: what it handed in last."""

    name: str
    order: tuple[int, int]
    pupils: int
    teacher: str
    state: DayState
    silent: bool
    last: Submission | None


class SuspectedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A suspected child with its name."""

    row: SuspectedRow
    name: str
    class_name: str


def school_page(desk: WebDesk, code: str) -> Response:
    """One school. Raises NotThere for a school that is not there for this viewer."""
    with desk.look("web:school", "查看学校台账", schools=[code]) as look:
        if code not in school.school_names(
            look.reading, look.question.scope, position=look.position
        ):
            raise NotThere
        mine = look.question.scope
        row = school.roll_up(look.reading, mine, instant=look.instant, **look.at).rows[0]
        day = row.reports_day or look.question.as_of
        classes = roll_call_completeness.class_days(
            look.reading, mine, as_of=day, position=look.position, instant=look.instant
        )
        open_ = suspected.suspected(look.reading, mine, **look.at)
        teachers = {each.class_key: _teachers(look, mine, each.class_key) for each in classes}
        vacant = responsibility.vacant(look.reading, mine, **look.at)
        holders = [post.holder for posts in teachers.values() for post in posts]
        people = look.people([*holders, *(each.child for each in open_)])
        lines = _classes(look, mine, classes, teachers, people)
        return desk.html(
            "school.html",
            **base(desk, look, row.school_name or code),
            row=row,
            day=day,
            columns=[(heading, getattr(row, key)) for key, heading in COLUMNS],
            caliber=school.CALIBER,
            classes=lines,
            suspected=[_suspected(each, people, look.question.as_of) for each in open_],
            vacant=[(post.title, _covers(post, look.question.as_of), post) for post in vacant],
        )


def _teachers(look: Look, mine: Scope, class_key: str) -> list[PostRow]:
    covers = Covers(ScopeKind.CLASS, class_key)
    return responsibility.holders(look.reading, mine, covers, **look.at)


def _classes(
    look: Look,
    mine: Scope,
    classes: list[ClassDay],
    teachers: Mapping[str, list[PostRow]],
    people: Mapping[UUID, Person],
) -> list[ClassLine]:
    places = roster.children_of(look.reading, mine, **look.at)
    sizes = Counter(place.class_key for place in places if place.status in _STAYING)
    lines = []
    for each in classes:
        _, entry, number = split_class_key(each.class_key)
        names = [people[p.holder].name for p in teachers[each.class_key] if p.holder]
        line = ClassLine(
            name=class_name(each.class_key, school_year_of(each.day)),
            order=(-entry, number),
            pupils=sizes[each.class_key],
            teacher="、".join(names),
            state=each.state,
            silent=each.counts_silent,
            last=max(each.sessions, key=lambda s: s.position, default=None),
        )
        lines.append(line)
    return sorted(lines, key=lambda line: line.order)


def _suspected(row: SuspectedRow, people: Mapping[UUID, Person], as_of: date) -> SuspectedLine:
    name = class_name(row.class_key, school_year_of(as_of)) if row.class_key else "—"
    return SuspectedLine(row=row, name=people[row.child].name, class_name=name)


def _covers(post: PostRow, as_of: date) -> str:
    code: Any = post.covers.code
    match post.covers.kind:
        case ScopeKind.CLASS:
            return class_name(code, school_year_of(as_of))
        case ScopeKind.GRADE:
            return f"{code.rsplit('/', 1)[1]}年级"
        case _:
            return post.covers.kind.zh
