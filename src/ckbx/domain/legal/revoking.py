"""Taking a paper back."""

from __future__ import annotations

from datetime import date

from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_day, check_document, check_refs, check_role
from ckbx.domain.legal.checks import the_paper as find
from ckbx.domain.legal.codes import PAPERS, CorrectionReason
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.words import who
from ckbx.domain.shared.event import CommandContext


def revoke(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    reason: CorrectionReason,
    text_ref: str,
    role: str,
    document: str | None = None,
) -> None:
    """The issuer takes a paper back; one that was served only by a numbered decision."""
    paper = find(state, number)
    label = paper.kind.label
    check_role(role, PAPERS[paper.kind].roles, f"撤销{label}")
    last = paper.service.served_on if paper.service else paper.issued_on
    check_day(ctx, on, "撤销", after=last, before=label)
    check_refs("撤销文书", "撤销理由", who(paper.kind), text_ref)
    if paper.service is not None:
        check_document(document or "", "撤销决定")
    state.trigger_event(
        e.PaperRevoked,
        ctx,
        occurred_on=on,
        paper=number,
        reason=reason,
        document=document,
        text_ref=text_ref,
    )
