"""How do the answers about leaves and transfers become the rows of their ledgers?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look, by_class, school_of, who
from projections import leave, transfers
from projections.leave import LeaveRow


def leave_rows(look: Look) -> list[Row]:
    """免学缓学休学台账."""
    q = look.question
    found = leave.leave(look.reading, q.scope, all_=q.all_, **look.at)
    own = ("legal_basis", "committee", "after_suspicion")
    return _decisions(look, found, own)


def placement_rows(look: Look) -> list[Row]:
    """残疾儿童安置台账."""
    q = look.question
    found = leave.placement(look.reading, q.scope, all_=q.all_, **look.at)
    return _decisions(look, found, ("committee", "visits_per_month", "lessons_per_visit"))


def _decisions(look: Look, found: Sequence[LeaveRow], own: tuple[str, ...]) -> list[Row]:
    people = look.people([row.child for row in found])
    names = look.school_names()
    return by_class(
        {
            **who(people, row.child),
            **school_of(names, row.school_code),
            **look.class_of(row.class_key, row.grade),
            "kind": row.kind.value,
            "decided_on": row.decided_on,
            "effective_from": row.effective_from,
            "until": row.until,
            "extended_on": row.extended_on,
            "approver": row.approver,
            "document": row.document,
            **{name: getattr(row, name) for name in own},
            "state": row.state.value,
            "ended_on": row.ended_on,
            "ended_by": row.ended_by,
            "child_id": str(row.child),
        }
        for row in found
    )


def transfer_rows(look: Look) -> list[Row]:
    """转入转出台账."""
    q = look.question
    found = transfers.transfers(look.reading, q.scope, all_=q.all_, **look.at)
    people = look.people([row.child for row in found])
    names = look.school_names()
    return by_class(
        {
            **who(people, row.child),
            **school_of(names, row.from_school),
            **look.class_of(row.class_key, row.grade),
            "receiving_school": row.receiving_school,
            "receiving_name": names.get(row.receiving_school),
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


MOVEMENT_ROWS: dict[str, Callable[[Look], list[Row]]] = {
    "leave": leave_rows,
    "placement": placement_rows,
    "transfers": transfer_rows,
}
"""By the name of the ledger."""
