"""今日待办 of whoever calls the roll: whom to ring, whom to visit, from the open alerts to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.alert.closing import closes_by_hand
from ckbx.domain.alert.kinds import alert_title
from ckbx.domain.attendance.marks import is_unexplained
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.pages.acts.visiting import HOME_VISIT
from projections import alerts
from projections.alerts import AlertRow
from projections.roll_call_completeness_lines import CountyLines

CONTACT: Final = "contact_due"
VISIT: Final = "visit_due"
KINDS: Final = (CONTACT, VISIT, "absence_warning", "long_leave_check")
"""What is told here; everything else stands under 待办."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A child of a duty. ``reached``: what was said last of the call about that absence."""

    id: UUID
    name: str
    reached: bool | None = None


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, and the children it is about: of 联系监护人 those of the class whose absence on
    the day nobody has explained; ``reached``: of whom a call was recorded; ``visited``: the
    family was, since the visit was asked for.
    """

    row: AlertRow
    children: Sequence[UUID]
    reached: Mapping[UUID, bool] = {}
    visited: bool = False


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. ``path`` leads to the class whose guardians are to be rung, on ``day``;
    ``visit`` to the form of a visit that is to be made, or ``visited``.
    """

    id: UUID
    children: Sequence[Named]
    path: str
    visit: str
    visited: bool
    day: date | None
    title: str
    level: str
    raised_on: date
    due_on: date | None
    overdue: bool
    seen: bool
    by_hand: bool


def duties(look: Look) -> list[Todo]:
    """The open ones to the account of the question, the most pressing first."""
    q = look.question
    found = alerts.alerts(look.reading, q.scope, to=q.to, open_only=True, **look.at)
    rows = [row for row in found if row.kind in KINDS]
    rolls = _rolls(look, [row for row in rows if row.kind == CONTACT])
    todos = [Todo(row=row, children=_children(row, rolls)) for row in rows]
    known = _known(look, todos)
    return [_said(each, known) for each in todos]


def _known(look: Look, todos: Sequence[Todo]) -> dict[UUID, Child]:
    """The children to ring and to visit, as the log has them."""
    asked = [each for each in todos if each.row.kind in (CONTACT, VISIT)]
    wanted = sorted({child for todo in asked for child in todo.children})
    loaded = look.log.load(wanted) if wanted else {}
    return {of: Child(of).replay(events) for of, events in loaded.items()}


def _said(todo: Todo, known: Mapping[UUID, Child]) -> Todo:
    """With what was recorded of the calls about that day, or of the visit."""
    found = [known[each] for each in todo.children if each in known]
    if todo.row.kind == CONTACT:
        day = _day(todo.row).toordinal()
        said = {child.id: child.tried[day] for child in found if day in child.tried}
        return msgspec.structs.replace(todo, reached=said)
    if todo.row.kind == VISIT:
        raised = todo.row.raised_on
        made = any(each.on >= raised for child in found for each in child.visits)
        return msgspec.structs.replace(todo, visited=made)
    return todo


def _day(row: AlertRow) -> date:
    """The day of the absence that a call is about."""
    return row.due_on or row.raised_on


def _rolls(look: Look, rows: Sequence[AlertRow]) -> dict[UUID, ClassRoll]:
    """By alert, the roll with the class-day that it is about."""
    lines = CountyLines.at(look.reading, look.position)
    streams = {}
    for row in rows:
        term = lines.calendar(row.school_code or "").term_of(_day(row))
        if term is not None and row.class_key:
            stream = ClassRoll.stream(look.reading.county, row.class_key, term.key)
            streams[row.alert_id] = stream
    loaded = look.log.load(sorted(set(streams.values()))) if streams else {}
    rolls = {of: ClassRoll(of).replay(events) for of, events in loaded.items()}
    return {alert: rolls[of] for alert, of in streams.items() if of in rolls}


def _children(row: AlertRow, rolls: Mapping[UUID, ClassRoll]) -> list[UUID]:
    if row.child is not None:
        return [row.child]
    roll, day = rolls.get(row.alert_id), _day(row).toordinal()
    absent = roll.absent_on(day) if roll is not None else set()
    return sorted(c for c in absent if roll is not None and is_unexplained(roll.value(c, day)))


def ids(todos: Sequence[Todo]) -> list[UUID]:
    """Whose names are shown."""
    return [child for todo in todos for child in todo.children]


def told(todos: Sequence[Todo], people: Mapping[UUID, Person], look: Look) -> list[Duty]:
    """With names."""
    today = look.question.as_of
    return [
        Duty(
            id=todo.row.alert_id,
            children=[
                Named(id=child, name=people[child].name, reached=todo.reached.get(child))
                for child in todo.children
            ],
            path=_path(todo.row),
            visit=_visit(todo.row),
            visited=todo.visited,
            day=_day(todo.row),
            title=alert_title(todo.row.kind, todo.row.rule),
            level=todo.row.level,
            raised_on=todo.row.raised_on,
            due_on=todo.row.due_on,
            overdue=todo.row.due_on is not None and todo.row.due_on < today,
            seen=todo.row.state == "acknowledged",
            by_hand=closes_by_hand(todo.row.kind, todo.row.rule),
        )
        for todo in todos
    ]


def _path(row: AlertRow) -> str:
    return f"/roll-calls/{row.class_key}" if row.kind == CONTACT else ""


def _visit(row: AlertRow) -> str:
    return f"/children/{row.child}/{HOME_VISIT}" if row.kind == VISIT and row.child else ""
