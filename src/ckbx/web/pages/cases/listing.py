"""个案: which cases are mine, what falls due first, and what is overdue?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import urlencode
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
from ckbx.web.pages.cases.due import Due, falls_to, waiting
from ckbx.web.pages.cases.in_hand import roles_over
from ckbx.web.pages.cases.steps import FORMS, role_for
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission
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
    mine: bool = False
    all_: bool = False
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether some of the viewer's open cases may be left out."""
        return bool(self.stage or self.school or self.overdue or self.mine)

    def address(self, page: int) -> str:
        """The address of another page of the same list."""
        given = {
            "stage": self.stage,
            "school": self.school,
            "overdue": "1" if self.overdue else "",
            "mine": "1" if self.mine else "",
            "all": "1" if self.all_ else "",
            "at": str(page),
        }
        return "/cases?" + urlencode({name: value for name, value in given.items() if value})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One case as the list shows it. ``back``: since when the suspect attends again; ``closes``:
    who closes it, where it is over.
    """

    case: Case
    name: str
    school_name: str
    class_name: str
    teacher: str
    back: date | None
    due: Due | None
    late: int
    closes: str = ""


class _Found(msgspec.Struct, frozen=True):
    """A case, who works one-to-one, and what waits: ``due`` of whomever, ``mine`` of that the
    viewer's; ``to_close``: it is for the viewer to close.
    """

    stand: CaseStand
    teacher: Holder | None
    due: Sequence[Due]
    mine: Sequence[Due]
    to_close: bool

    @property
    def late(self) -> int:
        return sum(due.late for due in self.due)

    @property
    def my_turn(self) -> bool:
        return bool(self.mine) or self.to_close


def list_page(desk: WebDesk, asked: Asked) -> Response:
    """The cases of the viewer. Raises NotThere for a school that is not there for it."""
    with desk.look(
        "web:cases", "查看个案", schools=[asked.school] if asked.school else None
    ) as look:
        if asked.school and asked.school not in dict(desk.school_choices(look)):
            raise NotThere
        schools = desk.schools_offered(look, asked.school)
        found = list(_found(desk, look, asked))
        counts = {stage: sum(each.stand.case.stage == stage for each in found) for stage in STAGES}
        late = sum(bool(each.late) for each in found)
        kept = sorted(_asked_for(found, asked), key=_order)
        pages = max(-(-len(kept) // SHOWN), 1)
        page = min(max(asked.page, 1), pages)
        here = kept[(page - 1) * SHOWN : page * SHOWN]
        return desk.html(
            "cases/cases.html",
            **base(desk, look, "个案"),
            asked=asked,
            schools=schools if len(schools) > 1 else [],
            works=desk.may(Permission.WORK_CASE),
            turns=sum(each.my_turn for each in found),
            stages=[(s, words, counts[s]) for s, words in STAGES.items() if counts[s]],
            lines=_lines(look, here),
            total=len(kept),
            every=len(found),
            late=late,
            at=page,
            pages=pages,
        )


def _found(desk: WebDesk, look: Look, asked: Asked) -> Iterator[_Found]:
    """What the scope sees."""
    scope = look.question.scope
    which = None if asked.all_ else cases.OPEN
    stands = cases.stands_on(look.reading, scope, which=which, **look.at)
    stands = [each for each in stands if asked.all_ or is_open(each.case)]
    due = deadlines.due_of(look.reading, stands, **look.at)
    legal = of_papers(look.reading, stands, **look.at)
    teachers = cases.teachers(look.reading, scope, stands, **look.at)
    for each, own in zip(stands, due, strict=True):
        waits = waiting((*own.deadlines, *legal.get(each.case.id, ())), desk.today)
        roles = roles_over(desk, each.place)
        held = teachers.get(each.case.child)
        mine = held is not None and held.account == desk.viewer.account
        yield _Found(
            each,
            held,
            waits,
            [due for due in waits if falls_to(due.deadline, roles, teacher=mine)],
            _closed_by(each.case, roles),
        )


def _closed_by(case: Case, roles: Sequence[str]) -> bool:
    """Whether it waits to be closed in one of these roles."""
    over = case.stage in (Stage.SETTLED, Stage.CONCLUDED)
    return over and role_for(FORMS["close"], case, roles) is not None


def _order(found: _Found) -> tuple[bool, date, date, bytes]:
    first = found.due[0] if found.due else None
    ends = first.due_on if first and first.due_on else date.max
    return not found.late, ends, found.stand.case.suspected_on, found.stand.case.id.bytes


def _asked_for(found: Iterable[_Found], asked: Asked) -> Iterator[_Found]:
    """Those asked for; where it is the viewer's turn, with what the viewer has to do, whoever
    else is due before.
    """
    for each in found:
        if asked.stage and each.stand.case.stage != asked.stage:
            continue
        shown = msgspec.structs.replace(each, due=each.mine) if asked.mine else each
        if (each.my_turn or not asked.mine) and (shown.late or not asked.overdue):
            yield shown


def _lines(look: Look, found: Sequence[_Found]) -> list[Line]:
    subjects = [each.stand.case.child for each in found]
    teachers = [each.teacher.subject for each in found if each.teacher]
    people = look.people([*subjects, *teachers])
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
                teacher=_teacher(each.teacher, people),
                back=place.attending_since,
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
