"""总览: how does the county stand this moment, where does it burn, what came in last?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import WebDesk
from ckbx.web.pages.county.attendance_chart import PHONE, WIDE, chart
from ckbx.web.pages.frame import base
from ckbx.web.pages.to_decide import to_decide
from ckbx.web.words import class_name
from projections import alerts, school, suspected
from projections.alerts import AlertRow
from projections.attendance_line import attendance_line
from projections.school import SchoolRow
from projections.suspected import SuspectedRow
from projections.townships import Townships, townships

LATEST: Final = 10
RED_LIST: Final = 8
NAMED: Final = 3
_LEVELS: Final = ("红", "橙", "黄", "蓝")


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The four numbers and what each is made of. ``day``: the day of the class counts."""

    expected: int
    attending: int
    suspected: int
    suspected_attending: int
    classes: int
    reported: int
    silent: int
    waiting: int
    partial: int
    day: date | None
    silent_class_days: int


class AlertKindLine(msgspec.Struct, frozen=True, kw_only=True):
    """Of one child, the matters of one kind: how many, how many are overdue, and whose."""

    kind: str
    level: str
    title: str
    count: int
    overdue: int
    who: str


class AlertLine(msgspec.Struct, frozen=True, kw_only=True):
    """One matter as a page shows it, or several of one kind and day about classes or schools, or
    all of one child: then ``kinds`` says of what, ``row`` is the worst and ``first_due`` the
    earliest deadline.
    """

    row: AlertRow
    name: str | None
    where: str
    overdue: bool
    count: int = 1
    kinds: Sequence[AlertKindLine] = ()
    first_due: date | None = None


class RedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A suspected child that does not attend."""

    row: SuspectedRow
    name: str
    school_name: str
    class_name: str
    overdue: bool


def overview(desk: WebDesk) -> Response:
    """The county on one page."""
    with desk.look("web:overview", "查看全县总览") as look:
        rolled = school.roll_up(look.reading, look.question.scope, instant=look.instant, **look.at)
        open_ = alerts.alerts(look.reading, look.question.scope, open_only=True, **look.at)
        matters = _matters(sorted(open_, key=_gravest_first))
        latest = _folded(matters)[:LATEST]
        red = _red_list(look)
        line = attendance_line(look.reading, look.question.scope, instant=look.instant, **look.at)
        people = look.people([*(a[0].child for a in latest), *(s.child for s in red)])
        names = look.school_names()
        return desk.html(
            "county/overview.html",
            **base(desk, look, "总览"),
            totals=totals(rolled.rows),
            caliber=rolled.caliber,
            whole=desk.scope.everything,
            to_decide=to_decide(desk, look, open_),
            schools=sorted(rolled.rows, key=_worst_first),
            most=max((away(row) for row in rolled.rows), default=0),
            away=away,
            alerts=[_alert_line(rows, people, names, look.question.as_of) for rows in latest],
            trend=line,
            charts=[chart(line, size) for size in (WIDE, PHONE)],
            townships=_townships(desk, look),
            away_all=sum(away(row) for row in rolled.rows),
            red=[_red_line(row, people, names, look.question.as_of) for row in red],
            matters=len(matters),
            by_level=[(level, sum(a.level == level for a in matters)) for level in _LEVELS],
            incomplete=[f"{r.school_name}：{said}" for r in rolled.rows for said in r.incomplete],
        )


def _townships(desk: WebDesk, look: Look) -> Townships | None:
    """The ranking, for whoever sees the county whole: its numbers lead to lists of townships."""
    if not desk.scope.everything:
        return None
    return townships(look.reading, look.question.scope, **look.at)


def away(row: SchoolRow) -> int:
    """Suspected children of a school that do not attend."""
    return row.suspected - row.suspected_attending


def totals(rows: Sequence[SchoolRow]) -> Totals:
    """The county's sums. The class counts are of the latest day any school reports on."""
    day = max((row.reports_day for row in rows if row.reports_day), default=None)
    here = [row for row in rows if row.reports_day == day]

    def total(name: str, of: Sequence[SchoolRow] = rows) -> int:
        return sum(getattr(row, name) for row in of)

    classes, reported = total("classes", here), total("classes_reported", here)
    silent, waiting = total("classes_silent", here), total("classes_waiting", here)
    return Totals(
        expected=total("expected"),
        attending=total("attending"),
        suspected=total("suspected"),
        suspected_attending=total("suspected_attending"),
        classes=classes,
        reported=reported,
        silent=silent,
        waiting=waiting,
        partial=max(classes - reported - silent - waiting, 0),
        day=day,
        silent_class_days=total("silent_class_days"),
    )


def _gravest_first(row: AlertRow) -> tuple[int, int, int]:
    """By level, within a level the newest first."""
    return _LEVELS.index(row.level), -row.raised_on.toordinal(), -row.position


def _matters(rows: Iterable[AlertRow]) -> list[AlertRow]:
    """Each matter once, to however many posts it was told, passed up and copied: what is one kind
    of thing about one child (class, post), due on one day. The first of its alerts stands for it,
    with the posts of all.
    """
    found: dict[tuple[str, str, date | None], list[AlertRow]] = {}
    for row in rows:
        found.setdefault((row.subject, row.kind, row.due_on), []).append(row)
    return [
        msgspec.structs.replace(
            of[0], posts=list(dict.fromkeys(post for each in of for post in each.posts))
        )
        for of in found.values()
    ]


def _folded(rows: Sequence[AlertRow]) -> list[list[AlertRow]]:
    """One line for what a day says of many classes or schools, and one for each child."""
    lines: dict[Any, list[AlertRow]] = {}
    for row in rows:
        key = row.child if row.child is not None else (row.kind, row.raised_on)
        lines.setdefault(key, []).append(row)
    return list(lines.values())


def _alert_line(
    rows: Sequence[AlertRow],
    people: Mapping[UUID, Person],
    names: dict[str, str],
    today: date,
) -> AlertLine:
    row, where = rows[0], rows
    if row.child is not None:  # one place: where it learns
        where = [next((each for each in rows if each.class_key), row)]
    places = list(dict.fromkeys(_where(each, names, today) for each in where))
    more = f" 等 {len(rows)} 处" if len(places) > NAMED else ""
    return AlertLine(
        row=row,
        name=people[row.child].name if row.child is not None else None,
        where="、".join(places[:NAMED]) + more,
        overdue=_overdue(row, today),
        count=len(rows),
        kinds=_kinds(rows, today) if row.child is not None and len(rows) > 1 else (),
        first_due=min((each.due_on for each in rows if each.due_on), default=None),
    )


def _kinds(rows: Sequence[AlertRow], today: date) -> list[AlertKindLine]:
    """By level and title, in the order of the rows."""
    found: dict[tuple[str, str], list[AlertRow]] = {}
    for row in rows:
        found.setdefault((row.level, row.title), []).append(row)
    return [
        AlertKindLine(
            kind=each[0].kind,
            level=level,
            title=title,
            count=len(each),
            overdue=sum(_overdue(row, today) for row in each),
            who="、".join(dict.fromkeys(post for row in each for post in row.posts)) or "县教育局",
        )
        for (level, title), each in found.items()
    ]


def _overdue(row: AlertRow | SuspectedRow, today: date) -> bool:
    return row.due_on is not None and row.due_on < today


def _red_list(look: Look) -> list[SuspectedRow]:
    """Suspected children who do not attend, the longest away first."""
    found = suspected.suspected(look.reading, look.question.scope, **look.at)
    away_ = [row for row in found if row.attending_since is None]
    return sorted(away_, key=lambda row: (-row.unexplained_days, row.first_absent_on))[:RED_LIST]


def _red_line(
    row: SuspectedRow, people: Mapping[UUID, Person], names: dict[str, str], today: date
) -> RedLine:
    year = school_year_of(today)
    return RedLine(
        row=row,
        name=people[row.child].name,
        school_name=names.get(row.school_code or "", row.school_code or "—"),
        class_name=class_name(row.class_key, year) if row.class_key else "",
        overdue=_overdue(row, today),
    )


def _where(row: AlertRow, names: dict[str, str], today: date) -> str:
    parts = [names.get(row.school_code, row.school_code)] if row.school_code else []
    if row.class_key:
        parts.append(class_name(row.class_key, school_year_of(today)))
    if row.kind == "post_vacant" and "title" in row.detail:
        parts.append(str(row.detail["title"]))
    return " ".join(parts)


def _worst_first(row: SchoolRow) -> tuple[int, int, int, str]:
    return (-away(row), -row.classes_silent, -row.suspected, row.school_code)
