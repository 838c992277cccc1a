"""学校月报和县汇总: which versions were signed, when, and with which sealed figures?

The facts are kept as they were recorded: a signed version never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, Text, select

from ckbx.domain.report.events import CountySummarySigned, SchoolReportSigned
from ckbx.domain.report.months import Month
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from ckbx.eventlog.ports import RecordedEvent
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position
from projections.scope import Scope, within

NAME, VERSION = "reports", 1

SIGNED = PlainTable(
    f"{NAME}_signed",
    key=(Column("school", Text), Column("month", Text), Column("number", Integer)),
    values=(
        Column("position", Position, nullable=False),
        Column("recorded_at", Position, nullable=False),
        Column("signed_on", Integer, nullable=False),
        Column("topic", Text, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ),
)
"""Every version; the county's summary under the school ``""``. ``state``: the stored bytes."""


def _signed(fold: Fold, event: Any, position: int) -> None:
    school = event.school if isinstance(event, SchoolReportSigned) else ""
    values = (
        position,
        fold.recorded_at,
        event.occurred_on.toordinal(),
        event.TOPIC,
        encode_event(event),
    )
    fold[SIGNED].put((school, event.month, event.number), values)


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    SchoolReportSigned: _signed,
    CountySummarySigned: _signed,
}


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    named = []
    for recorded in batch:
        event: Any = recorded.event
        if type(event) in HANDLERS:
            named.append((getattr(event, "school", ""), event.month, event.number))
    return {SIGNED: named}


PROJECTION = Projection(NAME, VERSION, (SIGNED,), HANDLERS, keys=_keys)


def school_reports(
    reading: Reading, scope: Scope, *, as_of: date, position: int, month: Month | None = None
) -> list[SchoolReportSigned]:
    """Every version signed by a day as known at a position, by school, month and number."""
    return list(_read(reading, scope, as_of, position, month, county=False))


def county_summaries(
    reading: Reading, scope: Scope, *, as_of: date, position: int, month: Month | None = None
) -> list[CountySummarySigned]:
    """Every version of the county's; none for a scope that is not the county."""
    if not scope.everything:
        return []
    return list(_read(reading, scope, as_of, position, month, county=True))


def signed_days(
    reading: Reading, scope: Scope, since: Month, *, as_of: date, position: int
) -> dict[tuple[str, str], date]:
    """By school (``""``: the county) and month since one: the day of the first signature."""
    c = SIGNED.c
    query = select(c.school, c.month, c.signed_on).where(
        c.number == 1,
        c.month >= since.key,
        c.position <= position,
        c.signed_on <= as_of.toordinal(),
    )
    found = reading.rows(within(query, scope, school=c.school))
    return {(school, month): date.fromordinal(day) for school, month, day in found}


def _read(
    reading: Reading,
    scope: Scope,
    as_of: date,
    position: int,
    month: Month | None,
    *,
    county: bool,
) -> Iterator[Any]:
    c = SIGNED.c
    whose = c.school == "" if county else c.school != ""
    query = (
        select(c.topic, c.state)
        .where(whose, c.position <= position, c.signed_on <= as_of.toordinal())
        .order_by(c.school, c.month, c.number)
    )
    if month is not None:
        query = query.where(c.month == month.key)
    for topic, state in reading.rows(within(query, scope, school=c.school)):
        yield decode_event(topic, bytes(state))
