"""The demo county's 校历 fits any day on which somebody tries the program."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.demo.terms import calendar_rows, two_terms


@pytest.mark.parametrize(
    ("today", "earlier", "later"),
    [
        (date(2026, 11, 22), (2025, "spring"), (2026, "autumn")),
        (date(2026, 9, 1), (2025, "autumn"), (2025, "spring")),
        (date(2026, 9, 2), (2025, "spring"), (2026, "autumn")),
        (date(2026, 8, 1), (2025, "autumn"), (2025, "spring")),
        (date(2027, 2, 10), (2025, "spring"), (2026, "autumn")),
        (date(2027, 3, 8), (2026, "autumn"), (2026, "spring")),
    ],
)
def test_the_story_covers_the_running_term_and_the_one_before(
    today: date, earlier: tuple[int, str], later: tuple[int, str]
) -> None:
    found = two_terms(today)
    assert [(term.school_year, term.name) for term in found] == [earlier, later]


def test_a_year_nobody_knows_yet_is_confirmed_by_the_county_and_it_is_said() -> None:
    rows, years = calendar_rows(two_terms(date(2026, 11, 22)))
    assert years == [2027]
    confirmed = [row for row in rows if row[6] == "已核定"]
    assert [row[5] for row in confirmed] == ["2027-01-01"]
    assert {row[7] for row in rows if row[6] == "放假"} == {"元旦", "清明节", "劳动节", "国庆节"}


def test_years_with_a_notice_are_left_to_the_notice() -> None:
    _, years = calendar_rows(two_terms(date(2025, 3, 10)))
    assert years == []
