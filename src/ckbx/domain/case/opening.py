"""What the child's suspicion does to its case: opened, revised, withdrawn, concluded, relapsed.

None of these is a person's step: each follows a fact of the child, in the same append, and
does nothing where the case does not stand.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.case import events as ev
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import WORKING, CaseKind, Stage
from ckbx.domain.child.events import DropoutSuspected, SuspicionRevised
from ckbx.domain.child.status import Finding, TrackingStatus
from ckbx.domain.shared.event import CommandContext


def open_case(
    case: Case,
    ctx: CommandContext,
    suspected: DropoutSuspected,
    *,
    school: str | None,
    class_key: str | None,
    relapse_of: UUID | None = None,
) -> None:
    """Open the case of a suspicion; nothing when it is open already."""
    if case.exists:
        return
    case.trigger_event(
        ev.CaseOpened,
        ctx,
        occurred_on=suspected.occurred_on,
        child=suspected.originator_id,
        episode=suspected.episode,
        kind=CaseKind.DROPOUT if class_key else CaseKind.OUT_OF_SCHOOL,
        source=suspected.source,
        first_absent_on=suspected.first_absent_on,
        rule=suspected.rule,
        rule_version=suspected.rule_version,
        school=school,
        class_key=class_key,
        relapse_of=relapse_of,
    )


def revise(case: Case, ctx: CommandContext, revised: SuspicionRevised) -> None:
    """The suspicion holds with other dates."""
    if case.exists and case.stage in WORKING:
        case.trigger_event(
            ev.CaseRevised,
            ctx,
            occurred_on=revised.occurred_on,
            first_absent_on=revised.first_absent_on,
            was_suspected_on=case.suspected_on,
            source=revised.source,
            rule=revised.rule,
        )


def withdraw(case: Case, ctx: CommandContext, *, on: date) -> None:
    """The suspicion never was; a case whose work is over stays as it came out."""
    if case.exists and case.stage in WORKING:
        case.trigger_event(ev.CaseWithdrawn, ctx, occurred_on=on)


def ground_changed(case: Case, ctx: CommandContext, *, on: date) -> None:
    """依据已变: a person decides."""
    if case.exists and case.ground_changed is None:
        case.trigger_event(ev.CaseGroundChanged, ctx, occurred_on=on)


def conclude(
    case: Case,
    ctx: CommandContext,
    *,
    on: date,
    how: TrackingStatus,
    because: str,
    finding: Finding | None = None,
) -> None:
    """A decision on the child ended the episode otherwise."""
    if case.exists and case.stage in WORKING:
        case.trigger_event(
            ev.CaseConcluded, ctx, occurred_on=on, how=how, because=because, finding=finding
        )


def resume(case: Case, ctx: CommandContext, *, on: date, because: str) -> None:
    """The transfer that ended the work came to nothing; nothing where it was not that."""
    found = case.concluded
    if case.stage is Stage.CONCLUDED and found and found.how is TrackingStatus.TRANSFERRING:
        case.trigger_event(ev.CaseResumed, ctx, occurred_on=on, because=because)


def relapse(case: Case, ctx: CommandContext, *, on: date, next_case: UUID) -> None:
    """The child stayed away again in the 巩固期: a linked case goes on."""
    if case.exists and case.stage in WORKING:
        case.trigger_event(ev.CaseRelapsed, ctx, occurred_on=on, next_case=next_case)


def take_back_relapse(case: Case, ctx: CommandContext, *, on: date) -> None:
    """After a correction the relapse never was."""
    if case.stage is Stage.RELAPSED and case.next_case is not None:
        case.trigger_event(ev.CaseRelapseWithdrawn, ctx, occurred_on=on, next_case=case.next_case)
