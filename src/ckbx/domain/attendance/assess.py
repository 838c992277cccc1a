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
from ckbx.domain.attendance.thresholds import ALWAYS, Schedule


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


class LongLeave(NamedTuple):
    """The day a row of leave reached the threshold, whether by 事假 alone, and its days."""

    day: int
    personal: bool
    days: tuple[int, ...]


class Assessment(NamedTuple):
    """Everything the rule says of one child, each date the day it came true.

    ``run`` and ``run_days`` are the run standing at the last reported day.
    """

    warned_run: tuple[int, ...] = ()
    warned_count: tuple[int, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    long_leave: tuple[LongLeave, ...] = ()
    run: int = 0
    run_days: tuple[int, ...] = ()


NOTHING = Assessment()


class _Walk:
    """The state of the walk from one marked day to the next."""

    __slots__ = (
        "_excused",
        "_flagged",
        "_indices",
        "_personal",
        "_rules",
        "_school_days",
        "_suspected",
        "_warned",
        "last",
        "long_leave",
        "run",
        "suspicions",
        "warned_count",
        "warned_run",
    )

    def __init__(self, school_days: Sequence[int], rules: Schedule) -> None:
        self._school_days = school_days
        self._rules = rules
        self._indices: list[int] = []
        self._excused: list[int] = []
        self._personal = 0
        self._flagged = self._warned = self._suspected = False
        self.last: int | None = None
        self.run: list[int] = []
        self.warned_run: list[int] = []
        self.warned_count: list[int] = []
        self.suspicions: list[Suspicion] = []
        self.long_leave: list[LongLeave] = []

    def start_again(self) -> None:
        """The run is 0."""
        self.run = []
        self._warned = self._suspected = False

    def attended(self) -> None:
        """A day attended: the run is 0 and a row of leave is over."""
        self.start_again()
        self._excused, self._personal, self._flagged = [], 0, False

    def excused(self, day: int, *, personal: bool) -> None:
        """A day of 病假 or 事假: neither counts for the run nor breaks it."""
        numbers = self._rules.on(day).thresholds
        self._excused.append(day)
        self._personal = self._personal + 1 if personal else 0
        by_personal = self._personal >= numbers.long_personal
        if self._flagged or not (by_personal or len(self._excused) >= numbers.long_excused):
            return
        self._flagged = True
        row = self._excused[-self._personal :] if by_personal else self._excused
        self.long_leave.append(LongLeave(day, by_personal, tuple(row)))

    def unexplained(self, day: int) -> None:
        """A day of 无故 or 未核: the run grows by one. What counts are the numbers in force
        on the day that crosses them.
        """
        numbers = self._rules.on(day).thresholds
        self._excused, self._personal, self._flagged = [], 0, False
        self.run.append(day)
        if not self._warned and len(self.run) >= numbers.warn_run:
            self._warned = True
            self.warned_run.append(day)
        if not self._suspected and len(self.run) >= numbers.suspect_run:
            self._suspected = True
            self.suspicions.append(Suspicion(day, self.run[0], tuple(self.run)))
        self._count(day)

    def _count(self, day: int) -> None:
        """Unexplained days among the last 20 school days: now, and on the school day before
        by the numbers it was last judged by.
        """
        here = bisect_left(self._school_days, day)
        judged = self._rules.on(self.last if self.last is not None else day).thresholds
        was_over = self._inside(here - 1, judged.window) >= judged.warn_count
        self._indices.append(here)
        self.last = day
        numbers = self._rules.on(day).thresholds
        if not was_over and self._inside(here, numbers.window) >= numbers.warn_count:
            self.warned_count.append(day)

    def _inside(self, here: int, window: int) -> int:
        """Unexplained days among the ``window`` school days up to the one at an index."""
        return len(self._indices) - bisect_left(self._indices, here - window + 1)


def assess(
    marks: Mapping[int, Reason],
    days: ClassDays,
    rules: Schedule = ALWAYS,
    *,
    first: int = 0,
    resets: Sequence[int] = (),
    since: int = 0,
) -> Assessment:
    """Walk the marked days in order and say when each threshold was crossed.

    ``marks`` holds the child's absent days on fully reported class-days; ``first`` is the
    day its enrolment began; after each day in ``resets`` (a clearing or a settled return)
    the run starts from 0. With ``since`` only as many days are walked as it takes to be
    right about the standing run, and about everything dated on that day or later or found
    in that run; what else the walk comes to is to be left alone.
    """
    reported = days.reported
    walk = _Walk(days.school_days, rules)
    before: int | None = None
    marked = sorted(marks)
    if marked and marked[0] < first:
        marked = marked[bisect_left(marked, first) :]
    if since and marked:
        marked = marked[_start_of_walk(marked, days, since, rules.widest) :]
    for day in marked:
        if before is not None:
            if _attended_between(reported, before, day):
                walk.attended()
            elif resets and any(before <= reset < day for reset in resets):
                walk.start_again()
        before = day
        reason = marks[day]
        if reason is Reason.SICK or reason is Reason.PERSONAL:
            walk.excused(day, personal=reason is Reason.PERSONAL)
        else:
            walk.unexplained(day)
    if before is not None and reported and _attended_between(reported, before, reported[-1] + 1):
        walk.start_again()
    return Assessment(
        tuple(walk.warned_run),
        tuple(walk.warned_count),
        tuple(walk.suspicions),
        tuple(walk.long_leave),
        len(walk.run),
        tuple(walk.run),
    )


def _start_of_walk(marked: Sequence[int], days: ClassDays, since: int, window: int) -> int:
    """Which marked day (index) the walk may begin with: one that no earlier one of the last
    ``window`` school days up to ``since``, of its run or of its row of leave stands before.
    """
    oldest = bisect_left(days.school_days, since) - window
    floor = days.school_days[oldest - 1] + 1 if oldest > 0 else 0
    start = min(bisect_left(marked, floor), bisect_left(marked, since), len(marked) - 1)
    while start > 0 and not _attended_between(days.reported, marked[start - 1], marked[start]):
        start -= 1
    return start


def stays_below(marks: Mapping[int, Reason], days: ClassDays, since: int, rules: Schedule) -> bool:
    """Whether no number of any rules can be reached on ``since`` (ordinal) or later, nor was
    in a run that stands: too few days in a row are marked up to then, too few within the
    longest window, and none afterwards. False where it takes a walk to say.
    """
    reported, school_days = days.reported, days.school_days
    at = len(reported)
    if at and reported[-1] > since:
        if max(marks, default=0) > since:
            return False
        at = bisect_right(reported, since)
    least = rules.least_in_a_row
    row = at
    while row and reported[row - 1] in marks:
        row -= 1
        if at - row >= least:
            return False
    if since not in marks:
        return True
    oldest = bisect_left(school_days, since) - rules.widest
    floor = school_days[oldest] if oldest >= 0 else 0
    return len([day for day in marks if day > floor]) < rules.least_in_window


def _attended_between(reported: Sequence[int], after: int, before: int) -> bool:
    """Whether the class reported a day strictly between two marked days of the child."""
    return bisect_left(reported, before) - bisect_right(reported, after) > 0


class AttendingSpan(NamedTuple):
    """A stretch in which a suspected child attends again (domain §4).

    ``since`` is its first attended day, ``counted_from`` the day (the third by default) from
    which the child counts in 在校 again; ``until`` the next absent day (exclusive), None
    while it lasts.
    """

    since: int
    counted_from: int
    until: int | None


def attending_spans(
    marks: Mapping[int, Reason],
    reported: Sequence[int],
    suspected_on: int,
    rules: Schedule = ALWAYS,
) -> tuple[AttendingSpan, ...]:
    """Stretches of enough school days in a row attended after a suspicion.

    Silent days neither count nor break; an excused day breaks.
    """
    spans: list[AttendingSpan] = []
    absent = sorted([day for day in marks if day > suspected_on])
    at = bisect_right(reported, suspected_on)
    for until in absent:
        end = bisect_left(reported, until, at)
        counted = _counted_from(reported, at, end, rules)
        if counted is not None:
            spans.append(AttendingSpan(reported[at], counted, until))
        at = bisect_right(reported, until, end)
    counted = _counted_from(reported, at, len(reported), rules)
    if counted is not None:
        spans.append(AttendingSpan(reported[at], counted, None))
    return tuple(spans)


def _counted_from(reported: Sequence[int], at: int, end: int, rules: Schedule) -> int | None:
    """The first of these attended days on which enough of them have gone by."""
    for row in range(at, end):
        day = reported[row]
        if row - at + 1 >= rules.on(day).thresholds.attending_from:
            return day
    return None
