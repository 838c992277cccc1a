"""Who left a school and who came, how, after one day and up to another?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.indicators.model import Stage
from ckbx.domain.indicators.stays import DayOf, Population, Stay, stage_of

_S = TrackingStatus


class Move(StrEnum):
    """How a child leaves a school, or comes to it. 升学 from grade 6 is neither 转出 nor 转入."""

    SUSPENDED = "suspended"
    DROPPED_OUT = "dropped_out"
    DIED = "died"
    MOVED_OUT = "moved_out"
    GRADUATED = "graduated"
    OTHER_OUT = "other_out"
    MOVED_IN = "moved_in"
    OTHER_IN = "other_in"
    PROMOTED_OUT = "promoted_out"
    PROMOTED_IN = "promoted_in"


_OUT: Final = {
    _S.SUSPENDED: Move.SUSPENDED,
    _S.DROPPED_OUT: Move.DROPPED_OUT,
    _S.DECEASED: Move.DIED,
    _S.TRANSFERRED: Move.MOVED_OUT,
    _S.ENROLLED_ELSEWHERE: Move.MOVED_OUT,
    _S.GRADUATED: Move.GRADUATED,
}
_FROM_OUTSIDE: Final = frozenset({_S.TRANSFERRED, _S.ENROLLED_ELSEWHERE, _S.ABROAD})


class Flow(msgspec.Struct, frozen=True, gc=False):
    """One child leaving or coming on a local day; ``grade`` in the school year counted."""

    child: UUID
    day: date
    move: Move
    grade: int | None


class YearFlow(msgspec.Struct, frozen=True, kw_only=True):
    """How many left and came (学生变动情况); 退学 is forbidden and stands for 辍学."""

    suspended: int = 0
    dropped_out: int = 0
    died: int = 0
    moved_out: int = 0
    other_out: int = 0
    moved_in: int = 0
    other_in: int = 0

    @property
    def net(self) -> int:
        """减少 less 增加."""
        gone = self.suspended + self.dropped_out + self.died + self.moved_out + self.other_out
        return gone - self.moved_in - self.other_in


def flows(population: Population, *, after: DayOf, until: DayOf, school_year: int) -> list[Flow]:
    """Every move of the children asked about, later than ``after`` and not later than
    ``until`` of the school concerned (who is there on ``after`` is its stock).
    """
    found = []
    for child, stays in population.lives.items():
        for before, now in pairwise((None, *stays)):
            if now is None:  # only the first of a pair can be
                continue
            for side, move in _moves(before, now, school_year):
                school = side.school
                if school is None or not population.mine(side):
                    continue
                if after(school) < now.first <= until(school):
                    found.append(Flow(child, now.first, move, side.grade_in(school_year)))
    return found


def counted(of: Iterable[Flow], stage: Stage) -> YearFlow:
    """The moves of a stage, counted; 毕业 and 升学 are neither decrease nor increase."""
    moves = [f.move for f in of if stage is Stage.ALL or stage_of(f.grade) is stage]
    names = [name for name in YearFlow.__struct_fields__ if name in set(Move)]
    return YearFlow(**{name: moves.count(Move(name)) for name in names})


def _moves(before: Stay | None, now: Stay, school_year: int) -> Iterator[tuple[Stay, Move]]:
    """The side of the change that it counts for, and how."""
    was = before if before is not None and before.belonging else None
    if was is not None and now.belonging:
        if was.school != now.school:
            up = _promoted(was, now, school_year)
            yield was, Move.PROMOTED_OUT if up else Move.MOVED_OUT
            yield now, Move.PROMOTED_IN if up else Move.MOVED_IN
    elif was is not None:
        yield was, _OUT.get(now.status, Move.OTHER_OUT)
    elif now.belonging and (before is None or before.status is not _S.GRADUATED):
        # 毕业 by mistake was no decrease, so coming back from it is no increase.
        new = before is None or before.status in _FROM_OUTSIDE
        yield now, Move.MOVED_IN if new else Move.OTHER_IN


def _promoted(was: Stay, now: Stay, school_year: int) -> bool:
    sides = stage_of(was.grade_in(school_year)), stage_of(now.grade_in(school_year))
    return sides == (Stage.PRIMARY, Stage.JUNIOR)
