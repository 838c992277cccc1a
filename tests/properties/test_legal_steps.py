"""Whatever is tried in whatever order, no legal step is reached by skipping and dates agree.

The oracle reads only the events: it knows nothing of the code that decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ckbx.domain.legal import events as e
from ckbx.domain.legal.codes import ORDERS, PaperKind, SkipReason
from ckbx.domain.legal.errors import LegalRefusal
from ckbx.domain.legal.next_step import Action, NextStep, next_steps
from ckbx.domain.shared.event import DomainEvent
from tests.domain.legal_cells import COMMANDS, START, at
from tests.support.legal import CALENDARS, Steps

K = PaperKind
BEFORE: dict[PaperKind, tuple[tuple[PaperKind, ...], int | None]] = {
    K.ORDER_TO_ATTEND: ((K.PERSUASION_NOTICE,), 1),
    K.ORDER_TO_RETURN: ((K.PERSUASION_NOTICE,), 1),
    K.FINE_NOTICE: (ORDERS, None),
    K.FINE_DECISION: ((K.FINE_NOTICE,), None),
    K.REMINDER: ((K.FINE_DECISION,), None),
    K.COMPLAINT: ((K.FINE_DECISION,), 3),
}
FOLLOW = st.tuples(st.just("follow"), st.sampled_from((0, 0, 0, 0, 1, 2)), st.just(0))
TURN = st.one_of(
    FOLLOW,
    FOLLOW,
    st.tuples(st.sampled_from(list(COMMANDS)), st.integers(0, 25), st.integers(0, 4)),
)


class Told:
    """What the events before one of them say, read without the domain's own state."""

    def __init__(self, events: Iterable[DomainEvent]) -> None:
        self.issued: dict[int, Any] = {}
        self.served: dict[int, Any] = {}
        self.promised: dict[int, Any] = {}
        self.waived: set[int] = set()
        self.skipped: dict[int, Any] = {}
        self.order: list[DomainEvent] = []
        for event in events:
            self.order.append(event)
            match event:
                case e.PaperIssued():
                    self.issued[event.paper] = event
                case e.PaperServed():
                    self.served[event.paper] = event
                case e.ServiceVoided():
                    self.served.pop(event.paper)
                case e.PaperRevoked():
                    self.issued.pop(event.paper)
                case e.AppealEnded() if event.outcome == "revoked":
                    self.issued.pop(event.paper)
                case e.GuardianPromised():
                    self.promised[event.paper] = event
                case e.StepSkipped():
                    self.skipped[event.step] = event
                case e.StatementReceived():
                    if event.answer == "waived":
                        self.waived.add(event.paper)

    def last_day(self, paper: int) -> date | None:
        """The last day of a served paper's term."""
        issued, served = self.issued[paper], self.served.get(paper)
        if served is None:
            return None
        start: date = served.effective_on
        if issued.kind == K.FINE_NOTICE:
            return start if paper in self.waived else CALENDARS.add_working_days(start, 5)
        if issued.kind == K.REMINDER:
            return CALENDARS.add_working_days(start, 10)
        due: date = issued.due_on or start + timedelta(days=issued.due_days)
        return max(due, issued.pay_by or due)

    def lapsed_before(self, kinds: Iterable[PaperKind], day: date) -> bool:
        """Whether a paper of these kinds was served and its term over before a day."""
        for number, issued in self.issued.items():
            end = self.last_day(number) if issued.kind in kinds else None
            waived = number in self.waived and end is not None and end <= day
            if end is not None and (end < day or waived):
                return True
        return False


def check(steps: Steps) -> None:
    """Each paper of the history stands on what had happened before it."""
    for n, event in enumerate(steps.events):
        told = Told(steps.events[:n])
        if isinstance(event, e.PaperServed):
            issued = told.issued[event.paper]
            assert issued.occurred_on <= event.occurred_on <= event.effective_on
        if isinstance(event, e.StepSkipped) and event.step > 1:
            last = ORDERS if event.step == 3 else (K.PERSUASION_NOTICE,)
            before = told.skipped.get(event.step - 1)
            assert before is not None or told.lapsed_before(last, event.occurred_on)
        if not isinstance(event, e.PaperIssued):
            continue
        day, kind = event.occurred_on, event.kind
        if kind in BEFORE:
            kinds, skippable = BEFORE[kind]
            skip = told.skipped.get(skippable) if skippable else None
            left_out = skip is not None and skip.occurred_on <= day
            assert left_out or told.lapsed_before(kinds, day), kind
        if kind in (K.FINE_NOTICE, K.FINE_DECISION):
            assert event.basis
            assert event.amount
        if kind == K.ENFORCEMENT_APPLICATION:
            _check_application(told, day)


def _check_application(told: Told, day: date) -> None:
    kinds = {p.kind for p in told.issued.values()}
    if K.COMPLAINT in kinds:
        assert told.lapsed_before((K.MEDIATION, K.JUDGEMENT), day)
        return
    assert told.lapsed_before((K.REMINDER,), day)
    (decision,) = (n for n, p in told.issued.items() if p.kind == K.FINE_DECISION)
    served: date = told.served[decision].effective_on
    assert (day - served).days > 180  # six months are 181 days at the least
    assert (day - served).days <= 184 + 92 + 2 * 10  # three months, and long holidays


def _follow(steps: Steps, day: date, choice: int) -> date:
    """Do what is proposed, on the day from which it may be done; the day it was done.

    Whatever is proposed as open must be accepted.
    """
    proposed = [
        s
        for s in next_steps(steps.state, steps.law, day)
        if s.action in (Action.ISSUE, Action.SERVE, Action.SKIP) and not s.missing
    ]
    if not proposed:
        return day
    step = proposed[choice % len(proposed)]
    day = max(day, step.opens_on or day)
    steps.today = day
    if step.is_open(day):
        _do(steps, step, day)
    return day


def _do(steps: Steps, step: NextStep, day: date) -> None:
    if step.action == Action.SERVE and step.paper is not None:
        steps.serve(day, step.paper)
    elif step.action == Action.SKIP:
        steps.skip(day, step.step, SkipReason.OTHER)
    elif step.kind is not None:
        COMMANDS[f"issue {step.kind.value}"](steps, day)


def _tell(turns: list[tuple[str, int, int]]) -> Steps:
    steps, day = Steps(START), START
    for command, gap, back in turns:
        day += timedelta(days=gap if command != "follow" else 0)
        if day > at(1200):  # the calendar of the tests knows the years up to 2026
            break
        steps.today = day
        if command == "follow":
            day = _follow(steps, day, gap)
            continue
        try:
            COMMANDS[command](steps, day - timedelta(days=back))
        except LegalRefusal:
            continue
    return steps


@settings(max_examples=300)
@given(st.integers(0, 16), st.lists(TURN, min_size=4, max_size=30))
def test_no_step_is_reached_by_skipping_and_every_proposal_is_accepted(
    along: int, turns: list[tuple[str, int, int]]
) -> None:
    steps = _tell([("follow", 0, 0)] * along + turns)
    assume(steps.events)
    check(steps)


def test_following_the_proposals_alone_reaches_the_court() -> None:
    steps = _tell([("follow", 0, 0)] * 20)
    kinds = [p.kind for p in steps.state.valid()]
    assert K.ENFORCEMENT_APPLICATION in kinds or K.COMPLAINT in kinds
    check(steps)


def test_the_check_finds_a_paper_issued_a_day_too_early() -> None:
    """A control: the same history with one date moved must fail."""
    import msgspec
    import pytest

    steps = _tell([("follow", 0, 0)] * 6)
    for n, event in enumerate(steps.events):
        if isinstance(event, e.PaperIssued) and event.kind == K.ORDER_TO_ATTEND:
            early = event.occurred_on - timedelta(days=1)
            steps.events[n] = msgspec.structs.replace(event, occurred_on=early)
    with pytest.raises(AssertionError):
        check(steps)
