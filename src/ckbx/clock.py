"""The only place that reads the machine's clock and knows the county's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Where "now" comes from; tests hand in a :class:`FixedClock`."""

    zone: ZoneInfo

    def now(self) -> datetime:
        """The present UTC instant."""


class SystemClock:
    """The machine's clock, read in UTC."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place that may


class FixedClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime, zone: ZoneInfo | None = None) -> None:
        self.at = at.astimezone(UTC)
        self.zone = zone or ZoneInfo("Asia/Shanghai")

    def now(self) -> datetime:
        return self.at


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The local school day on which a UTC instant falls."""
    return at.astimezone(zone).date()


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local wall-clock time."""
    return datetime.combine(day, at, zone).astimezone(UTC)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """A UTC instant as whole microseconds since 1970, the form stored in ``recorded_at``."""
    delta = at - EPOCH
    return delta.days * 86_400_000_000 + delta.seconds * 1_000_000 + delta.microseconds


def from_micros(value: int) -> datetime:
    """:func:`micros` undone."""
    return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
