"""How are the focus list, and the calls and visits about an absence, folded for the clock's run?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import msgspec
from sqlalchemy import Column, Integer, select

from ckbx.domain.child import focus_events as fo
from ckbx.domain.child.visit_events import HomeVisited, HomeVisitWithdrawn
from ckbx.domain.shared.event import DomainEvent
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.reading import Reading
from projections.kit.tables import PlainTable, child

FOCUS = PlainTable(
    "watch_focus",
    key=(child(), Column("first", Integer)),
    values=(Column("last", Integer),),
    load_by=1,
)
"""Since when a child was on the focus list, and from which day on no more (None: still is)."""

CALLS = PlainTable(
    "watch_calls",
    key=(child(), Column("day", Integer)),
    values=(Column("tried", Integer), Column("missed", Integer), Column("reached", Integer)),
)
"""Calls about the absence of a day: when somebody first tried, on which day nobody was reached
and on which the guardian was (None: not, as far as was said last). A day on which somebody was
reached is none on which nobody was."""

VISITS = PlainTable(
    "watch_visits",
    key=(child(), Column("day", Integer)),
    values=(Column("absent", Integer), Column("times", Integer)),
)
"""Days on which a family was visited before there was a case, each with the last day of the
absence that was visited, and how often."""

TABLES = (FOCUS, CALLS, VISITS)


class Call(msgspec.Struct, frozen=True):
    """What became of the calls about one child's absence (ordinals): see CALLS."""

    tried: int
    missed: int | None
    reached: int | None


class Known(msgspec.Struct, frozen=True, dict=True):
    """Who is on the list, who was called and who was visited: by child, stretches (first, last
    exclusive); by child and day of the absence; by child, the days (ordinals) in order.
    """

    listed: Mapping[bytes, Sequence[tuple[int, int | None]]] = {}
    calls: Mapping[tuple[bytes, int], Call] = {}
    visits: Mapping[bytes, Sequence[int]] = {}

    @cached_property
    def said(self) -> Mapping[bytes, Sequence[tuple[int, Call]]]:
        """The calls by child, each with the day of the absence."""
        found: dict[bytes, list[tuple[int, Call]]] = {}
        for (child_id, day), call in sorted(self.calls.items(), key=lambda each: each[0]):
            found.setdefault(child_id, []).append((day, call))
        return found

    def on_list(self, child_id: bytes, day: int) -> bool:
        """Whether a child was on the focus list on a day (ordinal)."""
        spans = self.listed.get(child_id, ())
        return any(first <= day and (last is None or day < last) for first, last in spans)

    def visited(self, child_id: bytes, since: int) -> int | None:
        """The first day (ordinal) since one on which a family was visited; None: it was not."""
        return next((day for day in self.visits.get(child_id, ()) if day >= since), None)


NOBODY = Known()


def _listed(fold: Fold, event: fo.FocusListed, _position: int) -> None:
    key = (event.originator_id.bytes, event.occurred_on.toordinal())
    fold[FOCUS].put(key, (None,))


def _ended(fold: Fold, event: fo.FocusEnded, _position: int) -> None:
    rows = fold[FOCUS]
    for key in rows.keys_of(event.originator_id.bytes):
        known = rows.get(key)
        if known is not None and known[0] is None:
            rows.put(key, (event.occurred_on.toordinal(),))


def _tried(fold: Fold, event: fo.GuardianTried, _position: int) -> None:
    rows, on = fold[CALLS], event.occurred_on.toordinal()
    key = (event.originator_id.bytes, event.absent_on.toordinal())
    tried, missed, reached = rows.get(key) or (on, None, None)
    if event.reached:
        missed, reached = (None if missed == on else missed), on
    else:
        missed, reached = (missed if missed is not None else on), None
    rows.put(key, (tried, missed, reached))


def _visited(fold: Fold, event: HomeVisited, _position: int) -> None:
    key = (event.originator_id.bytes, event.occurred_on.toordinal())
    known = fold[VISITS].get(key)
    fold[VISITS].put(key, (event.absent_on.toordinal(), 1 + (known[1] if known else 0)))


def _unvisited(fold: Fold, event: HomeVisitWithdrawn, _position: int) -> None:
    rows, key = fold[VISITS], (event.originator_id.bytes, event.visited_on.toordinal())
    known = rows.get(key)
    if known is not None and known[1] > 1:
        rows.put(key, (known[0], known[1] - 1))
    elif known is not None:
        rows.drop(key)


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    fo.FocusListed: _listed,
    fo.FocusEnded: _ended,
    fo.GuardianTried: _tried,
    HomeVisited: _visited,
    HomeVisitWithdrawn: _unvisited,
}


def focus(reading: Reading, horizon: date, today: date) -> Known:
    """As far as it happened by today; calls about absences, and visits, since the horizon."""
    c, f, v, now = CALLS.c, FOCUS.c, VISITS.c, today.toordinal()
    calls = {}
    query = select(c.child, c.day, c.tried, c.missed, c.reached).where(
        c.day >= horizon.toordinal(), c.tried <= now
    )
    for child_id, day, tried, missed, reached in reading.rows(query):
        calls[child_id.bytes, day] = Call(tried, _by(missed, now), _by(reached, now))
    listed: dict[bytes, list[tuple[int, int | None]]] = {}
    for child_id, first, last in reading.rows(select(f.child, f.first, f.last)):
        listed.setdefault(child_id.bytes, []).append((first, last))
    visits: dict[bytes, list[int]] = {}
    made = select(v.child, v.day).where(v.day >= horizon.toordinal(), v.day <= now)
    for child_id, day in reading.rows(made.order_by(v.child, v.day)):
        visits.setdefault(child_id.bytes, []).append(day)
    return Known(listed, calls, visits)


def _by(day: int | None, now: int) -> int | None:
    return day if day is not None and day <= now else None
