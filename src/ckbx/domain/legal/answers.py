"""What the guardian did: promised, obeyed, stopped obeying, or let the term pass."""

from __future__ import annotations

from datetime import date, timedelta

from ckbx.domain.legal import errors
from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_day, check_document, check_refs, check_role
from ckbx.domain.legal.checks import the_paper as find
from ckbx.domain.legal.codes import ANSWER_ROLES, GOVERNMENT_ROLES, PAPERS, Obeyed, PaperKind
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.periods import Law, term_end
from ckbx.domain.legal.words import who
from ckbx.domain.shared.event import CommandContext

_FINED = (PaperKind.FINE_DECISION, PaperKind.REMINDER)


def served_term(paper: Paper, law: Law, action: str) -> date:
    """The end of a served paper's term. Raises WrongPaper, NotServedYet."""
    label = paper.kind.label
    if PAPERS[paper.kind].due == "":
        raise errors.WrongPaper(paper=label, action=action)
    end = term_end(paper, law)
    if end is None:
        raise errors.NotServedYet(paper=label, action=action, who=who(paper.kind))
    return end


def promise(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    promised_on: date,
    evidence_ref: str,
    role: str,
    law: Law,
    document: str | None = None,
) -> None:
    """承诺书: given in time it moves the term once, by no more than a notice's longest term."""
    paper = find(state, number)
    check_role(role, ANSWER_ROLES, "登记监护人承诺")
    if paper.kind == PaperKind.FINE_NOTICE or PAPERS[paper.kind].by_court:
        raise errors.WrongPaper(paper=paper.kind.label, action="以承诺延后")
    end = served_term(paper, law, "登记承诺")
    served = paper.service.served_on if paper.service else paper.issued_on
    check_day(ctx, on, "承诺", after=served, before="送达")
    check_refs("登记承诺", "承诺书", "经办人", evidence_ref)
    if document is not None:
        check_document(document, "承诺书")
    if paper.promised_on is not None:
        raise errors.PromiseStands(promised=paper.promised_on)
    if promised_on < on:
        raise errors.LegalDateOrder(what="承诺返校", day=promised_on, before="作出承诺", earlier=on)
    most = law.rules_on(paper.issued_on).pack.notice_max
    if promised_on > max(end, on) + timedelta(days=most):
        raise errors.PromiseTooFar(promised=promised_on, days=most)
    state.trigger_event(
        e.GuardianPromised,
        ctx,
        occurred_on=on,
        paper=number,
        promised_on=promised_on,
        document=document,
        evidence_ref=evidence_ref,
    )


def comply(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    scope: Obeyed,
    evidence_ref: str,
    role: str,
) -> None:
    """The child was sent, the fine paid, or both; nothing when that is recorded already."""
    paper = find(state, number)
    fine = scope != Obeyed.SCHOOL
    check_role(role, GOVERNMENT_ROLES if fine else ANSWER_ROLES, "登记监护人履行")
    if fine and paper.kind not in _FINED:
        raise errors.WrongPaper(paper=paper.kind.label, action="登记缴纳罚款")
    if scope == Obeyed.ALL:
        scope = _still_owed(state)
    if _is_done(state, scope):
        return
    check_day(ctx, on, "履行", after=paper.issued_on, before=paper.kind.label)
    if scope != Obeyed.FINE and state.back:
        ended = state.back[-1][1]
        if ended is not None:
            check_day(ctx, on, "履行", after=ended, before="再次离校")
    check_refs("登记履行", "返校或缴款凭据", "经办人", evidence_ref)
    state.trigger_event(
        e.GuardianComplied,
        ctx,
        occurred_on=on,
        paper=number,
        scope=scope,
        evidence_ref=evidence_ref,
    )


def _still_owed(state: LegalSteps) -> Obeyed:
    if state.is_back:
        return Obeyed.FINE
    return Obeyed.ALL if state.fine_paid_on is None else Obeyed.SCHOOL


def _is_done(state: LegalSteps, scope: Obeyed) -> bool:
    if scope == Obeyed.FINE:
        return state.fine_paid_on is not None
    return scope == Obeyed.SCHOOL and state.is_back


def cease(
    state: LegalSteps,
    ctx: CommandContext,
    *,
    on: date,
    text_ref: str,
    role: str,
    scope: Obeyed = Obeyed.SCHOOL,
    mistake: bool = False,
) -> None:
    """The child is away again, or what was recorded as obeyed had not been done."""
    check_role(role, ANSWER_ROLES, "登记再次离校")
    needs_child, needs_fine = scope != Obeyed.FINE, scope != Obeyed.SCHOOL
    if (needs_child and not state.is_back) or (needs_fine and state.fine_paid_on is None):
        raise errors.NotComplied
    if needs_fine and not mistake:
        raise errors.WrongPaper(paper="已缴的罚款", action="再次变为未缴")
    if needs_child:
        check_day(ctx, on, "再次离校", after=state.back[-1][0], before="履行")
    check_day(ctx, on, "更正", after=on, before="履行")
    check_refs("登记再次离校", "情况说明", "经办人", text_ref)
    state.trigger_event(
        e.ComplianceCeased, ctx, occurred_on=on, scope=scope, mistake=mistake, text_ref=text_ref
    )


def note_lapse(state: LegalSteps, ctx: CommandContext, number: int, *, role: str, law: Law) -> None:
    """Record that a term passed without compliance; nothing when that is recorded.

    What may follow never waits for this: it is computed from the dates.
    """
    paper = find(state, number)
    check_role(role, ANSWER_ROLES, "登记逾期未履行")
    end = served_term(paper, law, "登记逾期")
    if paper.lapse_noted:
        return
    since = state.back_since(end)
    if since is not None:
        raise errors.AlreadyComplied(since=since, paper="逾期登记")
    if ctx.today <= end:
        raise errors.DeadlineNotPassed(
            paper="逾期登记",
            opens=end + timedelta(days=1),
            because=f"{paper.kind.label}的期限到 {end} 为止",
        )
    state.trigger_event(e.LapseNoted, ctx, occurred_on=ctx.today, paper=number, last_day=end)
