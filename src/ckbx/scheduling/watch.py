"""What does the clock's run have to know? Which days were reported, which leaves and transfers
stand, which alerts are open. Its own folded state: a policy never reads an answer.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Integer, Text

from ckbx.domain.alert import events as al
from ckbx.domain.attendance.marks import Session
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.school_class.events import ClassOpened, PupilLeft, PupilsJoined
from projections.kit import Projection
from projections.kit_fold import Fold
from projections.kit_tables import PlainTable, child

NAME, VERSION = "watch", 1
TRANSFERRING, LAPSED = "transferring", "lapsed"

CLASSES = PlainTable(
    "watch_classes",
    key=(Column("class_key", Text),),
    values=(Column("school", Text), Column("opened", Integer), Column("pupils", Integer)),
)
DAYS = PlainTable(
    "watch_days",
    key=(Column("class_key", Text), Column("day", Integer)),
    values=(Column("sessions", Text), Column("complete", Boolean)),
)
SPELLS = PlainTable(
    "watch_spells",
    key=(child(), Column("kind", Text), Column("began", Integer)),
    values=(Column("status", Text), Column("until", Integer), Column("ended", Integer)),
    load_by=1,
)
"""Leaves (kind ``leave``) and transfers (``transfer``): decided on ``began``, due on ``until``,
``ended`` when something else was decided (None: stands)."""

OPENING = PlainTable(
    "watch_opening",
    key=(child(),),
    values=(Column("suspected_on", Integer), Column("acted", Boolean)),
)
ALERTS = PlainTable(
    "watch_alerts",
    key=(child("alert"),),
    values=(
        Column("kind", Text),
        Column("rule", Text),
        Column("subject", Text),
        Column("day", Integer),
        Column("state", Text),
    ),
)


def _class_opened(fold: Fold, event: ClassOpened, _position: int) -> None:
    rows = fold[CLASSES]
    known = rows.get(event.class_key)
    pupils = known[2] if known else 0
    rows.put(event.class_key, (event.school, event.occurred_on.toordinal(), pupils))


def _joined(fold: Fold, event: PupilsJoined, _position: int) -> None:
    _count(fold, event.class_key, len(event.children))


def _left(fold: Fold, event: PupilLeft, _position: int) -> None:
    _count(fold, event.class_key, -1)


def _count(fold: Fold, class_key: str, change: int) -> None:
    rows = fold[CLASSES]
    known = rows.get(class_key)
    if known:
        rows.put(class_key, (known[0], known[1], known[2] + change))


def _submitted(fold: Fold, event: RollCallSubmitted, _position: int) -> None:
    rows = fold[DAYS]
    key = (event.class_key, event.occurred_on.toordinal())
    if event.session is Session.FULL:
        rows.put(key, ("full", True))
        return
    known = rows.get(key)
    sessions = {s for s in (known[0].split(",") if known else []) if s != "full"}
    sessions.add(event.session.value)
    rows.put(key, (",".join(sorted(sessions)), len(sessions) == 2))


def _voided(fold: Fold, event: RollCallVoided, _position: int) -> None:
    rows = fold[DAYS]
    key = (event.class_key, event.occurred_on.toordinal())
    known = rows.get(key)
    sessions = {s for s in (known[0].split(",") if known else []) if s != event.session.value}
    if sessions:
        rows.put(key, (",".join(sorted(sessions)), len(sessions) == 2))
    else:
        rows.drop(key)


def _open(fold: Fold, id_: bytes, *kinds: str) -> list[tuple[Any, Any]]:
    """The standing spells of a child: key and values."""
    rows = fold[SPELLS]
    found = ((key, rows.get(key)) for key in rows.keys_of(id_) if key[1] in kinds)
    return [(key, values) for key, values in found if values is not None and values[2] is None]


def _end(fold: Fold, event: Any, *kinds: str) -> None:
    on = event.occurred_on.toordinal()
    for key, (status, until, _) in _open(fold, event.originator_id.bytes, *kinds):
        fold[SPELLS].put(key, (status, until, on))


_STATUS: dict[Any, str] = {
    lv.SuspensionGranted: "suspended",
    lv.DeferralGranted: "deferred",
    lv.ExemptionGranted: "exempted",
    lv.HomeTeachingArranged: "home_taught",
}


def _granted(fold: Fold, event: Any, _position: int) -> None:
    _end(fold, event, "leave", "transfer")
    key = (event.originator_id.bytes, "leave", event.occurred_on.toordinal())
    fold[SPELLS].put(key, (_STATUS[type(event)], event.until.toordinal(), None))


def _extended(fold: Fold, event: lv.LeaveExtended, _position: int) -> None:
    for old, values in _open(fold, event.originator_id.bytes, "leave"):
        key = (old[0], "leave", event.occurred_on.toordinal())
        if key != old:
            _end(fold, event, "leave")
        fold[SPELLS].put(key, (values[0], event.until.toordinal(), None))


def _transfer(fold: Fold, event: lv.TransferStarted, _position: int) -> None:
    if event.confirm_by is not None:
        key = (event.originator_id.bytes, "transfer", event.occurred_on.toordinal())
        fold[SPELLS].put(key, (TRANSFERRING, event.confirm_by.toordinal(), None))


def _ended(fold: Fold, event: Any, _position: int) -> None:
    _end(fold, event, "leave", "transfer")
    fold[OPENING].drop(event.originator_id.bytes)


def _suspected(fold: Fold, event: e.DropoutSuspected, _position: int) -> None:
    _end(fold, event, "leave")
    for key, (_, until, _) in _open(fold, event.originator_id.bytes, "transfer"):
        if event.source is SuspicionSource.TRANSFER_LAPSED:
            fold[SPELLS].put(key, (LAPSED, until, None))
        else:
            fold[SPELLS].put(key, (TRANSFERRING, until, event.occurred_on.toordinal()))
    if event.source is SuspicionSource.OPENING:
        values = (event.occurred_on.toordinal(), False)
        fold[OPENING].put(event.originator_id.bytes, values)


def _raised(fold: Fold, event: al.AlertRaised, _position: int) -> None:
    values = (event.kind, event.rule, event.subject, event.occurred_on.toordinal(), "open")
    fold[ALERTS].put(event.originator_id.bytes, values)


def _state(state: str) -> Any:
    def handler(fold: Fold, event: Any, _position: int) -> None:
        rows = fold[ALERTS]
        known = rows.get(event.originator_id.bytes)
        if known:
            rows.put(event.originator_id.bytes, (*known[:4], state))

    return handler


WATCH = Projection(
    NAME,
    VERSION,
    (CLASSES, DAYS, SPELLS, OPENING, ALERTS),
    {
        ClassOpened: _class_opened,
        PupilsJoined: _joined,
        PupilLeft: _left,
        RollCallSubmitted: _submitted,
        RollCallVoided: _voided,
        lv.SuspensionGranted: _granted,
        lv.DeferralGranted: _granted,
        lv.ExemptionGranted: _granted,
        lv.HomeTeachingArranged: _granted,
        lv.LeaveExtended: _extended,
        lv.TransferStarted: _transfer,
        lv.StudyResumed: _ended,
        lv.TransferConfirmed: _ended,
        lv.TransferCancelled: _ended,
        lv.DeathRecorded: _ended,
        lv.WentAbroad: _ended,
        lv.WentMissing: _ended,
        lv.Deregistered: _ended,
        lv.Graduated: _ended,
        e.Enrolled: _ended,
        e.EnrolmentUndone: _ended,
        e.DropoutSuspected: _suspected,
        e.SuspicionCleared: _ended,
        e.SuspicionWithdrawn: _ended,
        al.AlertRaised: _raised,
        al.AlertReopened: _state("open"),
        al.AlertWithdrawn: _state("withdrawn"),
        al.AlertAcknowledged: _state("acknowledged"),
        al.AlertClosed: _state("closed"),
    },
)
