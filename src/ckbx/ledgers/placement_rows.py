"""How do the answers about placements and exemptions become the rows of their ledgers?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.codes import Proof
from ckbx.ledgers.model import Row
from ckbx.ledgers.movement_rows import applied, course, decision
from ckbx.ledgers.placement_catalogue import EXEMPTIONS, PLACEMENT
from ckbx.ledgers.question import Look, by_class, school_of, who
from ckbx.ledgers.sexes import sexes
from ckbx.vault import Person
from projections import applications, leave, placements, roster
from projections.applications import ChildFile
from projections.leave import LeaveRow
from projections.placements import PlacementRow

COMMITTEE = "县残疾人教育专家委员会"


def placement_rows(look: Look) -> list[Row]:
    """残疾儿童安置台账; certificate, category and level are read from the vault."""
    q = look.question
    found = placements.placements(look.reading, q.scope, all_=q.all_, **look.at)
    refs = _notes(ref for row in found if (a := row.assessed) for ref in a[4:])
    people = look.people([row.place.child for row in found], ("identity", *refs))
    names = look.school_names()
    return by_class(PLACEMENT.row(_placement(look, names, people, row)) for row in found)


def _notes(refs: Iterable[UUID | None]) -> list[str]:
    return list(dict.fromkeys(f"note:{ref}" for ref in refs if ref is not None))


def _placement(
    look: Look, names: Mapping[str, str], people: Mapping[UUID, Person], row: PlacementRow
) -> Row:
    place, granted, decided, month = row.place, row.granted, row.decided, row.month
    assessed, notes = row.assessed, people[place.child].notes
    return {
        **who(people, place.child),
        **school_of(names, place.school),
        **look.class_of(place.class_key, place.grade),
        "kind": row.kind,
        "certificate": _said(notes, assessed.certificate if assessed else None),
        "category": _said(notes, assessed.category if assessed else None),
        "level": _said(notes, assessed.level if assessed else None),
        "assessed_on": assessed.on if assessed else None,
        "assessment": assessed.document if assessed else None,
        "decided_on": granted.decided_on if granted else decided.on if decided else None,
        "document": granted.document if granted else decided.document if decided else None,
        "plan_no": decided.plan_no if decided else None,
        "teacher": decided.teacher if decided else None,
        "effective_from": granted.effective_from if granted else None,
        "until": granted.until if granted else None,
        "review_on": row.review_on,
        "visits_per_month": granted.visits_per_month if granted else None,
        "lessons_per_visit": granted.lessons_per_visit if granted else None,
        "visits_planned": month.planned if month else None,
        "visits_done": month.done if month else None,
        "lessons_done": row.lessons_done if month else None,
        "visits": month.outcome.value if month else None,
        "state": row.state.value,
        "ended_on": granted.ended_on if granted else None,
        "ended_by": granted.ended_by if granted else None,
        "child_id": str(place.child),
    }


def _said(notes: Mapping[UUID, str], ref: UUID | None) -> str | None:
    return notes.get(ref) if ref is not None else None


def exemption_rows(look: Look) -> list[Row]:
    """免学名册; the reason and who certified it are read from the vault."""
    q = look.question
    found = [
        row
        for row in leave.leave(look.reading, q.scope, all_=q.all_, **look.at)
        if row.kind is TrackingStatus.EXEMPTED
    ]
    children = list(dict.fromkeys(row.child for row in found))
    files = applications.files_on(look.reading, q.scope, **look.at, children=children)
    places = roster.place_of(look.reading, q.scope, children, **look.at)
    refs = _notes(ref for row in found for ref in _words(files.get(row.child), row).values())
    people = look.people(children, ("identity", *refs))
    names, sex = look.school_names(), sexes(look, children)
    return by_class(
        EXEMPTIONS.row(
            {
                **_person(people[row.child], sex.get(row.child)),
                **who(people, row.child),
                **school_of(names, row.school_code),
                **look.class_of(row.class_key, row.grade),
                "village_code": places[row.child].village,
                **_proof(files.get(row.child), row, people[row.child].notes),
                **applied(files.get(row.child), row),
                **decision(row),
                "legal_basis": row.legal_basis,
                "after_suspicion": row.after_suspicion,
                **course(row),
            }
        )
        for row in found
    )


def _person(person: Person, sex: str | None) -> Row:
    return {"sex": sex, "birth_date": person.identity.birth_date if person.identity else None}


def _words(file: ChildFile | None, row: LeaveRow) -> dict[str, UUID]:
    """The notes of the application that led to a leave: its reason, the hospital."""
    found: dict[str, UUID] = {}
    application = file.deciding(row.decision) if file is not None else None
    if file is None or application is None:
        return found
    for fact in file.facts:
        event = fact.event
        if event.originator_id != application.id:
            continue
        if isinstance(event, ev.LeaveApplied):
            found["reason"] = event.reason_ref
        elif isinstance(event, ev.HospitalPaperGiven):
            found["hospital"] = event.hospital_ref
    return found


def _proof(file: ChildFile | None, row: LeaveRow, notes: Mapping[UUID, str]) -> Row:
    application = file.deciding(row.decision) if file is not None else None
    proof = application.proof if application else None
    if proof is None and row.committee:
        proof = Proof.COMMITTEE
    words = _words(file, row)
    by_hospital = _said(notes, words.get("hospital"))
    return {
        "reason": _said(notes, words.get("reason")),
        "proof": proof.value if proof else None,
        "proof_from": COMMITTEE if proof is Proof.COMMITTEE else by_hospital,
        "proof_document": _document(file, application),
        "reviewed_on": application.granted.reviewed_on
        if application and application.granted
        else None,
    }


def _document(file: ChildFile | None, application: LeaveApplication | None) -> str | None:
    if file is None or application is None:
        return None
    if application.proof is Proof.HOSPITAL:
        return application.hospital.document if application.hospital else None
    if application.committee is not None:
        return application.committee.document
    assessed = file.placement.assessed if file.placement else None
    return assessed.document if assessed else None


PLACEMENT_ROWS: dict[str, Callable[[Look], list[Row]]] = {
    "placement": placement_rows,
    "exemptions": exemption_rows,
}
"""By the name of the ledger."""
