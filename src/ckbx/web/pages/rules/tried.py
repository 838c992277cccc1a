"""What a try-out of rules found, in the form in which it is shown and kept.

Numbers, and the inner ids of those first in the list: names are looked up, and looking is
recorded, each time it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import msgspec

from ckbx.application.rule_tryout import Change, TryOut
from ckbx.domain.attendance.tryout import KIND_OF, Difference
from ckbx.domain.rules.rule_ids import rule_title
from projections.deadlines import KINDS
from projections.deadlines_tried import TriedDeadline

SHOWN: Final = 100
"""So many lines of those affected are shown."""
DAYS_SHOWN: Final = 4
_OUTCOMES: Final = (
    ("warning", "预警"),
    ("suspicion", "疑似辍学"),
    ("long_leave", "长期请假核查"),
)


class Outcome(msgspec.Struct, frozen=True):
    """How often something comes about under the rules in force and under those tried."""

    title: str
    now: int
    then: int


class Spoken(msgspec.Struct, frozen=True):
    """On how many local days, and the first of them."""

    count: int
    first: Sequence[date]

    @classmethod
    def on(cls, days: Sequence[date]) -> Self:
        """Of all the days."""
        return cls(len(days), days[:DAYS_SHOWN])


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """One child, or one deadline of its case, of which both packs say different things."""

    child: UUID
    school: str
    what: str
    change: str
    now: Spoken
    then: Spoken


class SchoolCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many children of a school are affected, and in how many lines of each kind."""

    school: str
    children: int
    new: int
    gone: int
    moved: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a try-out. ``given``: the rules as they were handed in, which are what is
    adopted; ``version``: the last pack that was adopted then.
    """

    given: Mapping[str, Any]
    first: date
    last: date
    position: int
    version: int
    changes: Sequence[Change]
    outcomes: Sequence[Outcome]
    schools: Sequence[SchoolCount]
    children: int
    affected: Sequence[Affected]


def found_of(
    given: Mapping[str, Any], version: int, found: TryOut, missed: Sequence[TriedDeadline]
) -> Found:
    """As it is shown and kept."""
    affected = sorted(
        (*_spoken_of(found), *_missed_of(missed)),
        key=lambda each: (each.school, str(each.child), each.what),
    )
    return Found(
        given=given,
        first=found.first,
        last=found.last,
        position=found.position,
        version=version,
        changes=found.changes,
        outcomes=_outcomes(found, missed),
        schools=_by_school(affected),
        children=len({each.child for each in affected}),
        affected=affected[:SHOWN],
    )


def _outcomes(found: TryOut, missed: Sequence[TriedDeadline]) -> list[Outcome]:
    def count(by_rule: Mapping[str, int], kind: str) -> int:
        return sum(n for rule, n in by_rule.items() if KIND_OF[rule] == kind)

    counted = [
        Outcome(title, count(found.in_force, kind), count(found.tried, kind))
        for kind, title in _OUTCOMES
    ]
    now, then = (sum(len(getattr(each, of)) for each in missed) for of in ("in_force", "tried"))
    return [*counted, Outcome("逾期的期限", now, then)]


def _spoken_of(found: TryOut) -> Iterator[Affected]:
    """The children of whom some rule of attendance speaks differently."""
    for each in found.children:
        for d in each.rules:
            if d.change != "same":
                yield Affected(
                    child=each.child,
                    school=each.school,
                    what=rule_title(d.rule),
                    change=d.change,
                    now=Spoken.on(d.in_force),
                    then=Spoken.on(d.tried),
                )


def _missed_of(missed: Sequence[TriedDeadline]) -> Iterator[Affected]:
    """The cases whose deadlines are missed differently."""
    for each in missed:
        if each.in_force != each.tried:
            yield Affected(
                child=each.child,
                school=each.school or "",
                what=f"逾期：{KINDS.get(each.kind, each.kind)}",
                change=Difference(each.kind, each.in_force, each.tried).change,
                now=Spoken.on(each.in_force),
                then=Spoken.on(each.tried),
            )


def _by_school(affected: Sequence[Affected]) -> list[SchoolCount]:
    """Each school, the most children in front."""
    children: dict[str, set[UUID]] = {}
    changes: dict[str, Counter[str]] = {}
    for each in affected:
        children.setdefault(each.school, set()).add(each.child)
        changes.setdefault(each.school, Counter())[each.change] += 1
    counted = [
        SchoolCount(
            school=code,
            children=len(of),
            new=changes[code]["new"],
            gone=changes[code]["gone"],
            moved=changes[code]["moved"],
        )
        for code, of in children.items()
    ]
    return sorted(counted, key=lambda each: (-each.children, each.school))
