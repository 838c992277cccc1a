"""Issuing a paper: recorded as it was signed, filed, or received from the court."""

from __future__ import annotations

from ckbx.domain.legal import errors
from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_code, check_day, check_document, check_role
from ckbx.domain.legal.codes import BODY_OF_ROLE, CODE_LENGTH, PAPERS, Body
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.opening import Subject, open_steps
from ckbx.domain.legal.periods import Law
from ckbx.domain.legal.terms import FINES, Draft, check_fine, check_term
from ckbx.domain.legal.turn import check_open
from ckbx.domain.shared.event import CommandContext


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
    check_term(draft, rules.pack)
    check_fine(state, draft)
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
        basis=law.fine_basis if kind in FINES else None,
        file_ref=draft.file_ref,
        rule_version=rules.version,
    )
    return number


def _check_issuer(body: Body, issuer: str) -> None:
    digits = CODE_LENGTH.get(body, 6)
    if not (issuer.isascii() and issuer.isdigit() and len(issuer) == digits):
        shown = issuer if issuer.isascii() else "（非数字）"
        names = {
            Body.SCHOOL: "学校标识码",
            Body.VILLAGE: "村（社区）区划代码",
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
