"""How are plans of 送教, the visits made and the reviews to come folded for the clock's run?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Integer, Text

from ckbx.domain.child import leave_events as lv
from ckbx.domain.leave import events as ev
from ckbx.domain.placement import events as pl
from ckbx.domain.placement.codes import AT_SCHOOL
from ckbx.domain.shared.event import DomainEvent
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.tables import PlainTable, child

LEAVE, PLACEMENT = "leave", "placement"

PLANS = PlainTable(
    "watch_teaching",
    key=(child(), Column("began", Integer)),
    values=(Column("visits", Integer), Column("ended", Integer), Column("version", Integer)),
    load_by=1,
)
"""送教上门 from ``began`` on, so many visits a month, until it ``ended`` (None: goes on)."""

VISITS = PlainTable(
    "watch_home_visits",
    key=(child(), Column("visit", Integer)),
    values=(Column("day", Integer),),
    load_by=1,
)
"""The visits that stand."""

REVIEWS = PlainTable(
    "watch_reviews",
    key=(child(), Column("of", Text), Column("began", Integer)),
    values=(Column("due", Integer), Column("ended", Integer), Column("event", Text)),
    load_by=1,
)
"""Reviews of a leave or placement, known since ``began``, until something else was decided."""

TABLES = (PLANS, VISITS, REVIEWS)


def plan(fold: Fold, event: lv.HomeTeachingArranged) -> None:
    """送教上门 was arranged."""
    key = (event.originator_id.bytes, event.effective_from.toordinal())
    fold[PLANS].put(key, (event.visits_per_month, None, event.originator_version))


def end_leave(fold: Fold, event: DomainEvent) -> None:
    """A leave of the child ended: its plan of visits and its review end with it."""
    who, on = event.originator_id.bytes, event.occurred_on.toordinal()
    rows = fold[PLANS]
    for key in rows.keys_of(who):
        values = rows.get(key)
        if values is not None and values[1] is None:
            rows.put(key, (values[0], on, values[2]))
    _end_reviews(fold, who, on, LEAVE)


def gone(fold: Fold, event: DomainEvent) -> None:
    """The child left the county's schools: nothing of it is reviewed any more."""
    _end_reviews(fold, event.originator_id.bytes, event.occurred_on.toordinal(), PLACEMENT)


def _end_reviews(fold: Fold, who: bytes, on: int, of: str) -> None:
    rows = fold[REVIEWS]
    for key in rows.keys_of(who):
        values = rows.get(key)
        if key[1] == of and values is not None and values[1] is None:
            rows.put(key, (values[0], on, values[2]))


def _next_review(fold: Fold, event: Any, of: str, due: date | None) -> None:
    who, on = event.child.bytes, event.occurred_on.toordinal()
    _end_reviews(fold, who, on, of)
    if due is not None:
        fold[REVIEWS].put((who, of, on), (due.toordinal(), None, event.event_id))


def _granted(fold: Fold, event: ev.LeaveApproved | ev.LeaveProlonged, _position: int) -> None:
    """A review on the last day is told of as the end of the leave."""
    due = event.review_on if event.review_on != event.until else None
    _next_review(fold, event, LEAVE, due)


def _reviewed(fold: Fold, event: ev.LeaveReviewed, _position: int) -> None:
    _next_review(fold, event, LEAVE, event.review_on)


def _placed(fold: Fold, event: pl.PlacementDecided, _position: int) -> None:
    due = event.review_on if event.kind in AT_SCHOOL else None
    _next_review(fold, event, PLACEMENT, due)


def _placement_reviewed(fold: Fold, event: pl.PlacementReviewed, _position: int) -> None:
    _next_review(fold, event, PLACEMENT, event.review_on)


def _placement_ended(fold: Fold, event: pl.PlacementEnded, _position: int) -> None:
    _next_review(fold, event, PLACEMENT, None)


def _visited(fold: Fold, event: pl.HomeVisitMade, _position: int) -> None:
    fold[VISITS].put((event.child.bytes, event.visit), (event.occurred_on.toordinal(),))


def _voided(fold: Fold, event: pl.HomeVisitVoided, _position: int) -> None:
    fold[VISITS].drop((event.child.bytes, event.visit))


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    ev.LeaveApproved: _granted,
    ev.LeaveProlonged: _granted,
    ev.LeaveReviewed: _reviewed,
    pl.PlacementDecided: _placed,
    pl.PlacementReviewed: _placement_reviewed,
    pl.PlacementEnded: _placement_ended,
    pl.HomeVisitMade: _visited,
    pl.HomeVisitVoided: _voided,
}
