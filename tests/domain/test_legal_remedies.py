"""Statement, hearing, review and lawsuit: what they hold up, and until when."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.domain.calendar.errors import CalendarYearUnknown
from ckbx.domain.legal import errors
from ckbx.domain.legal.codes import AppealKind, AppealOutcome, PaperKind
from ckbx.domain.legal.next_step import Action, next_steps
from ckbx.domain.legal.periods import add_months, appeals_of, period_end
from tests.domain.legal_cells import at
from tests.domain.test_legal_papers import state
from tests.support.legal import Steps, law, newest

K = PaperKind


def decide(steps: Steps, on: date) -> None:
    steps.today = on
    steps.issue(on, K.FINE_DECISION, amount=500, due_days=10, pay_by=at(60))


def test_a_hearing_asked_for_holds_the_decision_up_until_it_was_held() -> None:
    steps = state("hearing asked")
    with pytest.raises(errors.HearingPending):
        decide(steps, at(40))
    steps.hear(at(40), 3)
    decide(steps, at(40))


def test_a_waiver_takes_a_request_back_and_opens_the_decision_at_once() -> None:
    steps = state("hearing asked")
    steps.answer(at(22), 3, "waived")
    steps.today = at(22)
    decide(steps, at(22))


def test_a_plain_statement_shortens_nothing() -> None:
    steps = state("told, may answer")
    steps.answer(at(20), 3, "statement")
    with pytest.raises(errors.DeadlineNotPassed):
        decide(steps, at(20))


@pytest.mark.parametrize("outcome", [AppealOutcome.UPHELD, AppealOutcome.WITHDRAWN])
def test_an_appeal_that_failed_lets_the_steps_go_on(outcome: AppealOutcome) -> None:
    steps = state("appeal pending")
    with pytest.raises(errors.AppealPending, match="行政复议"):
        steps.issue(at(50), K.REMINDER)
    steps.end_appeal(at(50), 4, outcome)
    steps.issue(at(50), K.REMINDER)


def test_after_an_appeal_late_in_the_period_fifteen_days_more_must_pass() -> None:
    steps = state("decision final")
    steps.appeal(at(214), 4, AppealKind.LAWSUIT)
    with pytest.raises(errors.AppealPending):
        steps.issue(at(220), K.ENFORCEMENT_APPLICATION)
    steps.today = at(260)
    steps.end_appeal(at(240), 4, AppealOutcome.UPHELD)
    with pytest.raises(errors.DeadlineNotPassed):
        steps.issue(at(255), K.ENFORCEMENT_APPLICATION)
    steps.issue(at(257), K.ENFORCEMENT_APPLICATION)


def test_a_decision_revoked_on_appeal_enforces_nothing_and_may_be_taken_anew() -> None:
    steps = state("decision revoked")
    with pytest.raises(errors.DecisionRevoked):
        steps.issue(at(61), K.ENFORCEMENT_APPLICATION)
    decide(steps, at(61 - 2))


def test_an_appeal_out_of_time_is_refused_unless_the_court_took_it() -> None:
    steps = state("decision final")
    with pytest.raises(errors.AppealTooLate):
        steps.appeal(at(219), 4, AppealKind.LAWSUIT)
    steps.appeal(at(219), 4, AppealKind.LAWSUIT, late=True)


def test_the_periods_of_a_decision_end_on_working_days() -> None:
    """Served 2019-04-03: 60 days end Sunday 06-02, so 06-03; six months 10-03, in the National
    Day week, so 10-08; three months on 2020-01-08.
    """
    steps = state("decision running")
    decision = steps.state.papers[newest(steps, K.FINE_DECISION)]
    assert decision.service is not None
    assert decision.service.effective_on == date(2019, 4, 3)
    found = appeals_of(steps.state, decision, steps.law)
    assert found == (
        date(2019, 6, 3),
        date(2019, 10, 8),
        date(2019, 10, 8),
        date(2020, 1, 8),
    )


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2018, 8, 31), 6, date(2019, 2, 28)),
        (date(2019, 8, 31), 6, date(2020, 2, 29)),
        (date(2019, 11, 30), 3, date(2020, 2, 29)),
        (date(2019, 12, 1), 1, date(2020, 1, 1)),
    ],
)
def test_a_month_too_short_ends_with_its_last_day(day: date, n: int, expected: date) -> None:
    assert add_months(day, n) == expected


def test_a_year_whose_holidays_are_unknown_is_said_not_guessed() -> None:
    with pytest.raises(CalendarYearUnknown):
        period_end(law(), date(2031, 5, 1))


def test_the_next_step_says_so_where_the_calendar_is_missing() -> None:
    steps = Steps(date(2031, 6, 1))
    steps.give(date(2031, 3, 3), K.PERSUASION_NOTICE, due_days=7)
    steps.give(date(2031, 3, 11), K.ORDER_TO_ATTEND, due_days=7)
    steps.give(date(2031, 3, 19), K.FINE_NOTICE, amount=500)
    (step,) = next_steps(steps.state, steps.law, date(2031, 3, 20))
    assert step.action == Action.WAIT
    assert [m.code for m in step.missing] == ["calendar_year_unknown"]
