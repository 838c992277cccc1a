"""One application: the state folded from its facts. Commands stand in the modules beside it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from ckbx.domain.leave import events as ev
from ckbx.domain.leave.codes import LeaveKind, Proof, Stage
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.ids import stream_id


def application_stream(county: str, child: UUID, number: int) -> UUID:
    """The stream of a child's application, counted from 1."""
    return stream_id(county, "leave", child, number)


class Opinion(NamedTuple):
    """The school's opinion."""

    on: date
    agrees: bool


class HospitalPaper(NamedTuple):
    """A hospital's certificate; ``ref`` names it in the vault."""

    on: date
    document: str
    ref: UUID
    named: bool


class CommitteeOpinion(NamedTuple):
    """What the expert committee advised, on this application or in an assessment."""

    on: date
    document: str
    ref: UUID
    advises: PlacementKind


class Granted(NamedTuple):
    """What was approved, as extended since. ``reviewed_on``: the last review."""

    on: date
    document: str
    effective_from: date
    until: date
    review_on: date | None
    decision: str
    reviewed_on: date | None = None


class LeaveApplication(Aggregate):
    """State of one application; ``stage`` says whether anything is open."""

    __slots__ = (
        "after_suspicion",
        "applied_on",
        "child",
        "committee",
        "decided_on",
        "granted",
        "hospital",
        "kind",
        "number",
        "opinion",
        "proof",
        "stage",
        "wanted_from",
        "wanted_until",
    )

    KIND: ClassVar[str] = "leave"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.child = id_
        self.number = 0
        self.kind = LeaveKind.SUSPENSION
        self.proof = Proof.HOSPITAL
        self.stage = Stage.APPLIED
        self.applied_on = date.min
        self.wanted_from: date | None = None
        self.wanted_until: date | None = None
        self.after_suspicion = False
        self.opinion: Opinion | None = None
        self.hospital: HospitalPaper | None = None
        self.committee: CommitteeOpinion | None = None
        self.decided_on: date | None = None
        self.granted: Granted | None = None

    @property
    def exists(self) -> bool:
        """Whether it was ever made."""
        return self.number > 0

    @property
    def is_open(self) -> bool:
        """Whether a decision is awaited."""
        return self.exists and self.stage is Stage.APPLIED

    @property
    def review_on(self) -> date | None:
        """The next review, None where none is due."""
        return self.granted.review_on if self.granted and self.stage is Stage.APPROVED else None

    def apply(self, event: Any) -> None:
        if not self._apply_papers(event):
            self._apply_decision(event)

    def _apply_papers(self, event: Any) -> bool:
        on = event.occurred_on
        match event:
            case ev.LeaveApplied():
                self.child, self.number = event.child, event.number
                self.kind, self.proof, self.applied_on = event.kind, event.proof, on
                self.wanted_from, self.wanted_until = event.wanted_from, event.wanted_until
                self.after_suspicion = event.after_suspicion
            case ev.SchoolOpinionGiven():
                self.opinion = Opinion(on, event.agrees)
            case ev.HospitalPaperGiven():
                self.hospital = HospitalPaper(on, event.document, event.paper_ref, event.named)
            case ev.CommitteeOpinionGiven():
                self.committee = CommitteeOpinion(
                    on, event.document, event.opinion_ref, event.advises
                )
            case _:
                return False
        return True

    def _apply_decision(self, event: Any) -> None:
        on = event.occurred_on
        match event:
            case ev.LeaveApproved():
                self.stage, self.decided_on = Stage.APPROVED, on
                self.granted = Granted(
                    on,
                    event.document,
                    event.effective_from,
                    event.until,
                    event.review_on,
                    event.decision,
                )
            case ev.LeaveRefused():
                self.stage, self.decided_on = Stage.REFUSED, on
            case ev.ApplicationWithdrawn():
                self.stage, self.decided_on = Stage.WITHDRAWN, on
            case ev.LeaveProlonged() if self.granted:
                self.granted = self.granted._replace(until=event.until, review_on=event.review_on)
            case ev.LeaveReviewed() if self.granted:
                self.granted = self.granted._replace(review_on=event.review_on, reviewed_on=on)
            case ev.LeaveEnded():
                self.stage = Stage.ENDED
