"""Which days are school days: worked checks, a second source, closures, unknown years."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import holidays
import pytest

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import (
    CalendarYearUnknown,
    NotASchoolDay,
    OutsideTerm,
    TermNotSet,
)
from ckbx.domain.calendar.holidays import DayKind
from ckbx.domain.calendar.lines import CalendarLine, calendar_commands
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.shared.event import CommandContext

COUNTY, SCHOOL = "522699", "3152354069"
AUTUMN = CalendarLine(
    school_year=2026, term="autumn", first_day=date(2026, 9, 1), last_day=date(2027, 1, 22)
)
SPRING = CalendarLine(
    school_year=2026, term="spring", first_day=date(2027, 3, 1), last_day=date(2027, 7, 9)
)


def county_with(*lines: CalendarLine) -> CountyCalendars:
    calendars = CountyCalendars(COUNTY, national_holidays())
    ctx = CommandContext(actor="officer", command_id=uuid4(), today=date(2026, 8, 20))
    for line in lines:
        calendar_commands(calendars, line, ctx)
    return calendars


def test_autumn_2026_to_20_november_has_55_school_days() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    assert calendar.count(date(2026, 9, 1), date(2026, 11, 20)) == 55
    assert len(calendar.school_days(date(2026, 9, 1), date(2026, 11, 20))) == 55


@pytest.mark.parametrize(
    "first,third",
    [
        (date(2026, 9, 18), date(2026, 9, 21)),
        (date(2026, 9, 23), date(2026, 9, 28)),
        (date(2026, 9, 29), date(2026, 10, 8)),
    ],
)
def test_three_consecutive_school_days_follow_the_notice(first: date, third: date) -> None:
    calendar = county_with(AUTUMN).for_school(None)
    assert calendar.nth_from(first, 3) == third
    assert calendar.add_school_days(first, 2) == third
    assert calendar.count_between(first, third) == 2


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_days_off_and_make_up_days_agree_with_a_second_source(year: int) -> None:
    data, second = national_holidays(), holidays.country_holidays("CN", years=year)
    day, off, work = date(year, 1, 1), set(), set()
    while day.year == year:
        kind = data.kind_of(day)
        if kind is DayKind.HOLIDAY and day.weekday() < 5:
            off.add(day)
        if kind is DayKind.MAKE_UP:
            work.add(day)
        day += timedelta(days=1)
    assert off == {d for d in second if d.weekday() < 5 and d.year == year}
    assert work == {d for d in getattr(second, "weekend_workdays") if d.year == year}  # noqa: B009


def test_the_data_knows_2004_to_2026_and_names_its_days_in_chinese() -> None:
    data = national_holidays()
    assert {2004, 2026} <= data.years
    assert data.days_off[date(2026, 10, 1)] == "国庆节"
    assert data.make_up[date(2026, 9, 20)] == "国庆节"
    assert all(day.year in data.years for day in (*data.days_off, *data.make_up))


@pytest.mark.parametrize(
    "day,label",
    [
        (date(2026, 9, 1), "教学日"),
        (date(2026, 9, 5), "周末"),
        (date(2026, 9, 20), "调休上课"),
        (date(2026, 10, 1), "节假日"),
        (date(2026, 8, 31), "假期"),
        (date(2027, 1, 4), "未知"),
        (date(2027, 2, 10), "假期"),
    ],
)
def test_every_day_has_a_chinese_kind(day: date, label: str) -> None:
    assert county_with(AUTUMN, SPRING).for_school(SCHOOL).kind_of(day).label == label


def test_a_closure_of_one_school_is_no_closure_of_another() -> None:
    snow = [CalendarLine(school=SCHOOL, day=date(2026, 9, day), kind="closure") for day in (29, 30)]
    calendars = county_with(AUTUMN, *snow)
    first, last = date(2026, 9, 1), date(2026, 11, 20)
    assert calendars.for_school(SCHOOL).count(first, last) == 53
    assert calendars.for_school("2152939972").count(first, last) == 55
    assert calendars.for_school(SCHOOL).kind_of(date(2026, 9, 29)) is DayKind.CLOSURE
    assert calendars.for_school(SCHOOL).nth_from(date(2026, 9, 28), 2) == date(2026, 10, 8)


def test_schools_without_lines_share_one_calendar() -> None:
    calendars = county_with(AUTUMN)
    assert calendars.for_school("2152939972") is calendars.for_school("2152630340")


def test_a_line_of_a_school_goes_before_the_countys() -> None:
    day = date(2026, 9, 20)
    calendars = county_with(
        AUTUMN,
        CalendarLine(day=day, kind="holiday"),
        CalendarLine(school=SCHOOL, day=day, kind="make_up", timetable_of=date(2026, 10, 7)),
    )
    assert calendars.for_school("2152939972").is_school_day(day) is False
    assert calendars.for_school(SCHOOL).kind_of(day) is DayKind.MAKE_UP
    assert calendars.for_school(SCHOOL).timetable_of(day) == date(2026, 10, 7)


def test_a_later_line_of_the_same_day_wins() -> None:
    day = date(2026, 11, 14)
    calendars = county_with(AUTUMN, CalendarLine(day=day, kind="make_up"))
    assert calendars.for_school(None).is_school_day(day) is True
    calendars = county_with(
        AUTUMN, CalendarLine(day=day, kind="make_up"), CalendarLine(day=day, kind="holiday")
    )
    assert calendars.for_school(None).is_school_day(day) is False


def test_a_schools_own_term_dates_replace_the_countys() -> None:
    own = CalendarLine(
        school=SCHOOL,
        school_year=2026,
        term="autumn",
        first_day=date(2026, 9, 7),
        last_day=date(2027, 1, 15),
    )
    calendars = county_with(AUTUMN, own)
    assert calendars.for_school(SCHOOL).is_school_day(date(2026, 9, 1)) is False
    assert calendars.for_school(SCHOOL).first_day(2026, "autumn") == date(2026, 9, 7)
    assert calendars.for_school(None).first_day(2026, "autumn") == date(2026, 9, 1)


# An unknown year


def test_a_day_of_an_unknown_year_is_neither_a_school_day_nor_off() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    assert calendar.is_unknown_year(2027)
    assert calendar.is_school_day(date(2027, 1, 4)) is None
    assert calendar.is_school_day(date(2027, 1, 9)) is None  # a Saturday may be a make-up day
    assert calendar.count(date(2027, 1, 1), date(2027, 1, 22)) == 0
    assert len(calendar.unknown_days) == 22


def test_no_deadline_falls_into_an_unknown_year() -> None:
    calendar = county_with(AUTUMN, SPRING).for_school(None)
    assert calendar.add_school_days(date(2026, 12, 29), 2) == date(2026, 12, 31)
    with pytest.raises(CalendarYearUnknown) as refused:
        calendar.add_school_days(date(2026, 12, 29), 3)
    assert refused.value.ids == {"year": 2027}
    with pytest.raises(CalendarYearUnknown):
        calendar.previous_school_day(date(2027, 1, 5))


def test_a_day_named_by_a_line_is_known_in_an_unknown_year() -> None:
    calendar = county_with(
        AUTUMN,
        CalendarLine(day=date(2027, 1, 1), kind="holiday"),
        CalendarLine(day=date(2027, 1, 2), kind="make_up"),
    ).for_school(None)
    assert calendar.kind_of(date(2027, 1, 1)) is DayKind.HOLIDAY
    assert calendar.kind_of(date(2027, 1, 2)) is DayKind.MAKE_UP
    assert calendar.next_school_day(date(2026, 12, 31)) == date(2027, 1, 2)
    assert calendar.is_school_day(date(2027, 1, 4)) is None


def test_in_an_unknown_year_a_reported_day_is_a_school_day_of_that_class_only() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    sent = {date(2026, 9, 5), date(2027, 1, 4), date(2027, 1, 6), date(2027, 2, 3)}
    of_class = calendar.for_class(sent)
    assert of_class.school_days(date(2027, 1, 1), date(2027, 2, 28)) == [
        date(2027, 1, 4),
        date(2027, 1, 6),
    ]
    assert of_class.is_school_day(date(2027, 1, 5)) is None
    assert of_class.is_school_day(date(2026, 9, 5)) is False
    assert calendar.is_school_day(date(2027, 1, 4)) is None
    with pytest.raises(CalendarYearUnknown):
        of_class.add_school_days(date(2027, 1, 4), 1)
    assert of_class.add_school_days(date(2027, 1, 4), 1, skip_unknown=True) == date(2027, 1, 6)
    with pytest.raises(CalendarYearUnknown):
        of_class.add_school_days(date(2027, 1, 4), 2, skip_unknown=True)
    assert calendar.for_class({date(2026, 9, 1)}) is calendar


def test_a_confirmed_year_follows_the_countys_lines_alone() -> None:
    calendar = county_with(
        AUTUMN,
        CalendarLine(day=date(2027, 1, 1), kind="holiday"),
        CalendarLine(day=date(2027, 1, 3), kind="make_up"),
        CalendarLine(day=date(2027, 1, 1), kind="confirmed"),
    ).for_school(None)
    assert not calendar.is_unknown_year(2027)
    assert calendar.unknown_days == []
    assert calendar.add_school_days(date(2026, 12, 31), 2) == date(2027, 1, 4)


# Counting


def test_day_n_of_a_term_counts_school_days() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    days = [calendar.day_of_term(2026, "autumn", n) for n in (1, 3, 5, 7)]
    assert days == [date(2026, 9, 1), date(2026, 9, 3), date(2026, 9, 7), date(2026, 9, 9)]


def test_weeks_of_a_term_begin_on_monday() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    assert calendar.week_of_term(date(2026, 9, 1)) == 1
    assert calendar.week_of_term(date(2026, 9, 6)) == 1
    assert calendar.week_of_term(date(2026, 9, 7)) == 2
    with pytest.raises(OutsideTerm):
        calendar.week_of_term(date(2026, 8, 31))


def test_the_window_of_twenty_ends_on_the_day_asked_about() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    window = calendar.window(date(2026, 10, 11), 20)
    assert len(window) == 20
    assert window[-1] == date(2026, 10, 10)
    assert window[0] == calendar.add_school_days(window[-1], -19)
    assert calendar.window(date(2026, 9, 2), 20) == [date(2026, 9, 1), date(2026, 9, 2)]
    assert calendar.last_school_day(date(2026, 10, 7)) == date(2026, 9, 30)
    assert calendar.last_school_day(date(2026, 8, 31)) is None


def test_a_day_without_lessons_is_refused_by_name() -> None:
    calendar = county_with(AUTUMN).for_school(None)
    with pytest.raises(NotASchoolDay, match="2026-10-01 不是教学日（节假日）"):
        calendar.require_school_day(date(2026, 10, 1))
    with pytest.raises(NotASchoolDay):
        calendar.add_school_days(date(2026, 10, 1), 0)
    with pytest.raises(OutsideTerm):
        calendar.index_of(date(2026, 8, 1))
    with pytest.raises(NotASchoolDay, match="未知"):
        calendar.index_of(date(2027, 1, 4))
    calendar.require_school_day(date(2027, 1, 4))
    assert calendar.index_of(date(2026, 9, 2)) == 1


def test_counting_past_the_imported_terms_is_refused() -> None:
    autumn_2024 = CalendarLine(
        school_year=2024, term="autumn", first_day=date(2024, 9, 2), last_day=date(2025, 1, 17)
    )
    autumn_2025 = CalendarLine(
        school_year=2025, term="autumn", first_day=date(2025, 9, 1), last_day=date(2026, 1, 23)
    )
    calendar = county_with(autumn_2024, autumn_2025).for_school(None)
    assert calendar.next_school_day(date(2025, 1, 16)) == date(2025, 1, 17)
    for day in (date(2025, 1, 17), date(2025, 4, 1), date(2026, 1, 23)):
        with pytest.raises(TermNotSet):
            calendar.next_school_day(day)
    with pytest.raises(TermNotSet):
        calendar.previous_school_day(date(2025, 9, 1))
    assert calendar.next_school_day(date(2025, 8, 31)) == date(2025, 9, 1)
    with pytest.raises(TermNotSet, match="2024-2025学年春季学期"):
        calendar.first_day(2024, "spring")


def test_a_run_goes_over_the_winter_holidays() -> None:
    spring = CalendarLine(
        school_year=2025, term="spring", first_day=date(2026, 3, 2), last_day=date(2026, 7, 10)
    )
    autumn = CalendarLine(
        school_year=2025, term="autumn", first_day=date(2025, 9, 1), last_day=date(2026, 1, 23)
    )
    calendar = county_with(spring, autumn).for_school(None)
    assert calendar.add_school_days(date(2026, 1, 23), 1) == date(2026, 3, 2)
    assert calendar.term_of(date(2026, 3, 2)) == Term(
        2025, "spring", date(2026, 3, 2), date(2026, 7, 10)
    )


def test_the_school_year_begins_on_1_september() -> None:
    assert school_year_of(date(2026, 8, 31)) == 2025
    assert school_year_of(date(2026, 9, 1)) == 2026


# Working days of public offices


def test_ten_working_days_leave_out_public_holidays_but_not_closures_of_schools() -> None:
    calendars = county_with(AUTUMN, CalendarLine(day=date(2026, 9, 29), kind="closure"))
    # 29, 30 September; 8, 9, 10 (make-up), 12, 13, 14, 15, 16 October
    assert calendars.add_working_days(date(2026, 9, 28), 10) == date(2026, 10, 16)


def test_working_days_of_a_year_nobody_made_known_are_refused() -> None:
    calendars = county_with(AUTUMN)
    assert calendars.is_working_day(date(2027, 1, 4)) is None
    with pytest.raises(CalendarYearUnknown):
        calendars.add_working_days(date(2026, 12, 30), 10)


def test_working_days_of_a_confirmed_year_follow_the_countys_lines() -> None:
    calendars = county_with(
        CalendarLine(day=date(2027, 1, 1), kind="holiday"),
        CalendarLine(day=date(2027, 1, 3), kind="make_up"),
        CalendarLine(day=date(2027, 1, 4), kind="closure"),
        CalendarLine(day=date(2027, 1, 1), kind="confirmed"),
    )
    assert calendars.add_working_days(date(2026, 12, 31), 2) == date(2027, 1, 4)
