"""Who is on the focus list of a scope, with names."""

from __future__ import annotations

from typing import Any, Final

from ckbx.ledgers.question import Look, SchoolUnknown, school_of, who
from projections import focus

ANSWERS: Final = (focus.NAME, "roster", "school")
"""The projections these answers rest on."""


def focus_json(look: Look) -> dict[str, Any]:
    """Everybody on the list on the as-of day. Raises SchoolUnknown."""
    scope, names = look.question.scope, look.school_names()
    for code in sorted(scope.school_codes):
        if code not in names:
            raise SchoolUnknown(school=code)
    rows = focus.listed(look.reading, scope, **look.at)
    people = look.people([row.place.child for row in rows])
    return {
        "as_of": look.question.as_of,
        "position": look.position,
        "rows": [
            {
                **who(people, row.place.child),
                **school_of(names, row.place.school),
                **look.class_of(row.place.class_key, row.place.grade),
                "since": row.since,
                "reason": row.reason.value,
                "reason_title": row.reason.label,
                "decided_by": row.decided_by,
                "child_id": str(row.place.child),
            }
            for row in rows
        ],
    }
