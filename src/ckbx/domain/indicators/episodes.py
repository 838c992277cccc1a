"""Dropouts, returns and relapses in a stretch of time, and the days they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.indicators.stays import Population, Stay, stay_on

_S = TrackingStatus
_Span = tuple[date, date]


class Suspicion(msgspec.Struct, frozen=True, kw_only=True):
    """One episode that was not taken back: days are local."""

    child: UUID
    episode: int
    first_absent_on: date
    suspected_on: date


class Returns(NamedTuple):
    """Children of a school year: to be brought back, of those brought back, ever in 劝返复学
    during the year, of those gone again.
    """

    owed: int
    returned: int
    held: int
    again: int


def returns(population: Population, *, first: date, last: date) -> Returns:
    """Count children from a local day to another, both included."""
    owed, returned, held, again = set(), set(), set(), set()
    for child, stays in population.lives.items():
        inside = [s for s in stays if s.first <= last and (s.until is None or first < s.until)]
        back = any(s.status is _S.PERSUADED_BACK and first <= s.first for s in inside)
        if any(
            population.mine(s) and (s.status is _S.DROPPED_OUT or _began(s, first)) for s in inside
        ):
            owed.add(child)
            if back:
                returned.add(child)
        if any(population.mine(s) and s.status is _S.PERSUADED_BACK for s in inside):
            held.add(child)
            if _gone_again(inside, first):
                again.add(child)
    return Returns(len(owed), len(returned), len(held), len(again))


def suspicion_spans(population: Population, found: Sequence[Suspicion]) -> list[_Span]:
    """From the first absence to the suspicion, of the children asked about."""
    return [(s.first_absent_on, s.suspected_on) for s in _mine(population, found)]


def visit_spans(
    population: Population,
    found: Sequence[Suspicion],
    visits: Mapping[tuple[UUID, int], date] | None,
) -> list[_Span] | None:
    """From the first absence to the first visit, by (child, episode); None: not recorded."""
    if visits is None:
        return None
    mine = _mine(population, found)
    keyed = ((s.first_absent_on, visits.get((s.child, s.episode))) for s in mine)
    return [(absent, visited) for absent, visited in keyed if visited is not None]


def return_spans(population: Population, found: Sequence[Suspicion], last: date) -> list[_Span]:
    """From the first absence to 劝返复学, before the child's next suspicion."""
    spans = []
    of_child: dict[UUID, list[Suspicion]] = {}
    for one in found:
        of_child.setdefault(one.child, []).append(one)
    for one in _mine(population, found):
        later = [s.suspected_on for s in of_child[one.child] if s.episode > one.episode]
        end = min(later, default=date.max)
        days = (
            stay.first
            for stay in population.lives[one.child]
            if stay.status is _S.PERSUADED_BACK and one.suspected_on <= stay.first <= last
        )
        back = min(days, default=date.max)
        if back < end:
            spans.append((one.first_absent_on, back))
    return spans


def _mine(population: Population, found: Sequence[Suspicion]) -> list[Suspicion]:
    """Those of children that stood in the schools asked about on the day."""
    kept = []
    for one in found:
        stay = stay_on(population.lives.get(one.child, ()), one.suspected_on)
        if stay is not None and population.mine(stay):
            kept.append(one)
    return kept


def _began(stay: Stay, first: date) -> bool:
    return stay.status is _S.PERSUADED_BACK and first <= stay.first


def _gone_again(stays: Sequence[Stay], first: date) -> bool:
    """After a return: suspected straight from the 巩固期, or a dropout once more."""
    before: TrackingStatus | None = None
    back = False
    for stay in stays:
        if first <= stay.first and back:
            relapsed = stay.status is _S.SUSPECTED and before is _S.PERSUADED_BACK
            if relapsed or stay.status is _S.DROPPED_OUT:
                return True
        before = stay.status
        back = back or before is _S.PERSUADED_BACK
    return False
