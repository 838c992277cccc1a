"""Which deadlines had the papers of the cases' legal steps (依法控辍期限)?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.legal.deadlines import Course, legal_deadlines
from ckbx.domain.legal.periods import Law
from projections.cases import CaseStand
from projections.kit.reading import Reading
from projections.roll_call_completeness import CountyLines


def of_papers(
    reading: Reading,
    found: Sequence[CaseStand],
    lines: CountyLines | None = None,
    *,
    as_of: date,
    position: int,
) -> dict[UUID, list[Deadline]]:
    """By case, those that have arisen by the day; cases without legal steps are left out.

    ``lines``: other calendars or rules than those known at the position.
    """
    begun = [each for each in found if each.steps is not None]
    if not begun:
        return {}
    lines = lines or CountyLines.at(reading, position)
    law = Law(lines.rules.rules_on, lines.calendars.add_working_days)
    due = {}
    for each in begun:
        if each.steps is not None:
            course = Course(each.case.returned, each.case.over)
            due[each.case.id] = legal_deadlines(each.steps, law, course, as_of)
    return due
