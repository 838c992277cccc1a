"""Facts and commands that mean nothing, for tests of the log itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID, uuid4, uuid5

from ckbx.clock import FixedClock
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import Append, RowDelete, RowWrite

COUNTY = "522699"
DAY = date(2026, 9, 1)
NOON = datetime(2026, 9, 1, 4, 0, 0, 250, tzinfo=UTC)
_NAMES = UUID("7a9a3c1e-5a0e-4d8e-9c1f-2f1f5d1f0a01")


class Noted(DomainEvent, frozen=True, kw_only=True):
    """Something was noted under a number."""

    TOPIC = "test.eventlog.Noted"
    TITLE = "记录"
    number: int = 0


class Pad(Aggregate):
    """Keeps the numbers noted."""

    __slots__ = ("numbers",)

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.numbers: list[int] = []

    def apply(self, event: Noted) -> None:
        self.numbers.append(event.number)


def clock() -> FixedClock:
    """A clock that stands at noon of the first school day."""
    return FixedClock(NOON)


def named(name: object) -> UUID:
    """The same id for the same name, in every process."""
    return uuid5(_NAMES, str(name))


def noted(stream: UUID, version: int, number: int = 0, command: UUID | None = None) -> Noted:
    """One event."""
    return Noted(
        originator_id=stream,
        originator_version=version,
        occurred_on=DAY,
        actor="system:test",
        command_id=command or named("command"),
        number=number,
    )


def note(
    stream: UUID,
    version: int,
    *numbers: int,
    command: UUID | None = None,
    expect: Mapping[UUID, int] | None = None,
    writes: Sequence[RowWrite | RowDelete] = (),
    reply: bytes = b"",
) -> Append:
    """A command that notes numbers (0 when none is given), the first as ``version``."""
    command = command or uuid4()
    events = [
        noted(stream, version + step, number, command)
        for step, number in enumerate(numbers or (0,))
    ]
    return Append(
        command_id=command, events=events, expect=expect or {}, writes=writes, reply=reply
    )
