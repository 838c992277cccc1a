"""任意一天任意一班: who should have sat there, who was reported absent, by whom and when?"""

from __future__ import annotations

from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers import class_day
from ckbx.ledgers.question import Question
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.inspect.kit import common, looking, school_there
from ckbx.web.pages.ledgers.query import known_instant
from ckbx.web.words import class_name
from projections.scope import Scope


def _question(desk: WebDesk, scope: Scope, day: str, known_at: str) -> Question:
    known = known_instant(desk, known_at)
    return Question(scope=scope, as_of=desk.day(day) or desk.today, known_at=known)


def classes_page(desk: WebDesk, school: str, day: str, known_at: str) -> Response:
    """The classes of a school on a day. Raises BadDay, NotThere."""
    asked = _question(desk, desk.scope, day, known_at)
    with looking(desk, asked, "day", "督导：查看某校某天点名", class_day.ANSWERS) as look:
        school_there(desk, look, school)
        year = school_year_of(asked.as_of)
        return desk.html(
            "inspect/inspect_day.html",
            **common(desk, look, "某天各班点名"),
            school=school,
            known_on=known_at,
            classes=[
                (each, _class_name(each.class_key, year))
                for each in class_day.classes_on(look, school)
            ],
        )


def class_page(desk: WebDesk, class_key: str, day: str, known_at: str) -> Response:
    """One class on one day, every version of its roll call. Raises BadDay, NotThere."""
    school = _school_of(class_key)
    if not desk.scope.sees(school=school, class_key=class_key):
        raise NotThere
    asked = _question(desk, desk.scope, day, known_at)
    with looking(desk, asked, "class", "督导：查看某班某天", class_day.ANSWERS) as look:
        found = class_day.class_day(look, class_key)
        if found.day is None and not found.pupils and not found.versions:
            raise NotThere
        return desk.html(
            "inspect/inspect_class.html",
            **common(desk, look, "某班某天"),
            school=school,
            class_key=class_key,
            class_name=_class_name(class_key, school_year_of(asked.as_of)),
            known_on=known_at,
            found=found,
            future=asked.as_of > desk.today,
        )


def _school_of(class_key: str) -> str:
    try:
        school, entry_year, number = split_class_key(class_key)
    except ValueError:
        raise NotThere from None
    if class_key != f"{school}/{entry_year}/{number}":
        raise NotThere
    return school


def _class_name(class_key: str, year: int) -> str:
    return class_name(class_key, year)
