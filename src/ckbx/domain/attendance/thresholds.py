"""Which numbers of the rule pack does the attendance rule use, and which hold on a day?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class Thresholds(NamedTuple):
    """The numbers of the rule pack this rule needs, all in school days."""

    warn_run: int = 3
    warn_count: int = 5
    window: int = 20
    suspect_run: int = 5
    long_personal: int = 5
    long_excused: int = 10
    attending_from: int = 3
    relapse_run: int = 3
    relapse_count: int = 5
    follow_alarm: int = 2
    opening_day: int = 5


class InForce(NamedTuple):
    """Thresholds in force from a day (ordinal) on, and their version of the rule pack."""

    first: int
    thresholds: Thresholds
    version: int


class Schedule:
    """Which thresholds hold on which day: those of the day that crosses them count."""

    __slots__ = ("_firsts", "_parts", "least_in_a_row", "least_in_window", "widest")

    def __init__(self, parts: Iterable[InForce]) -> None:
        """``parts`` need not be sorted; the earliest also holds on every day before it."""
        self._parts = sorted(parts)
        self._firsts = [part.first for part in self._parts]
        numbers = [part.thresholds for part in self._parts]
        self.widest = max(t.window for t in numbers)
        """School days that the longest window looks back."""
        self.least_in_a_row = min(
            min(t.warn_run, t.suspect_run, t.long_personal, t.long_excused) for t in numbers
        )
        """Absent days in a row below which no run and no row of leave reaches its number."""
        self.least_in_window = min(t.warn_count for t in numbers)
        """Absent days within the widest window below which no count reaches its number."""

    def on(self, day: int) -> InForce:
        """What holds on a day (ordinal)."""
        if len(self._parts) == 1:
            return self._parts[0]
        return self._parts[max(bisect_right(self._firsts, day) - 1, 0)]


ALWAYS = Schedule((InForce(1, Thresholds(), 0),))
"""The defaults, from the beginning."""
