"""个案: which cases are mine, what falls due first, and what is overdue?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.case_view import is_open
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import Stage
from ckbx.domain.child.status import PRINCIPAL_FINDINGS
from ckbx.domain.responsibility.answer import Holder
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.cases.due import Due, waiting
from ckbx.web.pages.overview import base
from ckbx.web.words import class_name
from projections import cases, deadlines
from projections.cases import CaseStand
from projections.legal_deadlines import of_papers

SHOWN: Final = 60
"""So many cases stand on a page."""
STAGES: Final = {
    each.value: each.label for each in Stage if each not in (Stage.WITHDRAWN, Stage.RELAPSED)
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it was filled in; ``page`` from 1."""

    stage: str = ""
    school: str = ""
    overdue: bool = False
    all_: bool = False
    page: int = 1


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One case as the list shows it. ``closes``: who closes it, where it is over."""

    case: Case
    name: str
    school_name: str
    class_name: str
    teacher: str
    due: Due | None
    late: int
    closes: str = ""


class _Found(msgspec.Struct, frozen=True):
    stand: CaseStand
    due: Sequence[Due]

    @property
    def late(self) -> int:
        return sum(due.late for due in self.due)


def list_page(desk: WebDesk, asked: Asked) -> Response:
    """The cases of the viewer. Raises NotThere for a school that is not there for it."""
    with desk.look(
        "web:cases", "查看个案", schools=[asked.school] if asked.school else None
    ) as look:
        choices = desk.school_choices(look)
        if asked.school and asked.school not in dict(choices):
            raise NotThere
        found = _found(look, asked, desk.today)
        counts = {stage: sum(each.stand.case.stage == stage for each in found) for stage in STAGES}
        late = sum(bool(each.late) for each in found)
        kept = [each for each in found if _asked_for(each, asked)]
        pages = max(-(-len(kept) // SHOWN), 1)
        page = min(max(asked.page, 1), pages)
        here = kept[(page - 1) * SHOWN : page * SHOWN]
        return desk.html(
            "cases.html",
            **base(desk, look, "个案"),
            asked=asked,
            schools=choices if len(choices) > 1 else [],
            stages=[(s, words, counts[s]) for s, words in STAGES.items() if counts[s]],
            lines=_lines(look, here),
            total=len(kept),
            every=len(found),
            late=late,
            at=page,
            pages=pages,
        )


def _found(look: Look, asked: Asked, today: date) -> list[_Found]:
    """What the scope sees, what is late first, then what ends first."""
    scope = look.question.scope
    which = None if asked.all_ else cases.OPEN
    stands = cases.stands_on(look.reading, scope, which=which, **look.at)
    stands = [each for each in stands if asked.all_ or is_open(each.case)]
    due = deadlines.due_of(look.reading, stands, **look.at)
    legal = of_papers(look.reading, stands, **look.at)
    found = [
        _Found(each, waiting((*own.deadlines, *legal.get(each.case.id, ())), today))
        for each, own in zip(stands, due, strict=True)
    ]
    return sorted(found, key=_order)


def _order(found: _Found) -> tuple[bool, date, date, bytes]:
    first = found.due[0] if found.due else None
    ends = first.due_on if first and first.due_on else date.max
    return not found.late, ends, found.stand.case.suspected_on, found.stand.case.id.bytes


def _asked_for(found: _Found, asked: Asked) -> bool:
    staged = not asked.stage or found.stand.case.stage == asked.stage
    return staged and (not asked.overdue or bool(found.late))


def _lines(look: Look, found: Sequence[_Found]) -> list[Line]:
    stands = [each.stand for each in found]
    teachers = cases.teachers(look.reading, look.question.scope, stands, **look.at)
    subjects: list[UUID | None] = [each.case.child for each in stands]
    people = look.people([*subjects, *(held.subject for held in teachers.values())])
    names, year = look.school_names(), school_year_of(look.question.as_of)
    lines = []
    for each in found:
        case, place = each.stand.case, each.stand.place
        school = place.school or case.school or ""
        lines.append(
            Line(
                case=case,
                name=people[case.child].name,
                school_name=names.get(school, school),
                class_name=class_name(place.class_key, year) if place.class_key else "",
                teacher=_teacher(teachers.get(case.child), people),
                due=each.due[0] if each.due else None,
                late=each.late,
                closes=_closes(case),
            )
        )
    return lines


def _closes(case: Case) -> str:
    """Who closes a case that is over."""
    if case.stage not in (Stage.SETTLED, Stage.CONCLUDED):
        return ""
    found = case.concluded.finding if case.concluded else None
    return "校长或县教育局" if found in PRINCIPAL_FINDINGS else "县教育局"


def _teacher(held: Holder | None, people: Mapping[UUID, Person]) -> str:
    if held is None:
        return ""
    return people[held.subject].name if held.subject else held.account
