"""Which alerts are there, for whom, resting on what, and in which state (预警与待办)?

State and recipients are those of a day as known at a position: what was withdrawn holds from
the day the withdrawal names, which for a correction is the day the alert was raised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select

from ckbx.domain.alert.kinds import KINDS
from projections import roster
from projections.alerts_fold import HANDLERS, keys, school
from projections.alerts_tables import ALERTS, NAME, RECIPIENTS, STANDING, STATES, TABLES
from projections.kit.projection import Projection
from projections.kit.reading import Reading
from projections.scope import Scope, within

VERSION = 1
PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, keys=keys, school=school)
_NONE: Final[frozenset[str]] = frozenset()


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. Days are local; ``level`` is 蓝, 黄, 橙 or 红; ``to`` are accounts and
    ``posts`` their posts; ``via`` says why a nearer post was passed over; ``events`` are the
    ids of the facts it rests on; ``state_since`` the day the state holds from, ``reason`` why
    it was withdrawn or closed.
    """

    alert_id: UUID
    kind: str
    level: str
    subject: str
    child: UUID | None
    school_code: str | None
    class_key: str | None
    raised_on: date
    due_on: date | None
    to: list[str]
    posts: list[str]
    via: str | None
    rule: str
    rule_version: int
    events: list[str]
    detail: dict[str, int | str]
    state: str
    state_since: date
    reason: str | None
    position: int

    @property
    def title(self) -> str:
        """The Chinese name of the kind."""
        known = KINDS.get(self.kind)
        return known.title if known else self.kind

    @property
    def standing(self) -> bool:
        """Whether something is still to be done: open or acknowledged."""
        return self.state in STANDING


class Change(msgspec.Struct, frozen=True):
    """One change of an alert's state, with who made it and the position of the fact."""

    state: str
    on: date
    reason: str | None
    because: str | None
    actor: str
    position: int


def alerts(
    reading: Reading,
    scope: Scope,
    *,
    as_of: date,
    position: int,
    to: str | None = None,
    school: str | None = None,
    child: UUID | None = None,
    open_only: bool = False,
) -> list[AlertRow]:
    """Alerts raised by a day, the most pressing first: by due day, then the newest.

    ``to``: only those that name this account; ``open_only``: only what is still to be done.
    """
    query = _changes(as_of, position)
    if to is not None:
        named = select(RECIPIENTS.c.alert).where(RECIPIENTS.c.account == to)
        query = query.where(ALERTS.c.alert.in_(named))
    if school is not None:
        query = query.where(ALERTS.c.school == school)
    if child is not None:
        query = query.where(ALERTS.c.child == child)
    if open_only:
        query = query.where(ALERTS.c.alert.in_(_standing(as_of, position)))
    rows = list(_folded(_seen(reading, scope, query, as_of, position)))
    return sorted((row for row in rows if to is None or to in row.to), key=_order)


def ids(reading: Reading, scope: Scope, *, to: str | None = None) -> list[UUID]:
    """The ids of all alerts there ever were, or of those that ever named an account; by the
    school and class of each.
    """
    query = select(ALERTS.c.alert)
    if to is not None:
        named = select(RECIPIENTS.c.alert).where(RECIPIENTS.c.account == to)
        query = query.where(ALERTS.c.alert.in_(named))
    of = {"school": ALERTS.c.school, "class_key": ALERTS.c.class_key, "child": ALERTS.c.child}
    seen = within(query, scope, **of)
    return [id_ for (id_,) in reading.rows(seen)]


def history(
    reading: Reading, scope: Scope, alert: UUID, *, as_of: date, position: int
) -> list[Change]:
    """What became of one alert, in order of recording; empty where the scope does not see it."""
    query = _changes(as_of, position).where(ALERTS.c.alert == alert)
    rows = _seen(reading, scope, query, as_of, position)
    return [
        Change(r.state, _day(r.on_day), r.reason, r.because, r.actor, r.state_position)
        for r in rows
    ]


def _seen(
    reading: Reading, scope: Scope, query: Select[Any], as_of: date, position: int
) -> Sequence[Any]:
    """The rows that the scope sees: by school and class, or by where the child lives.

    An alert about a child that names no class (of a leave, of a transfer) is seen by whoever
    sees the class that the child belongs to on the day.
    """
    if scope.everything or not scope.village_codes:
        of = {"school": ALERTS.c.school, "class_key": ALERTS.c.class_key, "child": ALERTS.c.child}
        rows = reading.rows(within(query, scope, **of))
        return [*rows, *_of_classes(reading, scope, query, as_of, position)]
    rows = reading.rows(query)
    children = {row.child for row in rows if row.child is not None}
    homes = msgspec.structs.replace(scope, school_codes=_NONE, class_keys=_NONE)
    places = roster.place_of(reading, homes, children, as_of=as_of, position=position)
    return [
        row
        for row in rows
        if row.child in places
        or scope.sees(school=row.school, class_key=row.class_key, child=row.child)
    ]


def _of_classes(
    reading: Reading, scope: Scope, query: Select[Any], as_of: date, position: int
) -> Sequence[Any]:
    """The rows without a class, about children of the scope's classes, that it does not see by
    their school or by the child itself.
    """
    schools = {key.split("/")[0] for key in scope.class_keys} - set(scope.school_codes)
    if scope.everything or not schools:
        return ()
    unnamed = query.where(
        ALERTS.c.class_key.is_(None),
        ALERTS.c.child.is_not(None),
        ALERTS.c.school.in_(sorted(schools)),
    )
    rows = [row for row in reading.rows(unnamed) if row.child not in scope.children]
    places = roster.place_of(
        reading,
        Scope.classes(scope.class_keys),
        {row.child for row in rows},
        as_of=as_of,
        position=position,
    )
    return [row for row in rows if row.child in places]


def _changes(as_of: date, position: int) -> Select[Any]:
    """Every alert beside each of its changes recorded by a position and holding on a day."""
    columns = [column for column in STATES.c if column.name not in ("alert", "position")]
    return (
        select(*ALERTS.c, *columns, STATES.c.position.label("state_position"))
        .join(STATES.table, STATES.c.alert == ALERTS.c.alert)
        .where(STATES.c.position <= position, STATES.c.on_day <= as_of.toordinal())
        .order_by(ALERTS.c.position, STATES.c.position)
    )


def _standing(as_of: date, position: int) -> Select[Any]:
    """The alerts whose last change left something to be done."""
    last = (
        select(STATES.c.alert, func.max(STATES.c.position).label("position"))
        .where(STATES.c.position <= position, STATES.c.on_day <= as_of.toordinal())
        .group_by(STATES.c.alert)
        .subquery()
    )
    return (
        select(STATES.c.alert)
        .join(last, (last.c.alert == STATES.c.alert) & (last.c.position == STATES.c.position))
        .where(STATES.c.state.in_(STANDING))
    )


def _folded(rows: Iterable[Any]) -> Iterator[AlertRow]:
    for _, changes in groupby(rows, key=lambda row: row.alert):
        all_ = list(changes)
        sent = next((r for r in reversed(all_) if r.recipients is not None), None)
        if sent is not None:
            yield _row(sent, all_[-1])


def _row(sent: Any, last: Any) -> AlertRow:
    return AlertRow(
        alert_id=sent.alert,
        kind=sent.kind,
        level=sent.level,
        subject=sent.subject,
        child=sent.child,
        school_code=sent.school,
        class_key=sent.class_key,
        raised_on=_day(sent.raised_on),
        due_on=_day(sent.due_on) if sent.due_on is not None else None,
        to=json.loads(sent.recipients),
        posts=json.loads(sent.posts),
        via=sent.via,
        rule=sent.rule,
        rule_version=sent.rule_version,
        events=json.loads(sent.events),
        detail=json.loads(sent.detail),
        state=last.state,
        state_since=_day(last.on_day),
        reason=last.reason,
        position=sent.position,
    )


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _order(row: AlertRow) -> tuple[date, int]:
    return row.due_on or date.max, -row.position
