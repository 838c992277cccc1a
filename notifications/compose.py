"""Waiting notices become messages: one a recipient, channel, kind (or digest) and slot.

Which notices go together is a function of the notices alone, and so is the id of a message: a
composing cut off half-way and begun again comes to the same messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from ckbx.clock import from_micros, micros
from ckbx.domain.school.school import County, School
from ckbx.eventlog.ports import EventLog
from ckbx.eventlog.row_store import RowStore, RowWriter
from notifications.outbox_tables import MESSAGES, NOTICES, MessageRow, NoticeRow, hold, led_by
from notifications.queue import Way
from notifications.rules import COMPOSED, COUNTED, SKIPPED, WAITING
from notifications.texts.teller import Teller
from notifications.wording import Wordings

TO_SEND: Final = "waiting"
"""State of a message that waits to be sent."""
GROUPS: Final = 100
"""Messages made in one transaction."""
_NAMESPACE: Final = UUID("0d3a6a5b-6a39-5d0e-8a7d-2f0f4a0f6f31")
_BY_STATE: Final = led_by(NOTICES, "state")
_BY_SLOT: Final = led_by(MESSAGES, "recipient", "channel", "kind", "slot")
_PAGE: Final = "/alerts"


class Group(NamedTuple):
    """What goes into one message."""

    recipient: str
    channel: str
    fold: str
    slot: int


def message_id(county: str, group: Group, part: int) -> UUID:
    """The key of a message, the same whenever it is composed. ``part``: 0, or how many
    messages of the group had been made before.
    """
    name = "/".join((county, *map(str, group), *([str(part)] if part else [])))
    return uuid5(_NAMESPACE, name)


def compose(
    log: EventLog, rows: RowStore, ways: Iterable[Way], zone: ZoneInfo, now: datetime
) -> int:
    """Make the messages whose slot has come; returns how many. The notices of everything due
    by ``now`` (UTC) must be there. Raises StoreUnavailable.
    """
    groups = _due(rows, micros(now))
    if not groups:
        return 0
    kinds = {way.name: way.kind for way in ways}
    teller = _teller(log, rows, groups, zone)
    ordered = sorted(groups, key=lambda group: (group.slot, group))
    for start in range(0, len(ordered), GROUPS):
        chunk = ordered[start : start + GROUPS]
        with rows.transaction() as tx:
            hold(tx, rows.dialect)
            _compose(tx, log.county, {g: groups[g] for g in chunk}, teller, kinds, micros(now))
    return len(groups)


def _due(rows: RowStore, now: int) -> dict[Group, list[NoticeRow]]:
    with rows.snapshot() as look:
        due = look.find(_BY_STATE, 1, [WAITING, COUNTED], f"t.slot <= {now}")
        found = [_in_order(row) for row in due]
    found.sort(key=lambda row: (_group(row), row.position, row.kind))
    return {group: list(of) for group, of in groupby(found, key=_group)}


def _group(row: NoticeRow) -> Group:
    return Group(row.recipient, row.channel, row.fold, row.slot)


def _in_order(row: Sequence[object]) -> NoticeRow:
    return NoticeRow(**dict(zip(_BY_STATE.columns, row, strict=True)))  # type: ignore[arg-type]


def _compose(
    tx: RowWriter,
    county: str,
    groups: Mapping[Group, Sequence[NoticeRow]],
    teller: Teller,
    kinds: Mapping[str, str],
    now: int,
) -> None:
    """Of notices that still wait; another process may have composed some meanwhile."""
    keys = [row[: NOTICES.key] for rows in groups.values() for row in rows]
    waiting = {
        row[: NOTICES.key]: NoticeRow(*row)
        for row in tx.find(NOTICES, NOTICES.key, keys, f"t.state IN ('{WAITING}', '{COUNTED}')")
    }
    before: dict[Group, int] = {}
    for row in tx.find(_BY_SLOT, 4, list(groups)):
        group = Group(*row[:4])
        before[group] = before.get(group, 0) + 1
    messages: list[MessageRow] = []
    told: list[tuple[object, ...]] = []
    for group, rows in groups.items():
        left = [waiting[key] for key in (row[: NOTICES.key] for row in rows) if key in waiting]
        if not left:
            continue
        made = _message(county, group, left, teller, kinds, before.get(group, 0), now)
        messages.append(made)
        told += [
            (SKIPPED if row.state == COUNTED else COMPOSED, made.id, *row[: NOTICES.key])
            for row in left
        ]
    if messages:
        tx.insert(MESSAGES, messages)
        tx.update(NOTICES, ("state", "message"), told)


def _message(
    county: str,
    group: Group,
    notices: Sequence[NoticeRow],
    teller: Teller,
    kinds: Mapping[str, str],
    part: int,
    now: int,
) -> MessageRow:
    slot = from_micros(group.slot)
    kind = kinds.get(group.channel, group.channel)
    words = teller.words(notices, fold=group.fold, channel=kind, slot=slot)
    return MessageRow(
        id=message_id(county, group, part).bytes,
        recipient=group.recipient,
        channel=group.channel,
        kind=group.fold,
        slot=group.slot,
        part=part,
        level=words.level,
        subject=words.subject,
        body=words.body,
        link=_PAGE,
        state=TO_SEND,
        attempts=0,
        next_at=group.slot,
        composed_at=now,
    )


def _teller(
    log: EventLog, rows: RowStore, groups: Mapping[Group, Sequence[NoticeRow]], zone: ZoneInfo
) -> Teller:
    """The names of the schools concerned, the county's name and its own words, as known now."""
    county = log.county
    codes = sorted({row.school for notices in groups.values() for row in notices if row.school})
    schools = {School.stream(county, code): code for code in codes}
    of_county = County.stream(county)
    found = log.load([*schools, of_county])
    names = {code: School(id_).replay(found.get(id_, [])).name for id_, code in schools.items()}
    name = County(of_county).replay(found.get(of_county, [])).name
    return Teller("" if name == county else name, names, Wordings(rows).book(), zone)
