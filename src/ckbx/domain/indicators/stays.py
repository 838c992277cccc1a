"""Where was each child, in which status, from when to when; and how many were there on a day?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.indicators.model import Stage
from ckbx.domain.shared.ids import grade_of

_S = TrackingStatus
_ATTENDING = frozenset({_S.ENROLLED, _S.ABSENT, _S.PERSUADED_BACK, _S.HOME_TAUGHT})
_BELONGING = _ATTENDING | {_S.SUSPECTED, _S.TRANSFERRING}
FIRST_JUNIOR, LAST_GRADE = 7, 9

DayOf = Callable[[str], date]
"""The local day that counts for a school (schools may begin on days of their own)."""


class Stay(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A stretch of one child's history; ``until`` is the first day after it (None: open).

    ``entry_year``: of the class, counted from grade 1; ``attends_again``: a suspect that
    counts in 在校 again (domain §4).
    """

    school: str | None
    status: TrackingStatus
    first: date
    until: date | None
    entry_year: int | None = None
    grade: int | None = None
    attends_again: bool = False

    @property
    def attending(self) -> bool:
        """Counted 在校 (domain §3, the table of statuses)."""
        if self.school is None:
            return False
        again = self.status is _S.SUSPECTED and self.attends_again
        return again or self.status in _ATTENDING

    @property
    def belonging(self) -> bool:
        """A pupil of its school who has not left: 在校, 疑似 (not determined), 转出在途."""
        return self.school is not None and self.status in _BELONGING

    def covers(self, day: date) -> bool:
        """Whether the stretch stands on a day."""
        return self.first <= day and (self.until is None or day < self.until)

    def grade_in(self, school_year: int) -> int | None:
        """The grade in a school year: that of its class, else the one recorded."""
        if self.entry_year is None:
            return self.grade
        return grade_of(self.entry_year, school_year)


Lives = Mapping[UUID, Sequence[Stay]]
"""Every child's stretches, oldest first, none of them beginning after the as-of day."""


def stage_of(grade: int | None) -> Stage | None:
    """The stage of a grade; one past 9 has not been recorded as graduated and is junior."""
    if grade is None:
        return None
    return Stage.JUNIOR if grade >= FIRST_JUNIOR else Stage.PRIMARY


class Population(msgspec.Struct, frozen=True):
    """The children asked about. ``schools`` None: of the county; else only what they did in
    these schools is counted, although their stretches elsewhere are known.
    """

    lives: Lives
    schools: frozenset[str] | None = None

    def mine(self, stay: Stay) -> bool:
        """Whether a stretch counts for what is asked."""
        return self.schools is None or stay.school in self.schools

    def known_since(self) -> date | None:
        """The first day on which anybody was a pupil; before it nothing is known."""
        firsts = (s.first for stays in self.lives.values() for s in stays if s.belonging)
        return min(firsts, default=None)

    def on(self, day: date) -> Iterator[tuple[UUID, Stay]]:
        """Where the children asked about stood on a day."""
        for child, stays in self.lives.items():
            stay = stay_on(stays, day)
            if stay is not None and self.mine(stay):
                yield child, stay

    def attending(self, day_of: DayOf, school_year: int) -> Counter[int]:
        """在校生数 by grade, each school on its own day."""
        found: Counter[int] = Counter()
        for stays in self.lives.values():
            for stay in stays:
                if stay.school is None or not stay.attending or not self.mine(stay):
                    continue
                if stay.covers(day_of(stay.school)):
                    found[stay.grade_in(school_year) or 0] += 1
        return found


def of_stage(by_grade: Counter[int], stage: Stage) -> int:
    """The children of a stage; those without a grade are in the total alone."""
    if stage is Stage.ALL:
        return by_grade.total()
    return sum(n for grade, n in by_grade.items() if grade and stage_of(grade) is stage)


def stay_on(stays: Sequence[Stay], day: date) -> Stay | None:
    """The stretch that stands on a day."""
    return next((stay for stay in reversed(stays) if stay.covers(day)), None)


def should_study(stay: Stay) -> bool:
    """Counted 应入学: every status but the terminal ones (domain §3)."""
    return stay.status not in TERMINAL


def studies(stay: Stay) -> bool:
    """已入学: 在校, or elsewhere as verified."""
    return stay.attending or stay.status is _S.ENROLLED_ELSEWHERE
