"""停课: what schools reported as closed, and the county's yes or no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application import closures
from ckbx.domain.calendar.book import TapState
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.events import ClosureRejected, ClosureReported
from ckbx.domain.shared.errors import CkbxError
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission
from projections.roll_call_completeness import CountyLines

RECENT: Final = timedelta(days=30)
"""So long an answer is shown, for whoever wants to change it."""
ANSWERS: Final = {"confirmed": "已认可", "rejected": "未认可", "reported": "待答复"}
_REF: Final = "ref:"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A day that a school reported as closed. ``due_on``: by when the county answers."""

    school: str
    name: str
    day: date
    state: str
    why: str
    by: str
    due_on: date | None


def closures_page(desk: WebDesk, done: str = "", draft: Draft | None = None) -> Response:
    """What waits for the county's answer, the oldest first, and what was answered lately."""
    with desk.look("web:closures", "查看停课报告") as look:
        lines = list(_lines(desk, look))
        said = actors_named(look, {each.by for each in lines if each.by})
        lines = [msgspec.structs.replace(e, by=said[e.by]) if e.by else e for e in lines]
        waiting = [each for each in lines if each.state == "reported"]
        return desk.html(
            "county/closures.html",
            422 if draft is not None else 200,
            **base(desk, look, "停课"),
            waiting=sorted(waiting, key=lambda each: (each.day, each.school)),
            answered=sorted(
                (each for each in lines if each.state != "reported"),
                key=lambda each: (each.day, each.school),
                reverse=True,
            ),
            states=ANSWERS,
            draft=draft or Draft(),
            done=ANSWERS.get(done, ""),
        )


def answer_closure(desk: WebDesk, posted: Posted) -> Response:
    """Yes or no to one of them. Raises NotThere."""
    school, wanted = posted.text("school"), posted.text("answer")
    roles = desk.viewer.roles_over(Permission.ANSWER_CLOSURE, school=school)
    if not roles or wanted not in ("confirmed", "rejected"):
        raise NotThere
    day = posted.day("day", "日期")
    agrees = wanted == "confirmed"
    why = "" if agrees else posted.needed("why", "为什么不认可")
    if day is None or not posted.fine:
        return closures_page(desk, draft=posted.draft())
    ctx = desk.context(posted.command, role=roles[0])
    store = desk.store
    try:
        done = closures.answer(
            store.office, ctx, store.vault, school=school, day=day, agrees=agrees, why=why
        )
    except CkbxError as error:
        return closures_page(desk, draft=posted.draft(error))
    return desk.done(f"/closures?done={wanted}", done.position)


def _lines(desk: WebDesk, look: Look) -> Iterator[Line]:
    lines, names = CountyLines.at(look.reading, look.position), look.school_names()
    calendars, since = lines.calendars, desk.today - RECENT
    told: list[tuple[str, date, TapState]] = []
    for school in calendars.schools_with_lines():
        waiting = calendars.awaiting_county(school)
        for day, state in calendars.book(school).taps.items():
            open_ = state == "reported"
            if (day in waiting if open_ else day >= since) and desk.scope.sees(school=school):
                told.append((school, day, state))
    said = _said(look, {school for school, _, _ in told}, calendars)
    refs = [ref for _, ref in said.values() if ref]
    people = look.people(refs, [f"note:{ref}" for ref in refs]) if refs else {}
    for school, day, state in told:
        by, ref = said.get((school, day), ("", None))
        pack = lines.rules.rules_on(day).pack
        try:
            due = calendars.for_school(school).add_school_days(day, pack.closure_confirm_days)
        except CalendarRefusal:
            due = None
        person: Any = people.get(ref) if ref else None
        yield Line(
            school=school,
            name=names.get(school) or school,
            day=day,
            state=state,
            why=(person.notes.get(ref) or "") if person else "",
            by=by,
            due_on=due,
        )


def _said(
    look: Look, schools: Iterable[str], calendars: CountyCalendars
) -> dict[tuple[str, date], tuple[str, UUID | None]]:
    """By school and day: who reported it, and where the vault keeps why (the county's no: why
    not).
    """
    streams = [calendars.book(school).id for school in schools]
    found: dict[tuple[str, date], tuple[str, UUID | None]] = {}
    for recorded in look.log.read_streams(streams, up_to=look.position) if streams else ():
        event = recorded.event
        if isinstance(event, ClosureReported | ClosureRejected):
            ref = UUID(event.note_ref.removeprefix(_REF)) if event.note_ref else None
            by = event.actor if isinstance(event, ClosureReported) else ""
            earlier = found.get((event.school, event.day), ("", None))
            found[event.school, event.day] = (by or earlier[0], ref or earlier[1])
    return found
