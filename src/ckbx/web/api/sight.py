"""Which ledgers are there for a viewer, through which permission, and of which rows?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.model import Ledger
from ckbx.web.permissions import GIVES, Permission
from ckbx.web.rights import Viewer, joined
from projections.scope import Scope

P = Permission
ASKS: Final[Mapping[str, Permission]] = {
    "roster": P.SEE_CHILDREN,
    "leave": P.SEE_CHILDREN,
    "transfers": P.SEE_CHILDREN,
    "responsibility": P.SEE_CHILDREN,
    "suspected": P.SEE_CASES,
    "dropout": P.SEE_CASES,
    "visits": P.SEE_CASES,
    "caseload": P.SEE_CASES,
    "deadlines": P.SEE_CASES,
}
"""Every other ledger is for those who lead a school or more: figures of whole schools, or what
a disability or an illness is."""
_SCHOOLS: Final = frozenset(
    {"school", "indicators", "monthly_report", "recheck", "roll_call_completeness"}
)
"""Figures of whole schools: who sees a part of one sees none of its rows."""
_COUNTY: Final = frozenset({"county_summary"})


def permission_of(name: str) -> Permission:
    """What seeing a ledger asks for."""
    return ASKS.get(name, P.SEE_SCHOOLS)


def seen(viewer: Viewer, ledger: Ledger) -> Scope:
    """The rows of a ledger that a viewer sees; nothing where its roles do not give it."""
    return _whole(ledger, viewer.scope(permission_of(ledger.name)))


def taken(viewer: Viewer, ledger: Ledger) -> Scope:
    """The rows that may leave with full numbers: of roles that may export."""
    asked = {P.EXPORT, permission_of(ledger.name)}
    if viewer.only is not None and not asked <= viewer.only:
        return Scope.nothing()
    held = (h.scope for h in viewer.held if asked <= GIVES.get(h.role, frozenset()))
    return _whole(ledger, joined(held))


def ledgers_of(viewer: Viewer) -> list[Ledger]:
    """The ledgers of which a viewer may see rows."""
    return [each for each in LEDGERS.values() if not seen(viewer, each).empty]


def _whole(ledger: Ledger, scope: Scope) -> Scope:
    if scope.everything:
        return scope
    if ledger.name in _COUNTY:
        return Scope.nothing()
    return Scope.schools(scope.school_codes) if ledger.name in _SCHOOLS else scope
