"""What do people know of: which alerts went with an act, and which were seen or closed by hand?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import or_, select

from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.watch_tables import ACKNOWLEDGED, ALERTS, DONE, OPEN, TOLD, WARNED, WITHDRAWN
from projections.kit_reading import Reading

BEFORE = timedelta(days=90)
"""What was told so long before the horizon may still rise after it."""
WARNING = "absence_warning"


class Answered(msgspec.Struct, frozen=True):
    """When somebody acknowledged an alert of the clock (microseconds since 1970), and on which
    day somebody closed it by hand.
    """

    seen: int | None
    done: date | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that went with somebody's act and was not withdrawn; instants in microseconds
    since 1970. ``over``: since when nothing is to be done any more.
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
    """By the stream of the alert."""
    c = ALERTS.c
    query = select(c.alert, c.state, c.since, c.seen).where(
        c.day >= (horizon - BEFORE).toordinal(), or_(c.seen.is_not(None), c.state == DONE)
    )
    found = {}
    for id_, state, since, seen in reading.rows(query):
        done = date.fromordinal(since) if state == DONE else None
        found[id_] = Answered(seen, done if done is None or done <= today else None)
    return found


def told(reading: Reading, horizon: date, today: date) -> list[Told]:
    """By alert; of an early warning, the child's own days say when it is over."""
    c, w = TOLD.c, WARNED.c
    query = (
        select(*TOLD.table.c, w.over)
        .join(
            WARNED.table,
            (w.child == c.pupil) & (w.day == c.day) & (c.kind == WARNING),
            isouter=True,
        )
        .where(
            c.day >= (horizon - BEFORE).toordinal(),
            c.day <= today.toordinal(),
            c.state != WITHDRAWN,
        )
        .order_by(c.alert)
    )
    return [_told(row, today) for row in reading.rows(query)]


def _told(row: Any, today: date) -> Told:
    id_, kind, rule, day, pupil, school, class_key, due_on, raised_at, state, since, seen, over = (
        row
    )
    ends = [over] if over is not None else []
    if state not in (OPEN, ACKNOWLEDGED):
        ends.append(since)
    last = min((end for end in ends if end <= today.toordinal()), default=None)
    return Told(
        alert=id_,
        kind=kind,
        rule=rule,
        on=date.fromordinal(day),
        child=pupil,
        school=school,
        class_key=class_key,
        due_on=date.fromordinal(due_on) if due_on is not None else None,
        raised_at=raised_at,
        seen=seen,
        over=date.fromordinal(last) if last is not None else None,
    )
