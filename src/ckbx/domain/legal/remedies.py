"""What the law gives a guardian who is to be fined: statement, hearing, review, lawsuit."""

from __future__ import annotations

from datetime import date

from ckbx.domain.legal import errors
from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_day, check_document, check_refs, check_role
from ckbx.domain.legal.checks import the_paper as find
from ckbx.domain.legal.codes import (
    GOVERNMENT_ROLES,
    AppealKind,
    AppealOutcome,
    PaperKind,
    StatementKind,
)
from ckbx.domain.legal.legal_steps import LegalSteps, Paper, Service
from ckbx.domain.legal.periods import Law, appeals_of
from ckbx.domain.legal.words import who
from ckbx.domain.shared.event import CommandContext


def _served(state: LegalSteps, number: int, kind: PaperKind, action: str) -> tuple[Paper, Service]:
    paper = find(state, number)
    if paper.kind is not kind:
        raise errors.WrongPaper(paper=paper.kind.label, action=action)
    if paper.service is None:
        raise errors.NotServedYet(paper=paper.kind.label, action=action, who=who(kind))
    return paper, paper.service


def receive_statement(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    answer: StatementKind,
    text_ref: str,
    role: str,
) -> None:
    """陈述申辩, a request for a hearing, or a signed waiver of both (行政处罚法 45, 64)."""
    check_role(role, GOVERNMENT_ROLES, "登记陈述申辩")
    _, service = _served(state, number, PaperKind.FINE_NOTICE, "登记陈述申辩")
    if state.newest(PaperKind.FINE_DECISION) is not None:
        raise errors.StatementClosed
    check_day(ctx, on, "陈述申辩", after=service.served_on, before="送达")
    check_refs("登记陈述申辩", "笔录或书面材料", "经办人", text_ref)
    state.trigger_event(
        e.StatementReceived, ctx, occurred_on=on, paper=number, answer=answer, text_ref=text_ref
    )


def hold_hearing(
    state: LegalSteps, ctx: CommandContext, number: int, *, on: date, evidence_ref: str, role: str
) -> None:
    """The hearing that was asked for took place."""
    check_role(role, GOVERNMENT_ROLES, "举行听证")
    paper, _ = _served(state, number, PaperKind.FINE_NOTICE, "举行听证")
    if paper.hearing_asked_on is None:
        raise errors.NoHearingAsked
    check_day(ctx, on, "听证", after=paper.hearing_asked_on, before="听证申请")
    check_refs("登记听证", "听证笔录", "经办人", evidence_ref)
    state.trigger_event(e.HearingHeld, ctx, occurred_on=on, paper=number, evidence_ref=evidence_ref)


def file_appeal(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    kind: AppealKind,
    document: str,
    role: str,
    law: Law,
    late: bool = False,
) -> None:
    """复议 or 行政诉讼 was accepted; ``late``: although the period had passed."""
    check_role(role, GOVERNMENT_ROLES, f"登记{kind.label}")
    decision, service = _served(state, number, PaperKind.FINE_DECISION, f"登记{kind.label}")
    pending = state.pending_appeal(number)
    if pending is not None:
        raise errors.AppealPending(
            kind=pending.kind.label, paper="另一项复议或诉讼", who=who(decision.kind)
        )
    check_day(ctx, on, kind.label, after=service.served_on, before="送达")
    check_document(document, "受理通知书")
    periods = appeals_of(state, decision, law)
    if periods is not None and not late:
        until = periods.review_until if kind == AppealKind.REVIEW else periods.final_on
        if on > until:
            raise errors.AppealTooLate(kind=kind.label, until=until, day=on)
    state.trigger_event(
        e.AppealFiled, ctx, occurred_on=on, paper=number, kind=kind, document=document, late=late
    )


def end_appeal(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    outcome: AppealOutcome,
    document: str,
    role: str,
) -> None:
    """What became of the pending appeal; ``revoked``: the decision is no more."""
    check_role(role, GOVERNMENT_ROLES, "登记复议、诉讼结果")
    _served(state, number, PaperKind.FINE_DECISION, "登记复议、诉讼结果")
    pending = state.pending_appeal(number)
    if pending is None:
        raise errors.NoAppeal
    check_day(ctx, on, "结果", after=pending.filed_on, before=pending.kind.label)
    check_document(document, "复议决定书或裁判文书")
    state.trigger_event(
        e.AppealEnded,
        ctx,
        occurred_on=on,
        paper=number,
        kind=pending.kind,
        outcome=outcome,
        document=document,
    )
