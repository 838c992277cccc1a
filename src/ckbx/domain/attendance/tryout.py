"""What would the attendance rule have said of a child with other numbers? Pure.

Beside the numbers nothing is supposed to have gone otherwise: sheets, leaves and people's
decisions are those recorded, so that an open suspicion lasts until a recorded decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from ckbx.domain.attendance.assess import Assessment
from ckbx.domain.child.absences import (
    RULE_COUNT,
    RULE_MIXED_LEAVE,
    RULE_PERSONAL_LEAVE,
    RULE_RUN,
    RULE_SUSPECT,
)

WARNING, SUSPICION, LONG_LEAVE = "warning", "suspicion", "long_leave"
KIND_OF = {
    RULE_RUN: WARNING,
    RULE_COUNT: WARNING,
    RULE_SUSPECT: SUSPICION,
    RULE_PERSONAL_LEAVE: LONG_LEAVE,
    RULE_MIXED_LEAVE: LONG_LEAVE,
}
"""The rules that are tried, and under what each is counted."""


class Difference(msgspec.Struct, frozen=True):
    """Days on which one rule spoke of a child: as in force, and as tried."""

    rule: str
    in_force: tuple[date, ...]
    tried: tuple[date, ...]

    @property
    def change(self) -> str:
        """``same``; ``new`` or ``gone``: only one of them spoke; ``moved``: on other days."""
        if self.in_force == self.tried:
            return "same"
        if not self.in_force:
            return "new"
        return "moved" if self.tried else "gone"


def spoken(
    found: Assessment, resets: Sequence[int], first: date, last: date
) -> dict[str, list[date]]:
    """On which days from ``first`` to ``last`` each rule spoke.

    ``resets`` are the recorded ends of suspicions: a run that reaches the threshold while
    the suspicion before it is still open opens no other.
    """
    days: dict[str, list[int]] = {
        RULE_RUN: list(found.warned_run),
        RULE_COUNT: list(found.warned_count),
        RULE_SUSPECT: _opened([s.suspected_on for s in found.suspicions], resets),
    }
    for leave in found.long_leave:
        rule = RULE_PERSONAL_LEAVE if leave.personal else RULE_MIXED_LEAVE
        days.setdefault(rule, []).append(leave.day)
    low, high = first.toordinal(), last.toordinal()
    kept = {rule: [d for d in each if low <= d <= high] for rule, each in days.items()}
    return {rule: [date.fromordinal(d) for d in each] for rule, each in kept.items() if each}


def _opened(suspected: Sequence[int], resets: Sequence[int]) -> list[int]:
    opened: list[int] = []
    for day in suspected:
        if not opened or any(opened[-1] <= reset < day for reset in resets):
            opened.append(day)
    return opened


def compare(in_force: dict[str, list[date]], tried: dict[str, list[date]]) -> list[Difference]:
    """Every rule that spoke under either, in the order of the rules."""
    return [
        Difference(rule, tuple(in_force.get(rule, ())), tuple(tried.get(rule, ())))
        for rule in KIND_OF
        if rule in in_force or rule in tried
    ]
