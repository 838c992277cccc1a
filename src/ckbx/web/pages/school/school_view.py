"""一所学校(或其中自己的年级、班级)一页: which classes are silent now, which children are at risk,
what is due, and how do the figures stand?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.shared.ids import class_key as key_of
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.pages.school.at_risk import at_risk, risks
from ckbx.web.pages.to_decide import to_decide
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name
from projections import responsibility, roll_call_completeness, roster, school
from projections.responsibility import PostRow
from projections.roll_call_completeness import ClassDay, DayState, Submission
from projections.scope import Scope

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
_GROUPS: Final = (
    ("case", "疑似辍学、劝返中", "没有疑似辍学和劝返中的学生。"),
    ("warning", "有预警", "除上面列出的以外，没有有预警的学生。"),
    ("back", "已返校，巩固期", "没有巩固期的学生。"),
    ("over", "已了结，待销号", ""),
)
"""Code, heading, and what an empty one says; without a word it is left out."""


class ClassLine(msgspec.Struct, frozen=True, kw_only=True):
    """A class on the day shown. ``last``: what it handed in last; ``late``: how long it has
    been silent past the deadline, in words, empty where it is not; ``call``: where its
    teacher's phone is shown.
    """

    name: str
    order: tuple[int, int]
    pupils: int
    teacher: str
    call: str
    state: DayState
    silent: bool
    late: str
    due: datetime
    last: Submission | None


def school_page(desk: WebDesk, code: str) -> Response:
    """One school, or the viewer's classes of it. Raises NotThere for a school of which the
    viewer sees no class.
    """
    with desk.look("web:school", "查看学校台账", schools=[code]) as look:
        mine, names = _own_of(look, code), look.school_names()
        rolled = school.roll_up(look.reading, mine, instant=look.instant, **look.at)
        row = next((each for each in rolled.rows if each.school_code == code), None)
        if row is None:
            raise NotThere
        day = row.reports_day or look.question.as_of
        classes = roll_call_completeness.class_days(
            look.reading, mine, as_of=day, position=look.position, instant=look.instant
        )
        teachers = {each.class_key: _teachers(look, mine, each.class_key) for each in classes}
        vacant = responsibility.vacant(look.reading, mine, **look.at)
        found = at_risk(look, roles=desk.viewer.roles, account=desk.viewer.account)
        holders = [post.holder for posts in teachers.values() for post in posts]
        people = look.people([*holders, *(each.place.child for each in found)])
        lines = _classes(look, mine, classes, teachers, people)
        listed = risks(found, people, names, look.question.as_of)
        part = _part(mine, code, look.question.as_of)
        return desk.html(
            "school/school.html",
            **base(desk, look, names.get(code) or code),
            school_name=names.get(code) or code,
            part=part,
            to_decide=to_decide(desk, look),
            row=row,
            day=day,
            columns=[(heading, getattr(row, key)) for key, heading in COLUMNS],
            caliber=school.CALIBER,
            classes=lines,
            silent=[line for line in lines if line.silent],
            groups=[
                (title, of, empty)
                for group, title, empty in _GROUPS
                if (of := [each for each in listed if each.found.group == group]) or empty
            ],
            returns=sum(each.found.returned for each in listed),
            vacant=[(post.title, _covers(post, look.question.as_of), post) for post in vacant],
            may_sign=bool(desk.viewer.roles_over(Permission.DECIDE_SCHOOL, school=code)),
            may_check_in=desk.may(Permission.CHECK_IN),
            wide=desk.scope.everything or len(desk.scope.school_codes) > 1,
        )


def call_page(desk: WebDesk, code: str, entry: int, number: int) -> Response:
    """The phone of a class's teachers, read alone and recorded. Raises NotThere."""
    key = key_of(code, entry, number)
    with desk.look("web:call", "查看班主任电话，联系催报点名", schools=[code]) as look:
        mine = _own_of(look, code)
        if key not in roll_call_completeness.class_keys(look.reading, mine, position=look.position):
            raise NotThere
        posts = _teachers(look, mine, key)
        people = look.people([post.holder for post in posts], ("identity", "contact"))
        return desk.html(
            "school/call.html",
            **base(desk, look, "联系班主任"),
            school_code=code,
            school_name=look.school_names().get(code) or code,
            class_name=class_name(key, school_year_of(look.question.as_of)),
            teachers=[people[post.holder] for post in posts if post.holder],
        )


def _own_of(look: Look, code: str) -> Scope:
    """What of a school the viewer answers for. Raises NotThere where it is nothing."""
    mine = look.question.scope
    if code not in look.school_names() or not (mine.school_codes or mine.class_keys):
        raise NotThere
    return mine


def _part(mine: Scope, code: str, today: date) -> str:
    """Which grades a viewer sees who does not see the whole school; empty for the whole."""
    if code in mine.school_codes:
        return ""
    year = school_year_of(today)
    grades = sorted({year - split_class_key(key)[1] + 1 for key in mine.class_keys})
    return "、".join(f"{grade}年级" for grade in grades)


def _teachers(look: Look, mine: Scope, class_key: str) -> list[PostRow]:
    covers = Covers(ScopeKind.CLASS, class_key)
    return responsibility.holders(look.reading, mine, covers, **look.at)


def _classes(
    look: Look,
    mine: Scope,
    classes: Sequence[ClassDay],
    teachers: Mapping[str, Sequence[PostRow]],
    people: Mapping[UUID, Person],
) -> list[ClassLine]:
    places = roster.children_of(look.reading, mine, **look.at)
    sizes = Counter(place.class_key for place in places if place.status in _STAYING)
    lines = []
    for each in classes:
        code, entry, number = split_class_key(each.class_key)
        names = [people[p.holder].name for p in teachers[each.class_key] if p.holder]
        line = ClassLine(
            name=class_name(each.class_key, school_year_of(each.day)),
            order=(-entry, number),
            pupils=sizes[each.class_key],
            teacher="、".join(names),
            call=f"/schools/{code}/call/{entry}/{number}" if names else "",
            state=each.state,
            silent=each.counts_silent,
            late=_late(look, each) if each.counts_silent else "",
            due=each.due,
            last=max(each.sessions, key=lambda s: s.position, default=None),
        )
        lines.append(line)
    return sorted(lines, key=lambda line: line.order)


def _late(look: Look, of: ClassDay) -> str:
    """How long past its deadline: in hours on the day itself, else by the end of that day."""
    if of.day < look.question.as_of:
        return f"{of.day.month}月{of.day.day}日整天没有报"
    hours, rest = divmod(int((look.instant - of.due).total_seconds()) // 60, 60)
    return f"已过报送时限 {hours} 小时 {rest} 分" if hours else f"已过报送时限 {rest} 分钟"


def _covers(post: PostRow, as_of: date) -> str:
    code: Any = post.covers.code
    match post.covers.kind:
        case ScopeKind.CLASS:
            return class_name(code, school_year_of(as_of))
        case ScopeKind.GRADE:
            return f"{code.rsplit('/', 1)[1]}年级"
        case _:
            return post.covers.kind.zh
