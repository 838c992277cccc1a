"""By when is what due of the papers of a case, and was it kept? A pure function, as of a day.

A sibling of :mod:`ckbx.domain.case.deadlines`, with the same four outcomes, one on any day:

- a term of the guardian (notice, order, decision, reminder, judgement) is kept while what the
  paper asks for is done, and for good once that holds on its last day; missed otherwise;
- a period that the law gives the guardian (statement, review, lawsuit) is kept by waiting: it
  ends when it was used, waived or has passed, and nobody misses it;
- a duty of the issuer (serve, remind, apply to the court) is kept by the paper itself.

All are void once the paper was taken back or the work on the case ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.case.case import Deed
from ckbx.domain.case.deadlines import MONTHS, Deadline, Outcome
from ckbx.domain.legal.codes import (
    ORDERS,
    PAPERS,
    VERDICTS,
    AppealKind,
    Body,
    PaperKind,
)
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.periods import (
    COURT_TERM_MONTHS,
    SERVE_DECISION_DAYS,
    Appeals,
    Law,
    add_months,
    appeals_of,
    term_end,
)
from ckbx.domain.legal.terms import serve_by
from ckbx.domain.responsibility.post import Role
from ckbx.domain.rules.rule_pack import CALENDAR_DAYS, WORKING_DAYS, RulePack

_K = PaperKind
_T = TypeVar("_T")
ONE_DAY = timedelta(days=1)
LEGAL_KINDS = {
    "legal_serve": "送达文书",
    "legal_notice": "劝返通知书期限（监护人）",
    "legal_order": "责令期限（监护人）",
    "legal_statement": "陈述申辩、要求听证期（等候）",
    "legal_decision": "处罚决定履行期限（监护人）",
    "legal_review": "行政复议期（等候）",
    "legal_lawsuit": "行政诉讼期（等候）",
    "legal_remind": "送达催告书",
    "legal_reminder": "催告期限（监护人）",
    "legal_apply": "申请强制执行",
    "legal_verdict": "调解、判决履行期限（监护人）",
}
"""Every kind with its Chinese name, in the order in which a case comes to them."""
OF_OFFICE = frozenset({"legal_serve", "legal_remind", "legal_apply"})
"""What the office that issued the paper has to do; all others are the guardian's."""
_TERMS = {
    _K.PERSUASION_NOTICE: ("legal_notice", "persuasion_notice_expired", CALENDAR_DAYS),
    **dict.fromkeys(ORDERS, ("legal_order", "notice_expired", CALENDAR_DAYS)),
    _K.FINE_DECISION: ("legal_decision", "fine_decision_expired", CALENDAR_DAYS),
    _K.REMINDER: ("legal_reminder", "reminder_10", WORKING_DAYS),
    **dict.fromkeys(VERDICTS, ("legal_verdict", "verdict_expired", CALENDAR_DAYS)),
}
_FINED = (_K.FINE_DECISION, _K.REMINDER)
ROLE_OF_BODY = {
    Body.SCHOOL: Role.PRINCIPAL,
    Body.VILLAGE: Role.VILLAGE_OFFICER,
    Body.TOWNSHIP: Role.TOWNSHIP_OFFICER,
    Body.COUNTY: Role.BUREAU_OFFICER,
}
"""Whose duty a paper is, by the body that issued it."""


class Course(NamedTuple):
    """What the case itself says: the child's return, and the end of the work on it."""

    returned: Deed | None = None
    over: Deed | None = None


class _Duty(NamedTuple):
    kind: str
    on: date
    due_on: date | None
    unit: str
    rule: str
    done: Deed | None = None
    over: Deed | None = None
    then: date | None = None  # from when the next step is under way


def legal_deadlines(state: LegalSteps, law: Law, course: Course, day: date) -> list[Deadline]:
    """Every deadline of a case's papers that has arisen by a local day, by paper.

    ``state`` is that of the day: replayed from the facts of that day and before.
    """
    return [
        found
        for paper in state.papers.values()
        for found in _Walk(state, law, course, day, paper).found()
    ]


class _Walk:
    """The walk over one paper as of one day."""

    def __init__(
        self, state: LegalSteps, law: Law, course: Course, day: date, paper: Paper
    ) -> None:
        self.state, self.law, self.day, self.paper = state, law, day, paper
        self.over = _first(day, course.over, _revoked(state, paper))
        self.back = [(first, until, state.back_by.get(first, "")) for first, until in state.back]
        if course.returned is not None:
            self.back.append((course.returned.on, None, course.returned.event))

    @property
    def pack(self) -> RulePack:
        return self.law.rules_on(self.paper.issued_on).pack

    def found(self) -> Iterator[Deadline]:
        for duties in (self._serve, self._term, self._statement, self._appeals, self._civil):
            for duty in duties():
                if duty.on <= self.day:
                    yield self._judge(duty)

    def _judge(self, duty: _Duty) -> Deadline:
        outcome, outcome_on, evidence = _outcome(duty, self.day)
        ends = [deed.on for deed in (duty.done, duty.over) if deed is not None]
        if outcome is Outcome.MISSED and duty.then is not None:
            ends.append(duty.then)
        return Deadline(
            kind=duty.kind,
            case=self.state.case or self.state.id,
            on=duty.on,
            due_on=duty.due_on,
            unit=duty.unit,
            role=self._role(),
            rule=duty.rule,
            rule_version=self.law.rules_on(self.paper.issued_on).version,
            outcome=outcome,
            outcome_on=outcome_on,
            evidence=evidence,
            over_on=min(ends, default=None),
        )

    def _role(self) -> Role:
        """The post of who issued the paper; of a court's, of who went to the court."""
        body = self.paper.body
        if body is Body.COURT:
            before = self.state.valid(before=self.paper.number)
            bodies = [p.body for p in before if p.body is not Body.COURT]
            body = bodies[-1] if bodies else Body.COUNTY
        return ROLE_OF_BODY[body]

    # Of the issuer

    def _serve(self) -> Iterator[_Duty]:
        paper, info = self.paper, PAPERS[self.paper.kind]
        if info.filed or info.by_court:
            return
        limits = [serve_by(paper, self.pack)]
        if paper.kind == _K.FINE_DECISION:
            limits.append(self._counted(paper.issued_on, SERVE_DECISION_DAYS))
        due = min((limit for limit in limits if limit is not None), default=None)
        if due is None:
            return
        due = max(due, paper.issued_on)
        done = Deed(paper.service.served_on, paper.service.event) if paper.service else None
        over = _first(self.day, self.over, self._obeyed(paper.issued_on, self.day))
        yield _Duty("legal_serve", paper.issued_on, due, CALENDAR_DAYS, "legal_serve", done, over)

    # Of the guardian

    def _term(self) -> Iterator[_Duty]:
        paper = self.paper
        if paper.kind not in _TERMS or paper.service is None:
            return
        kind, rule, unit = _TERMS[paper.kind]
        on = paper.service.effective_on
        due = self._end()
        held = self.day if due is None else min(self.day, due)
        done = self._holds(on, held)
        if done is None and held < self.day:
            done = self._obeyed(held + ONE_DAY, self.day)
        yield _Duty(kind, on, due, unit, rule, done, self.over, self._next())

    def _statement(self) -> Iterator[_Duty]:
        paper = self.paper
        if paper.kind != _K.FINE_NOTICE or paper.service is None:
            return
        used = [d for d in (paper.waived_on, paper.hearing_asked_on) if d is not None]
        on, due = paper.service.effective_on, self._end()
        yield self._right("legal_statement", on, due, WORKING_DAYS, "statement_5", used)

    def _right(
        self, kind: str, on: date, due: date | None, unit: str, rule: str, used: list[date]
    ) -> _Duty:
        """It ends by being used in time, or by running out."""
        ends = [d for d in used if d <= self.day and (due is None or d <= due)]
        if due is not None and self.day > due:
            ends.append(due)
        done = Deed(max(min(ends), on), "") if ends else None
        return _Duty(kind, on, due, unit, rule, done, self.over)

    def _appeals(self) -> Iterator[_Duty]:
        """Both periods run side by side; what may follow waits for the longer one."""
        decision = self.paper
        if decision.kind != _K.FINE_DECISION or decision.service is None:
            return
        on = decision.service.effective_on
        appeals = self._of_law(lambda: appeals_of(self.state, decision, self.law))
        filed = {
            kind: [
                a.filed_on
                for a in self.state.appeals
                if (a.paper, a.kind) == (decision.number, kind)
            ]
            for kind in AppealKind
        }
        until = (appeals.review_until, appeals.lawsuit_until) if appeals else (None, None)
        yield self._right(
            "legal_review", on, until[0], CALENDAR_DAYS, "review_60", filed[AppealKind.REVIEW]
        )
        yield self._right(
            "legal_lawsuit", on, until[1], MONTHS, "lawsuit_6m", filed[AppealKind.LAWSUIT]
        )
        end = self._end()
        pending = self.state.pending_appeal(decision.number)
        if appeals is not None and end is not None and pending is None:
            yield from self._enforce(appeals, end)

    def _enforce(self, appeals: Appeals, end: date) -> Iterator[_Duty]:
        """行政强制法 53, 54: remind, wait ten working days, apply within three months."""
        complied = self._obeyed(self.paper.issued_on, self.day)
        over = _first(self.day, self.over, complied, self._issued(_K.COMPLAINT))
        reminded = self._after(_K.REMINDER)
        served = reminded.service if reminded is not None else None
        done = Deed(served.effective_on, served.event) if served else None
        last = self._of_law(lambda: self._last_reminder(appeals.enforce_until))
        by_day = _first(self.day, done)
        on, rule = end + ONE_DAY, "remind_in_time"
        if last is None or on <= last:
            yield _Duty("legal_remind", on, last, WORKING_DAYS, rule, by_day, over)
        on, until = max(end, appeals.final_on) + ONE_DAY, appeals.enforce_until
        applied = self._issued(_K.ENFORCEMENT_APPLICATION)
        if on <= until:
            yield _Duty("legal_apply", on, until, MONTHS, "enforcement_3m", applied, over)

    def _last_reminder(self, until: date) -> date:
        """The last day of service after which the waiting days end before the window does."""
        day = until
        while self.law.add_working_days(day, self.pack.reminder_days) >= until:
            day -= ONE_DAY
        return day

    def _civil(self) -> Iterator[_Duty]:
        """民事诉讼法 250: what a court gave is enforced on application within two years."""
        end = self._end() if self.paper.kind in VERDICTS else None
        if end is None:
            return
        over = _first(self.day, self.over, self._obeyed(end, self.day))
        applied = self._issued(_K.ENFORCEMENT_APPLICATION)
        until = add_months(end, COURT_TERM_MONTHS)
        yield _Duty("legal_apply", end + ONE_DAY, until, MONTHS, "court_term_24m", applied, over)

    # What the facts say

    def _end(self) -> date | None:
        return self._of_law(lambda: term_end(self.paper, self.law))

    def _of_law(self, ask: Callable[[], _T]) -> _T | None:
        """None in a year whose working days nobody has said yet."""
        try:
            return ask()
        except CalendarRefusal:
            return None

    def _counted(self, day: date, n: int) -> date | None:
        return self._of_law(lambda: self.law.add_working_days(day, n))

    def _paid(self) -> date | None:
        """From when the money is no hindrance; None while a fine is owed."""
        return self.state.fine_paid_on if self.paper.kind in _FINED else date.min

    def _holds(self, on: date, day: date) -> Deed | None:
        """What was asked for, where it is done on a day; since when, not before ``on``."""
        paid = self._paid()
        if paid is None or paid > day:
            return None
        for first, until, event in self.back:
            if first <= day and (until is None or day < until):
                return Deed(max(first, paid, on), event)
        return None

    def _obeyed(self, since: date, day: date) -> Deed | None:
        """The first day between two on which it was done."""
        paid = self._paid()
        if paid is None:
            return None
        found = [
            Deed(max(first, paid, since), event)
            for first, until, event in self.back
            if max(first, paid, since) <= day and (until is None or max(first, paid, since) < until)
        ]
        return min(found, default=None, key=lambda deed: deed.on)

    def _after(self, kind: PaperKind) -> Paper | None:
        """The first valid paper of a kind after this one."""
        return next((p for p in self.state.valid(kind) if p.number > self.paper.number), None)

    def _issued(self, kind: PaperKind) -> Deed | None:
        paper = self._after(kind)
        return Deed(paper.issued_on, paper.event) if paper is not None else None

    def _next(self) -> date | None:
        """When something followed upon the paper: another one, or the leave to skip a step."""
        later = [p.issued_on for p in self.state.valid() if p.number > self.paper.number]
        skips = [s.on for s in self.state.skips.values() if s.after >= self.paper.number]
        return min((*later, *skips), default=None)


def _revoked(state: LegalSteps, paper: Paper) -> Deed | None:
    """When the paper, or the decision that a reminder rests on, was no more."""
    papers = [paper]
    if paper.kind == _K.REMINDER:
        earlier = (p for p in state.papers.values() if p.number < paper.number)
        papers += [p for p in earlier if p.kind == _K.FINE_DECISION][-1:]
    days = [p.revoked_on for p in papers if p.revoked_on is not None]
    return Deed(min(days), "") if days else None


def _first(day: date, *deeds: Deed | None) -> Deed | None:
    """The earliest of what there was by a day."""
    there = [deed for deed in deeds if deed is not None and deed.on <= day]
    return min(there, default=None, key=lambda deed: deed.on)


def _outcome(duty: _Duty, day: date) -> tuple[Outcome, date | None, str | None]:
    done, over, due = duty.done, duty.over, duty.due_on
    if done is not None and over is not None and over.on < done.on:
        done = None  # what it was for had ended before
    if done is not None and (due is None or done.on <= due):
        return Outcome.KEPT, done.on, done.event or None
    if over is not None and (due is None or over.on <= due):
        return Outcome.VOID, over.on, over.event or None
    if due is not None and day > due:
        return Outcome.MISSED, due, done.event or None if done is not None else None
    return Outcome.OPEN, None, None
