"""Issuing a paper, and taking one back."""

from __future__ import annotations

from datetime import date

import msgspec

from ckbx.domain.legal import errors
from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_code, check_day, check_document, check_refs, check_role
from ckbx.domain.legal.checks import the_paper as find
from ckbx.domain.legal.codes import (
    BODY_OF_ROLE,
    CODE_LENGTH,
    ORDERS,
    PAPERS,
    RULINGS,
    VERDICTS,
    Body,
    CorrectionReason,
    PaperKind,
)
from ckbx.domain.legal.grounds import defects, ground_of, outside
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.opening import Subject, open_steps
from ckbx.domain.legal.periods import Law, term_end
from ckbx.domain.legal.words import who
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.shared.event import CommandContext

_K = PaperKind
_FINES = (_K.FINE_NOTICE, _K.FINE_DECISION)
_LONGEST_TERM = 365


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A paper as it was signed. ``issuer``: the digits of the body (a court: its region)."""

    kind: PaperKind
    on: date
    document: str
    issuer: str
    due_on: date | None = None
    due_days: int | None = None
    amount: int | None = None
    pay_by: date | None = None
    file_ref: str | None = None


def issue(
    state: LegalSteps, ctx: CommandContext, draft: Draft, *, role: str, law: Law, of: Subject
) -> int:
    """Record a paper that was issued, filed, or received from the court; its number.

    Raises the refusal that names what is missing, NotThisRole, CalendarYearUnknown.
    """
    kind, label = draft.kind, draft.kind.label
    check_role(role, PAPERS[kind].roles, f"出具{label}")
    check_day(ctx, draft.on, label, after=state.opened_on or draft.on, before="启动步骤")
    check_document(draft.document, label)
    check_code("文书附件", draft.file_ref)
    body = Body.COURT if PAPERS[kind].by_court else BODY_OF_ROLE[role]
    _check_issuer(body, draft.issuer)
    check_open(state, kind, law, draft.on)
    _check_number(state, draft)
    rules = law.rules_on(draft.on)
    _check_term(draft, rules.pack)
    _check_fine(state, draft)
    number = len(state.papers) + 1
    open_steps(state, ctx, of, draft.on)
    state.trigger_event(
        e.PaperIssued,
        ctx,
        occurred_on=draft.on,
        paper=number,
        step=kind.step,
        kind=kind,
        document=draft.document,
        body=body,
        issuer=draft.issuer,
        due_on=draft.due_on,
        due_days=draft.due_days,
        amount=draft.amount,
        pay_by=draft.pay_by,
        basis=law.fine_basis if kind in _FINES else None,
        file_ref=draft.file_ref,
        rule_version=rules.version,
    )
    return number


def check_open(state: LegalSteps, kind: PaperKind, law: Law, on: date) -> None:
    """Refuse a paper that may not be issued on a day, naming what is missing.

    The order of the refusals: what stands in its way, what it rests on, when that lapses,
    and whether the papers before it still have a ground of their own.
    """
    if kind in _FINES and not law.fine_basis:
        raise errors.FineBasisMissing
    ground = ground_of(state, kind, law, on)
    if ground.refusal is not None:
        raise ground.refusal
    _check_passed(state, kind)
    _check_stands(state, kind, law, on)
    refusal = outside(ground, kind, on)
    if refusal is not None:
        raise refusal
    if PAPERS[kind].by_court:
        return
    for number, why in defects(state, law).items():
        paper = state.papers[number]
        raise errors.GroundGone(
            paper=paper.kind.label, document=paper.document, why=why, who=who(paper.kind)
        )


def _check_passed(state: LegalSteps, kind: PaperKind) -> None:
    reached = max((p.step for p in state.valid()), default=0)
    if kind.step < reached:
        raise errors.StepPassed(step=reached, paper=kind.label)


def _check_stands(state: LegalSteps, kind: PaperKind, law: Law, on: date) -> None:
    standing = _standing(state, kind, law, on)
    if standing is not None:
        raise errors.PaperStands(
            paper=standing.kind.label, document=standing.document, who=who(standing.kind)
        )


def _standing(state: LegalSteps, kind: PaperKind, law: Law, on: date) -> Paper | None:
    """The paper beside which there may be no other of this kind."""
    match kind:
        case _K.ORDER_TO_ATTEND | _K.ORDER_TO_RETURN:
            order = state.newest(*ORDERS)
            if order is None:
                return None
            end = term_end(order, law)
            return order if end is None or on <= end else None
        case _K.ENFORCEMENT_GRANTED | _K.ENFORCEMENT_DENIED:
            return state.newest(*RULINGS)
        case _K.MEDIATION | _K.JUDGEMENT:
            return state.newest(*VERDICTS)
        case _K.ENFORCEMENT_APPLICATION:
            applied, sued = state.newest(kind), state.newest(_K.COMPLAINT)
            return applied if applied and (not sued or applied.number > sued.number) else None
        case _K.FINE_NOTICE | _K.FINE_DECISION | _K.REMINDER | _K.COMPLAINT:
            return state.newest(kind)
    return None


def _check_issuer(body: Body, issuer: str) -> None:
    digits = CODE_LENGTH.get(body, 6)
    if not (issuer.isascii() and issuer.isdigit() and len(issuer) == digits):
        shown = issuer if issuer.isascii() else "（非数字）"
        names = {
            Body.SCHOOL: "学校标识码",
            Body.VILLAGE: "村(社区)区划代码",
            Body.TOWNSHIP: "乡镇区划代码",
        }
        raise errors.IssuerCodeWrong(
            shown=shown, body=names.get(body, "县级区划代码"), digits=digits
        )


def _check_number(state: LegalSteps, draft: Draft) -> None:
    if PAPERS[draft.kind].by_court:  # one 案号 stands on several papers of a court
        return
    for paper in state.valid():
        if paper.document == draft.document:
            raise errors.DocumentNumberUsed(document=draft.document, paper=paper.kind.label)


def term_bounds(kind: PaperKind, pack: RulePack) -> tuple[int, int] | None:
    """Fewest and most calendar days a paper may give; None: it sets no term of its own."""
    match PAPERS[kind].due:
        case "notice":
            return pack.notice_min, pack.notice_max
        case "short":
            return 1, pack.notice_max
        case "open":
            return 0, _LONGEST_TERM
    return None


def _check_term(draft: Draft, pack: RulePack) -> None:
    label, bounds = draft.kind.label, term_bounds(draft.kind, pack)
    given = [value for value in (draft.due_on, draft.due_days) if value is not None]
    if bounds is None:
        if given:
            raise errors.DeadlineNotAllowed(paper=label)
        return
    if len(given) != 1:
        raise errors.DeadlineMissing(paper=label)
    days = draft.due_days
    if draft.due_on is not None:
        days = (draft.due_on - draft.on).days
    if days is None or not bounds[0] <= days <= bounds[1]:
        raise errors.DeadlineOutOfBounds(paper=label, low=bounds[0], high=bounds[1], days=days)


def _check_fine(state: LegalSteps, draft: Draft) -> None:
    label = draft.kind.label
    if draft.kind not in _FINES:
        if draft.amount is not None or draft.pay_by is not None:
            raise errors.AmountNotAllowed(paper=label)
        return
    if draft.amount is None or draft.amount < 1:
        raise errors.AmountMissing(paper=label)
    if draft.kind == _K.FINE_NOTICE:
        if draft.pay_by is not None:
            raise errors.DeadlineNotAllowed(paper=label)
        return
    if draft.pay_by is None or not 0 <= (draft.pay_by - draft.on).days <= _LONGEST_TERM:
        raise errors.DeadlineMissing(paper=f"{label}的缴款")
    notice = state.newest(_K.FINE_NOTICE)
    if notice is not None and draft.amount > (notice.amount or 0):
        raise errors.FineHeavier(amount=draft.amount, told=notice.amount)


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
