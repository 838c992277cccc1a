"""One child: the state folded from its facts. Decisions stand in the modules beside it."""

from __future__ import annotations

from bisect import insort
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.shared.aggregate import Aggregate

NEVER = 10**7
_S = TrackingStatus
_STATUS_OF_LEAVE: dict[type[Any], TrackingStatus] = {
    lv.SuspensionGranted: _S.SUSPENDED,
    lv.DeferralGranted: _S.DEFERRED,
    lv.ExemptionGranted: _S.EXEMPTED,
    lv.HomeTeachingArranged: _S.HOME_TAUGHT,
}
_AFTER_EXPIRY = {_S.SUSPENDED: _S.ABSENT, _S.DEFERRED: _S.NOT_ENROLLED}


class Episode:
    """The open suspicion of a child. Days are ordinals."""

    __slots__ = (
        "acted",
        "days",
        "first_absent_on",
        "ground_changed",
        "number",
        "source",
        "spans",
        "suspected_on",
    )

    def __init__(self, event: e.DropoutSuspected) -> None:
        self.number = event.episode
        self.source = event.source
        self.suspected_on = event.occurred_on
        self.first_absent_on = event.first_absent_on.toordinal()
        self.days = tuple(d.toordinal() for d in event.absent_days)
        self.spans: tuple[tuple[date, date, date | None], ...] = ()
        self.acted = False
        self.ground_changed = False


class Leave:
    """A leave in force or to come; ordinals, ``until`` exclusive."""

    __slots__ = ("effective_from", "expiry_noticed", "medical", "status", "until")

    def __init__(self, status: TrackingStatus, effective_from: date, until: date) -> None:
        self.status = status
        self.effective_from = effective_from.toordinal()
        self.until = until.toordinal()
        self.expiry_noticed = False
        self.medical = False


class Child(Aggregate):
    """State of one child. ``base`` is the tracking status without the attendance overlay
    (an ``absent`` child has base ``enrolled``); ``segments`` say which class it belonged to:
    (class key, first ordinal, last ordinal exclusive).
    """

    __slots__ = (
        "base",
        "before_suspicion",
        "checked_in",
        "enrolled_on",
        "episode",
        "episodes",
        "erased",
        "findings",
        "grade",
        "leave",
        "long_leave",
        "mark_events",
        "resets",
        "residence",
        "school",
        "segments",
        "transfer_confirm_by",
        "village",
        "warned",
    )

    KIND: ClassVar[str] = "child"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.base = _S.NOT_ENROLLED
        self.before_suspicion = _S.ENROLLED
        self.school: str | None = None
        self.grade: int | None = None
        self.village: str | None = None
        self.residence: str | None = None
        self.enrolled_on: date | None = None
        self.segments: list[tuple[str, int, int]] = []
        self.mark_events: dict[int, int] = {}
        self.warned: set[tuple[str, int]] = set()
        self.long_leave: dict[int, str] = {}
        self.episode: Episode | None = None
        self.episodes = 0
        self.resets: list[int] = []
        self.leave: Leave | None = None
        self.transfer_confirm_by: date | None = None
        self.checked_in: set[str] = set()
        self.findings: set[tuple[str, str]] = set()
        self.erased = False

    @property
    def class_key(self) -> str | None:
        """The class the child belongs to now, None when it belongs to none."""
        if self.segments and self.segments[-1][2] == NEVER:
            return self.segments[-1][0]
        return None

    @property
    def suspected_on(self) -> date | None:
        """Since when the open suspicion stands, None when there is none."""
        return self.episode.suspected_on if self.episode else None

    def status_on(self, day: date) -> TrackingStatus:
        """The tracking status on a day, without the attendance overlay.

        A leave counts from its first day; after its end a suspended child is absent and a
        deferred one not enrolled whether or not the clock's run noticed (domain §3).
        """
        leave = self.leave
        if leave is not None:
            ordinal = day.toordinal()
            if ordinal >= leave.until:
                return _AFTER_EXPIRY.get(leave.status, leave.status)
            if ordinal >= leave.effective_from:
                return leave.status
        return self.base

    def event_ids(self, days: tuple[int, ...]) -> list[str]:
        """The ids of the facts that stand for these absent days."""
        return [f"{self.id}:{self.mark_events[d]}" for d in days if d in self.mark_events]

    def apply(self, event: Any) -> None:
        match event:
            case e.AbsenceRecorded() | e.AbsenceExplained():
                self.mark_events[event.occurred_on.toordinal()] = event.originator_version
            case e.AttendanceResumed() | e.IdentityAmended():
                pass
            case e.AbsenceVoided():
                self.mark_events.pop(event.occurred_on.toordinal(), None)
            case e.ChildRegistered() | e.ResidenceChanged():
                self.village = event.village or self.village
                self.residence = event.residence or self.residence
            case e.Enrolled():
                self._enter(event.school, event.class_key, event.grade, event.occurred_on)
            case e.ClassChanged() | lv.Promoted() | lv.GradeRepeated():
                self._move(event.class_key, event.grade, event.occurred_on)
            case e.EnrolmentUndone():
                self._leave_class(event.occurred_on)
                self.base, self.school, self.grade = _S.NOT_ENROLLED, None, None
            case e.RosterFindingNoted():
                self.findings.add((event.finding, event.school))
            case e.CheckedIn():
                self.checked_in.add(event.term)
            case lv.PersonErased():
                self.erased = True
            case _:
                if not self._apply_rule_fact(event):
                    self._apply_decision(event)

    def _apply_rule_fact(self, event: Any) -> bool:
        match event:
            case e.AbsenceWarned():
                self.warned.add((event.rule, event.occurred_on.toordinal()))
            case e.AbsenceWarningWithdrawn():
                self.warned.discard((event.rule, event.occurred_on.toordinal()))
            case e.LongLeaveFlagged():
                self.long_leave[event.occurred_on.toordinal()] = event.rule
            case e.LongLeaveFlagWithdrawn():
                self.long_leave.pop(event.occurred_on.toordinal(), None)
            case e.DropoutSuspected():
                self.episodes = event.episode
                self.episode = Episode(event)
                self.before_suspicion, self.base = self.base, _S.SUSPECTED
                self.leave = None
            case e.SuspicionRevised() if self.episode:
                self.episode.suspected_on = event.occurred_on
                self.episode.first_absent_on = event.first_absent_on.toordinal()
                self.episode.days = tuple(d.toordinal() for d in event.absent_days)
                self.episode.ground_changed = False
            case e.SuspicionGroundChanged() if self.episode:
                self.episode.ground_changed = True
            case e.SuspectAttendanceChanged() if self.episode:
                self.episode.spans = tuple(event.spans)
            case e.SuspicionWithdrawn():
                self.episode = None
                self.base = self.before_suspicion
            case e.SuspicionCleared():
                self._close_episode(event.occurred_on)
                self.base = self.before_suspicion
            case _:
                return False
        return True

    def _apply_decision(self, event: Any) -> None:
        kind = type(event)
        if kind in _STATUS_OF_LEAVE:
            self._close_episode(event.occurred_on)
            self.leave = Leave(_STATUS_OF_LEAVE[kind], event.effective_from, event.until)
            self.leave.medical = event.committee_ref is None
            if self.base in (_S.SUSPECTED, _S.DROPPED_OUT):
                self.base = self.before_suspicion
            return
        if kind is lv.LeaveExtended and self.leave:
            self.leave.until = event.until.toordinal()
            self.leave.expiry_noticed = False
            return
        if kind is lv.LeaveExpired and self.leave:
            self.leave.expiry_noticed = True
            return
        if kind is lv.StudyResumed:
            self.leave = None
            if event.class_key != self.class_key:
                self._move(event.class_key, event.grade, event.occurred_on)
            self.base = _S.ENROLLED
            return
        row = BY_EVENT.get(kind)
        if row is None or row.to is None:
            return
        if kind is lv.TransferStarted:
            self.transfer_confirm_by = event.confirm_by
        if kind is not lv.TransferLapsed and self.episode is not None:
            self._close_episode(event.occurred_on)
        self.base = row.to if kind is not lv.TransferLapsed else _S.TRANSFERRING
        if row.to not in (_S.ENROLLED, _S.TRANSFERRING, _S.SUSPECTED):
            self._leave_class(event.occurred_on)
            self.leave = None

    def _close_episode(self, on: date) -> None:
        if self.episode is not None:
            self.episode = None
            insort(self.resets, on.toordinal())

    def _enter(self, school: str, class_key: str, grade: int, on: date) -> None:
        self._leave_class(on)
        self.school, self.grade, self.enrolled_on = school, grade, on
        self.segments.append((class_key, on.toordinal(), NEVER))
        self.base, self.leave = _S.ENROLLED, None

    def _move(self, class_key: str, grade: int, on: date) -> None:
        self.grade = grade
        if class_key != self.class_key:
            self._leave_class(on)
            self.segments.append((class_key, on.toordinal(), NEVER))

    def _leave_class(self, on: date) -> None:
        if self.segments and self.segments[-1][2] == NEVER:
            key, first, _ = self.segments[-1]
            self.segments[-1] = (key, first, max(first, on.toordinal()))
