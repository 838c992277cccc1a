"""核查: what the check of a suspicion found, A-K, each with the evidence of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case.case import Case
from ckbx.domain.case.errors import EvidenceMissing, FindingContradicts
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.case.persuasion import check_people
from ckbx.domain.case.steps import check
from ckbx.domain.child.status import Finding
from ckbx.domain.shared.event import CommandContext

EVIDENCE = {
    Finding.A: "学籍卡和班级点名记录",
    Finding.B: "就读证明",
    Finding.C: "户口簿",
    Finding.D: "派出所或社区证明",
    Finding.E: "死亡或注销证明",
    Finding.F: "批件和医疗证明",
    Finding.G: "安置决定",
    Finding.H: "毕业名册",
    Finding.I: "出国（境）证件",
    Finding.J: "联系记录和村证明",
    Finding.K: "家访记录",
}
"""The closure evidence of each finding (reference §6.4)."""


def check_cleared_as_found(case: Case, finding: Finding) -> None:
    """Refuse to clear by another finding than the last check's. Raises FindingContradicts.

    Where nobody has recorded a check the decision itself states what was found; a ground that
    has fallen away (依据已变) is decided whatever the check found before.
    """
    found = case.finding
    if found is not None and found is not finding and case.ground_changed is None:
        raise FindingContradicts(
            found=f"{found.value}（{found.label}）", given=f"{finding.value}（{finding.label}）"
        )


def verify(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    finding: Finding,
    evidence_ref: str,
    participants: Sequence[Participant] = (),
    note: UUID | None = None,
    attachments: Sequence[Attached] = (),
) -> None:
    """Record what the check found; a later check may find something else.

    Raises EvidenceMissing, naming the evidence of this finding, and ParticipantUnnamed.
    """
    check(case, ctx, "verify", role=role, on=on)
    if not evidence_ref and not attachments:
        raise EvidenceMissing(
            action=f"核查结论 {finding.value}（{finding.label}）",
            what=EVIDENCE[finding],
            who="核查人",
        )
    check_people(participants)
    case.trigger_event(
        oc.SuspicionVerified,
        ctx,
        occurred_on=on,
        finding=finding,
        evidence_ref=evidence_ref or str(attachments[0].file),
        participants=list(participants),
        note_ref=note,
        attachments=list(attachments),
    )
