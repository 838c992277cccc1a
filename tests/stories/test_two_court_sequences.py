"""The two real sequences of the four steps, as they became known, day by day.

西盟 2018: the township's order of 2018-04-20 to send the girl to school; a decision to send her
by 05-02 with a fine of 1,000 yuan to be paid by 05-05; neither review nor lawsuit; the court
granted enforcement; 15 days of detention (known in 2019-03). 宁蒗 2019-20: visits, order,
decision, reminder, a civil suit on 2020-04-20, mediated on 05-20: back within ten days. Days
between these are made up so that the periods of the law hold. Each is walked on the rules alone
and on the case of a child in a store, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.domain.legal import errors
from ckbx.domain.legal.codes import Obeyed, PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.next_step import Action, next_step, next_steps
from tests.support.legal import Steps, newest
from tests.support.legal_store import StoredSteps, county_of_2018

K = PaperKind
Walk = Callable[[date], Steps]


@pytest.fixture(params=["rules", "sqlite", "postgres"])
def at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Walk]:
    """Steps that stand on a day: on the rules alone, or on the case of a child in a store."""
    if request.param == "rules":
        yield Steps
        return
    name = {"sqlite": "sqlite_url", "postgres": "pg_store_url"}[request.param]
    with county_of_2018(request.getfixturevalue(name), tmp_path) as county:
        yield lambda today: StoredSteps(county, today)


def ximeng(at: Walk) -> Steps:
    """Until the decision was served."""
    steps = at(date(2019, 3, 31))
    notice = steps.issue(date(2018, 4, 3), K.PERSUASION_NOTICE, due_on=date(2018, 4, 12))
    steps.serve(date(2018, 4, 3), notice, servers=("ct1",))
    steps.give(date(2018, 4, 20), K.ORDER_TO_ATTEND, due_on=date(2018, 4, 27))
    told = steps.give(date(2018, 4, 28), K.FINE_NOTICE, amount=1000)
    steps.answer(date(2018, 4, 28), told, "waived")
    steps.give(
        date(2018, 4, 28),
        K.FINE_DECISION,
        amount=1000,
        due_on=date(2018, 5, 2),
        pay_by=date(2018, 5, 5),
    )
    return steps


def test_ximeng_2018_from_the_order_to_fifteen_days_of_detention(at: Walk) -> None:
    steps = ximeng(at)
    reminder = date(2018, 10, 30)
    steps.give(reminder, K.REMINDER)
    # 6 months from 04-28 end on Sunday 10-28, so on 10-29; ten working days after 10-30: 11-13.
    with pytest.raises(errors.DeadlineNotPassed, match="2018-11-14"):
        steps.issue(date(2018, 11, 13), K.ENFORCEMENT_APPLICATION)
    steps.issue(date(2018, 11, 14), K.ENFORCEMENT_APPLICATION)
    granted = steps.issue(date(2018, 12, 3), K.ENFORCEMENT_GRANTED)
    steps.serve(date(2018, 12, 5), granted, servers=())
    for kind in (K.ENFORCEMENT_NOTICE, K.PROPERTY_ORDER, K.DETENTION):
        steps.give(date(2019, 3, 11), kind)
    assert [p.kind for p in steps.state.valid()][-4:] == [
        K.ENFORCEMENT_GRANTED,
        K.ENFORCEMENT_NOTICE,
        K.PROPERTY_ORDER,
        K.DETENTION,
    ]
    assert [str(e.occurred_on) for e in steps.events if e.TITLE == "送达文书"][:4] == [
        "2018-04-03",
        "2018-04-20",
        "2018-04-28",
        "2018-04-28",
    ]


def test_ximeng_the_reminder_waits_for_the_last_day_to_pay(at: Walk) -> None:
    steps = ximeng(at)
    with pytest.raises(errors.DeadlineNotPassed, match="2018-05-06"):
        steps.issue(date(2018, 5, 5), K.REMINDER)
    steps.issue(date(2018, 5, 6), K.REMINDER)


def test_ximeng_no_enforcement_while_the_decision_may_still_be_contested(at: Walk) -> None:
    steps = ximeng(at)
    steps.give(date(2018, 5, 7), K.REMINDER)
    with pytest.raises(errors.DeadlineNotPassed, match="2018-10-30"):
        steps.issue(date(2018, 10, 29), K.ENFORCEMENT_APPLICATION)
    due = next_step(steps.state, steps.law, date(2018, 11, 1))
    assert due is not None
    assert (due.kind, due.opens_on, due.due_on) == (
        K.ENFORCEMENT_APPLICATION,
        date(2018, 10, 30),
        date(2019, 1, 29),
    )
    with pytest.raises(errors.WindowClosed, match="2019-01-29"):
        steps.issue(date(2019, 1, 30), K.ENFORCEMENT_APPLICATION)
    steps.issue(date(2019, 1, 29), K.ENFORCEMENT_APPLICATION)


def ninglang(at: Walk) -> Steps:
    """Until the reminder was served."""
    steps = at(date(2020, 6, 30))
    notice = steps.issue(date(2019, 9, 6), K.PERSUASION_NOTICE, due_on=date(2019, 9, 16))
    steps.serve(date(2019, 9, 6), notice, recipient=Recipient.FATHER)
    order = steps.issue(date(2019, 9, 20), K.ORDER_TO_ATTEND, due_days=10)
    steps.serve(
        date(2019, 9, 23),
        order,
        mode=ServiceMode.LEFT,
        refused=True,
        servers=("to1",),
        witnesses=("person-9",),
    )
    told = steps.give(date(2019, 10, 8), K.FINE_NOTICE, amount=500)
    # Five working days after 10-08 end on 10-15: 10-12 (a Saturday) is worked.
    with pytest.raises(errors.DeadlineNotPassed, match="2019-10-15"):
        steps.issue(date(2019, 10, 14), K.FINE_DECISION, amount=500, due_days=10, pay_by=told_by())
    steps.give(date(2019, 10, 16), K.FINE_DECISION, amount=500, due_days=10, pay_by=told_by())
    steps.give(date(2020, 3, 2), K.REMINDER)
    assert told
    return steps


def told_by() -> date:
    """The last day to pay in 宁蒗 (made up)."""
    return date(2019, 10, 31)


def test_ninglang_2020_a_civil_suit_mediated_and_the_girl_back_within_ten_days(at: Walk) -> None:
    steps = ninglang(at)
    steps.issue(date(2020, 4, 20), K.COMPLAINT)
    with pytest.raises(errors.OtherWayOpen, match="民事诉讼"):
        steps.issue(date(2020, 4, 21), K.ENFORCEMENT_APPLICATION)
    mediation = steps.give(date(2020, 5, 20), K.MEDIATION, due_on=date(2020, 5, 30))
    waiting = next_step(steps.state, steps.law, date(2020, 5, 21))
    assert waiting is not None
    assert (waiting.action, waiting.opens_on) == (Action.WAIT, date(2020, 5, 31))
    steps.comply(date(2020, 5, 28), mediation)
    (follow,) = [
        s for s in next_steps(steps.state, steps.law, date(2020, 6, 1)) if s.action is Action.FOLLOW
    ]
    assert follow.step == 4
    with pytest.raises(errors.AlreadyComplied, match="2020-05-28"):
        steps.issue(date(2020, 6, 1), K.ENFORCEMENT_APPLICATION)


def test_ninglang_the_court_enforces_a_mediation_that_was_not_kept(at: Walk) -> None:
    steps = ninglang(at)
    steps.issue(date(2020, 4, 20), K.COMPLAINT)
    steps.give(date(2020, 5, 20), K.MEDIATION, due_on=date(2020, 5, 30))
    with pytest.raises(errors.DeadlineNotPassed, match="2020-05-31"):
        steps.issue(date(2020, 5, 30), K.ENFORCEMENT_APPLICATION)
    steps.issue(date(2020, 6, 1), K.ENFORCEMENT_APPLICATION)
    steps.give(date(2020, 6, 10), K.ENFORCEMENT_NOTICE)


def test_ninglang_the_girl_back_but_the_fine_unpaid_the_reminder_may_still_follow(at: Walk) -> None:
    steps = ninglang(at)
    decision = newest(steps, K.FINE_DECISION)
    steps.comply(date(2020, 3, 20), decision, Obeyed.SCHOOL)
    with pytest.raises(errors.AlreadyComplied):
        steps.issue(date(2020, 4, 20), K.COMPLAINT)
    steps.issue(date(2020, 4, 20), K.ENFORCEMENT_APPLICATION)
