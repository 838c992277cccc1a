"""The rule of domain §4, exactly: from one child's marks to warnings, suspicion, long leave.

Days are proleptic ordinals (``date.toordinal``). Only marked days are walked: whether the
child attended between two of them is asked of the class's reported days by bisection, so the
cost grows with the child's absences and not with the length of its schooling.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ckbx.domain.attendance.marks import Reason


class Thresholds(NamedTuple):
    """The numbers of the rule pack this rule needs, all in school days."""

    warn_run: int = 3
    warn_count: int = 5
    window: int = 20
    suspect_run: int = 5
    long_personal: int = 5
    long_excused: int = 10


class ClassDays(NamedTuple):
    """A child's school days and those its class reported in full, each sorted ascending.

    ``school_days`` holds every day that was to be taught from the child's enrolment on
    (silent ones among them); ``reported`` is a subset.
    """

    school_days: Sequence[int]
    reported: Sequence[int]


class Suspicion(NamedTuple):
    """When a run reached the threshold, its first day, and the unexplained days of it."""

    suspected_on: int
    first_absent_on: int
    days: tuple[int, ...]


class Assessment(NamedTuple):
    """Everything the rule says of one child, each date the day it came true.

    ``long_leave``: the day, and whether it came from a row of 事假 (else of mixed leave).
    """

    warned_run: tuple[int, ...] = ()
    warned_count: tuple[int, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    long_leave: tuple[tuple[int, bool], ...] = ()
    run: int = 0
    run_days: tuple[int, ...] = ()


NOTHING = Assessment()


def assess(
    marks: Mapping[int, Reason],
    days: ClassDays,
    thresholds: Thresholds,
    *,
    first: int = 0,
    resets: Sequence[int] = (),
) -> Assessment:
    """Walk the marked days in order and say when each threshold was crossed.

    ``marks`` holds the child's absent days on fully reported class-days; ``first`` is the
    day its enrolment began; after each day in ``resets`` (a clearing or a settled return)
    the run starts from 0. ``run`` is the run standing at the last reported day.
    """
    school_days, reported = days
    warned_run: list[int] = []
    warned_count: list[int] = []
    suspicions: list[Suspicion] = []
    long_leave: list[tuple[int, bool]] = []
    run_days: list[int] = []
    indices: list[int] = []
    personal = excused = 0
    flagged = False
    before: int | None = None
    for day in sorted(marks):
        if day < first:
            continue
        if before is not None:
            if _attended_between(reported, before, day):
                run_days, personal, excused, flagged = [], 0, 0, False
            elif resets and any(before <= reset < day for reset in resets):
                run_days = []
        before = day
        reason = marks[day]
        if reason is Reason.SICK or reason is Reason.PERSONAL:
            excused += 1
            personal = personal + 1 if reason is Reason.PERSONAL else 0
            if not flagged and (
                personal == thresholds.long_personal or excused == thresholds.long_excused
            ):
                flagged = True
                long_leave.append((day, personal == thresholds.long_personal))
            continue
        personal, excused, flagged = 0, 0, False
        run_days.append(day)
        if len(run_days) == thresholds.warn_run:
            warned_run.append(day)
        if len(run_days) == thresholds.suspect_run:
            suspicions.append(Suspicion(day, run_days[0], tuple(run_days)))
        here = bisect_left(school_days, day)
        earlier = len(indices) - bisect_left(indices, here - thresholds.window)
        indices.append(here)
        now = len(indices) - bisect_left(indices, here - thresholds.window + 1)
        if earlier == thresholds.warn_count - 1 and now == thresholds.warn_count:
            warned_count.append(day)
    if before is not None and reported and _attended_between(reported, before, reported[-1] + 1):
        run_days = []
    return Assessment(
        tuple(warned_run),
        tuple(warned_count),
        tuple(suspicions),
        tuple(long_leave),
        len(run_days),
        tuple(run_days),
    )


def _attended_between(reported: Sequence[int], after: int, before: int) -> bool:
    """Whether the class reported a day strictly between two marked days of the child."""
    return bisect_left(reported, before) - bisect_right(reported, after) > 0


class AttendingSpan(NamedTuple):
    """A stretch in which a suspected child attends again (domain §4).

    ``since`` is its first attended day, ``counted_from`` the third, from which the child
    counts in 在校 again; ``until`` the next absent day (exclusive), None while it lasts.
    """

    since: int
    counted_from: int
    until: int | None


def attending_spans(
    marks: Mapping[int, Reason], reported: Sequence[int], suspected_on: int, needed: int = 3
) -> tuple[AttendingSpan, ...]:
    """Stretches of at least ``needed`` school days in a row attended after a suspicion.

    Silent days neither count nor break; an excused day breaks.
    """
    spans: list[AttendingSpan] = []
    row: list[int] = []
    for day in reported[bisect_right(reported, suspected_on) :]:
        if day in marks:
            if len(row) >= needed:
                spans.append(AttendingSpan(row[0], row[needed - 1], day))
            row = []
        else:
            row.append(day)
    if len(row) >= needed:
        spans.append(AttendingSpan(row[0], row[needed - 1], None))
    return tuple(spans)
