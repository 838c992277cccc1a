"""重点关注名单, and the calls to guardians about an absence: each with its words in the vault.

Neither changes a status, a roll or an alert by itself; the clock's run sees to the visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.child_status import known_child
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child import focus
from ckbx.domain.child.child import Child
from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.shared.event import CommandContext


def put_on(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    *,
    role: str,
    on: date,
    reason: FocusReason,
    note_ref: UUID | None = None,
    papers: Papers | None = None,
) -> None:
    """列入. Raises ChildNeverRegistered and what ``domain.child.focus.put_on`` refuses."""
    _each(
        office,
        ctx,
        [child],
        lambda found: focus.put_on(found, ctx, on=on, role=role, reason=reason, note_ref=note_ref),
        papers,
    )


def take_off(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    *,
    role: str,
    on: date,
    note_ref: UUID | None = None,
    papers: Papers | None = None,
) -> None:
    """移出. Raises ChildNeverRegistered and what ``domain.child.focus.take_off`` refuses."""
    _each(
        office,
        ctx,
        [child],
        lambda found: focus.take_off(found, ctx, on=on, role=role, note_ref=note_ref),
        papers,
    )


def tried(
    office: Office,
    ctx: CommandContext,
    children: Iterable[UUID],
    *,
    role: str,
    absent_on: date,
    reached: bool,
) -> int:
    """Guardians called today about the absence of a day: all of them or none; of how many it
    had not been said before. Raises ChildNeverRegistered, FocusNotTheirs, NotAwayThatDay.
    """
    return _each(
        office,
        ctx,
        children,
        lambda found: focus.tried(found, ctx, absent_on=absent_on, role=role, reached=reached),
        None,
    )


def _each(
    office: Office,
    ctx: CommandContext,
    children: Iterable[UUID],
    act: Callable[[Child], None],
    papers: Papers | None,
) -> int:
    wanted, changed = list(dict.fromkeys(children)), 0

    def decide(unit: Unit) -> bytes | None:
        nonlocal changed
        found = [known_child(unit, id_) for id_ in wanted]
        for child in found:
            act(child)
        changed = sum(child.has_pending for child in found)
        if papers is not None:
            for child in found:
                papers.write(unit, child.id)
        return b"focus" if changed else None

    office.run(ctx, decide)
    return changed
