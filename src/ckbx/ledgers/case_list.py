"""Which cases are there, what falls due first in front?

Stands and deadlines come from the answers, for all cases at once; names are read of those
alone that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ckbx.application.case_view import is_open
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.ledgers.case_due import DEADLINES
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.model import Row
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Look, SchoolUnknown, who
from ckbx.vault import Person
from projections import cases, deadlines, roster, suspected
from projections.cases import CaseStand
from projections.legal_deadlines import of_papers


class _Found(msgspec.Struct, frozen=True):
    """A case with its deadlines. ``due``: the open one that falls due first."""

    case: Case
    class_key: str | None
    due: Deadline | None = None
    missed: int = 0

    def order(self) -> tuple[date, date, str]:
        """What falls due first in front; where nothing does, what began first."""
        ends = self.due.due_on if self.due else None
        return ends or date.max, self.case.suspected_on, str(self.case.id)


class CasePage(msgspec.Struct, frozen=True):
    """Rows of a list, and how many there are on all its pages."""

    rows: Sequence[Row]
    count: int


def list_json(look: Look) -> dict[str, Any]:
    """The open cases of a scope, what falls due first in front; ``all_`` adds the others.

    Raises SchoolUnknown.
    """
    found = list_page(look)
    return {"as_of": look.question.as_of, "position": look.position, "rows": found.rows}


def list_page(look: Look, part: Part | None = None) -> CasePage:
    """The same, or a part of it. Raises SchoolUnknown."""
    q, names = look.question, look.school_names()
    for code in sorted(q.scope.school_codes):
        if code not in names:
            raise SchoolUnknown(school=code)
    found = _found(look)
    here = found if part is None else found[part.first : part.first + part.size]
    stood = [each.case for each in here]
    people = look.people(
        [*(case.child for case in stood), *(c.teacher.holder for c in stood if c.teacher)]
    )
    return CasePage([_list_row(look, names, each, people) for each in here], len(found))


def _found(look: Look) -> list[_Found]:
    q = look.question
    which = None if q.all_ else cases.OPEN
    stands = cases.stands_on(look.reading, q.scope, which=which, **look.at)
    kept = [each for each in stands if q.all_ or is_open(each.case)]
    due = deadlines.due_of(look.reading, kept, **look.at)
    legal = of_papers(look.reading, kept, **look.at)
    found = [
        _judged(each, [*own.deadlines, *legal.get(each.case.id, ())])
        for each, own in zip(kept, due, strict=True)
    ]
    found += _withdrawn(look) if q.all_ else []
    return sorted(found, key=_Found.order)


def _withdrawn(look: Look) -> list[_Found]:
    """Cases that have no reason any more: no answer knows them, they are read from the log."""
    gone = suspected.withdrawals(look.reading, look.question.scope, **look.at)
    ids = [case_stream(look.reading.county, row.child, row.episode) for row in gone]
    read = {id_: Case(id_) for id_ in ids}
    for fact in look.log.read_streams(ids, up_to=look.position):
        read[fact.event.originator_id].replay([fact.event])
    left = [case for case in read.values() if case.exists and case.stage is Stage.WITHDRAWN]
    children = [case.child for case in left]
    places = roster.place_of(look.reading, look.question.scope, children, **look.at)
    return [
        _Found(case, places[case.child].class_key if case.child in places else None)
        for case in left
    ]


def _judged(stand: CaseStand, arisen: Sequence[Deadline]) -> _Found:
    running = [(d.due_on, d.kind, d) for d in arisen if d.outcome is Outcome.OPEN and d.due_on]
    first = min(running, key=lambda each: each[:2], default=None)
    missed = sum(d.outcome is Outcome.MISSED and d.evidence is None for d in arisen)
    return _Found(stand.case, stand.place.class_key, first[2] if first else None, missed)


def _list_row(
    look: Look, names: Mapping[str, str], found: _Found, people: Mapping[UUID, Person]
) -> Row:
    case, due = found.case, found.due
    teacher = people.get(case.teacher.holder) if case.teacher else None
    return {
        "case": case.id.hex[:SHORT],
        "case_id": str(case.id),
        **who(people, case.child),
        "school_code": case.school,
        "school_name": names.get(case.school or "") or None,
        **look.class_of(found.class_key),
        "stage": case.stage.value,
        "stage_title": case.stage.label,
        "suspected_on": case.suspected_on,
        "rounds": len(case.rounds),
        "teacher": teacher.name if teacher else None,
        "teacher_account": case.teacher.account if case.teacher else None,
        "due": DEADLINES.get(due.kind, due.kind) if due else None,
        "due_on": due.due_on if due else None,
        "missed": found.missed,
        "child_id": str(case.child),
    }
