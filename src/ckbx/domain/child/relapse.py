"""Has a child that came back stayed away again? (domain §3: the 巩固期)

Unexplained days since the return are walked as in :mod:`ckbx.domain.attendance.assess`: an
attended day breaks the run, an excused or silent one neither counts nor breaks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.attendance.thresholds import Schedule

RULE_ALARM = "follow_up_absent_2"
RULE_RELAPSE_RUN = "relapse_run_3"
RULE_RELAPSE_COUNT = "relapse_5_in_20"


class Relapse(NamedTuple):
    """The day a threshold was reached, by which rule, and the unexplained days of it."""

    day: int
    rule: str
    days: tuple[int, ...]


class Stay(NamedTuple):
    """What the days since a return come to: red alarms, and the first relapse."""

    alarms: tuple[int, ...]
    relapse: Relapse | None


def assess_stay(
    marks: Mapping[int, Reason],
    reported: Sequence[int],
    school_days: Sequence[int],
    since: int,
    rules: Schedule,
) -> Stay:
    """Days are ordinals; ``since`` is the first day after the return."""
    alarms: list[int] = []
    run: list[int] = []
    every: list[int] = []
    before: int | None = None
    for day in sorted(d for d in marks if d >= since):
        between = before is not None and _reported_between(reported, before, day)
        if between:
            run = []
        before = day
        if not is_unexplained(marks[day]):
            continue
        numbers = rules.on(day).thresholds
        run.append(day)
        every.append(day)
        if len(run) == numbers.follow_alarm:
            alarms.append(day)
        if len(run) >= numbers.relapse_run:
            return Stay(tuple(alarms), Relapse(day, RULE_RELAPSE_RUN, tuple(run)))
        recent = _in_window(every, school_days, day, numbers.window)
        if len(recent) >= numbers.relapse_count:
            return Stay(tuple(alarms), Relapse(day, RULE_RELAPSE_COUNT, recent))
    return Stay(tuple(alarms), None)


def _reported_between(reported: Sequence[int], after: int, before: int) -> bool:
    return bisect_left(reported, before) - bisect_right(reported, after) > 0


def _in_window(
    days: Sequence[int], school_days: Sequence[int], day: int, window: int
) -> tuple[int, ...]:
    """Those of ``days`` among the last ``window`` school days up to ``day``."""
    here = bisect_right(school_days, day)
    first = school_days[max(here - window, 0)] if here else day
    return tuple(d for d in days if d >= first)
