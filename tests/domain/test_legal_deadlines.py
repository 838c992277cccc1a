"""By when is what due of the papers: one outcome each on every day, computed from facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from ckbx.domain.case.case import Deed
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.legal.codes import AppealKind, AppealOutcome, Obeyed, PaperKind, SkipReason
from ckbx.domain.legal.deadlines import LEGAL_KINDS, Course, legal_deadlines
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.post import Role
from ckbx.domain.rules.rule_ids import LEGAL_DEADLINES, LEGAL_PERIODS, RULES
from tests.domain.legal_cells import (
    applied,
    at,
    decided,
    decision_revoked,
    decision_served,
    mediated,
    order_served,
    ordered,
    reminded,
    told,
)
from tests.support.legal import CALENDARS, Steps, law

K, _O = PaperKind, Outcome


def due(steps: Steps, day: date, course: Course | None = None) -> list[Deadline]:
    """What the facts of that day and before say on it."""
    by_then = [event for event in steps.events if event.occurred_on <= day]
    state = LegalSteps(steps.state.id).replay(by_then)
    return legal_deadlines(state, law(), course or Course(), day)


def one(steps: Steps, kind: str, day: date, course: Course | None = None) -> Deadline:
    (found,) = [d for d in due(steps, day, course) if d.kind == kind]
    return found


def said(steps: Steps, kind: str, *days: date) -> list[Outcome]:
    return [one(steps, kind, day).outcome for day in days]


def test_an_order_is_open_on_its_last_day_and_missed_from_the_next() -> None:
    steps = order_served()
    found = one(steps, "legal_order", at(18))
    assert (found.on, found.due_on, found.outcome) == (at(8), at(18), _O.OPEN)
    assert (found.role, found.rule) == (Role.TOWNSHIP_OFFICER, "notice_expired")
    missed = one(steps, "legal_order", at(19))
    assert (missed.outcome, missed.outcome_on, missed.over_on) == (_O.MISSED, at(18), None)


def test_an_order_obeyed_in_time_is_kept_and_one_obeyed_late_is_missed_with_the_fact() -> None:
    kept, late = order_served(), order_served()
    kept.comply(at(15), 2)
    late.comply(at(25), 2)
    assert said(kept, "legal_order", at(14), at(15), at(30)) == [_O.OPEN, _O.KEPT, _O.KEPT]
    found = one(late, "legal_order", at(30))
    assert (found.outcome, found.over_on) == (_O.MISSED, at(25))
    assert found.evidence == late.events[-1].event_id


def test_a_child_taken_out_again_before_the_last_day_has_not_obeyed() -> None:
    steps = order_served()
    steps.comply(at(10), 2)
    steps.cease(at(12))
    days = (at(11), at(12), at(18), at(19))
    assert said(steps, "legal_order", *days) == [_O.KEPT, _O.OPEN, _O.OPEN, _O.MISSED]
    assert one(steps, "legal_order", at(19)).evidence is None


def test_a_child_sent_home_after_the_last_day_had_obeyed() -> None:
    steps = order_served()
    steps.comply(at(10), 2)
    steps.cease(at(30))
    assert said(steps, "legal_order", at(18), at(40)) == [_O.KEPT, _O.KEPT]


def test_a_return_recorded_in_the_case_alone_counts() -> None:
    course = Course(returned=Deed(at(12), "case:9"))
    found = one(order_served(), "legal_order", at(19), course)
    assert (found.outcome, found.outcome_on, found.evidence) == (_O.KEPT, at(12), "case:9")


def test_a_promise_in_time_moves_the_last_day_once() -> None:
    steps = order_served()
    steps.promise(at(17), 2, at(25))
    assert one(steps, "legal_order", at(16)).due_on == at(18)
    assert one(steps, "legal_order", at(17)).due_on == at(25)
    assert said(steps, "legal_order", at(19), at(25), at(26)) == [_O.OPEN, _O.OPEN, _O.MISSED]


def test_a_paper_taken_back_or_a_case_that_ends_in_time_owes_nothing() -> None:
    revoked = order_served()
    revoked.revoke(at(12), 2)
    assert one(revoked, "legal_order", at(20)).outcome is _O.VOID
    ended = Course(over=Deed(at(12), "case:9"))
    assert one(order_served(), "legal_order", at(20), ended).outcome is _O.VOID
    after = Course(over=Deed(at(20), "case:9"))
    found = one(order_served(), "legal_order", at(30), after)
    assert (found.outcome, found.over_on) == (_O.MISSED, at(20))


def test_a_missed_term_waits_for_nobody_once_the_next_step_was_taken() -> None:
    assert one(told(), "legal_order", at(19)).over_on == at(19)
    skipped = order_served()
    skipped.skip(at(21), 3, SkipReason.OTHER)
    assert one(skipped, "legal_order", at(20)).over_on is None
    assert one(skipped, "legal_order", at(21)).over_on == at(21)


def test_a_service_put_aside_takes_its_term_with_it() -> None:
    steps = order_served()
    steps.void_service(at(9), 2)
    assert [d for d in due(steps, at(30)) if d.kind == "legal_order"] == []


def test_a_paper_with_a_last_day_is_served_while_the_shortest_term_is_left() -> None:
    steps = order_served(Steps(date(2021, 1, 1)))
    steps.issue(at(20), K.ORDER_TO_RETURN, due_on=at(32))
    found = [d for d in due(steps, at(26)) if d.kind == "legal_serve" and d.on == at(20)]
    assert [(d.due_on, d.outcome) for d in found] == [(at(25), _O.MISSED)]


def test_a_decision_is_served_within_seven_working_days() -> None:
    steps = decided()
    last = CALENDARS.add_working_days(at(30), 7)

    def outcome(day: date) -> Outcome:
        found = [d for d in due(steps, day) if d.kind == "legal_serve" and d.on == at(30)]
        assert [d.due_on for d in found] == [last]
        return found[0].outcome

    assert [outcome(last), outcome(last + timedelta(days=1))] == [_O.OPEN, _O.MISSED]


def test_a_paper_whose_term_runs_from_its_service_has_no_day_to_serve_it_by() -> None:
    found = [d for d in due(ordered(), at(20)) if d.kind == "legal_serve"]
    assert [d.on for d in found] == [at(0)]  # the notice of step 1 alone


def test_the_time_for_a_statement_runs_out_or_is_waived_and_nobody_misses_it() -> None:
    last = CALENDARS.add_working_days(at(19), 5)
    days = (at(19), last, last + timedelta(days=1))
    assert said(told(), "legal_statement", *days) == [_O.OPEN, _O.OPEN, _O.KEPT]
    waived = told()
    waived.answer(at(20), 3, "waived")
    found = one(waived, "legal_statement", at(20))
    assert (found.outcome, found.outcome_on) == (_O.KEPT, at(20))


def test_sixty_days_and_six_months_run_side_by_side() -> None:
    steps = decision_served()
    review, suit = (one(steps, kind, at(40)) for kind in ("legal_review", "legal_lawsuit"))
    assert review.on == suit.on == at(30)
    assert review.due_on == date(2019, 6, 3)  # 60 days end on a Sunday: the next working day
    assert suit.due_on == date(2019, 10, 8)  # six months end in the national holiday
    assert said(steps, "legal_review", date(2019, 6, 3), date(2019, 6, 4)) == [_O.OPEN, _O.KEPT]
    assert said(steps, "legal_lawsuit", date(2019, 10, 8), date(2019, 10, 9)) == [
        _O.OPEN,
        _O.KEPT,
    ]


def test_an_appeal_ends_its_own_period_and_holds_back_the_court() -> None:
    steps = decision_served()
    steps.appeal(at(40), 4, AppealKind.REVIEW)
    assert one(steps, "legal_review", at(40)).outcome is _O.KEPT
    assert one(steps, "legal_lawsuit", at(40)).outcome is _O.OPEN
    assert not {d.kind for d in due(steps, at(400))} & {"legal_remind", "legal_apply"}
    steps.end_appeal(at(70), 4, AppealOutcome.UPHELD)
    assert {"legal_remind", "legal_apply"} <= {d.kind for d in due(steps, at(400))}


def test_a_decision_revoked_on_appeal_voids_what_was_still_open() -> None:
    steps = decision_revoked()
    assert one(steps, "legal_lawsuit", at(60)).outcome is _O.VOID
    # its own term had passed by then, unobeyed
    assert one(steps, "legal_decision", at(60)).outcome is _O.MISSED


def test_a_decision_is_obeyed_by_the_child_at_school_and_the_fine_paid() -> None:
    steps = decision_served()
    steps.comply(at(35), 4)
    assert one(steps, "legal_decision", at(36)).outcome is _O.OPEN
    steps.comply(at(40), 4, Obeyed.FINE)
    found = one(steps, "legal_decision", at(50))
    assert (found.outcome, found.outcome_on) == (_O.KEPT, at(40))


def test_a_reminder_gives_ten_working_days() -> None:
    steps = reminded()
    last = CALENDARS.add_working_days(at(46), 10)
    found = one(steps, "legal_reminder", last)
    assert (found.on, found.due_on, found.outcome, found.rule) == (
        at(46),
        last,
        _O.OPEN,
        "reminder_10",
    )
    assert one(steps, "legal_reminder", last + timedelta(days=1)).outcome is _O.MISSED


def test_the_court_is_asked_within_three_months_after_the_last_period() -> None:
    first, last = date(2019, 10, 9), date(2020, 1, 8)
    never = reminded()
    assert [d for d in due(never, first - timedelta(days=1)) if d.kind == "legal_apply"] == []
    found = one(never, "legal_apply", first)
    assert (found.on, found.due_on, found.outcome) == (first, last, _O.OPEN)
    assert said(never, "legal_apply", last, last + timedelta(days=1)) == [_O.OPEN, _O.MISSED]
    done = one(applied(), "legal_apply", at(230))
    assert (done.outcome, done.outcome_on) == (_O.KEPT, at(230))


def test_the_reminder_is_served_while_its_days_still_fit_into_the_window() -> None:
    steps = decision_served()
    found = one(steps, "legal_remind", at(60))
    assert found.due_on is not None
    until = date(2020, 1, 8)
    assert CALENDARS.add_working_days(found.due_on, 10) < until
    assert CALENDARS.add_working_days(found.due_on + timedelta(days=1), 10) >= until
    assert one(reminded(), "legal_remind", at(60)).outcome is _O.KEPT


def test_going_to_a_civil_court_ends_the_way_of_the_fine() -> None:
    steps = mediated()
    day = date(2020, 3, 1)
    apply = [d for d in due(steps, day) if d.kind == "legal_apply"]
    assert [(d.rule, d.outcome) for d in apply] == [
        ("enforcement_3m", _O.VOID),
        ("court_term_24m", _O.OPEN),
    ]
    assert one(steps, "legal_verdict", day).role is Role.TOWNSHIP_OFFICER


def test_every_kind_has_a_rule_with_a_title_and_a_number() -> None:
    stories: Sequence[Steps] = [applied(), mediated()]
    found = [d for steps in stories for d in due(steps, date(2020, 3, 1))]
    assert {d.kind for d in found} == LEGAL_KINDS.keys()
    rules = {d.rule for d in found}
    assert rules <= {*LEGAL_DEADLINES, *LEGAL_PERIODS}
    assert all(RULES[rule].kind == "legal_step_due" for rule in rules)
    assert {d.rule_version for d in found} == {0}


@pytest.mark.parametrize("n", range(0, 460, 7))
def test_no_deadline_has_two_outcomes_and_none_lies_ahead(n: int) -> None:
    for make in (applied, mediated, decision_revoked):
        for d in due(make(), at(n)):
            assert d.on <= at(n)
            assert d.due_on is None or d.on <= d.due_on
            assert (d.outcome is _O.OPEN) == (d.outcome_on is None)
            assert d.outcome is not _O.MISSED or (d.due_on is not None and d.due_on < at(n))
            if d.outcome is _O.KEPT and d.due_on is not None:
                assert d.outcome_on is not None
                assert d.outcome_on <= d.due_on
