"""The state of the four steps of one case. ``apply`` only stores; rules stand beside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.domain.legal import events as e
from ckbx.domain.legal.codes import (
    PAPERS,
    AppealKind,
    AppealOutcome,
    Body,
    Obeyed,
    PaperKind,
    ServiceMode,
    SkipReason,
    StatementKind,
)
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.ids import stream_id


class Service(msgspec.Struct, frozen=True):
    """A 送达回证 in force."""

    event: str
    served_on: date
    effective_on: date
    mode: ServiceMode


class Paper(msgspec.Struct, kw_only=True):
    """One paper and what became of it."""

    number: int
    kind: PaperKind
    document: str
    issued_on: date
    body: Body = Body.TOWNSHIP
    event: str = ""
    due_on: date | None = None
    due_days: int | None = None
    amount: int | None = None
    pay_by: date | None = None
    basis: str | None = None
    service: Service | None = None
    failures: list[date] = []
    promised_on: date | None = None
    promise_given_on: date | None = None
    waived_on: date | None = None
    hearing_asked_on: date | None = None
    hearing_held_on: date | None = None
    lapse_noted: bool = False
    revoked_on: date | None = None

    @property
    def step(self) -> int:
        """1 to 4."""
        return PAPERS[self.kind].step


class Appeal(msgspec.Struct):
    """复议 or 行政诉讼 against the decision; ``outcome`` None while it is pending."""

    paper: int
    kind: AppealKind
    filed_on: date
    ended_on: date | None = None
    outcome: AppealOutcome | None = None


class Skip(msgspec.Struct, frozen=True):
    """A step left out with the county's approval; ``after`` that many papers."""

    on: date
    reason: SkipReason
    after: int


class LegalSteps(Aggregate):
    """依法控辍四步 of one case.

    ``back`` are the stretches [from, until) in which the child was sent to school, ``back_by``
    the facts (ids) that say so, by their first day.
    """

    __slots__ = (
        "appeals",
        "back",
        "back_by",
        "case",
        "child",
        "fine_paid_on",
        "opened_on",
        "papers",
        "skips",
    )

    KIND: ClassVar[str] = "legal"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.case: UUID | None = None
        self.child: UUID | None = None
        self.opened_on: date | None = None
        self.papers: dict[int, Paper] = {}
        self.skips: dict[int, Skip] = {}
        self.appeals: list[Appeal] = []
        self.back: list[tuple[date, date | None]] = []
        self.back_by: dict[date, str] = {}
        self.fine_paid_on: date | None = None

    @staticmethod
    def stream(county: str, case: UUID) -> UUID:
        """The stream of a case's legal steps."""
        return stream_id(county, "legal", case)

    # What decisions ask

    def valid(self, *kinds: PaperKind, before: int | None = None) -> list[Paper]:
        """Papers not revoked, of these kinds (none given: of all), oldest first.

        ``before`` leaves out the paper of that number and those after it.
        """
        wanted: Iterable[Paper] = self.papers.values()
        return [
            p
            for p in wanted
            if p.revoked_on is None
            and (not kinds or p.kind in kinds)
            and (before is None or p.number < before)
        ]

    def newest(self, *kinds: PaperKind, before: int | None = None) -> Paper | None:
        """The last valid paper of these kinds."""
        found = self.valid(*kinds, before=before)
        return found[-1] if found else None

    @property
    def is_back(self) -> bool:
        """Whether the child is at school by what was recorded last."""
        return bool(self.back) and self.back[-1][1] is None

    def back_since(self, day: date) -> date | None:
        """Since when the child was at school on a day; None when it was not."""
        for first, until in self.back:
            if first <= day and (until is None or day < until):
                return first
        return None

    def unserved(self, day: date) -> list[Paper]:
        """Papers that wait to be taken to the guardian: of the step that was reached, while the
        child is not back.
        """
        last = max((paper.step for paper in self.valid()), default=0)
        if self.back_since(day) is not None:
            return []
        return [
            paper
            for paper in self.valid()
            if paper.service is None
            and paper.step == last
            and not (PAPERS[paper.kind].filed or PAPERS[paper.kind].by_court)
        ]

    def pending_appeal(self, paper: int) -> Appeal | None:
        """An appeal against the decision that has no result yet."""
        return next((a for a in self.appeals if a.paper == paper and a.outcome is None), None)

    # Folding

    def apply(self, event: Any) -> None:
        match event:
            case e.LegalStepsOpened():
                self.case, self.child = event.case, event.child
                self.opened_on = event.occurred_on
            case e.PaperIssued():
                self._issued(event)
            case e.StepSkipped():
                self.skips[event.step] = Skip(event.occurred_on, event.reason, len(self.papers))
            case e.GuardianComplied():
                self._complied(event)
            case e.ComplianceCeased():
                self._ceased(event)
            case e.AppealFiled():
                self.appeals.append(Appeal(event.paper, event.kind, event.occurred_on))
            case e.AppealEnded():
                appeal = self.pending_appeal(event.paper)
                if appeal is not None:
                    appeal.outcome, appeal.ended_on = event.outcome, event.occurred_on
                if event.outcome == AppealOutcome.REVOKED:
                    self.papers[event.paper].revoked_on = event.occurred_on
            case _:
                self._of_paper(self.papers[event.paper], event)

    def _issued(self, event: e.PaperIssued) -> None:
        self.papers[event.paper] = Paper(
            number=event.paper,
            kind=event.kind,
            document=event.document,
            issued_on=event.occurred_on,
            body=event.body,
            event=event.event_id,
            due_on=event.due_on,
            due_days=event.due_days,
            amount=event.amount,
            pay_by=event.pay_by,
            basis=event.basis,
        )

    def _complied(self, event: e.GuardianComplied) -> None:
        if event.scope != Obeyed.FINE:
            self.back.append((event.occurred_on, None))
            self.back_by[event.occurred_on] = event.event_id
        if event.scope != Obeyed.SCHOOL:
            self.fine_paid_on = event.occurred_on

    def _ceased(self, event: e.ComplianceCeased) -> None:
        if event.scope != Obeyed.FINE:
            first, _ = self.back.pop()
            if not event.mistake:
                self.back.append((first, event.occurred_on))
        if event.scope != Obeyed.SCHOOL:
            self.fine_paid_on = None

    def _of_paper(self, paper: Paper, event: Any) -> None:
        match event:
            case e.PaperServed():
                paper.service = Service(
                    event.event_id, event.occurred_on, event.effective_on, event.mode
                )
            case e.ServiceVoided():
                paper.service = None
                paper.lapse_noted = False
            case e.ServiceFailed():
                paper.failures.append(event.occurred_on)
            case e.PaperRevoked():
                paper.revoked_on = event.occurred_on
            case e.GuardianPromised():
                paper.promised_on, paper.promise_given_on = event.promised_on, event.occurred_on
            case e.LapseNoted():
                paper.lapse_noted = True
            case e.StatementReceived():
                if event.answer == StatementKind.WAIVED:
                    paper.waived_on, paper.hearing_asked_on = event.occurred_on, None
                if event.answer == StatementKind.HEARING:
                    paper.waived_on, paper.hearing_asked_on = None, event.occurred_on
            case e.HearingHeld():
                paper.hearing_held_on = event.occurred_on
