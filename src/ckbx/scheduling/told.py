"""What do people know of: which alerts went with an act, and which were seen or closed by hand?"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, bindparam, or_, select

from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.eventlog.selects import Prepared
from ckbx.scheduling.duty import FOCUS_VISIT, Duty
from ckbx.scheduling.ladder_rules import RISING
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.watch_tables import (
    ACKNOWLEDGED,
    ALERTS,
    CLOSED,
    DONE,
    OPEN,
    TOLD,
    WARNED,
    WITHDRAWN,
)
from projections.kit.reading import Reading
from projections.kit.tables import as_stored, as_uuid

BEFORE = timedelta(days=90)
"""What was told so long before the horizon may still rise after it."""
WARNING = "absence_warning"
ASKED = frozenset({*RISING, FOCUS_VISIT})
"""Rules of the clock that ask whether anybody answered."""


class Answered(msgspec.Struct, frozen=True):
    """When somebody acknowledged an alert of the clock (microseconds since 1970), and on which
    day somebody closed it by hand.
    """

    seen: int | None
    done: date | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that went with somebody's act and was not withdrawn; instants in microseconds
    since 1970. ``over``: since when nothing is to be done any more; ``state`` and ``since``
    when it has it (ordinal); ``followed``: the child came under suspicion; ``back``: of an
    early warning, the day on which the child was there again.
    """

    alert: UUID
    kind: str
    rule: str
    on: date
    child: UUID
    school: str | None
    class_key: str | None
    due_on: date | None
    raised_at: int
    seen: int | None
    over: date | None
    state: str = OPEN
    since: int = 0
    followed: bool = False
    back: date | None = None

    def duty(
        self, *, rule: str = "", school: bool = False, region: ScopeKind | None = None
    ) -> Duty:
        """What it says as a duty: of whoever answers for the child, or for its ``school``, or
        in the ``region`` where it lives.
        """
        own = Scope(ScopeKind.SCHOOL, self.school) if school and self.school else None
        return Duty(
            kind=self.kind,
            rule=rule or self.rule,
            subject=str(self.child),
            on=self.on,
            at=own,
            line=Line.GOVERNMENT if region else Line.EDUCATION,
            region=region,
            child=self.child,
            school=self.school,
            class_key=self.class_key,
            due_on=self.due_on,
            over_on=self.over,
            events=[f"{self.alert}:1"],
        )


def answered(reading: Reading, horizon: date, today: date) -> dict[UUID, Answered]:
    """By the stream of the alert, of the rules that ask for it."""
    c = ALERTS.c
    query = select(c.alert, c.state, c.since, c.seen).where(
        c.day >= (horizon - BEFORE).toordinal(),
        c.rule.in_(sorted(ASKED)),
        or_(c.seen.is_not(None), c.state == DONE),
    )
    found = {}
    for id_, state, since, seen in reading.rows(query):
        done = date.fromordinal(since) if state == DONE else None
        found[id_] = Answered(seen, done if done is None or done <= today else None)
    return found


_TOLD = Prepared(
    select(
        as_stored(TOLD.c.alert),
        TOLD.c.kind,
        TOLD.c.rule,
        TOLD.c.day,
        as_stored(TOLD.c.pupil),
        TOLD.c.school,
        TOLD.c.class_key,
        TOLD.c.due_on,
        TOLD.c.raised_at,
        TOLD.c.state,
        TOLD.c.since,
        TOLD.c.seen,
        WARNED.c.over,
    )
    .join(
        WARNED.table,
        (WARNED.c.child == TOLD.c.pupil)
        & (WARNED.c.day == TOLD.c.day)
        & (TOLD.c.kind == bindparam("warning", None)),
        isouter=True,
    )
    .where(
        TOLD.c.day >= bindparam("first", None, type_=Integer()),
        TOLD.c.day <= bindparam("today", None, type_=Integer()),
        TOLD.c.state != bindparam("withdrawn", None),
    )
    .order_by(TOLD.c.alert)
)


def told(reading: Reading, horizon: date, today: date, memory: Memory) -> list[Told]:
    """By alert; of an early warning, the child's suspicion says when it is over, and its days
    (:mod:`ckbx.scheduling.back`).
    """
    first, last, part = (horizon - BEFORE).toordinal(), today.toordinal(), memory.part("told")
    named = {"warning": WARNING, "withdrawn": WITHDRAWN}
    rows = reading.ask(_TOLD, first=first, today=last, **named)
    return [part.made(row[0], row, partial(_told, row, today)) for row in rows]


def _told(row: Any, today: date) -> Told:
    id_, kind, rule, day, pupil, school, class_key, due_on, raised_at, state, since, seen, over = (
        row
    )
    ends = [over] if over is not None else []
    closed_by_return = kind == WARNING and state == CLOSED  # what the days say by now counts
    if state not in (OPEN, ACKNOWLEDGED) and not closed_by_return:
        ends.append(since)
    last = min((end for end in ends if end <= today.toordinal()), default=None)
    return Told(
        alert=as_uuid(id_),
        kind=kind,
        rule=rule,
        on=date.fromordinal(day),
        child=as_uuid(pupil),
        school=school,
        class_key=class_key,
        due_on=date.fromordinal(due_on) if due_on is not None else None,
        raised_at=raised_at,
        seen=seen,
        over=date.fromordinal(last) if last is not None else None,
        state=state,
        since=since,
        followed=over is not None and over <= today.toordinal(),
    )
