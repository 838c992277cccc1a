"""What an application must have before township or county may grant it."""

from __future__ import annotations

from collections.abc import Collection

from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import LegalBasisMissing
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.leave.application import CommitteeOpinion, LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.leave.conditions import (
    Approval,
    advised_by,
    check_plan,
    hospital_paper,
    last_day,
    not_by_the_school,
)
from ckbx.domain.leave.errors import SchoolOpinionMissing
from ckbx.domain.leave.steps import check, check_document
from ckbx.domain.shared.event import CommandContext


def decide(
    application: LeaveApplication,
    ctx: CommandContext,
    child: Child,
    given: Approval,
    *,
    role: str,
    legal_basis: str | None,
    assessed: CommitteeOpinion | None,
    hospitals: Collection[str],
) -> LeaveDecision:
    """The child's decision, when nothing is missing. ``legal_basis`` is the county's of 免学,
    ``assessed`` the last assessment of the committee, ``hospitals`` those the county named.

    Raises SchoolCannotDecideLeave, LegalBasisMissing, CommitteeOpinionMissing,
    CommitteeAdvisesOtherwise, HospitalPaperMissing, HospitalNotNamed, SchoolOpinionMissing,
    LeaveNeedsEnd, LeaveTooLong, LeaveDayRefused, TeachingPlanMissing, LeaveDocumentMissing.
    """
    not_by_the_school(role, application.kind.label)
    check(application, ctx, "approve", role=role, on=given.on)
    kind = application.kind
    if kind is LeaveKind.EXEMPTION and not legal_basis:
        raise LegalBasisMissing
    committee = None
    if application.proof is Proof.COMMITTEE:
        committee = advised_by(application, assessed)
        evidence = committee.ref
    else:
        evidence = hospital_paper(application, hospitals)
    if kind is LeaveKind.SUSPENSION and child.class_key and application.opinion is None:
        raise SchoolOpinionMissing
    until = last_day(kind, given)
    if kind is LeaveKind.HOME_TEACHING:
        check_plan(given)
    check_document(given.document, action=f"批准{kind.label}", what="文号", who="审批机关")
    return LeaveDecision(
        occurred_on=given.on,
        effective_from=given.effective_from,
        until=until,
        approver=ctx.actor,
        approver_role=role,
        document=given.document,
        evidence_ref=str(evidence),
        committee_ref=str(committee.ref) if committee else None,
        for_disability=committee is not None,
    )
