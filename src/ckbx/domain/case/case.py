"""One case: the state folded from its facts. Commands stand in the modules beside it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.codes import (
    CaseKind,
    FollowUpKind,
    Means,
    RiskLevel,
    RoundOutcome,
    Stage,
    Tier,
)
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.ids import stream_id


def case_stream(county: str, child: UUID, episode: int) -> UUID:
    """The stream of the case of one episode of a child."""
    return stream_id(county, "case", child, episode)


class Deed(NamedTuple):
    """Something done: the day it was done and the id of its fact."""

    on: date
    event: str


class Round(NamedTuple):
    """A persuasion round as far as rules ask."""

    on: date
    event: str
    number: int
    tier: Tier
    hour: str
    outcome: RoundOutcome
    visit: bool


class Check(NamedTuple):
    """A verification."""

    on: date
    event: str
    finding: Finding


class FollowUp(NamedTuple):
    """A follow-up by a person."""

    on: date
    event: str
    kind: FollowUpKind


class Letter(NamedTuple):
    """A letter and its answer."""

    sent: Deed
    reply_by: date
    answered: Deed | None = None


class Teacher(NamedTuple):
    """Who works one-to-one, by which post, from when."""

    account: str
    holder: UUID
    post: UUID
    first_day: date


class Conclusion(NamedTuple):
    """What ended the episode otherwise."""

    on: date
    event: str
    how: TrackingStatus
    finding: Finding | None


class Case(Aggregate):
    """State of one case; ``over`` is what ended the work on it (None while it goes on)."""

    __slots__ = (
        "_before",
        "_left",
        "causes",
        "child",
        "closed",
        "concluded",
        "confirmed",
        "contacts",
        "determined",
        "episode",
        "explained",
        "first_absent_on",
        "follow_ups",
        "ground_changed",
        "kind",
        "letters",
        "next_case",
        "opened",
        "over",
        "plan",
        "relapse_of",
        "reports",
        "returned",
        "risk",
        "rounds",
        "rule",
        "school",
        "settled",
        "source",
        "stage",
        "suspected_on",
        "teacher",
        "verifications",
        "visits",
    )

    KIND: ClassVar[str] = "case"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.child = id_
        self.episode = 0
        self.kind = CaseKind.DROPOUT
        self.source = SuspicionSource.ABSENCE
        self.rule = ""
        self.school: str | None = None
        self.stage = Stage.OPEN
        self._before = self._left = Stage.OPEN
        self.suspected_on = self.first_absent_on = date.min
        self.relapse_of: UUID | None = None
        self.next_case: UUID | None = None
        self.ground_changed: Deed | None = None
        self.opened: Deed | None = None
        self.teacher: Teacher | None = None
        self.causes: list[tuple[UUID, bool]] = []
        self.risk: RiskLevel | None = None
        self.plan: Deed | None = None
        self.contacts: list[Deed] = []
        self.rounds: list[Round] = []
        self.reports: list[Deed] = []
        self.visits: list[Deed] = []
        self.letters: dict[int, Letter] = {}
        self.verifications: list[Check] = []
        self.determined: Deed | None = None
        self.returned: Deed | None = None
        self.confirmed: Deed | None = None
        self.follow_ups: list[FollowUp] = []
        self.explained: set[date] = set()
        self.settled: Deed | None = None
        self.concluded: Conclusion | None = None
        self.closed: Deed | None = None
        self.over: Deed | None = None

    @property
    def exists(self) -> bool:
        """Whether it was ever opened."""
        return self.opened is not None

    @property
    def finding(self) -> Finding | None:
        """What the last check found, None when nobody checked."""
        return self.verifications[-1].finding if self.verifications else None

    def apply(self, event: Any) -> None:
        deed = Deed(event.occurred_on, event.event_id)
        for apply in (self._apply_course, self._apply_outcome, self._apply_work):
            if apply(event, deed):
                return

    def _apply_course(self, event: Any, deed: Deed) -> bool:
        match event:
            case ev.CaseOpened():
                self._open(event, deed)
            case ev.CaseRevised():
                self.suspected_on, self.first_absent_on = deed.on, event.first_absent_on
                self.source, self.rule = event.source or self.source, event.rule or self.rule
                self.ground_changed = None
            case ev.CaseGroundChanged():
                self.ground_changed = deed
            case ev.CaseWithdrawn():
                self.stage, self.over = Stage.WITHDRAWN, deed
            case ev.CaseConcluded():
                self._left = self.stage
                self.concluded = Conclusion(deed.on, deed.event, event.how, event.finding)
                self.stage, self.over = Stage.CONCLUDED, deed
            case ev.CaseResumed():
                self.stage, self.concluded, self.over = self._left, None, None
            case ev.CaseRelapsed():
                self._before, self.next_case = self.stage, event.next_case
                self.stage, self.over = Stage.RELAPSED, deed
            case ev.CaseRelapseWithdrawn():
                self.stage, self.next_case, self.over = self._before, None, None
            case ev.CaseClosed():
                self._before, self.stage, self.closed = self.stage, Stage.CLOSED, deed
            case ev.CaseReopened():
                self.stage, self.closed = self._before, None
            case _:
                return False
        return True

    def _open(self, event: ev.CaseOpened, deed: Deed) -> None:
        self.opened = deed
        self.child, self.episode, self.kind = event.child, event.episode, event.kind
        self.source, self.rule, self.school = event.source, event.rule, event.school
        self.suspected_on, self.first_absent_on = deed.on, event.first_absent_on
        self.relapse_of = event.relapse_of

    def _apply_outcome(self, event: Any, deed: Deed) -> bool:
        match event:
            case oc.SuspicionVerified():
                self.verifications.append(Check(deed.on, deed.event, event.finding))
                dropped = event.finding is Finding.K
                self.stage = Stage.PERSUADING if dropped else Stage.VERIFIED
            case oc.DropoutDetermined():
                self.stage, self.determined = Stage.DETERMINED, deed
            case oc.ChildReturned():
                self.stage, self.returned = Stage.RETURNED, deed
            case oc.ReturnConfirmed():
                self.stage, self.confirmed = Stage.CONSOLIDATING, deed
            case oc.FollowUpMade():
                self.follow_ups.append(FollowUp(deed.on, deed.event, event.kind))
            case oc.FollowUpGapExplained():
                self.explained.update(event.due_on)
            case oc.StabilityConfirmed():
                self.stage, self.settled, self.over = Stage.SETTLED, deed, deed
            case _:
                return False
        return True

    def _apply_work(self, event: Any, deed: Deed) -> bool:
        match event:
            case wk.TeacherNamed():
                self.teacher = Teacher(event.account, event.holder, event.post, event.first_day)
            case wk.TeacherReleased():
                self.teacher = None
            case wk.CauseRecorded():
                self.causes.append((event.cause_ref, event.primary))
            case wk.RiskAssessed():
                self.risk = event.level
            case wk.PlanMade():
                self.plan = deed
            case wk.GuardianContacted():
                self.contacts.append(deed)
            case wk.PersuasionHeld():
                self.rounds.append(_round(event, deed))
            case wk.WrittenReportMade():
                self.reports.append(deed)
            case wk.LiaisonVisited():
                self.visits.append(deed)
            case wk.LetterSent():
                self.letters[event.number] = Letter(deed, event.reply_by)
            case wk.LetterAnswered():
                sent = self.letters[event.number]
                self.letters[event.number] = sent._replace(answered=deed)
            case _:
                return False
        return True


def _round(event: wk.PersuasionHeld, deed: Deed) -> Round:
    return Round(
        deed.on,
        deed.event,
        event.number,
        event.tier,
        event.hour,
        event.outcome,
        event.means is Means.VISIT,
    )
