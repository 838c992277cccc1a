"""Which ledgers may a program take, and of which rows? As on the pages, cut to its token."""

from __future__ import annotations

from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.model import Ledger
from ckbx.web.pages.ledgers import sight
from ckbx.web.pages.ledgers.sight import seen
from ckbx.web.permissions import Permission
from ckbx.web.rights import Viewer
from projections.scope import Scope

__all__ = ["ledgers_of", "seen", "taken"]


def ledgers_of(viewer: Viewer) -> list[Ledger]:
    """The ledgers of which a viewer may see rows."""
    return [each for each in LEDGERS.values() if not seen(viewer, each).empty]


def taken(viewer: Viewer, ledger: Ledger) -> Scope:
    """The rows that may leave with full numbers: of roles that may export, by a token that may."""
    asked = {Permission.EXPORT, sight.ASKS[ledger.name]}
    if viewer.only is None or not asked <= viewer.only:
        return Scope.nothing()
    return sight.taken(viewer, ledger)
