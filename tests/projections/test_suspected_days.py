"""Which days of a suspicion count as unexplained, as of a day, as known then?"""

from __future__ import annotations

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.class_roll.events import RollCallVoided
from tests.projections.suspected_helps import ROLL, absent, ask, facts, one, submit, suspect
from tests.projections.suspected_store import CLASS, LI, WANG, Facts, day, days

__all__ = ["facts"]


def test_unexplained_days_grow_up_to_the_day_asked_about(facts: Facts) -> None:
    suspect(facts, LI)
    absent(facts, LI, "11-09", "11-10")
    assert [one(facts, d).unexplained_days for d in ("11-06", "11-09", "11-10")] == [5, 6, 7]


def test_an_excused_day_is_no_unexplained_day(facts: Facts) -> None:
    suspect(facts, LI)
    absent(facts, LI, "11-09", reason=Reason.SICK)
    assert one(facts, "11-09").unexplained_days == 5


def test_days_before_the_run_are_not_counted(facts: Facts) -> None:
    absent(facts, LI, "10-12")
    suspect(facts, LI)
    assert one(facts, "11-06").unexplained_days == 5


def test_an_explanation_takes_a_day_away_as_known_from_then_on(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09")
    fix = {"class_key": CLASS, "was": Reason.UNEXPLAINED}
    facts.tell(e.AbsenceExplained, LI, "11-09", **fix, reason=Reason.SICK)
    assert one(facts, "11-09").unexplained_days == 5
    assert one(facts, "11-09", before).unexplained_days == 6


def test_a_sick_leave_found_untrue_adds_a_day(facts: Facts) -> None:
    suspect(facts, LI)
    before = absent(facts, LI, "11-09", reason=Reason.SICK)
    fix = {"class_key": CLASS, "was": Reason.SICK}
    facts.tell(e.AbsenceExplained, LI, "11-09", **fix, reason=Reason.UNVERIFIED)
    assert one(facts, "11-09").unexplained_days == 6
    assert one(facts, "11-09", before).unexplained_days == 5


def test_a_voided_absence_takes_its_day_from_its_own_child_only(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    before = facts.head()
    facts.tell(e.AbsenceVoided, LI, "11-03", class_key=CLASS, was=Reason.UNEXPLAINED)
    counts = {row.child: row.unexplained_days for row in ask(facts, "11-06")}
    assert counts == {LI: 4, WANG: 5}
    assert one(facts, "11-06", before).unexplained_days == 5


def test_days_recorded_before_a_late_found_suspicion_count_too(facts: Facts) -> None:
    absent(facts, LI, "11-09", "11-10")
    suspect(facts, LI)
    assert one(facts, "11-10").unexplained_days == 7


def test_days_that_only_the_suspicion_names_count(facts: Facts) -> None:
    fields = {"source": SuspicionSource.OPENING, "rule": "opening", "rule_version": 0}
    named = {"first_absent_on": day("09-01"), "absent_days": days("09-01", "09-02")}
    facts.tell(e.DropoutSuspected, LI, "09-07", episode=1, **fields, **named)
    row = one(facts, "09-07")
    assert (row.unexplained_days, row.source) == (2, SuspicionSource.OPENING)


@pytest.mark.parametrize(
    ("later", "count"),
    [
        ((), 5),
        ((Session.AFTERNOON,), 6),
        ((Session.FULL,), 6),
    ],
)
def test_a_half_reported_day_is_silent(
    facts: Facts, later: tuple[Session, ...], count: int
) -> None:
    suspect(facts, LI)
    for session in (Session.MORNING, *later):
        submit(facts, "11-09", session)
    absent(facts, LI, "11-09", session=Session.MORNING)
    assert one(facts, "11-09").unexplained_days == count


def test_a_half_put_aside_leaves_the_day_silent_again(facts: Facts) -> None:
    suspect(facts, LI)
    submit(facts, "11-09", Session.MORNING)
    absent(facts, LI, "11-09", session=Session.MORNING)
    before = submit(facts, "11-09", Session.AFTERNOON)
    half = {"class_key": CLASS, "session": Session.AFTERNOON, "replaces": 2}
    facts.tell(RollCallVoided, ROLL, "11-09", **half)
    assert one(facts, "11-09").unexplained_days == 5
    assert one(facts, "11-09", before).unexplained_days == 6
