"""On what does a paper rest, and from which day may it be issued?

One function a kind of paper says what must have been served and must have lapsed. Deciding,
re-checking papers that stand, and telling a person what comes next all ask it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from ckbx.domain.legal import errors
from ckbx.domain.legal.codes import (
    EXECUTION,
    ORDERS,
    PAPERS,
    RULINGS,
    STEP_TITLES,
    VERDICTS,
    AppealOutcome,
    PaperKind,
)
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.periods import COURT_TERM_MONTHS, Law, add_months, appeals_of, term_end
from ckbx.domain.legal.words import who

_K = PaperKind
ONE_DAY = timedelta(days=1)


class Ground(msgspec.Struct, frozen=True):
    """``opens_on``: the first day (None: no earlier bound); ``closes_on``: the last.

    ``refusal`` says what is missing, and then no day is given.
    """

    opens_on: date | None = None
    closes_on: date | None = None
    because: str = ""
    refusal: errors.LegalRefusal | None = None


def ground_of(
    state: LegalSteps, kind: PaperKind, law: Law, on: date, before: int | None = None
) -> Ground:
    """The ground of a paper of this kind on a day.

    ``before`` looks only at papers before that number. Raises CalendarYearUnknown where a
    working day cannot be counted.
    """
    ask = _Ask(state, kind, law, before)
    done = _complied(ask, on)
    if done is not None:
        return Ground(refusal=done)
    return _GROUNDS[kind](ask)


class _Ask(msgspec.Struct, frozen=True):
    state: LegalSteps
    kind: PaperKind
    law: Law
    before: int | None

    def valid(self, *kinds: PaperKind) -> list[Paper]:
        return self.state.valid(*kinds, before=self.before)

    def newest(self, *kinds: PaperKind) -> Paper | None:
        return self.state.newest(*kinds, before=self.before)


def _complied(ask: _Ask, on: date) -> errors.LegalRefusal | None:
    since = ask.state.back_since(on)
    if since is None or PAPERS[ask.kind].by_court:
        return None
    if since == on and ask.before is not None:  # issued first, obeyed the same day
        return None
    if ask.kind in (_K.REMINDER, _K.ENFORCEMENT_APPLICATION) and not ask.valid(_K.COMPLAINT):
        paid = ask.state.fine_paid_on
        if paid is None or paid > on:
            return None
    return errors.AlreadyComplied(since=since, paper=ask.kind.label)


def lapsed(paper: Paper, law: Law) -> Ground:
    """Open from the day after a served paper's term; its ``refusal`` when it was not served."""
    end = term_end(paper, law)
    if end is None:
        return Ground(
            refusal=errors.PaperNotServed(
                paper=paper.kind.label, document=paper.document, who=who(paper.kind)
            )
        )
    return Ground(opens_on=end + ONE_DAY, because=f"{paper.kind.label}的期限到 {end} 为止")


def _any_lapsed(ask: _Ask, kinds: tuple[PaperKind, ...], step: int) -> Ground:
    """The earliest lapse among these papers, or the county's leave to skip the step.

    A paper issued after the leave takes its place: what was done after all must lapse.
    """
    papers, skip = ask.valid(*kinds), ask.state.skips.get(step)
    if skip is not None and all(p.number <= skip.after for p in papers):
        return Ground(opens_on=skip.on, because=f"第 {step} 步于 {skip.on} 批准跳过")
    if papers:
        return _earliest(ask, papers)
    names = "或".join(kind.label for kind in kinds)
    missing = errors.StepMissing(step=step, title=STEP_TITLES[step], paper=names, who=who(kinds[0]))
    return Ground(refusal=missing)


def _earliest(ask: _Ask, papers: list[Paper]) -> Ground:
    """The first of these papers to lapse; what the last one lacks when none was served."""
    grounds = [lapsed(p, ask.law) for p in papers]
    opened = [g for g in grounds if g.opens_on is not None]
    return min(opened, key=lambda g: g.opens_on or date.max) if opened else grounds[-1]


def _later(*grounds: Ground) -> Ground:
    """All of them: the first refusal, else the latest opening and the earliest close."""
    for ground in grounds:
        if ground.refusal is not None:
            return ground
    last = max(grounds, key=lambda g: g.opens_on or date.min)
    closes = [g.closes_on for g in grounds if g.closes_on is not None]
    return Ground(last.opens_on, min(closes) if closes else None, last.because)


def _free(_: _Ask) -> Ground:
    return Ground()


def skip_ground(state: LegalSteps, step: int, law: Law) -> Ground:
    """When a step may be left out: only after the one before it was done, or left out."""
    ask = _Ask(state, _K.COMPLAINT, law, None)
    if step == 2:
        return _any_lapsed(ask, (_K.PERSUASION_NOTICE,), 1)
    return _any_lapsed(ask, ORDERS, 2) if step == 3 else Ground()


def _pledge(_: _Ask) -> Ground:
    return Ground(refusal=errors.PledgeIsAnAnswer())


def _order(ask: _Ask) -> Ground:
    return _any_lapsed(ask, (_K.PERSUASION_NOTICE,), 1)


def _fine_notice(ask: _Ask) -> Ground:
    orders = ask.valid(*ORDERS)
    if not orders and 2 in ask.state.skips:
        return Ground(refusal=errors.OrderMissing())
    return _earliest(ask, orders) if orders else _any_lapsed(ask, ORDERS, 2)


def _fine_decision(ask: _Ask) -> Ground:
    notice = ask.newest(_K.FINE_NOTICE)
    if notice is None:
        return Ground(refusal=errors.FineNoticeMissing(who=who(_K.FINE_NOTICE)))
    ground = lapsed(notice, ask.law)
    if ground.refusal is not None:
        return ground
    if notice.hearing_asked_on is not None:
        if notice.hearing_held_on is None:
            return Ground(refusal=errors.HearingPending(who=who(_K.FINE_NOTICE)))
        held = notice.hearing_held_on
        return _later(ground, Ground(opens_on=held, because=f"听证于 {held} 举行"))
    if notice.waived_on is not None:
        waived = notice.waived_on
        return Ground(opens_on=waived, because=f"监护人于 {waived} 书面放弃陈述申辩")
    return ground


def _standing_decision(ask: _Ask) -> Paper | Ground:
    """The served decision that is neither contested nor revoked, or why there is none."""
    label = ask.kind.label
    decision = ask.newest(_K.FINE_DECISION)
    if decision is None:
        if any(a.outcome == AppealOutcome.REVOKED for a in ask.state.appeals):
            return Ground(refusal=errors.DecisionRevoked(paper=label))
        return Ground(refusal=errors.DecisionMissing(paper=label))
    if decision.service is None:
        return lapsed(decision, ask.law)
    appeal = ask.state.pending_appeal(decision.number)
    if appeal is not None and ask.before is None:  # one filed later spoils nothing before it
        pending = errors.AppealPending(
            kind=appeal.kind.label, paper=label, who=who(_K.FINE_DECISION)
        )
        return Ground(refusal=pending)
    return decision


def _reminder(ask: _Ask) -> Ground:
    if ask.valid(_K.COMPLAINT):
        return Ground(refusal=errors.OtherWayOpen(way="提起民事诉讼", paper=ask.kind.label))
    found = _standing_decision(ask)
    return lapsed(found, ask.law) if isinstance(found, Paper) else found


def _application(ask: _Ask) -> Ground:
    complaint = ask.newest(_K.COMPLAINT)
    if complaint is not None:
        return _civil_application(ask)
    found = _standing_decision(ask)
    if isinstance(found, Ground):
        return found
    reminder = ask.newest(_K.REMINDER)
    if reminder is None:
        return Ground(refusal=errors.ReminderMissing(who=who(_K.REMINDER)))
    reminded = lapsed(reminder, ask.law)
    appeals = appeals_of(ask.state, found, ask.law)
    if reminded.refusal is not None or appeals is None:
        return reminded
    final = Ground(
        opens_on=appeals.final_on + ONE_DAY,
        closes_on=appeals.enforce_until,
        because=f"复议、诉讼期限到 {appeals.final_on} 为止",
    )
    return _later(lapsed(found, ask.law), reminded, final)


def _civil_application(ask: _Ask) -> Ground:
    verdict = ask.newest(*VERDICTS)
    if verdict is None:
        return Ground(
            refusal=errors.OtherWayOpen(way="提起民事诉讼", paper=ask.kind.label),
        )
    ground = lapsed(verdict, ask.law)
    if ground.opens_on is None:
        return ground
    until = add_months(ground.opens_on - ONE_DAY, COURT_TERM_MONTHS)
    return Ground(ground.opens_on, until, ground.because)


def _complaint(ask: _Ask) -> Ground:
    application = ask.newest(_K.ENFORCEMENT_APPLICATION)
    if application is not None and ask.newest(*RULINGS) is None:
        way = errors.OtherWayOpen(way="申请强制执行", paper=ask.kind.label)
        return Ground(refusal=way)
    if ask.newest(_K.ENFORCEMENT_GRANTED) is not None:
        way = errors.OtherWayOpen(way="由法院准予强制执行", paper=ask.kind.label)
        return Ground(refusal=way)
    order = _any_lapsed(ask, ORDERS, 2)
    if order.refusal is not None:
        return order
    return _later(order, _any_lapsed(ask, (_K.FINE_DECISION,), 3))


def _ruling(ask: _Ask) -> Ground:
    if ask.valid(_K.COMPLAINT):
        filing = "申请强制执行行政处罚决定"
        return Ground(refusal=errors.NotFiled(filing=filing, paper=ask.kind.label))
    return _after_filing(ask, _K.ENFORCEMENT_APPLICATION, "申请强制执行")


def _verdict(ask: _Ask) -> Ground:
    return _after_filing(ask, _K.COMPLAINT, "提起民事诉讼")


def _execution(ask: _Ask) -> Ground:
    granted = ask.newest(_K.ENFORCEMENT_GRANTED)
    if granted is not None:
        return Ground(opens_on=granted.issued_on, because=f"法院于 {granted.issued_on} 准予执行")
    verdict, application = ask.newest(*VERDICTS), ask.newest(_K.ENFORCEMENT_APPLICATION)
    if verdict is None or application is None or application.number < verdict.number:
        missing = errors.NotFiled(filing="申请强制执行并获准", paper=ask.kind.label)
        return Ground(refusal=missing)
    return Ground(opens_on=application.issued_on, because="申请执行以后")


def _after_filing(ask: _Ask, filed: PaperKind, filing: str) -> Ground:
    paper = ask.newest(filed)
    if paper is None:
        return Ground(refusal=errors.NotFiled(filing=filing, paper=ask.kind.label))
    return Ground(opens_on=paper.issued_on, because=f"{filing}在 {paper.issued_on}")


_GROUNDS: dict[PaperKind, Callable[[_Ask], Ground]] = {
    _K.PERSUASION_NOTICE: _free,
    _K.PLEDGE: _pledge,
    **dict.fromkeys(ORDERS, _order),
    _K.FINE_NOTICE: _fine_notice,
    _K.FINE_DECISION: _fine_decision,
    _K.REMINDER: _reminder,
    _K.ENFORCEMENT_APPLICATION: _application,
    **dict.fromkeys(RULINGS, _ruling),
    **dict.fromkeys(EXECUTION, _execution),
    _K.COMPLAINT: _complaint,
    **dict.fromkeys(VERDICTS, _verdict),
}


def defects(state: LegalSteps, law: Law) -> dict[int, errors.LegalRefusal]:
    """Valid papers whose ground has since fallen away, and why; by number of paper."""
    found: dict[int, errors.LegalRefusal] = {}
    for paper in state.valid():
        ground = ground_of(state, paper.kind, law, paper.issued_on, paper.number)
        why = ground.refusal or outside(ground, paper.kind, paper.issued_on)
        if why is not None:
            found[paper.number] = why
    return found


def outside(ground: Ground, kind: PaperKind, on: date) -> errors.LegalRefusal | None:
    """The refusal of a day before the ground opens or after it closes."""
    if ground.opens_on is not None and on < ground.opens_on:
        return errors.DeadlineNotPassed(
            paper=kind.label, opens=ground.opens_on, because=ground.because
        )
    if ground.closes_on is not None and on > ground.closes_on:
        return errors.WindowClosed(paper=kind.label, closed=ground.closes_on)
    return None
