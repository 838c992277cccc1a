"""What would a school's monthly report say? Its figures of a month, of a day, at a position.

Nothing is kept: the stocks are those of the 学校汇总 ledger, the rest is counted from the
cases and roll calls of the month (口径 in :mod:`ckbx.domain.report.figures`). A case counts at
the school where the child is on the as-of day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.child.status import TO_GRADUATE
from ckbx.domain.report.figures import Figure, Gap, make_figures
from projections import cases, deadlines, roll_call_completeness, roster, school
from projections.cases import CaseOnDay
from projections.kit.reading import Reading
from projections.school import SchoolRow
from projections.scope import Scope

ANSWERS = ("school", "roster", "roll_call_completeness", "suspected", "cases")
"""The projections that the figures rest on."""
_STOCKS = (
    "attending",
    "not_enrolled",
    "on_leave",
    "absent",
    "suspected",
    "dropped_out",
    "persuaded_back",
    "suspended",
    "deferred",
    "exempted",
    "home_taught",
    "transferring",
    "missing",
)


class MonthFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A school's figures and what they miss."""

    school: str
    figures: list[Figure]
    gaps: list[Gap]


def month_figures(
    reading: Reading,
    scope: Scope,
    first: date,
    *,
    as_of: date,
    position: int,
    instant: datetime,
) -> list[MonthFigures]:
    """The figures of every school in scope that has classes or children, by code.

    ``first`` is the first of the month; ``instant`` (UTC) the one asked about: a class-day
    whose deadline has not come by then is in no figure.
    """
    rows = school.roll_up(reading, scope, as_of=as_of, position=position, instant=instant).rows
    days = roll_call_completeness.class_days_due(
        reading, scope, first, as_of=as_of, position=position, instant=instant
    )
    found = cases.cases_on(reading, scope, as_of=as_of, position=position)
    due = deadlines.of_cases(reading, found, as_of=as_of, position=position)
    of_school: dict[str | None, list[CaseOnDay]] = {}
    for each in found:
        of_school.setdefault(each.place.school, []).append(each)
    gaps = _gaps(reading, scope, as_of, position)
    made = []
    for row in rows:
        code = row.school_code
        if not row.expected and not row.classes and code not in days:
            continue
        own = of_school.get(code, [])
        counts = _stocks(row) | _of_cases(row, own, due, first, as_of)
        class_days, silent = days.get(code, (0, 0))
        counts["silent_class_days"] = (silent, class_days)
        made.append(
            MonthFigures(school=code, figures=make_figures(counts), gaps=gaps.get(code, []))
        )
    return made


def _stocks(row: SchoolRow) -> dict[str, tuple[int, int]]:
    counts = {name: (getattr(row, name), row.expected) for name in _STOCKS}
    counts["suspected_attending"] = (row.suspected_attending, row.suspected)
    return counts


def _of_cases(
    row: SchoolRow,
    own: Sequence[CaseOnDay],
    due: Mapping[UUID, Sequence[Deadline]],
    first: date,
    as_of: date,
) -> dict[str, tuple[int, int]]:
    def within(deed: Any) -> bool:
        return deed is not None and first <= deed.on <= as_of

    of = [each.case for each in own]
    new = [case for case in of if first <= case.suspected_on <= as_of]
    determined = sum(within(case.determined) for case in of)
    returned = sum(within(case.returned) for case in of)
    relapsed = sum(case.relapse_of is not None for case in new)
    closed = sum(within(case.closed) for case in of)
    not_closed = sum(case.closed is None and case.next_case is None for case in of)
    worked = [case for case in of if case.over is None or case.over.on >= first]
    persuaded = sum(any(within(each) for each in case.rounds) for case in worked)
    judged = Counter(d.outcome for case in of for d in _of_month(due[case.id], first, as_of))
    kept, missed = judged[Outcome.KEPT], judged[Outcome.MISSED]
    return {
        "suspected_new": (len(new), row.expected),
        "determined_new": (determined, row.expected),
        "returned_new": (returned, returned + row.dropped_out),
        "relapsed_new": (relapsed, relapsed + row.persuaded_back),
        "closed_new": (closed, closed + not_closed),
        "cases_worked": (persuaded, len(worked)),
        "deadlines_kept": (kept, kept + missed),
    }


def _of_month(due: Iterable[Deadline], first: date, as_of: date) -> Iterable[Deadline]:
    return (each for each in due if each.due_on is not None and first <= each.due_on <= as_of)


def _gaps(reading: Reading, scope: Scope, as_of: date, position: int) -> dict[str, list[Gap]]:
    """What the figures miss, by school: subjects that cannot be folded, 毕业 not recorded."""
    finished = roll_call_completeness.finished(reading, scope, as_of=as_of, position=position)
    waiting = roster.in_classes(
        reading, scope, finished, TO_GRADUATE, as_of=as_of, position=position
    )
    parked = reading.parked(*ANSWERS)
    found: dict[str, list[Gap]] = {}
    for code in school.school_names(reading, scope, position=position):
        counts = {
            "parked": sum(each.school in (None, code) for each in parked),
            "ungraduated": waiting.get(code, 0),
        }
        found[code] = [Gap(code=gap, count=n) for gap, n in counts.items() if n]
    return found
