"""What becomes of a notice that the database refuses? It is counted, and the outbox goes on.

The event is found by halves, its notices are tried one by one: whoever can be told is told, in
the place of what was refused stands a notice without any of its values.
"""

from __future__ import annotations

import logging
from typing import Final, NoReturn

from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.eventlog.row_store import (
    PAGE,
    FollowerMoved,
    Place,
    RowStore,
    RowUnwritable,
    RowWriter,
    catch_up,
)
from notifications.outbox import NAME, Outbox
from notifications.outbox_tables import NOTICES, NoticeRow
from notifications.rules import SKIPPED, UNWRITABLE

_log: Final = logging.getLogger(__name__)


class _Undone(Exception):
    """Of a row that was written to see whether it can be."""


def pass_refused(log: EventLog, rows: RowStore, outbox: Outbox, error: RowUnwritable) -> None:
    """Lead the outbox past the next event whose notices are refused. Raises ``error`` where it
    is none that makes notices; FollowerMoved, StoreUnavailable.
    """
    place = _place(rows)
    batch = list(log.read(place.position, PAGE))
    while len(batch) > 1:
        half = batch[: len(batch) // 2]
        try:
            catch_up(log, rows, outbox, until=half[-1].position)
        except RowUnwritable:
            batch = half
        else:
            batch = batch[len(half) :]
    if not batch:
        raise error
    _park(rows, outbox, batch[0], error)


def _park(rows: RowStore, outbox: Outbox, recorded: RecordedEvent, error: RowUnwritable) -> None:
    notices = outbox.notices_of(recorded)
    fitting = [_fits(rows, notice) for notice in notices]
    if all(fitting):
        raise error
    kept = [
        notice if fits else _blank(notice, number)
        for number, (notice, fits) in enumerate(zip(notices, fitting, strict=True))
    ]
    place = _place(rows)
    if place.position >= recorded.position:
        raise FollowerMoved(name=NAME)
    with rows.transaction() as tx:
        tx.move(NAME, place, recorded.position)
        tx.insert(NOTICES, kept)
    _log.error("notices_refused %s %s", recorded.position, fitting.count(False))


def _place(rows: RowStore) -> Place:
    with rows.snapshot() as look:
        return look.places().get(NAME, Place(0, 1, 0))


def _fits(rows: RowStore, notice: NoticeRow) -> bool:
    try:
        with rows.transaction() as tx:
            _try(tx, notice)
    except _Undone:
        return True
    except RowUnwritable:
        return False


def _try(tx: RowWriter, notice: NoticeRow) -> NoReturn:
    tx.insert(NOTICES, [notice])
    raise _Undone


def _blank(notice: NoticeRow, number: int) -> NoticeRow:
    """Only where it comes from: which of the values is refused is not known."""
    return NoticeRow(
        position=notice.position,
        kind="",
        recipient=f"#{number}",
        channel="",
        alert=notice.alert,
        rule="",
        level="",
        subject="",
        child=None,
        school=None,
        class_key=None,
        on_day=notice.on_day,
        due_on=None,
        fold="",
        slot=notice.slot,
        recorded_at=notice.recorded_at,
        state=SKIPPED,
        reason=UNWRITABLE,
    )
