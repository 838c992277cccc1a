"""规则试算: which deadlines other rules would have had missed, of cases as they were recorded."""

from __future__ import annotations

from datetime import date

from ckbx.application.rule_tryout import changed_rules
from ckbx.domain.child.status import Finding
from projections.deadlines_tried import TriedDeadline, missed_under
from projections.roll_call_completeness import CountyLines
from tests.projections.case_helps import any_county, looking
from tests.support.case_county import CaseCounty, verify

__all__ = ["any_county"]


def tried(county: CaseCounty, first: date, last: date, **changes: int) -> dict[str, TriedDeadline]:
    """By kind, what was missed in the time under the rules in force or the changed ones."""
    with looking(county) as reading:
        position = county.store.log.head()
        rules = changed_rules(CountyLines.at(reading, position).rules, changes)
        rows = missed_under(reading, rules, first, as_of=last, position=position)
    assert {row.child for row in rows} <= {county.child}
    return {row.kind: row for row in rows}


def test_a_check_in_five_days_was_in_time_and_would_have_been_late_with_three(
    any_county: CaseCounty,
) -> None:
    """Suspected on school day 5 (index 4), checked on the fourth day after it."""
    county, days = any_county, any_county.days
    county.away(0, 1, 2, 3, 4, 5, 6, 7, 8)
    county.do(verify(Finding.K, days[8]))
    county.away(9)
    found = tried(county, days[0], days[9], verify_within=3)
    assert (found["verify"].in_force, found["verify"].tried) == ((), (days[7],))
    assert "verify" not in tried(county, days[0], days[9], verify_within=4)
    assert "verify" not in tried(county, days[8], days[9], verify_within=3), "before the time"


def test_a_deadline_missed_under_both_is_named_with_both_days(any_county: CaseCounty) -> None:
    county, days = any_county, any_county.days
    county.away(*range(12))
    found = tried(county, days[0], days[11], persuade_school=5)
    assert found["persuade_school"].in_force == (days[7],)
    assert found["persuade_school"].tried == (days[9],)
    assert (found["verify"].in_force, found["verify"].tried) == ((days[9],), (days[9],))
