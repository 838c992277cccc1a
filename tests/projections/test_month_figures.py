"""The figures of a month: the stocks of the school ledger, and what happened from the first on.

The child away since 2025-09-01 is suspected on 09-05, checked K and visited that day, confirmed
a dropout on the 20th school day (09-28 is a make-up day), back on the 21st.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from projections import month_figures, school
from projections.scope import Scope
from tests.projections.case_helps import county, looking
from tests.support.case_county import OTHER, CaseCounty, a_round, back, determined
from tests.support.county import SCHOOL

__all__ = ["county"]
Counts = dict[str, tuple[int, int]]


def figures(
    county: CaseCounty, as_of: date, *, position: int | None = None, scope: Scope | None = None
) -> Counts:
    """Of the month of a day, by id."""
    with looking(county) as reading:
        at: dict[str, Any] = {
            "as_of": as_of,
            "position": county.store.log.head() if position is None else position,
            "instant": county.store.clock.now(),
        }
        first = as_of.replace(day=1)
        asked = scope or Scope.county()
        found = month_figures.month_figures(reading, asked, first, **at)
        return {f.id: (f.numerator, f.denominator) for each in found for f in each.figures}


def story(county: CaseCounty) -> None:
    days = county.days
    county.away(*range(5))
    county.persuaded_out()
    county.away(*range(5, 20))
    county.do(determined(days[19]), actor="bureau")
    county.on(days[20])
    county.do(back(days[20]))


def test_what_happened_counts_in_its_own_month_and_stocks_on_the_day(county: CaseCounty) -> None:
    story(county)
    days = county.days
    assert (days[4], days[19], days[20]) == (
        date(2025, 9, 5),
        date(2025, 9, 26),
        date(2025, 9, 28),
    )
    before = figures(county, days[19])
    assert before["dropped_out"] == (1, 6)
    assert before["determined_new"] == (1, 6)
    assert before["suspected_new"] == (1, 6)
    assert before["returned_new"] == (0, 1)  # one is still out
    assert before["cases_worked"] == (1, 1)
    after = figures(county, days[20])
    assert (after["dropped_out"], after["returned_new"]) == ((0, 6), (1, 1))
    assert after["persuaded_back"] == (1, 6)
    october = figures(county, date(2025, 10, 9))
    assert october["suspected_new"] == (0, 6)
    assert (october["determined_new"], october["returned_new"]) == ((0, 6), (0, 0))
    assert october["cases_worked"] == (0, 1)


def test_deadlines_count_in_the_month_in_which_they_end(county: CaseCounty) -> None:
    """Suspected 09-05: checked and visited that day. By 09-30: 核实 09-12 kept, 学校劝返 09-10
    kept, 校村 09-16 and 乡镇 09-20 missed, 书面报告 09-06 missed; 认定 arose 09-26, kept, ends
    on 10-11. In October up to the 11th that one, and what the return of 09-28 asks for.
    """
    story(county)
    assert figures(county, date(2025, 9, 28))["deadlines_kept"] == (2, 5)


def test_silent_class_days_are_those_of_the_month_whose_hour_has_come(
    county: CaseCounty,
) -> None:
    for n in range(3):
        county.report(county.days[n])
        county.report(county.days[n], key=OTHER)
    county.on(county.days[4])  # noon: the fifth day's hour has come
    assert figures(county, county.days[4])["silent_class_days"] == (4, 10)
    county.on(date(2025, 10, 10))
    assert figures(county, county.days[4])["silent_class_days"] == (4, 10)
    assert figures(county, date(2025, 10, 9))["silent_class_days"] == (2, 2)


def test_the_stocks_are_those_of_the_school_ledger(county: CaseCounty) -> None:
    county.away(*range(8))
    day, found = county.days[7], figures(county, county.days[7])
    with looking(county) as reading:
        head = county.store.log.head()
        (row,) = school.roll_up(
            reading, Scope.county(), as_of=day, position=head, instant=county.store.clock.now()
        ).rows
    for id_ in ("attending", "absent", "suspected", "dropped_out", "not_enrolled", "missing"):
        assert found[id_] == (getattr(row, id_), row.expected), id_


def test_what_was_recorded_later_was_not_known_then(county: CaseCounty) -> None:
    county.away(*range(5))
    before = county.store.log.head()
    known = figures(county, county.days[5])
    county.do(a_round(county.days[4]))
    assert figures(county, county.days[5])["cases_worked"] == (1, 1)
    assert figures(county, county.days[5], position=before) == known
    assert known["cases_worked"] == (0, 1)


def test_a_scope_sees_its_own_school_alone(county: CaseCounty) -> None:
    county.away(0)
    assert figures(county, county.days[0], scope=Scope.nothing()) == {}
    assert figures(county, county.days[0], scope=Scope.schools(["2152939999"])) == {}
    assert figures(county, county.days[0], scope=Scope.schools([SCHOOL])) != {}
