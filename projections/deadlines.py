"""Which deadlines had the cases, and which post kept or missed them (办理期限)?

Every deadline has exactly one outcome on a day; the rule is the domain's own function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from ckbx.domain.case.case import Case
from ckbx.domain.case.deadlines import (
    Attendance,
    Deadline,
    Outcome,
    SchoolDays,
    deadlines,
    facts_of,
)
from ckbx.domain.legal.deadlines import LEGAL_KINDS, OF_OFFICE
from ckbx.domain.responsibility.post import Role
from projections import cases
from projections.cases import CaseStand
from projections.deadlines_facts import Days, attendance
from projections.kit.reading import Reading
from projections.legal_deadlines import of_papers
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope

KINDS: Mapping[str, str] = {
    "verify": "核实疑似",
    "attending_decision": "恢复到校后的决定",
    "persuade_school": "学校劝返",
    "persuade_village": "校村联合劝返",
    "persuade_township": "乡镇劝返",
    "written_report": "学校书面报告",
    "determine": "认定辍学",
    "letter_reply": "函件回复",
    "return_confirm": "返校确认",
    "follow_daily": "返校初期每日到校情况",
    "follow_weekly": "每周回访",
    "follow_monthly": "每月回访",
    "relapse_visit": "复辍预警当日走访",
    **LEGAL_KINDS,
}
"""Every kind with its Chinese name, in the order in which a case comes to them."""
_PASSED: Final = "follow_daily"
"""Nobody can report a class-day later in the name of the day itself: it is never overdue."""
TO_DO: Mapping[str, str] = {
    kind: title
    for kind, title in KINDS.items()
    if kind != _PASSED and (kind not in LEGAL_KINDS or kind in OF_OFFICE)
}
"""Those that somebody has to do: not what a guardian has to, nor what is merely waited for."""
_SILENT: Final = Attendance()
_KEPT: Final = 20_000
"""So many judged cases are kept for later looks at a day (some 2 kB each)."""
_KEPT_DAYS: Final = 3
_ORDER = {kind: n for n, kind in enumerate(KINDS)}
_ROLES = {role: n for n, role in enumerate(Role)}


class PostDeadlines(msgspec.Struct, frozen=True, kw_only=True):
    """The deadlines of one kind that a post answers for, over the cases of a school.

    ``missed`` are those not met in time, ``made_up`` the part of them done later; ``open``
    those still running; ``void`` those whose reason had ended before. ``share``: kept per
    hundred of kept and missed, None where there is none.
    """

    school_code: str | None
    role: Role
    kind: str
    kept: int
    missed: int
    made_up: int
    open: int
    void: int

    @property
    def share(self) -> int | None:
        """Rounded down, so that one missed never reads as all kept."""
        judged = self.kept + self.missed
        return self.kept * 100 // judged if judged else None


def by_post(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[PostDeadlines]:
    """Kept and missed by school, post and kind, of the cases that are open on the day.

    ``all_`` adds those of closed cases and of cases that go on in another.
    """
    which = None if all_ else cases.OPEN
    found = cases.stands_on(reading, scope, as_of=as_of, position=position, which=which)
    due = of_cases(reading, found, as_of=as_of, position=position)
    legal = of_papers(reading, found, as_of=as_of, position=position)
    counted: Counter[tuple[str | None, Role, str, str]] = Counter()
    for each in found:
        for deadline in (*due[each.case.id], *legal.get(each.case.id, ())):
            of = (each.place.school, deadline.role, deadline.kind)
            counted[*of, deadline.outcome.value] += 1
            if made_up(deadline):
                counted[*of, "made_up"] += 1
    rows = {(school, role, kind) for school, role, kind, _ in counted}
    return [
        PostDeadlines(
            school_code=school,
            role=role,
            kind=kind,
            made_up=counted[school, role, kind, "made_up"],
            **{o.value: counted[school, role, kind, o.value] for o in Outcome},
        )
        for school, role, kind in sorted(rows, key=_order)
    ]


def kept_by_role(
    reading: Reading, scope: Scope, first: date, *, as_of: date, position: int
) -> list[tuple[Role, int, int]]:
    """By role: how many deadlines that ended from a day to the as-of day were kept, and how
    many were kept or missed. Cases count at the school where the child is on the as-of day.
    """
    found = cases.stands_on(reading, scope, as_of=as_of, position=position)
    due = of_cases(reading, found, as_of=as_of, position=position)
    legal = of_papers(reading, found, as_of=as_of, position=position)
    judged = Counter(
        (each.role, each.outcome)
        for listed in (*due.values(), *legal.values())
        for each in listed
        if each.due_on is not None and first <= each.due_on <= as_of
    )
    rows = []
    for role in Role:
        kept, missed = judged[role, Outcome.KEPT], judged[role, Outcome.MISSED]
        if kept + missed:
            rows.append((role, kept, kept + missed))
    return rows


class Due(NamedTuple):
    """The deadlines of a case that have arisen by a day, with their outcome on it, and what
    lists ask of them. Shared: not to be changed. ``ends``: see :func:`next_open`; ``undone``:
    see :func:`first_undone`; ``overdue``: one was missed and not made up, that still can be.
    """

    deadlines: list[Deadline]
    ends: date | None
    undone: Deadline | None
    overdue: bool


class _Held(NamedTuple):
    """A :class:`Due` with what it was made of."""

    case: Case
    days: SchoolDays
    said: Attendance
    due: Due


def of_cases(
    reading: Reading, found: Sequence[CaseStand], *, as_of: date, position: int
) -> dict[UUID, list[Deadline]]:
    """The deadlines of each case that have arisen by the day, with their outcome on it."""
    due = due_of(reading, found, as_of=as_of, position=position)
    return {each.case.id: own.deadlines for each, own in zip(found, due, strict=True)}


def due_of(
    reading: Reading, found: Sequence[CaseStand], *, as_of: date, position: int
) -> list[Due]:
    """The same for each, in their order, with what lists ask. A case of which nothing changed
    since the last look of this process at the same day is not judged again.
    """
    lines = CountyLines.at(reading, position)
    days = Days.at(reading, lines)
    said = attendance(reading, found, lines, as_of=as_of, position=position)
    by_day: dict[date, dict[int, _Held]] = reading.keep(("deadlines", "due"), dict)
    if as_of not in by_day and len(by_day) >= _KEPT_DAYS:
        by_day.clear()
    kept = by_day.setdefault(as_of, {})
    if len(kept) > _KEPT:
        kept.clear()
    due = []
    for each in found:
        case, here = each.case, days.of(each.place.school)
        heard = said.get(case.id, _SILENT) if said else _SILENT
        held = kept.get(id(case))  # what is held keeps its case, so no other has its id
        if held is None or held[0] is not case or held[1] is not here or held[2] != heard:
            held = kept[id(case)] = _Held(
                case, here, heard, _judged(each, heard, here, lines, as_of)
            )
        due.append(held.due)
    return due


def _judged(
    each: CaseStand, heard: Attendance, here: SchoolDays, lines: CountyLines, as_of: date
) -> Due:
    own = deadlines(facts_of(each.case, heard), here, lines.rules, as_of)
    return Due(own, next_open(own), first_undone(own), any(_overdue(deadline) for deadline in own))


def next_open(due: Iterable[Deadline]) -> date | None:
    """The last day of the open deadline that ends first, None where the calendar says none."""
    return min((d.due_on for d in due if d.outcome is Outcome.OPEN and d.due_on), default=None)


def first_undone(due: Iterable[Deadline]) -> Deadline | None:
    """The one that ends first of those somebody still has to do, also when that day is past;
    None where there is none, or the calendar says none.
    """
    found = (each for each in due if each.due_on is not None and _undone(each))
    return min(found, key=_first, default=None)


def made_up(deadline: Deadline) -> bool:
    """Whether it was missed and what it asked for done afterwards."""
    return deadline.outcome is Outcome.MISSED and deadline.evidence is not None


def _undone(each: Deadline) -> bool:
    late = each.outcome is Outcome.MISSED and not made_up(each) and each.over_on is None
    return each.kind in TO_DO and (late or each.outcome is Outcome.OPEN)


def _first(deadline: Deadline) -> tuple[date, int]:
    return deadline.due_on or date.max, _ORDER[deadline.kind]


def _overdue(deadline: Deadline) -> bool:
    missed = deadline.outcome is Outcome.MISSED and not made_up(deadline)
    return missed and deadline.kind != _PASSED


def _order(row: tuple[str | None, Role, str]) -> Any:
    school, role, kind = row
    return school or "", _ROLES[role], _ORDER.get(kind, len(_ORDER)), kind
