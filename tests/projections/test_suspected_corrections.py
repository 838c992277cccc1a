"""What becomes of a suspicion when its ground is corrected?"""

from __future__ import annotations

from ckbx.domain.attendance.marks import Session
from ckbx.domain.child import events as e
from projections.scope import Scope
from projections.suspected import withdrawals
from tests.projections.suspected_helps import absent, ask, facts, one, revise, submit, suspect, who
from tests.projections.suspected_store import LI, OTHER_SCHOOL, WANG, Facts, day, days

__all__ = ["facts"]


def test_a_withdrawn_suspicion_never_was_but_was_known(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    facts.tell(e.SuspicionWithdrawn, LI, "11-06", episode=1)
    assert who(ask(facts, "11-09")) == {WANG}
    assert who(ask(facts, "11-09", all_=True)) == {WANG}
    assert who(ask(facts, "11-09", before)) == {LI, WANG}
    facts.fold()
    with facts.reading() as reading:
        known = facts.head()
        gone = withdrawals(reading, Scope.county(), as_of=day("11-09"), position=known)
        hidden = withdrawals(
            reading, Scope.schools([OTHER_SCHOOL]), as_of=day("11-09"), position=known
        )
    assert [(w.child, w.suspected_on) for w in gone] == [(LI, day("11-06"))]
    assert hidden == []


def test_a_revised_suspicion_never_held_its_old_dates(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    absent(facts, LI, "11-09")
    revise(facts, LI, "11-09", days("11-03", "11-04", "11-05", "11-06", "11-09"))
    assert who(ask(facts, "11-06")) == {WANG}
    row = one(facts, "11-09")
    assert (row.suspected_on, row.first_absent_on) == (day("11-09"), day("11-03"))
    assert row.unexplained_days == 5
    was = one(facts, "11-06", before)
    assert (was.suspected_on, was.first_absent_on) == (day("11-06"), day("11-02"))
    assert {r.suspected_on for r in ask(facts, "11-09") if r.child == WANG} == {day("11-06")}


def test_a_revision_says_exactly_which_days_count(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09")
    revise(facts, LI, "11-10", days("11-03", "11-05", "11-06", "11-09", "11-10"))
    assert one(facts, "11-10").unexplained_days == 5
    assert one(facts, "11-10", before).unexplained_days == 6


def test_a_revision_keeps_a_day_that_waits_for_its_second_half(facts: Facts) -> None:
    suspect(facts, LI)
    submit(facts, "11-09", Session.MORNING)
    absent(facts, LI, "11-09", session=Session.MORNING)
    absent(facts, LI, "11-10")
    revise(facts, LI, "11-10", days("11-03", "11-04", "11-05", "11-06", "11-10"))
    assert one(facts, "11-10").unexplained_days == 5
    submit(facts, "11-09", Session.AFTERNOON)
    assert one(facts, "11-10").unexplained_days == 6


def test_a_ground_that_fell_away_is_marked_and_a_revision_clears_the_mark(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    facts.tell(e.SuspicionGroundChanged, LI, "11-06", episode=1)
    marks = {row.child: row.ground_changed for row in ask(facts, "11-09")}
    assert marks == {LI: True, WANG: False}
    assert not one(facts, "11-09", before).ground_changed
    revise(facts, LI, "11-09", days("11-03", "11-04", "11-05", "11-06", "11-09"))
    assert not one(facts, "11-09").ground_changed
