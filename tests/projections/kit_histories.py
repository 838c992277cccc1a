"""Random histories of a small county, made by the domain's own rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from ckbx.calendar_data import national_holidays
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import departures, enrolment, leaves, movements, returns
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.returns import DropoutGround
from ckbx.domain.child.status import Finding, SuspicionSource
from ckbx.domain.shared.errors import CkbxError
from tests.projections.kit_world import BEGAN, TODAY, N, P, S, U, World, weekdays

WEEKDAYS = [d for d in weekdays(BEGAN, TODAY) if national_holidays().kind_of(d).has_lessons][:30]
KIDS = 3
"""Children a class."""

Op = tuple[Any, ...]

_child = st.integers(1, 2 * KIDS)
_day = st.integers(0, 24)
_reason = st.sampled_from([U, U, N, S, P])
_session = st.sampled_from([Session.FULL] * 4 + [Session.MORNING, Session.AFTERNOON])
_decision = st.sampled_from(
    [
        "clear",
        "suspect",
        "suspend",
        "exempt",
        "home",
        "extend",
        "expire",
        "resume",
        "transfer",
        "confirm",
        "cancel",
        "lapse",
        "elsewhere",
        "recheck",
        "arrive",
        "abroad",
        "missing",
        "move",
        "enrol",
        "undo",
        "residence",
        "promote",
        "drop",
        "back",
        "back",
        "settle",
    ]
)
_after = st.sampled_from(
    [
        "clear",
        "attend",
        "correct",
        "explain",
        "suspend",
        "transfer",
        "missing",
        "abroad",
        "void",
        "drop",
        "drop",
        "back",
        "relapse",
    ]
)
operations = st.one_of(
    st.tuples(st.just("absent"), _child, _day, st.integers(1, 9), _reason),
    st.tuples(st.just("absent"), _child, _day, st.integers(1, 9), _reason),
    st.tuples(
        st.just("day"), st.integers(0, 1), _day, st.lists(_child, max_size=3), _reason, _session
    ),
    st.tuples(st.just("decide"), _decision, _child, _day),
    st.tuples(st.just("decide"), _decision, _child, _day),
    st.tuples(st.just("suspected"), _child, st.integers(0, 12), _after),
    st.tuples(st.just("fold")),
)
histories = st.lists(operations, min_size=4, max_size=20)


class Story:
    """Applies operations to a world; what the domain refuses does not happen.

    ``decided``: children about whom something else than attendance was recorded.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.decided: set[UUID] = set()

    def begin(self) -> None:
        """One class of three children in each of two schools."""
        self.world.found(classes=1, size=KIDS)

    def apply(self, op: Op) -> None:
        """One operation, one command."""
        try:
            if op[0] == "absent":
                self._absent(*op[1:])
            elif op[0] == "day":
                self._day(*op[1:])
            elif op[0] == "decide":
                self._decide(*op[1:])
            elif op[0] == "suspected":
                self._suspected(*op[1:])
        except CkbxError:
            pass  # refused: that is the domain's business, tested elsewhere
        self.world.record()

    def _absent(self, number: int, first: int, length: int, reason: Reason) -> None:
        """The class hands in some days in a row; one child is away."""
        child = self.world.child(number)
        key = child.class_key
        if key is None:
            return
        for day in WEEKDAYS[first : first + length]:
            try:
                self.world.hand_in(key, day, {child.id: reason})
            except CkbxError:
                return
            self.world.record()

    def _suspected(self, number: int, first: int, after: str) -> None:
        """A run of six unexplained days, and what becomes of the suspicion."""
        self._absent(number, first, 6, U)
        child = self.world.child(number)
        key = child.class_key
        if key is None:
            return
        if after == "attend":
            for day in WEEKDAYS[first + 6 : first + 11]:
                self.world.hand_in(key, day, {})
            self.world.hand_in(key, WEEKDAYS[first + 11], {child.id: N})
        elif after in ("correct", "explain"):
            marks = {} if after == "correct" else {child.id: S}
            self.world.hand_in(key, WEEKDAYS[first + 1], marks, note="核实")
        elif after == "relapse":
            self._decide("back", number, first + 8)
            self._absent(number, first + 9, 3, U)
        elif after == "void":
            self.world.void(key, WEEKDAYS[first + 5])
        else:
            self._decide(after, number, first + 8)

    def _day(
        self, which: int, at: int, numbers: list[int], reason: Reason, session: Session
    ) -> None:
        key = sorted(self.world.books)[which]
        day = WEEKDAYS[at]
        on_roll = self.world.registers[key].roll(day.toordinal())
        ids = {self.world.child(n).id for n in numbers} & on_roll
        marks = dict.fromkeys(ids, reason)
        self.world.hand_in(key, day, marks, session=session, note="改正")

    def _decide(self, what: str, number: int, at: int) -> None:
        child = self.world.child(number)
        _DECISIONS[what](self, child, WEEKDAYS[at])
        self.decided.add(child.id)

    def away(self, child: Child, first: date, until: date | None) -> None:
        """Off the roll of its class."""
        if child.class_key is not None:
            register = self.world.registers[child.class_key]
            if child.id in register.stays:
                register.away(
                    self.world.context(),
                    child=child.id,
                    effective_from=first,
                    until=until,
                    awaited=until is not None,
                )

    def leave_class(self, key: str | None, child: Child, on: date) -> None:
        """Out of the register of a class."""
        if key is not None:
            self.world.registers[key].leave(self.world.context(), child=child.id, on=on)

    def join_class(self, key: str, child: Child, on: date) -> None:
        """Into the register of a class."""
        self.world.registers[key].join(self.world.context(), children=[child.id], on=on)
        self.world.books[key].children[child.id] = child


def _leave(day: date) -> LeaveDecision:
    return LeaveDecision(
        occurred_on=day,
        effective_from=day + timedelta(days=3),
        until=day + timedelta(days=24),
        approver="officer",
        approver_role="bureau_officer",
        document="剑教〔2026〕1号",
        evidence_ref="paper",
        committee_ref="committee",
    )


def _suspend(story: Story, child: Child, day: date) -> None:
    decision = _leave(day)
    leaves.suspend(child, story.world.context(), decision)
    assert decision.until is not None
    story.away(child, decision.effective_from, decision.until + timedelta(days=1))


def _exempt(story: Story, child: Child, day: date) -> None:
    decision = _leave(day)
    leaves.exempt(child, story.world.context(), decision, legal_basis="县规 1")
    story.away(child, decision.effective_from, None)


def _home(story: Story, child: Child, day: date) -> None:
    decision = _leave(day)
    leaves.teach_at_home(
        child, story.world.context(), decision, visits_per_month=2, lessons_per_visit=2
    )
    story.away(child, decision.effective_from, None)


def _extend(story: Story, child: Child, day: date) -> None:
    leaves.extend(
        child,
        story.world.context(),
        on=day,
        until=day + timedelta(days=60),
        approver="officer",
        approver_role="bureau_officer",
        document="d",
        evidence_ref="e",
    )
    story.away(child, day, day + timedelta(days=60))


def _resume(story: Story, child: Child, day: date) -> None:
    key = sorted(story.world.books)[0 if day.day % 2 else 1]
    old = child.class_key
    enrolment.resume_study(
        child, story.world.context(), on=day, class_key=old or key, grade=1, fit_paper_ref="paper"
    )
    if old is not None and child.id in story.world.registers[old].stays:
        story.away(child, day, day)


def _clear(story: Story, child: Child, day: date) -> None:
    departures.clear_suspicion(
        child,
        story.world.context(),
        on=day,
        finding=Finding.A,
        evidence_ref="paper",
        role="principal",
    )


def _suspect(story: Story, child: Child, day: date) -> None:
    departures.suspect(
        child,
        story.world.context(),
        on=day,
        source=SuspicionSource.PERSON,
        first_absent_on=day,
        rule="person",
        rule_version=0,
        evidence=[],
    )


def _transfer(story: Story, child: Child, day: date) -> None:
    departures.start_transfer(
        child,
        story.world.context(),
        on=day,
        receiving_school="2152939999",
        document="d",
        confirm_by=day + timedelta(days=14),
    )


def _confirm(story: Story, child: Child, day: date) -> None:
    key = child.class_key
    departures.confirm_transfer(
        child, story.world.context(), on=day, receiving_school="2152939999", evidence_ref="p"
    )
    story.leave_class(key, child, day)


def _end(event: type[Any]) -> Callable[[Story, Child, date], None]:
    def ended(story: Story, child: Child, day: date) -> None:
        key = child.class_key
        review = day + timedelta(days=90) if event is lv.WentMissing else None
        departures.end(
            child, story.world.context(), event, on=day, evidence_ref="p", review_by=review
        )
        story.leave_class(key, child, day)

    return ended


def _elsewhere(story: Story, child: Child, day: date) -> None:
    key, review = child.class_key, day + timedelta(days=90)
    departures.verify_elsewhere(
        child, story.world.context(), on=day, evidence_ref="p", review_by=review
    )
    story.leave_class(key, child, day)


def _recheck(story: Story, child: Child, day: date) -> None:
    review = day + timedelta(days=90)
    movements.recheck(child, story.world.context(), on=day, evidence_ref="p", review_by=review)


def _arrive(story: Story, child: Child, day: date) -> None:
    arrival = movements.Arrival(from_region="522601", document="d", evidence_ref="p")
    movements.came_from_outside(child, story.world.context(), arrival, on=day)


def _move(story: Story, child: Child, day: date) -> None:
    old = child.class_key
    keys = [key for key in sorted(story.world.books) if key != old]
    if old is None:
        return
    enrolment.change_class(child, story.world.context(), on=day, class_key=keys[0], grade=1)
    story.leave_class(old, child, day)
    story.join_class(keys[0], child, day)


def _promote(story: Story, child: Child, day: date) -> None:
    if child.class_key is not None and day >= BEGAN:
        child.trigger_event(
            lv.Promoted, story.world.context(), occurred_on=day, class_key=child.class_key, grade=2
        )


def _enrol(story: Story, child: Child, day: date) -> None:
    key = sorted(story.world.books)[day.day % 2]
    enrolment.enrol(
        child, story.world.context(), on=day, school=key.split("/")[0], class_key=key, grade=1
    )
    story.join_class(key, child, day)


def _undo(story: Story, child: Child, _day: date) -> None:
    key, began = child.class_key, child.enrolled_on
    if child.episode is None and child.leave is None:
        enrolment.undo_enrolment(child, story.world.context(), batch="b1")
        if began is not None:
            story.leave_class(key, child, began)


def _residence(story: Story, child: Child, day: date) -> None:
    child.trigger_event(
        e.ResidenceChanged, story.world.context(), occurred_on=day, residence="522629101300"
    )


def _drop(story: Story, child: Child, day: date) -> None:
    """辍学, with all it needs; off the roll from that day."""
    ground = DropoutGround(
        unexplained=20,
        rounds=2,
        cause_recorded=True,
        dropout_days=20,
        dropout_rounds=2,
        rule_version=0,
    )
    returns.confirm_dropout(
        child,
        story.world.context(),
        on=day,
        role="bureau_officer",
        ground=ground,
        whereabouts=Whereabouts.UNKNOWN,
    )
    story.away(child, day, None)


def _back(story: Story, child: Child, day: date) -> None:
    """Back in its class, and on the roll again."""
    if child.class_key is None:
        return
    returns.persuade_back(
        child,
        story.world.context(),
        on=day,
        role="principal",
        placement=Placement.ORIGINAL_CLASS,
        class_key=child.class_key,
        grade=1,
    )
    story.away(child, day, day)


def _settle(story: Story, child: Child, day: date) -> None:
    returns.settle_return(child, story.world.context(), on=day, role="bureau_officer", until=BEGAN)


_DECISIONS: dict[str, Callable[[Story, Child, date], None]] = {
    "clear": _clear,
    "suspect": _suspect,
    "suspend": _suspend,
    "exempt": _exempt,
    "home": _home,
    "extend": _extend,
    "expire": lambda story, child, _day: leaves.notice_expiry(child, story.world.context()),
    "resume": _resume,
    "transfer": _transfer,
    "confirm": _confirm,
    "cancel": lambda story, child, day: departures.cancel_transfer(
        child, story.world.context(), on=day
    ),
    "lapse": lambda story, child, _day: departures.lapse_transfer(
        child, story.world.context(), rule_version=0
    ),
    "elsewhere": _elsewhere,
    "abroad": _end(lv.WentAbroad),
    "missing": _end(lv.WentMissing),
    "recheck": _recheck,
    "arrive": _arrive,
    "move": _move,
    "enrol": _enrol,
    "undo": _undo,
    "residence": _residence,
    "promote": _promote,
    "drop": _drop,
    "back": _back,
    "settle": _settle,
}
