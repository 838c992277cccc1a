"""残疾儿童安置: how is each placed on a day, and were this month's visits made?

Leaves (送教上门, 缓学, 免学, and a 休学 on the committee's opinion) are those that were granted;
随班就读, 特教班 and 特教学校 are the county's decisions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.placement.codes import AT_SCHOOL
from ckbx.domain.placement.home_teaching import Month, TeachingPlan, months
from ckbx.domain.placement.placement import Assessment, ChildPlacement, Decided
from projections import applications, leave, roster
from projections.applications import ChildFile
from projections.kit.reading import Reading
from projections.leave import LeaveRow, LeaveState
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope

_GONE = TERMINAL | {TrackingStatus.MISSING, TrackingStatus.ENROLLED_ELSEWHERE}


class PlacementRow(msgspec.Struct, frozen=True, kw_only=True):
    """One child's placement. ``granted``: the leave it is (None: at school); ``decided``: the
    county's decision on 一人一案 (None: a leave from before such were kept); ``month``: that of
    the day, for 送教上门; ``lessons_done``: taught in it.
    """

    place: roster.Place
    kind: str
    state: LeaveState
    decided: Decided | None
    granted: LeaveRow | None
    assessed: Assessment | None
    month: Month | None = None
    lessons_done: int = 0
    review_on: date | None = None


def placements(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[PlacementRow]:
    """Everybody placed on a day, by school, class and child; ``all_`` adds leaves that ended."""
    granted = leave.placement(reading, scope, as_of=as_of, position=position, all_=all_)
    files = applications.files_on(reading, scope, as_of=as_of, position=position)
    lines = _lines_of(reading, granted, files, as_of, position)
    places = roster.place_of(
        reading, scope, {row.child for row in granted}, as_of=as_of, position=position
    )
    rows = [
        _by_leave(places[row.child], row, files.get(row.child), lines.get(row.child), as_of)
        for row in granted
    ]
    rows += [row for file in files.values() if (row := _at_school(file)) is not None]
    return sorted(rows, key=_order)


def months_of(
    reading: Reading, children: Collection[UUID], *, as_of: date, position: int
) -> dict[UUID, list[Month]]:
    """The months of 送教 of these children up to a day, the first one first."""
    scope = Scope.county()
    granted = [
        row
        for row in leave.placement(reading, scope, as_of=as_of, position=position, all_=True)
        if row.child in set(children)
    ]
    files = applications.files_on(reading, scope, as_of=as_of, position=position, children=children)
    return _lines_of(reading, granted, files, as_of, position)


def _lines_of(
    reading: Reading,
    granted: list[LeaveRow],
    files: dict[UUID, ChildFile],
    as_of: date,
    position: int,
) -> dict[UUID, list[Month]]:
    home = [row for row in granted if row.visits_per_month]
    if not home:
        return {}
    calendars = CountyLines.at(reading, position).calendars
    found: dict[UUID, list[Month]] = {}
    for row in home:
        file = files.get(row.child)
        visits = file.placement.visits.values() if file and file.placement else ()
        last = row.ended_on if row.ended_on is not None else as_of
        plan = TeachingPlan(row.visits_per_month or 0, row.effective_from, last)
        calendar = calendars.for_school(row.school_code)
        made = [each.on for each in visits]
        found.setdefault(row.child, []).extend(months(plan, made, calendar, as_of))
    return found


def _by_leave(
    place: roster.Place,
    row: LeaveRow,
    file: ChildFile | None,
    lines: list[Month] | None,
    as_of: date,
) -> PlacementRow:
    placement = file.placement if file else None
    current = placement.current if placement else None
    own = current if current is not None and current.decision == row.decision else None
    application = file.deciding(row.decision) if file else None
    month = lines[-1] if lines and row.visits_per_month else None
    if month is not None and not month.first_day <= as_of <= month.last_day:
        month = None
    return PlacementRow(
        place=place,
        kind=row.kind.value,
        state=row.state,
        decided=own,
        granted=row,
        assessed=placement.assessed if placement else None,
        month=month,
        lessons_done=_lessons(placement, month),
        review_on=application.review_on if application else None,
    )


def _lessons(placement: ChildPlacement | None, month: Month | None) -> int:
    if placement is None or month is None:
        return 0
    return sum(
        visit.lessons
        for visit in placement.visits.values()
        if month.first_day <= visit.on <= month.last_day
    )


def _at_school(file: ChildFile) -> PlacementRow | None:
    placement = file.placement
    current = placement.current if placement else None
    if placement is None or current is None or current.kind not in AT_SCHOOL:
        return None
    if file.place.status in _GONE:
        return None
    return PlacementRow(
        place=file.place,
        kind=current.kind.value,
        state=LeaveState.RUNNING,
        decided=current,
        granted=None,
        assessed=placement.assessed,
        review_on=current.review_on,
    )


def _order(row: PlacementRow) -> tuple[str, str, bytes, str]:
    place = row.place
    return place.school or "", place.class_key or "", place.child.bytes, row.kind
