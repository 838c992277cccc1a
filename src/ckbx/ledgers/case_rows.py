"""How do the answers about cases become the rows of their ledgers?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from ckbx.domain.case.people import Participant
from ckbx.ledgers.columns import ROLES
from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look, by_class, school_of, who
from ckbx.vault import Person
from projections import caseload, deadlines, dropout, visits
from projections.dropout import DropoutRow
from projections.visits import VisitRow


def dropout_rows(look: Look) -> list[Row]:
    """辍学学生台账（劝返复学）; the causes are read from the vault."""
    q = look.question
    found = dropout.dropout(look.reading, q.scope, all_=q.all_, **look.at)
    asked = [each for row in found for each in (row.child, row.case_teacher_id)]
    refs = dict.fromkeys(f"note:{ref}" for row in found for ref, _ in row.causes)
    people = look.people(asked, ("identity", *refs))
    names = look.school_names()
    return by_class(_dropout(look, names, people, row) for row in found)


def _dropout(
    look: Look, names: Mapping[str, str], people: Mapping[UUID, Person], row: DropoutRow
) -> Row:
    legal = row.legal
    teacher = people.get(row.case_teacher_id) if row.case_teacher_id else None
    return {
        **who(people, row.child),
        **school_of(names, row.school_code),
        **look.class_of(row.class_key, row.grade),
        "stage": row.stage.value,
        "suspected_on": row.suspected_on,
        "confirmed_on": row.confirmed_on,
        "causes": _causes(people[row.child], row.causes),
        "whereabouts": row.whereabouts.value if row.whereabouts else None,
        "risk": row.risk.value if row.risk else None,
        "rounds": row.rounds,
        "last_round_on": row.last_round_on,
        "last_outcome": row.last_outcome.value if row.last_outcome else None,
        "promised_on": row.promised_on,
        "legal_step": legal.step if legal else None,
        "legal_paper": legal.paper.value if legal else None,
        "legal_document": legal.document if legal else None,
        "legal_issued_on": legal.issued_on if legal else None,
        "legal_served_on": legal.served_on if legal else None,
        "returned_on": row.returned_on,
        "placement": row.placement.value if row.placement else None,
        "consolidation_until": row.consolidation_until,
        "follow_ups": row.follow_ups,
        "closed_on": row.closed_on,
        "closed_by": row.closed_by,
        "second_time": row.second_time,
        "case_teacher": teacher.name if teacher else row.case_teacher,
        "case_teacher_account": row.case_teacher,
        "due_on": row.due_on,
        "case_id": str(row.case_id),
        "child_id": str(row.child),
    }


def _causes(child: Person, causes: list[tuple[UUID, bool]]) -> list[str]:
    """The codes, the primary cause first; one recorded twice is said once."""
    ordered = sorted(causes, key=lambda cause: not cause[1])
    codes = [child.notes[ref] for ref, _ in ordered if ref in child.notes]
    return list(dict.fromkeys(codes))


def visit_rows(look: Look) -> list[Row]:
    """家访劝返流水; who took part without an account is read from the vault."""
    q = look.question
    found = visits.visits(look.reading, q.scope, all_=q.all_, **look.at)
    persons = [each.person for row in found for each in row.participants if each.person]
    refs = dict.fromkeys(f"note:{person}" for person in persons)
    people = look.people([row.child for row in found], ("identity", *refs))
    names = look.school_names()
    return [_visit(look, names, people, row) for row in found]


def _visit(
    look: Look, names: Mapping[str, str], people: Mapping[UUID, Person], row: VisitRow
) -> Row:
    return {
        "on": row.on,
        "hour": row.hour,
        "kind": row.kind,
        **who(people, row.child),
        **school_of(names, row.school_code),
        **look.class_of(row.class_key, row.grade),
        "number": row.number,
        "tier": row.tier,
        "means": row.means,
        "place": row.place,
        "participants": [_named(people[row.child], each) for each in row.participants],
        "met": row.met,
        "measure": row.measure,
        "outcome": row.outcome,
        "promised_on": row.promised_on,
        "document": row.document,
        "attachments": row.attachments,
        "note": row.note,
        "recorded_by": row.recorded_by,
        "recorded_at": row.recorded_at,
        "case_id": str(row.case_id) if row.case_id else None,
        "child_id": str(row.child),
    }


def _named(child: Person, who_took_part: Participant) -> str:
    """Role, and account or name; only the role where the name was erased."""
    person = who_took_part.person
    name = who_took_part.account or (child.notes.get(person, "") if person else "")
    return " ".join(part for part in (ROLES[who_took_part.role], name) if part)


def caseload_rows(look: Look) -> list[Row]:
    """帮扶教师个案台账."""
    found = caseload.caseload(look.reading, look.question.scope, **look.at)
    people = look.people([row.teacher for row in found])
    names = look.school_names()
    return [
        {
            **school_of(names, row.school_code),
            "account": row.account,
            "name": people[row.teacher].name if row.teacher else None,
            "open_cases": row.open_cases,
            "overdue": row.overdue,
            "due_soon": row.due_soon,
            "next_due_on": row.next_due_on,
            "relapses": row.relapses,
            "to_close": row.to_close,
        }
        for row in found
    ]


def deadline_rows(look: Look) -> list[Row]:
    """办理期限台账: no personal data."""
    q = look.question
    found = deadlines.by_post(look.reading, q.scope, all_=q.all_, **look.at)
    names = look.school_names()
    return [
        {
            **school_of(names, row.school_code),
            "role": row.role.value,
            "kind": row.kind,
            "kept": row.kept,
            "missed": row.missed,
            "made_up": row.made_up,
            "open": row.open,
            "void": row.void,
            "share": row.share,
        }
        for row in found
    ]


CASE_ROWS: dict[str, Callable[[Look], list[Row]]] = {
    "dropout": dropout_rows,
    "visits": visit_rows,
    "caseload": caseload_rows,
    "deadlines": deadline_rows,
}
"""By the name of the ledger."""
