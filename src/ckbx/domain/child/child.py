"""One child: the state folded from its facts. Decisions stand in the modules beside it."""

from __future__ import annotations

from bisect import insort
from datetime import date
from sys import intern
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.child import events as e
from ckbx.domain.child import focus_events as fo
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child import visit_events as vi
from ckbx.domain.child.standing import (
    ASIDE,
    NEVER,
    PRESENT,
    Back,
    Episode,
    Held,
    Leave,
    VisitMade,
)
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.ids import split_class_key

_S = TrackingStatus
_STATUS_OF_LEAVE: dict[type[Any], TrackingStatus] = {
    lv.SuspensionGranted: _S.SUSPENDED,
    lv.DeferralGranted: _S.DEFERRED,
    lv.ExemptionGranted: _S.EXEMPTED,
    lv.HomeTeachingArranged: _S.HOME_TAUGHT,
}
_AFTER_EXPIRY = {_S.SUSPENDED: _S.ABSENT, _S.DEFERRED: _S.NOT_ENROLLED}


class Child(Aggregate):
    """State of one child. ``base`` is the tracking status without the attendance overlay
    (an ``absent`` child has base ``enrolled``); ``segments`` say which class it belonged to:
    (class key, first ordinal, last ordinal exclusive). ``said`` is what its facts say of a
    day (ordinal): the class, and a reason, ``present`` or ``aside``. ``ended`` is the last
    episode that ended, with the version of the event that ended it; ``returned`` the first
    day after the last leave and the day the child was seen after it; ``back`` the return whose
    巩固期 goes on, ``last_back`` the last one there was. ``checked_in`` is the first day
    (ordinal) of its 报到 by name, by term; ``held`` what a cancelled transfer gives back;
    ``findings`` the open roster findings (finding, school) with the day each was noted;
    ``came_in``: this enrolment is known to be from outside the county; ``decided_on``: the day
    of the last decision on its status (a transfer, an ending, a check again); ``focus``: since
    when it is on the focus list, ``focus_changed`` the day on which it last came on it or off;
    ``tried``: whether the guardian was reached about the absence of a day (ordinal), last;
    ``visits``: those of its family about an absence that stand, in order of recording.
    """

    __slots__ = (
        "back",
        "base",
        "before_suspicion",
        "came_in",
        "checked_in",
        "decided_on",
        "ended",
        "enrolled_on",
        "episode",
        "episodes",
        "erased",
        "findings",
        "focus",
        "focus_changed",
        "grade",
        "held",
        "last_back",
        "leave",
        "long_leave",
        "mark_events",
        "resets",
        "residence",
        "returned",
        "said",
        "school",
        "segments",
        "transfer_confirm_by",
        "transfer_to",
        "tried",
        "village",
        "visits",
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
        self.said: dict[int, tuple[str, str]] = {}
        self.warned: set[tuple[str, int]] = set()
        self.long_leave: dict[int, str] = {}
        self.episode: Episode | None = None
        self.episodes = 0
        self.ended: tuple[Episode, int] | None = None
        self.held: Held | None = None
        self.back: Back | None = None
        self.last_back: Back | None = None
        self.returned: tuple[int, int] | None = None
        self.resets: list[int] = []
        self.leave: Leave | None = None
        self.transfer_confirm_by: date | None = None
        self.transfer_to: str | None = None
        self.came_in = False
        self.decided_on: date | None = None
        self.checked_in: dict[str, int] = {}
        self.findings: dict[tuple[str, str], date] = {}
        self.erased = False
        self.focus: date | None = None
        self.focus_changed: date | None = None
        self.tried: dict[int, bool] = {}
        self.visits: tuple[VisitMade, ...] = ()

    @property
    def class_key(self) -> str | None:
        """The class the child belongs to now, None when it belongs to none."""
        if self.segments and self.segments[-1][2] == NEVER:
            return self.segments[-1][0]
        return None

    def class_on(self, day: int) -> str | None:
        """The class the child belonged to on a day (ordinal)."""
        return next((key for key, a, b in reversed(self.segments) if a <= day < b), None)

    @property
    def suspected_on(self) -> date | None:
        """Since when the open suspicion stands, None when there is none."""
        return self.episode.suspected_on if self.episode else None

    def status_on(self, day: date) -> TrackingStatus:
        """The tracking status on a day, without the attendance overlay.

        A leave counts from its first day; after its end a suspended child is absent and a
        deferred one not enrolled whether or not the clock's run noticed (domain §3). A
        suspicion opened after that end stands; one opened before the leave does not.
        """
        leave = self.leave
        if leave is None or day.toordinal() < leave.effective_from:
            return self.base
        if day.toordinal() <= leave.until:
            return leave.status
        suspected_on = self.suspected_on
        if suspected_on is not None and suspected_on.toordinal() >= leave.effective_from:
            return self.base
        return _AFTER_EXPIRY.get(leave.status, leave.status)

    def on_leave(self, day: date) -> bool:
        """Whether a leave is in force on a day."""
        leave = self.leave
        return leave is not None and leave.effective_from <= day.toordinal() <= leave.until

    @property
    def had_leave(self) -> bool:
        """Whether being named 到校 may have to end a leave."""
        return self.leave is not None or self.returned is not None

    def said_on(self, day: int, class_key: str) -> str | None:
        """What the facts from this class say of a day: a Reason, ``present``, ``aside``."""
        said = self.said.get(day)
        return said[1] if said is not None and said[0] == class_key else None

    def event_ids(self, days: tuple[int, ...]) -> list[str]:
        """The ids of the facts that stand for these absent days."""
        return [f"{self.id}:{self.mark_events[d]}" for d in days if d in self.mark_events]

    def apply(self, event: Any) -> None:
        for apply in (
            self._apply_day,
            self._apply_place,
            self._apply_rule_fact,
            self._apply_suspicion,
            self._apply_return,
            self._apply_focus,
        ):
            if apply(event):
                return
        if type(event) in BY_EVENT:
            self.decided_on = event.occurred_on
        self._apply_decision(event)

    def _apply_day(self, event: Any) -> bool:
        match event:
            case e.AbsenceRecorded() | e.AbsenceExplained():
                day = event.occurred_on.toordinal()
                self.mark_events[day] = event.originator_version
                self.said[day] = (intern(event.class_key), event.reason)
            case e.AttendanceResumed() | e.AbsenceVoided():
                self._was_there(event.class_key, event.occurred_on.toordinal(), PRESENT)
                if isinstance(event, e.AttendanceResumed) and event.after_leave:
                    self._back_from_leave(event.occurred_on.toordinal())
            case e.AbsenceSetAside():
                self._was_there(event.class_key, event.occurred_on.toordinal(), ASIDE)
            case _:
                return False
        return True

    def _apply_place(self, event: Any) -> bool:
        match event:
            case e.ChildRegistered() | e.ResidenceChanged():
                self.village = event.village or self.village
                self.residence = event.residence or self.residence
            case e.Enrolled():
                self._enter(event.school, event.class_key, event.grade, event.occurred_on)
            case e.ClassChanged() | lv.Promoted() | lv.GradeRepeated():
                self._move(event.class_key, event.grade, event.occurred_on)
            case e.EnrolmentUndone():
                self._end_episode(event)
                self._leave_class(event.occurred_on)
                self.base, self.school, self.grade = _S.NOT_ENROLLED, None, None
                self.leave = self.back = None
                self.came_in = False
            case e.RosterFindingNoted():
                self.findings.setdefault((event.finding, event.school), event.occurred_on)
            case e.RosterFindingSettled():
                self.findings.pop((event.finding, event.school), None)
            case e.CheckedIn():
                day = event.occurred_on.toordinal()
                self.checked_in[event.term] = min(self.checked_in.get(event.term, day), day)
            case mv.TransferredIn():
                self.came_in = True
            case lv.PersonErased():
                self.erased = True
            case _:
                return False
        return True

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
            case e.SuspicionGroundChanged() if self.episode:
                self.episode.ground_changed = True
            case e.SuspectAttendanceChanged() if self.episode:
                self.episode.attends(event)
            case _:
                return False
        return True

    def _apply_suspicion(self, event: Any) -> bool:
        match event:
            case e.DropoutSuspected():
                self.episodes = event.episode
                self.episode = Episode(event)
                self.before_suspicion, self.base = self.base, _S.SUSPECTED
                if event.source is SuspicionSource.RELAPSE:
                    self.episode.back = self.back
                self.back = None
            case e.SuspicionRevised() if self.episode:
                self.episode.revise(event)
            case e.SuspicionWithdrawn():
                self.back = self.episode.back if self.episode else None
                self.last_back = self.back or self.last_back
                self._end_episode(event)
                self.base = self.before_suspicion
            case e.SuspicionOvertaken():
                self._close_episode(event)
                self._as_before()
            case e.SuspicionCleared():
                self._cleared(event)
            case _:
                return False
        return True

    def _apply_return(self, event: Any) -> bool:
        match event:
            case rt.EpisodeActedOn() if self.episode:
                self.episode.acted = True
            case rt.DropoutConfirmed() if self.episode:
                self.episode.acted, self.episode.confirmed_on = True, event.occurred_on
                self.base = _S.DROPPED_OUT
            case rt.PersuadedBack():
                self._end_episode(event)
                insort(self.resets, event.occurred_on.toordinal() - 1)
                self.back = self.last_back = Back(event)
                self.leave = None
                self.school = split_class_key(event.class_key)[0]
                self._move(event.class_key, event.grade, event.occurred_on)
                self.base = _S.PERSUADED_BACK
            case rt.ReturnSettled():
                self.back, self.base = None, _S.ENROLLED
                insort(self.resets, event.occurred_on.toordinal())
            case rt.Relapsed() | rt.EpisodeActedOn() | rt.DropoutConfirmed():
                pass
            case _:
                return False
        return True

    def _apply_focus(self, event: Any) -> bool:
        match event:
            case fo.FocusListed():
                self.focus = self.focus_changed = event.occurred_on
            case fo.FocusEnded():
                self.focus, self.focus_changed = None, event.occurred_on
            case fo.GuardianTried():
                self.tried[event.absent_on.toordinal()] = event.reached
            case vi.HomeVisited():
                made = VisitMade(event.originator_version, event.occurred_on, event.absent_on)
                self.visits = (*self.visits, made)
            case vi.HomeVisitWithdrawn():
                version = int(event.visit.rpartition(":")[2])
                self.visits = tuple(made for made in self.visits if made.version != version)
            case _:
                return False
        return True

    def _apply_decision(self, event: Any) -> None:
        kind = type(event)
        if kind in _STATUS_OF_LEAVE:
            self._close_episode(event)
            self.leave = Leave(_STATUS_OF_LEAVE[kind], event.effective_from, event.until)
            self.leave.medical = event.committee_ref is None
            if self.base in (_S.SUSPECTED, _S.DROPPED_OUT):
                self._as_before()
            if self.base is _S.PERSUADED_BACK:
                self.back, self.base = None, _S.ENROLLED
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
            self.school = split_class_key(event.class_key)[0]
            self._move(event.class_key, event.grade, event.occurred_on)
            self.base = _S.ENROLLED
            return
        row = BY_EVENT.get(kind)
        if row is None or row.to is None:
            return
        if kind is lv.TransferCancelled and self.held is not None:
            self._give_back(self.held)
            return
        if kind is lv.TransferStarted:
            self.held = Held(self, self.episode, event) if self.episode else None
            self.transfer_confirm_by, self.transfer_to = event.confirm_by, event.receiving_school
            self.leave = None
        if kind is not lv.TransferLapsed:
            self._close_episode(event)
        self.back = None
        self.base = row.to if kind is not lv.TransferLapsed else _S.TRANSFERRING
        if row.to not in (_S.ENROLLED, _S.TRANSFERRING, _S.SUSPECTED):
            self._leave_class(event.occurred_on)
            self.leave = None

    def _give_back(self, held: Held) -> None:
        """The transfer came to nothing: the child is what it was, and its episode goes on."""
        self.episode, self.base, self.before_suspicion = held.episode, held.base, held.before
        self.resets.remove(held.since)
        self.ended = self.held = None

    def _as_before(self) -> None:
        """What the child was before its suspicion; the 巩固期 ended with the relapse."""
        was = self.before_suspicion
        self.base = _S.ENROLLED if was is _S.PERSUADED_BACK else was

    def _was_there(self, class_key: str, day: int, what: str) -> None:
        """No absence of this class on a day, as far as it was this class's to say."""
        said = self.said.get(day)
        if said is not None and said[0] != class_key and what == ASIDE:
            return
        self.mark_events.pop(day, None)
        self.said[day] = (intern(class_key), what)

    def _back_from_leave(self, day: int) -> None:
        if self.leave is not None:
            self.returned = (self.leave.over_from, day)
            self.leave = None
        elif self.returned is not None:
            self.returned = (self.returned[0], day)

    def _cleared(self, event: e.SuspicionCleared) -> None:
        """The child is at school; one that never belonged to a class is what it was."""
        self._close_episode(event)
        self._as_before()
        if self.class_key:
            self.base = _S.ENROLLED
        if self.leave is not None and self.leave.until < event.occurred_on.toordinal():
            self.leave = None

    def _end_episode(self, event: Any) -> None:
        """The episode is over, as if it had never been."""
        if self.episode is not None:
            self.ended = (self.episode, event.originator_version)
            self.episode = None

    def _close_episode(self, event: Any) -> None:
        """The episode is over; the run starts from 0 after it."""
        if self.episode is not None:
            self._end_episode(event)
            insort(self.resets, event.occurred_on.toordinal())

    def _enter(self, school: str, class_key: str, grade: int, on: date) -> None:
        self._leave_class(on)
        self.school, self.grade, self.enrolled_on = school, grade, on
        self.segments.append((class_key, on.toordinal(), NEVER))
        self.base, self.leave, self.back, self.came_in = _S.ENROLLED, None, None, False

    def _move(self, class_key: str, grade: int, on: date) -> None:
        self.grade = grade
        if class_key != self.class_key:
            self._leave_class(on)
            self.segments.append((class_key, on.toordinal(), NEVER))

    def _leave_class(self, on: date) -> None:
        if self.segments and self.segments[-1][2] == NEVER:
            key, first, _ = self.segments[-1]
            self.segments[-1] = (key, first, max(first, on.toordinal()))
