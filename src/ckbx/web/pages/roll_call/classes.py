"""点名: my classes today, who has reported, and what is to be done about absent children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec
from starlette.responses import RedirectResponse, Response

from ckbx.application import alerts as alert_use
from ckbx.application import closures, focus
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.roll_call import todays_duties
from ckbx.web.pages.roll_call.form import Named, in_hand
from ckbx.web.pages.roll_call.sheet import clock_of, path_of, sheet_of
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name
from projections import roll_call_completeness
from projections.roll_call_completeness import ClassDay, DayState
from projections.roll_call_completeness_lines import CountyLines

CAUSES: Final = ("大雪、道路结冰", "暴雨、洪水", "停水停电", "疫情防控", "考试占用校舍")
_FIRST: Final = (DayState.SILENT, DayState.PARTIAL, DayState.WAITING)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A class today."""

    day: ClassDay
    name: str
    path: str
    school: str


class Closable(msgspec.Struct, frozen=True, kw_only=True):
    """A school the viewer leads. ``tap``: what became of today's report; ``lessons``: whether
    there is anything to close.
    """

    code: str
    name: str
    tap: str | None
    lessons: bool


def list_page(
    desk: WebDesk, *, straight: bool = False, draft: Draft | None = None, status: int = 200
) -> Response:
    """The classes. ``straight``: whoever has one class is sent on to it."""
    with desk.look("web:roll-calls", "查看本日点名与待办", to=desk.viewer.account) as look:
        days = roll_call_completeness.class_days(
            look.reading,
            desk.scope,
            as_of=desk.today,
            position=look.position,
            instant=look.instant,
        )
        if straight and len(days) == 1 and not desk.scope.school_codes:
            return RedirectResponse(path_of(days[0].class_key), status_code=303)
        names = look.school_names()
        duties = todays_duties.duties(look)
        people = look.people(todays_duties.ids(duties))
        lines = [_line(each, names) for each in days]
        return desk.html(
            "roll_call/roll_calls.html",
            status,
            **base(desk, look, "点名"),
            **clock_of(desk),
            lines=sorted(lines, key=_order),
            schools=_closable(desk, look, names),
            duties=todays_duties.told(duties, people, look),
            causes=CAUSES,
            draft=draft or Draft(),
        )


def duties(desk: WebDesk, posted: Posted) -> Response:
    """签收 or 办结 of those that were ticked, or of one."""
    try:
        ids = [UUID(text) for text in posted.texts("alert")]
    except ValueError:
        raise NotThere from None
    account, office = desk.viewer.account, desk.store.office
    ctx = desk.context(posted.command)
    try:
        if posted.text("act") == "seen":
            alert_use.acknowledge(office, ctx, ids, account)
        else:
            alert_use.done(office, ctx, ids, account, ClosedBecause(posted.text("act")))
    except ValueError:
        raise NotThere from None
    except CkbxError as error:
        return list_page(desk, draft=posted.draft(error), status=422)
    return desk.done("/roll-calls?list=1", desk.store.log.head())


def called(desk: WebDesk, posted: Posted, named: Named) -> Response:
    """A guardian was rung about the absence of a day, and reached or not. Raises NotThere."""
    of, day = in_hand(desk, named), posted.day("day", "日期")
    try:
        child = UUID(posted.text("child"))
    except ValueError:
        raise NotThere from None
    if day is None or posted.text("reached") not in ("0", "1"):
        raise NotThere
    if child not in sheet_of(desk, of, day).roll:
        raise NotThere
    try:
        focus.tried(
            desk.store.office,
            desk.context(posted.command, role=of.role),
            [child],
            role=of.role,
            absent_on=day,
            reached=posted.text("reached") == "1",
        )
    except CkbxError as error:
        return list_page(desk, draft=posted.draft(error), status=422)
    return desk.done("/roll-calls?list=1", desk.store.log.head())


def close(desk: WebDesk, posted: Posted, school: str) -> Response:
    """一键停课 of a school today, by whoever leads it. Raises NotThere."""
    roles = desk.viewer.roles_over(Permission.ROLL_CALL, school=school)
    if not roles:
        raise NotThere
    why = posted.text("why", most=200) or posted.needed("cause", "停课原因")
    if not posted.fine:
        return list_page(desk, draft=posted.draft(), status=422)
    ctx = desk.context(posted.command, role=roles[0])
    try:
        done = closures.report(desk.store.office, ctx, desk.store.vault, school=school, why=why)
    except CkbxError as error:
        return list_page(desk, draft=posted.draft(error), status=422)
    return desk.done("/roll-calls?list=1", done.position)


def _line(day: ClassDay, names: Mapping[str, str]) -> Line:
    return Line(
        day=day,
        name=class_name(day.class_key, school_year_of(day.day)),
        path=path_of(day.class_key),
        school=names.get(day.school, day.school),
    )


def _order(line: Line) -> tuple[str, int, int, int]:
    """By school; who still has to report in front."""
    _, entry, number = split_class_key(line.day.class_key)
    return line.day.school, line.day.state not in _FIRST, -entry, number


def _closable(desk: WebDesk, look: Look, names: Mapping[str, str]) -> list[Closable]:
    calendars = CountyLines.at(look.reading, look.position).calendars
    return [
        Closable(
            code=code,
            name=names.get(code, code),
            tap=calendars.book(code).taps.get(desk.today),
            lessons=calendars.for_school(code).is_school_day(desk.today) is not False,
        )
        for code in sorted(desk.scope.school_codes)
    ]
