"""Which cases are there, what falls due first in front?"""

from __future__ import annotations

from typing import Any

from ckbx.application.case_view import CaseView, is_open, look_at_cases
from ckbx.application.office import Office
from ckbx.ledgers.case_due import DEADLINES
from ckbx.ledgers.case_find import case_ids
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look, SchoolUnknown, who


def list_json(look: Look, office: Office) -> dict[str, Any]:
    """The open cases of a scope, what falls due first in front; ``all_`` adds the others."""
    q = look.question
    names = look.school_names()
    for code in sorted(q.scope.school_codes):
        if code not in names:
            raise SchoolUnknown(school=code)
    views = look_at_cases(office, case_ids(look, q.scope), q.as_of)
    kept = [view for view in views if q.all_ or is_open(view.case)]
    teachers = [view.case.teacher.holder for view in kept if view.case.teacher]
    people = look.people([*(view.case.child for view in kept), *teachers])
    rows = [_list_row(look, names, view, people) for view in kept]
    rows.sort(key=lambda row: (str(row["due_on"] or "9"), row["suspected_on"], row["case_id"]))
    return {"as_of": q.as_of, "position": look.position, "rows": rows}


def _list_row(look: Look, names: dict[str, str], view: CaseView, people: Any) -> Row:
    case, due = view.case, view.next_due
    teacher = people.get(case.teacher.holder) if case.teacher else None
    return {
        "case": case.id.hex[:SHORT],
        "case_id": str(case.id),
        **who(people, case.child),
        "school_code": case.school,
        "school_name": names.get(case.school or "") or None,
        **look.class_of(view.child.class_key),
        "stage": case.stage.value,
        "stage_title": case.stage.label,
        "suspected_on": case.suspected_on,
        "rounds": len(case.rounds),
        "teacher": teacher.name if teacher else None,
        "teacher_account": case.teacher.account if case.teacher else None,
        "due": DEADLINES.get(due.kind, due.kind) if due else None,
        "due_on": due.due_on if due else None,
        "missed": view.missed,
        "child_id": str(case.child),
    }
