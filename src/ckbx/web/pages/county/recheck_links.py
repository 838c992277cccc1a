"""Where is a record corrected that a re-check found wrong, and how does one come back?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from ckbx.domain.recheck.recheck import CLOSURE
from ckbx.domain.recheck.sampling import Quarter, read_quarter
from ckbx.ledgers.question import Look
from ckbx.web.desk import WebDesk
from ckbx.web.permissions import Permission
from projections import rechecks
from projections.rechecks import RecheckRow

OF_CASES: Final = ("reopen",)
OF_CHILDREN: Final = ("leave-review",)
"""Forms that correct what was drawn: a closed case, or a leave."""


class Correction(NamedTuple):
    """A link to a form."""

    words: str
    address: str


class BackTo(NamedTuple):
    """The re-check that found it wrong."""

    quarter: Quarter
    address: str


def corrections(row: RecheckRow) -> Sequence[Correction]:
    """Where what does not agree is corrected; nowhere while it is not found wrong."""
    if row.agrees is not False:
        return ()
    if row.kind == CLOSURE:
        return (Correction("撤销销号", f"/cases/{row.item}/reopen"),)
    child = f"/children/{row.child}"
    return Correction("复核这次批准", f"{child}/leave-review"), Correction("一生一档", child)


def back_to(desk: WebDesk, look: Look, child: UUID, path: str) -> BackTo | None:
    """The last re-check that found something of a child wrong, for whoever corrects it: asked
    of the forms that do, and of the page that comes after them (``path``: of the form).
    """
    if path not in (*OF_CASES, *OF_CHILDREN) or not desk.may(Permission.DECIDE_COUNTY):
        return None
    of_case = path in OF_CASES
    rows = rechecks.rechecks(look.reading, look.question.scope, **look.at)
    for row in reversed(rows):
        if row.child == child and row.agrees is False and (row.kind == CLOSURE) == of_case:
            asked = urlencode({"quarter": row.quarter, "item": row.item})
            return BackTo(read_quarter(row.quarter), f"/rechecks/item?{asked}")
    return None
