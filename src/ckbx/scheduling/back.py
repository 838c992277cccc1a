"""A child of whom was warned is at school again: since when, as the sheets have it now?

Read anew at each look, not folded: a corrected sheet takes the return back, and what the day
after it says counts instead. The clock closes the warning (reason ``returned``) and, where the
return was none, raises it again; below it the ladder goes on where it stood (adr/0015).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import select

from ckbx.domain.shared.ids import split_class_key
from ckbx.scheduling.facts import Facts, Stay
from ckbx.scheduling.packed import reason_of
from ckbx.scheduling.told import WARNING, Told
from ckbx.scheduling.watch_classes import spans
from ckbx.scheduling.watch_tables import ACKNOWLEDGED, CLOSED, OPEN, STAYS, TOLD
from projections.kit.reading import Reading

Stays = Mapping[bytes, Sequence[Stay]]


def stays_of_warned(reading: Reading, horizon: date) -> Stays:
    """Where the children were, of whom was warned since the horizon."""
    c, since = STAYS.c, horizon.toordinal()
    warned = select(TOLD.c.pupil).where(TOLD.c.kind == WARNING, TOLD.c.day >= since)
    query = select(c.child, c.class_key, c.first, c.last, c.away).where(c.child.in_(warned))
    found: dict[bytes, list[Stay]] = defaultdict(list)
    for child, key, first, last, away in reading.rows(query.order_by(c.child, c.first)):
        found[child.bytes].append(Stay(key, first, last, spans(away)))
    return found


def with_returns(facts: Facts, stays: Stays) -> Facts:
    """The same facts, whose early warnings say whether the child is back."""
    days = _Days(facts)
    told = [_with_return(days, stays, each) for each in facts.told]
    return msgspec.structs.replace(facts, told=told)


def _with_return(days: _Days, stays: Stays, told: Told) -> Told:
    if told.kind != WARNING or told.on < days.horizon:
        return told
    back = days.back(told, stays.get(told.child.bytes, ()))
    if back is None:
        return told
    over = back if told.over is None else min(back, told.over)
    return msgspec.structs.replace(told, back=back, over=over)


class _Days:
    """Which children were absent on the days of each class, as far as they were reported."""

    def __init__(self, facts: Facts) -> None:
        self.horizon = facts.horizon
        self._facts = facts
        self._marks: dict[str, dict[int, bytes]] = {}

    def back(self, told: Told, stays: Sequence[Stay]) -> date | None:
        """The first school day after the warning on which the child was on a roll that was
        reported, and not absent; looked for until a suspicion took over.
        """
        last = told.over if told.followed and told.over else self._facts.today
        child = told.child.bytes
        return next(
            (
                date.fromordinal(day)
                for day in sorted(self._reported(told.on.toordinal() + 1, last.toordinal(), stays))
                if self._was_there(child, day, stays)
            ),
            None,
        )

    def _reported(self, first: int, last: int, stays: Sequence[Stay]) -> set[int]:
        reported = self._facts.reported
        within = reported.mask(first, last + 1)
        keys = {stay.class_key for stay in stays}
        return {day for key in keys for day in reported.days(reported.bits.get(key, 0) & within)}

    def _was_there(self, child: bytes, day: int, stays: Sequence[Stay]) -> bool:
        here = next((stay.class_key for stay in stays if stay.on_roll(day)), None)
        if here is None or not self._facts.reported.told(here, day):
            return False
        if here not in self._marks:
            self._marks[here] = dict(self._facts.away.get(here, ()))
        if reason_of(self._marks[here].get(day, b""), child) is not None:
            return False
        calendar = self._facts.calendar(split_class_key(here)[0])
        return calendar.is_school_day(date.fromordinal(day)) is not False


def to_close(facts: Facts) -> Iterator[Told]:
    """Warnings that stand although the child is back."""
    for told in _looked_at(facts):
        if told.state in (OPEN, ACKNOWLEDGED) and told.back is not None:
            yield told


def to_reopen(facts: Facts) -> Iterator[Told]:
    """Warnings that a return closed which was none; a suspicion is followed up by itself."""
    for told in _looked_at(facts):
        closed = told.state == CLOSED and told.since <= facts.today.toordinal()
        if closed and told.back is None and not told.followed:
            yield told


def _looked_at(facts: Facts) -> Iterator[Told]:
    return (t for t in facts.told if t.kind == WARNING and t.on >= facts.horizon)
