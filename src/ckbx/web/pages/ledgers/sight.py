"""Which ledgers are there for a viewer, through which permission, and of which rows?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ckbx.ledgers.catalogue import ALERTS, LEDGERS
from ckbx.ledgers.model import Ledger
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.permissions import GIVES, Permission
from ckbx.web.rights import Viewer, joined
from projections.scope import Scope

P = Permission
SHOWN: Final[Mapping[str, Ledger]] = {**LEDGERS, ALERTS.name: ALERTS}
"""Every ledger that has an address."""
ASKS: Final[Mapping[str, Permission]] = {
    "roster": P.SEE_CHILDREN,
    "school": P.SEE_SCHOOLS,
    "suspected": P.SEE_CASES,
    "dropout": P.SEE_CASES,
    "visits": P.SEE_CASES,
    "caseload": P.SEE_CASES,
    "deadlines": P.SEE_CASES,
    "leave": P.SEE_CHILDREN,
    "transfers": P.SEE_CHILDREN,
    # What a disability or an illness is stands in these two: those who lead a school or grade
    # need it, village people and every class teacher do not.
    "placement": P.SEE_SCHOOLS,
    "exemptions": P.SEE_SCHOOLS,
    "roll_call_completeness": P.SEE_SCHOOLS,
    "responsibility": P.SEE_CHILDREN,
    "indicators": P.SEE_SCHOOLS,
    "monthly_report": P.SEE_SCHOOLS,
    "county_summary": P.SEE_SCHOOLS,
    "recheck": P.SEE_SCHOOLS,
    "alerts": P.SEE_TODO,
}
"""What seeing a ledger asks for, beside what its route asks for."""


def named(desk: WebDesk, name: str) -> tuple[Ledger, WebDesk]:
    """A ledger, and the desk of the viewer through the permission it asks for.

    Raises NotThere: no such ledger, or none of its rows is this viewer's to see.
    """
    ledger = SHOWN.get(name)
    if ledger is None or seen(desk.viewer, ledger).empty:
        raise NotThere
    return ledger, desk.seated(desk.viewer, ASKS[name], desk.token, desk.live)


def seen(viewer: Viewer, ledger: Ledger) -> Scope:
    """The rows of a ledger that a viewer sees; nothing where its roles do not give it, or
    where its figures are of more than the viewer sees.
    """
    return ledger.grain.seen(viewer.scope(ASKS[ledger.name]))


def taken(viewer: Viewer, ledger: Ledger) -> Scope:
    """The rows of a ledger that roles which may export give; nothing without such a role."""
    asked = {P.EXPORT, ASKS[ledger.name]}
    found = joined(h.scope for h in viewer.held if asked <= GIVES.get(h.role, frozenset()))
    return ledger.grain.seen(found)


def own_class(viewer: Viewer, ledger: Ledger) -> Scope:
    """The rows of a ledger where they are those of one class and no more: these may be taken
    away by whoever sees them; nothing otherwise.
    """
    own = viewer.scope(ASKS[ledger.name])
    one = len(own.class_keys) == 1 and own == Scope.classes(own.class_keys)
    return ledger.grain.seen(own) if one else Scope.nothing()


def way_out(viewer: Viewer, ledger: Ledger) -> str:
    """Where the form of the export goes to; empty where nothing may be taken away."""
    if not taken(viewer, ledger).empty:
        return f"/ledgers/{ledger.name}/file"
    return "" if own_class(viewer, ledger).empty else f"/ledgers/{ledger.name}/class-file"
