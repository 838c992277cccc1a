"""Laws of the calendar that hold for any lines."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.lines import CalendarLine, LineKind, calendar_commands
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.shared.event import CommandContext

SCHOOL = "3152354069"
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
TERM = CalendarLine(school_year=2026, term="autumn", first_day=FIRST, last_day=LAST)
CTX = CommandContext(actor="officer", command_id=uuid4(), today=date(2026, 8, 20))
KINDS: list[LineKind] = ["closure", "holiday", "make_up"]

days = st.dates(FIRST - timedelta(days=10), LAST + timedelta(days=10))
known_days = st.dates(FIRST, date(2026, 12, 31))
lines = st.builds(
    CalendarLine,
    school=st.sampled_from([None, SCHOOL]),
    day=days,
    kind=st.sampled_from(KINDS),
)
of_different_days = st.lists(lines, max_size=12, unique_by=lambda line: (line.school, line.day))


def calendar_of(given_lines: list[CalendarLine]) -> SchoolCalendar:
    calendars = CountyCalendars("522699", national_holidays())
    for line in given_lines:
        calendar_commands(calendars, line, CTX)
    return calendars.for_school(SCHOOL)


@settings(max_examples=60, deadline=None)
@given(of_different_days, days, st.integers(-60, 60))
def test_counting_undoes_adding(given_lines: list[CalendarLine], start: date, n: int) -> None:
    calendar = calendar_of([TERM, *given_lines])
    try:
        found = calendar.add_school_days(start, n)
    except CalendarRefusal:
        assume(False)
    assert calendar.is_school_day(found) is True
    assert calendar.count_between(start, found) == n


@settings(max_examples=60, deadline=None)
@given(of_different_days, known_days, known_days)
def test_adding_undoes_counting(given_lines: list[CalendarLine], one: date, two: date) -> None:
    calendar = calendar_of([TERM, *given_lines])
    assume(calendar.is_school_day(one) and calendar.is_school_day(two))
    assert calendar.add_school_days(one, calendar.count_between(one, two)) == two


@settings(max_examples=40, deadline=None)
@given(of_different_days.flatmap(lambda all_: st.tuples(st.just(all_), st.permutations(all_))))
def test_the_order_of_lines_of_different_days_is_irrelevant(
    orders: tuple[list[CalendarLine], list[CalendarLine]],
) -> None:
    one, other = orders
    first, second = calendar_of([TERM, *one]), calendar_of([*other, TERM])
    assert first.school_day_ordinals == second.school_day_ordinals
    assert first.unknown_days == second.unknown_days


@settings(max_examples=60, deadline=None)
@given(of_different_days, days, st.sampled_from(["closure", "holiday"]))
def test_a_closure_never_adds_a_school_day(
    given_lines: list[CalendarLine], day: date, kind: LineKind
) -> None:
    before = calendar_of([TERM, *given_lines])
    closed = CalendarLine(school=SCHOOL, day=day, kind=kind)
    after = calendar_of([TERM, *given_lines, closed])
    assert set(after.school_day_ordinals) == set(before.school_day_ordinals) - {day.toordinal()}


@settings(max_examples=60, deadline=None)
@given(of_different_days, st.sets(days, max_size=20))
def test_a_roll_call_makes_known_exactly_the_unknown_days_it_was_sent_for(
    given_lines: list[CalendarLine], sent: set[date]
) -> None:
    calendar = calendar_of([TERM, *given_lines])
    of_class = calendar.for_class(sent)
    made_known = {day.toordinal() for day in sent & set(calendar.unknown_days)}
    assert set(of_class.school_day_ordinals) == set(calendar.school_day_ordinals) | made_known


@settings(max_examples=40, deadline=None)
@given(of_different_days)
def test_importing_the_same_lines_again_changes_nothing(given_lines: list[CalendarLine]) -> None:
    calendars = CountyCalendars("522699", national_holidays())
    for line in (TERM, *given_lines):
        calendar_commands(calendars, line, CTX)
    assert [calendar_commands(calendars, line, CTX) for line in (TERM, *given_lines)] == [
        [] for _ in (TERM, *given_lines)
    ]
