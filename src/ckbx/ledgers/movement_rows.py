"""How do the answers about leaves and transfers become the rows of their ledgers?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ckbx.domain.leave.codes import Proof
from ckbx.ledgers.model import Row
from ckbx.ledgers.movement_catalogue import LEAVE
from ckbx.ledgers.question import Look, by_class, school_of, who
from projections import applications, leave, transfers
from projections.applications import ChildFile
from projections.leave import LeaveRow


def leave_rows(look: Look) -> list[Row]:
    """免学缓学休学台账."""
    q = look.question
    found = leave.leave(look.reading, q.scope, all_=q.all_, **look.at)
    children = {row.child for row in found}
    files = applications.files_on(look.reading, q.scope, **look.at, children=children)
    people = look.people([row.child for row in found])
    names = look.school_names()
    return by_class(
        LEAVE.row(
            {
                **who(people, row.child),
                **school_of(names, row.school_code),
                **look.class_of(row.class_key, row.grade),
                **applied(files.get(row.child), row),
                **decision(row),
                "legal_basis": row.legal_basis,
                "committee": row.committee,
                "after_suspicion": row.after_suspicion,
                **course(row),
            }
        )
        for row in found
    )


def applied(file: ChildFile | None, row: LeaveRow) -> Row:
    """When the application of a leave came in and who spoke to it; empty where none is kept."""
    found = file.deciding(row.decision) if file is not None else None
    paper = (found.committee or found.hospital) if found is not None else None
    assessed = file.placement.assessed if file is not None and file.placement else None
    by_assessment = assessed.on if assessed and found and found.proof is Proof.COMMITTEE else None
    return {
        "applied_on": found.applied_on if found else None,
        "opinion_on": found.opinion.on if found and found.opinion else None,
        "proof_on": paper.on if paper else by_assessment,
        "review_on": found.review_on if found else None,
    }


def decision(row: LeaveRow) -> Row:
    """What was decided, by whom, from when to when."""
    return {
        "kind": row.kind.value,
        "decided_on": row.decided_on,
        "effective_from": row.effective_from,
        "until": row.until,
        "extended_on": row.extended_on,
        "approver": row.approver,
        "document": row.document,
    }


def course(row: LeaveRow) -> Row:
    """Where a leave stands."""
    return {
        "state": row.state.value,
        "ended_on": row.ended_on,
        "ended_by": row.ended_by,
        "child_id": str(row.child),
    }


def transfer_rows(look: Look) -> list[Row]:
    """转入转出台账."""
    q = look.question
    found = transfers.transfers(look.reading, q.scope, all_=q.all_, **look.at)
    people = look.people([row.child for row in found])
    names = look.school_names()
    return by_class(
        {
            **who(people, row.child),
            "direction": row.direction.value,
            "from_region": row.from_region,
            "school_code": row.from_school,
            "school_name": _school(names, row.from_school, row.from_name),
            **look.class_of(row.class_key, row.grade),
            "receiving_school": row.receiving_school,
            "receiving_name": _school(names, row.receiving_school, row.receiving_name),
            "started_on": row.started_on,
            "document": row.document,
            "confirm_by": row.confirm_by,
            "state": row.state.value,
            "state_since": row.state_since,
            "confirmed_on": row.confirmed_on,
            "arrived_on": row.arrived_on,
            "arrived_at": row.arrived_at,
            "child_id": str(row.child),
        }
        for row in found
    )


def _school(names: Mapping[str, str], code: str | None, written: str) -> str | None:
    """A school of the county by its own name, one beyond as it was written down."""
    return (names.get(code, "") if code else "") or written or None


MOVEMENT_ROWS: dict[str, Callable[[Look], list[Row]]] = {
    "leave": leave_rows,
    "transfers": transfer_rows,
}
"""By the name of the ledger."""
