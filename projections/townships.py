"""乡镇排名: in which townships are the children who are away, and who owes them a joint visit?

A child counts in the township where it lives and in that of its 户籍, as every ledger asked
for a township lists it; a child of two townships is in both, so the rows have no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, select

from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.responsibility.post import Line, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.region_names import region_name, township_of
from projections import cases, deadlines, responsibility
from projections.kit.reading import Reading
from projections.roster_counts import TOWNSHIP_DIGITS, Homes, Standing, homes_on, standing_of
from projections.roster_tables import NAME, PLACES
from projections.scope import Scope

JOINT: Final = frozenset({"persuade_village", "persuade_township"})
"""The visits that school, village and township make together."""
_REGIONS: Final = (ScopeKind.TOWNSHIP, ScopeKind.VILLAGE)
_VILLAGE: Final = 12


class TownshipRow(msgspec.Struct, frozen=True, kw_only=True):
    """A township. ``name`` empty: no post there says one; ``children`` live or are registered
    there and are asked about; ``dropped_out``: rows of the dropout ledger, of which
    ``still_out`` have not come back; ``overdue``: joint visits missed and not made up.
    """

    code: str
    name: str
    children: int
    suspected: int
    suspected_attending: int
    dropped_out: int
    still_out: int
    overdue: int

    @property
    def away(self) -> int:
        """Suspected or dropped out, and not at school."""
        return self.suspected - self.suspected_attending + self.still_out

    @property
    def rate(self) -> float | None:
        """Those away per 1,000 children; None where no child is known there."""
        return self.away * 1000 / self.children if self.children else None


class Townships(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, those with the most children away in front. ``nowhere``: children of whom no
    township of the county is known, neither home nor 户籍.
    """

    rows: tuple[TownshipRow, ...]
    nowhere: int


class _Count(msgspec.Struct):
    """Being counted."""

    children: int = 0
    suspected: int = 0
    suspected_attending: int = 0
    dropped_out: int = 0
    still_out: int = 0
    overdue: int = 0


def townships(reading: Reading, scope: Scope, *, as_of: date, position: int) -> Townships:
    """Every township of the county on a local day as known at a position.

    Children are summed up from what the roster keeps; read one by one are the open cases alone.
    Raises ValueError for a scope of less than the county.
    """
    if not scope.everything:
        msg = "townships are ranked for the whole county"
        raise ValueError(msg)
    counts: dict[str, _Count] = {code: _Count() for code in _with_posts(reading, position)}
    nowhere = _children(reading, counts, as_of, position)
    _cases(reading, scope, counts, as_of, position)
    rows = [
        TownshipRow(
            code=code, name=name_of(reading, code, position), **msgspec.structs.asdict(count)
        )
        for code, count in counts.items()
    ]
    return Townships(rows=tuple(sorted(rows, key=_order)), nowhere=nowhere)


def name_of(reading: Reading, code: str, position: int) -> str:
    """What a township (9 digits) or village (12) is called, as its posts say, or those of its
    villages; may be empty.
    """
    known = responsibility.directory(reading, position)
    place = Covers(ScopeKind.TOWNSHIP if len(code) == TOWNSHIP_DIGITS else ScopeKind.VILLAGE, code)
    own = region_name(place, (p.title for line in Line for p in known.posts_at(line, place)))
    return own or _named_by_villages(reading, position).get(code, "")


def _named_by_villages(reading: Reading, position: int) -> dict[str, str]:
    """Townships by what the posts of their villages call them."""

    def found() -> dict[str, str]:
        titles: dict[str, list[str]] = {}
        for post in responsibility.directory(reading, position).posts.values():
            if post.scope.kind is ScopeKind.VILLAGE:
                titles.setdefault(post.scope.code[:TOWNSHIP_DIGITS], []).append(post.title)
        return {code: township_of(each) for code, each in titles.items()}

    return reading.once((NAME, "named by villages", position), found)


def region_words(reading: Reading, code: str, position: int) -> str:
    """A region code in words, the township in front: “岩门镇岩门村”; empty where no post says."""
    township = (
        name_of(reading, code[:TOWNSHIP_DIGITS], position) if len(code) >= TOWNSHIP_DIGITS else ""
    )
    return township + (name_of(reading, code, position) if len(code) == _VILLAGE else "")


def place_words(reading: Reading, code: str, position: int) -> str:
    """As :func:`region_words`; of a place that no post names its code, and that it has no name."""
    township = (
        name_of(reading, code[:TOWNSHIP_DIGITS], position) if len(code) >= TOWNSHIP_DIGITS else ""
    )
    own = name_of(reading, code, position) if len(code) == _VILLAGE else township
    return region_words(reading, code, position) if own else unnamed(code, township)


def unnamed(code: str, township: str = "") -> str:
    """A place without a name, in words; of a village with its township where that has one."""
    return f"{township} {code}（没有名称）".lstrip()


def region_names(reading: Reading, position: int) -> dict[str, str]:
    """What every township (9 digits) and village (12) with a post is called, by code; a
    village's township has a line of its own. Empty where no post says a name.
    """
    known = responsibility.directory(reading, position)
    codes = {post.scope.code for post in known.posts.values() if post.scope.kind in _REGIONS}
    every = sorted(codes | {code[:TOWNSHIP_DIGITS] for code in codes})
    return {code: name_of(reading, code, position) for code in every}


def _with_posts(reading: Reading, position: int) -> set[str]:
    """Townships that have a post, or a village with one."""
    scopes = {post.scope for post in responsibility.directory(reading, position).posts.values()}
    return {scope.code[:TOWNSHIP_DIGITS] for scope in scopes if scope.kind in _REGIONS}


def _children(reading: Reading, counts: dict[str, _Count], as_of: date, position: int) -> int:
    """Count the children into their townships; how many have none."""
    nowhere = 0
    for homes in _homes(reading, as_of, position):
        codes = _codes(reading.county, (homes.village, homes.residence))
        number = homes.children
        nowhere += 0 if codes else number
        for code in codes:
            of = counts.setdefault(code, _Count())
            of.children += number
            of.suspected += number if homes.standing is not Standing.OTHER else 0
            of.suspected_attending += (
                number if homes.standing is Standing.SUSPECTED_ATTENDING else 0
            )
    return nowhere


def _homes(reading: Reading, as_of: date, position: int) -> Sequence[Homes]:
    """Children by township of their 户籍, of their home, and standing. What is believed now is
    kept as sums; what was believed before is counted child by child.
    """
    known = reading.at(NAME, position)
    if known is None:
        return homes_on(reading, as_of)
    return [
        Homes(village or "", residence or "", standing_of(status, attending=attending), number)
        for village, residence, status, attending, number in reading.rows(_counted(as_of, known))
    ]


def _counted(as_of: date, known: int) -> Select[Any]:
    place = PLACES.c
    of = (
        func.substr(place.village, 1, TOWNSHIP_DIGITS),
        func.substr(place.residence, 1, TOWNSHIP_DIGITS),
        place.status,
        place.attending_since.is_not(None),
    )
    asked = place.status.not_in([each.value for each in TERMINAL])
    return select(*of, func.count()).where(*PLACES.known(as_of, known), asked).group_by(*of)


def _cases(
    reading: Reading, scope: Scope, counts: dict[str, _Count], as_of: date, position: int
) -> None:
    """Count the open cases and what is overdue in them."""
    found = cases.stands_on(reading, scope, as_of=as_of, position=position, which=cases.OPEN)
    due = deadlines.due_of(reading, found, as_of=as_of, position=position)
    for each, own in zip(found, due, strict=True):
        listed = each.case.determined is not None or each.case.returned is not None
        out = listed and each.place.status is TrackingStatus.DROPPED_OUT
        overdue = sum(_overdue(one) for one in own.deadlines)
        for code in _codes(reading.county, (each.place.village, each.place.residence)):
            of = counts.setdefault(code, _Count())
            of.overdue += overdue
            of.dropped_out += listed
            of.still_out += out


def _overdue(one: Deadline) -> bool:
    missed = one.outcome is Outcome.MISSED and not deadlines.made_up(one)
    return missed and one.kind in JOINT


def _codes(county: str, homes: Iterable[str | None]) -> set[str]:
    """The townships of the county among region codes of any length."""
    codes = {code[:TOWNSHIP_DIGITS] for code in homes if code and code.startswith(county)}
    return {code for code in codes if len(code) == TOWNSHIP_DIGITS}


def _order(row: TownshipRow) -> tuple[int, int, int, str]:
    return -row.away, -row.overdue, -row.suspected, row.code
