"""缺勤家访 before there is a case: recorded with its words and photos in the vault.

It changes no status, no roll and no alert by itself; the clock's run ends what asked for it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.child_status import known_child
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child import home_visit
from ckbx.domain.child.home_visit import Visit
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended


def record(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    visit: Visit,
    *,
    role: str,
    papers: Papers | None = None,
) -> Appended:
    """登记缺勤家访. Raises ChildNeverRegistered and what ``domain.child.home_visit.visit``
    refuses.
    """

    def decide(unit: Unit) -> bytes:
        found = known_child(unit, child)
        home_visit.visit(found, ctx, visit, role=role)
        if papers is not None:
            papers.write(unit, found.id)
        return b"visit"

    return office.run(ctx, decide)


def withdraw(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    on: date,
    *,
    role: str,
    reason: UUID | None,
    papers: Papers,
) -> Appended:
    """撤销一次缺勤家访的登记. Raises ChildNeverRegistered and what
    ``domain.child.home_visit.withdraw`` refuses.
    """

    def decide(unit: Unit) -> bytes:
        found = known_child(unit, child)
        home_visit.withdraw(found, ctx, on, role=role, reason=reason)
        papers.write(unit, found.id)
        return b"visit"

    return office.run(ctx, decide)
