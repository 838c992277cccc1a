"""What of some streams can be read, when an event of one of them cannot?

A damaged event, or one of a later program, must not keep the others from being read: its
stream is read up to it, and it is said where it stands. Looked for only when reading failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from ckbx.eventlog.codec import EventUnreadable
from ckbx.eventlog.ports import EventLog, RecordedEvent


class Readable(NamedTuple):
    """The events that can be read, in order of position, and the streams that break off:
    at which position, for each.
    """

    events: list[RecordedEvent]
    broken: dict[UUID, int]


def read_readable(log: EventLog, streams: Sequence[UUID], *, up_to: int | None = None) -> Readable:
    """The events of the streams up to a position, each stream up to what cannot be read."""
    try:
        return Readable(log.read_streams(streams, up_to=up_to), {})
    except EventUnreadable:
        last = log.head() if up_to is None else up_to
    wanted = list(dict.fromkeys(streams))
    if len(wanted) == 1:
        return _up_to_the_break(log, wanted[0], last)
    half = len(wanted) // 2
    parts = [read_readable(log, part, up_to=last) for part in (wanted[:half], wanted[half:])]
    events = [event for part in parts for event in part.events]
    events.sort(key=lambda event: event.position)
    return Readable(events, {k: v for part in parts for k, v in part.broken.items()})


def unreadable(log: EventLog, streams: Sequence[UUID]) -> set[UUID]:
    """Which of the streams cannot be read to their end."""
    return set(read_readable(log, streams).broken)


def _up_to_the_break(log: EventLog, stream: UUID, last: int) -> Readable:
    good, bad, events = 0, last, list[RecordedEvent]()
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            events = log.read_streams([stream], up_to=middle)
        except EventUnreadable:
            bad = middle
        else:
            good = middle
    return Readable(events, {stream: bad})
