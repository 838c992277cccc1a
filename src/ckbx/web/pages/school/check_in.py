"""开学报到: who of each class is here, who is not, and one tap for a child that has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.check_in import check_in
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.attendance.opening import LAST_DAY
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar, school_year_of
from ckbx.domain.child.child import Child
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.acts.leaves import RESUME
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name
from projections import arrivals, movements, roster
from projections.arrivals import Arrival, Arrived
from projections.roll_call_completeness import CountyLines

READER: Final = "system:check_in_view"
TONES: Final = {
    Arrived.UNSEEN: "red",
    Arrived.EXCUSED: "yellow",
    Arrived.OPEN: "grey",
    Arrived.SEEN: "green",
}


class Opening(NamedTuple):
    """The opening of a term at a school: its first school days, and the one of today (from 1)."""

    term: Term
    days: Sequence[date]
    number: int
    suspect_day: int


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A child that was not seen yet. ``back``: its leave is over, so that it has to be taken
    back (复学) by whoever may, and cannot be checked in.
    """

    child: UUID
    name: str
    state: str
    tone: str
    back: bool = False


class ClassLine(msgspec.Struct, frozen=True, kw_only=True):
    """A class at the opening. ``told``: it has reported, so that who is not listed was seen."""

    name: str
    order: tuple[int, int]
    expected: int
    seen: int
    unseen: int
    excused: int
    open: int
    told: bool
    missing: Sequence[Missing]


def check_in_page(
    desk: WebDesk, school: str = "", *, done: bool = False, refused: str = ""
) -> Response:
    """The board of one school, or of the viewer's classes there. Raises NotThere."""
    with desk.look("web:check_in", "查看开学报到", schools=[school] if school else None) as look:
        names = look.school_names()
        mine = sorted({*desk.scope.school_codes, *_schools_of(desk.scope.class_keys)})
        choices = sorted(names) if desk.scope.everything else mine
        if school and school not in choices:
            raise NotThere
        chosen = school or (choices[0] if len(choices) == 1 else "")
        opening, next_on = _opening(look, chosen or None)
        lines = _lines(desk, look, chosen, opening) if chosen and opening else []
        totals = Counter[str]()
        for line in lines:
            for key in ("expected", "seen", "unseen", "excused", "open"):
                totals[key] += getattr(line, key)
        return desk.html(
            "school/check_in.html",
            422 if refused else 200,
            **base(desk, look, "开学报到"),
            school=chosen,
            school_name=names.get(chosen) or chosen,
            choices=[(code, names.get(code) or code) for code in choices],
            opening=opening,
            next_on=next_on,
            lines=lines,
            totals=totals,
            may_resume=bool({held.role for held in desk.viewer.held} & set(RESUME.roles)),
            done=done,
            refused=refused,
        )


def check_in_child(desk: WebDesk, posted: Posted) -> Response:
    """已报到, today, for one child of the viewer's. Raises NotThere."""
    try:
        child = UUID(posted.text("child"))
    except ValueError:
        raise NotThere from None
    with desk.look("web:check_in", "登记报到前核对所在学校") as look:
        place = roster.place_of(look.reading, desk.scope, [child], **look.at).get(child)
    if place is None or place.school is None:
        raise NotThere
    roles = desk.viewer.roles_over(
        Permission.CHECK_IN, school=place.school, class_key=place.class_key, child=child
    )
    if not roles:
        raise NotThere
    context = desk.context(posted.command, role=roles[0])
    try:
        done = check_in(desk.store.office, context, {child: desk.today})
    except CkbxError as error:
        return check_in_page(desk, place.school, refused=str(error))
    return desk.done(f"/check-in?{urlencode({'school': place.school, 'done': 1})}", done.position)


def _schools_of(class_keys: Collection[str]) -> set[str]:
    return {split_class_key(key)[0] for key in class_keys}


def _opening(look: Look, school: str | None) -> tuple[Opening | None, date | None]:
    """The opening that is running at a school (None: of the county's calendar), else the first
    school day of the next one; neither where the calendar does not say.
    """
    lines, today = CountyLines.at(look.reading, look.position), look.question.as_of
    calendar = lines.calendars.for_school(school)
    for term in calendar.terms:
        days = _days(calendar, term)
        if days and term.first_day <= today <= days[-1]:
            number = sum(day <= today for day in days)
            pack = lines.rules.rules_on(term.first_day).pack
            return Opening(term, days, number, pack.opening_suspect_day), None
    first = (d[0] for t in calendar.terms if t.first_day > today and (d := _days(calendar, t)))
    return None, next(first, None)


def _days(calendar: SchoolCalendar, term: Term) -> list[date]:
    return calendar.school_days(term.first_day, term.last_day)[:LAST_DAY]


def _lines(desk: WebDesk, look: Look, school: str, opening: Opening) -> list[ClassLine]:
    scope, today = look.question.scope.narrowed([school]), look.question.as_of
    found = arrivals.arrivals(look.reading, scope, opening.term.first_day, **look.at)
    not_called = [each.place.child for each in found if each.state is not Arrived.SEEN]
    by_name = arrivals.checked_in(look.reading, not_called, opening.term.key, as_of=today)
    states = {
        each.place.child: Arrived.SEEN if each.place.child in by_name else each.state
        for each in found
    }
    unseen = [child for child, state in states.items() if state is not Arrived.SEEN]
    on_leave = _on_leave(desk, look, unseen, today)
    people = look.people(unseen)
    of_class: dict[str, list[Arrival]] = {}
    for each in found:
        of_class.setdefault(each.place.class_key or "", []).append(each)

    def missing(listed: Sequence[Arrival]) -> Iterator[Missing]:
        for each in listed:
            state = states[each.place.child]
            if state is not Arrived.SEEN:
                name = people[each.place.child].name
                tone = TONES[state]
                yield Missing(
                    child=each.place.child,
                    name=name,
                    state=state.label,
                    tone=tone,
                    back=each.place.child in on_leave,
                )

    lines = []
    for key, listed in of_class.items():
        counts = Counter(states[each.place.child] for each in listed)
        _, entry, number = split_class_key(key)
        lines.append(
            ClassLine(
                name=class_name(key, school_year_of(today)),
                order=(-entry, number),
                expected=len(listed),
                seen=counts[Arrived.SEEN],
                unseen=counts[Arrived.UNSEEN],
                excused=counts[Arrived.EXCUSED],
                open=counts[Arrived.OPEN],
                told=any(each.state is not Arrived.OPEN for each in listed),
                missing=list(missing(listed)),
            )
        )
    return sorted(lines, key=lambda line: (-line.unseen, -line.open, line.order))


def _on_leave(desk: WebDesk, look: Look, children: Collection[UUID], today: date) -> set[UUID]:
    """Who of the children has not come back from a leave: read from the log, of those alone who
    ever had one. An office of its own is used, so that nothing another thread decides on is
    touched.
    """
    asked = movements.ever_on_leave(look.reading, children)
    if not asked:
        return set()
    own = Office(desk.store.log, desk.store.clock)
    found = Unit(own.map, own.context(READER, today=today)).get_many(dict.fromkeys(asked, Child))
    return {id_ for id_, child in found.items() if child.leave is not None}
