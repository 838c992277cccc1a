"""What a line of a calendar file causes, what is refused, what is warned about."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.book import calendar_stream
from ckbx.domain.calendar.closures import (
    confirm_closure,
    reject_closure,
    report_closure,
    withdraw_confirmation,
    withdraw_day_line,
    withdraw_term,
)
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import (
    ClosureAlreadyRejected,
    ClosureNotReported,
    ClosureNotToday,
    DayOutsideSchoolYear,
    LineEmpty,
    LineIncomplete,
    LineRefused,
    NotASchoolDay,
    TermEndsBeforeStart,
    TermOutsideSchoolYear,
    TermOverlaps,
    UnknownWord,
    YearConfirmedByCountyOnly,
    YearNotNamed,
)
from ckbx.domain.calendar.events import TermSet
from ckbx.domain.calendar.lines import CalendarLine, calendar_commands
from ckbx.domain.calendar.review import calendar_warnings
from ckbx.domain.calendar.rows import calendar_line, parse_school_year
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event

COUNTY, SCHOOL = "522699", "3152354069"
TODAY = date(2026, 9, 29)
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)


def context(today: date = TODAY) -> CommandContext:
    return CommandContext(actor="officer", command_id=uuid4(), today=today)


def term(name: str = "秋季", first: date = FIRST, last: date = LAST) -> CalendarLine:
    return calendar_line(
        county=COUNTY,
        school_year="2026-2027",
        term=name,
        first_day=first,
        last_day=last,
        applies_to=COUNTY,
    )


def off(day: date, kind: str = "停课", applies_to: str = SCHOOL) -> CalendarLine:
    return calendar_line(
        county=COUNTY, school_year="2026-2027", applies_to=applies_to, day=day, kind=kind
    )


@pytest.fixture
def calendars() -> CountyCalendars:
    return CountyCalendars(COUNTY, national_holidays())


@pytest.fixture
def opened(calendars: CountyCalendars) -> CountyCalendars:
    calendar_commands(calendars, term(), context(date(2026, 8, 20)))
    return calendars


SAMPLE = [term(), off(date(2026, 9, 29)), off(date(2026, 9, 30))]


def test_the_sample_file_gives_one_event_a_line_and_none_the_second_time(
    calendars: CountyCalendars,
) -> None:
    first = [calendar_commands(calendars, line, context()) for line in SAMPLE]
    again = [calendar_commands(calendars, line, context()) for line in SAMPLE]
    assert [[event.TITLE for event in events] for events in first] == [
        ["学期起止已设定"],
        ["停课或放假已登记"],
        ["停课或放假已登记"],
    ]
    assert again == [[], [], []]
    assert first[0][0].originator_id == calendar_stream(COUNTY)
    assert [e[0].originator_id for e in first[1:]] == [calendar_stream(COUNTY, SCHOOL)] * 2
    assert [e[0].originator_version for e in first[1:]] == [1, 2]


def test_recorded_events_fold_to_the_same_calendar(calendars: CountyCalendars) -> None:
    events: list[DomainEvent] = []
    for line in (*SAMPLE, off(date(2027, 1, 1), "已核定", COUNTY)):
        events += calendar_commands(calendars, line, context())
    stored = [decode_event(event.TOPIC, encode_event(event)) for event in events]
    assert stored == events
    copy = CountyCalendars(COUNTY, national_holidays()).replay(stored)
    for school in (None, SCHOOL):
        ordinals = copy.for_school(school).school_day_ordinals
        assert ordinals == calendars.for_school(school).school_day_ordinals
    assert copy.schools_with_lines() == [SCHOOL]
    assert copy.streams([SCHOOL]) == [calendar_stream(COUNTY), calendar_stream(COUNTY, SCHOOL)]


def test_one_row_may_carry_a_term_and_a_day(calendars: CountyCalendars) -> None:
    line = calendar_line(
        county=COUNTY,
        school_year="2026-2027",
        term="秋季",
        first_day=FIRST,
        last_day=LAST,
        applies_to=COUNTY,
        day=date(2026, 11, 6),
        kind="停课",
    )
    assert len(calendar_commands(calendars, line, context())) == 2


def test_a_corrected_term_is_a_later_event(opened: CountyCalendars) -> None:
    (event,) = calendar_commands(opened, term(last=date(2027, 1, 15)), context())
    assert isinstance(event, TermSet)
    assert event.originator_version == 2
    assert opened.for_school(None).term_of(date(2027, 1, 22)) is None


@pytest.mark.parametrize(
    "line,error",
    [
        (term(first=LAST, last=FIRST), TermEndsBeforeStart),
        (term(first=date(2025, 9, 1), last=date(2026, 1, 20)), TermOutsideSchoolYear),
        (term(first=date(2027, 2, 22), last=date(2027, 7, 1)), TermOutsideSchoolYear),
        (term("春季", date(2027, 1, 20), date(2027, 7, 1)), TermOverlaps),
        (off(date(2025, 9, 29)), DayOutsideSchoolYear),
        (off(date(2027, 1, 1), "已核定"), YearConfirmedByCountyOnly),
        (CalendarLine(kind="confirmed"), YearNotNamed),
        (CalendarLine(kind="confirmed", school_year=2027), YearNotNamed),
        (CalendarLine(school_year=2026, term="autumn"), LineEmpty),
        (CalendarLine(kind="closure"), LineIncomplete),
        (CalendarLine(day=date(2026, 9, 29)), LineIncomplete),
        (CalendarLine(school_year=2026, term="autumn", first_day=FIRST), LineIncomplete),
        (CalendarLine(first_day=FIRST, last_day=LAST), LineIncomplete),
    ],
)
def test_a_wrong_line_is_refused_by_name_and_changes_nothing(
    opened: CountyCalendars, line: CalendarLine, error: type[LineRefused]
) -> None:
    with pytest.raises(error):
        calendar_commands(opened, line, context())
    assert opened.county_book.version == 1
    assert opened.schools_with_lines() == []


def test_a_row_whose_day_is_refused_sets_no_term_either(calendars: CountyCalendars) -> None:
    line = CalendarLine(
        school_year=2026,
        term="autumn",
        first_day=FIRST,
        last_day=LAST,
        day=date(2025, 5, 5),
        kind="closure",
    )
    with pytest.raises(DayOutsideSchoolYear):
        calendar_commands(calendars, line, context())
    assert calendars.county_book.terms == {}


def test_confirming_a_year_without_a_day_means_the_only_unknown_year(
    opened: CountyCalendars,
) -> None:
    line = CalendarLine(kind="confirmed", school_year=2026)
    (event,) = calendar_commands(opened, line, context())
    assert getattr(event, "year", None) == 2027
    assert calendar_commands(opened, line, context()) == []


def test_confirming_a_year_whose_notice_is_known_changes_nothing(opened: CountyCalendars) -> None:
    assert calendar_commands(opened, off(date(2026, 9, 1), "已核定", COUNTY), context()) == []


# Warnings


def test_a_term_reaching_into_an_unknown_year_is_accepted_with_a_dated_warning(
    opened: CountyCalendars,
) -> None:
    (warning,) = calendar_warnings(opened)
    assert warning.code == "term_reaches_unknown_year"
    assert warning.due_on == date(2026, 12, 15)
    assert "2027" in warning.message


def test_a_closure_outside_every_term_is_accepted_with_a_warning(opened: CountyCalendars) -> None:
    assert calendar_commands(opened, off(date(2026, 8, 25)), context())
    found = [w for w in calendar_warnings(opened) if w.code == "line_outside_term"]
    assert [(w.school, w.day) for w in found] == [(SCHOOL, date(2026, 8, 25))]
    later = calendar_warnings(opened, since=date(2026, 9, 1))
    assert [w.code for w in later] == ["term_reaches_unknown_year"]


def test_a_confirmed_year_without_a_holiday_is_doubtful(opened: CountyCalendars) -> None:
    calendar_commands(opened, off(date(2027, 1, 1), "已核定", COUNTY), context())
    assert [w.code for w in calendar_warnings(opened)] == ["confirmed_year_without_holidays"]
    calendar_commands(opened, off(date(2027, 1, 1), "放假", COUNTY), context())
    assert calendar_warnings(opened) == []


# One tap


def test_a_reported_closure_counts_as_a_school_day_until_the_county_confirms(
    opened: CountyCalendars,
) -> None:
    assert len(report_closure(opened, SCHOOL, TODAY, context())) == 1
    assert report_closure(opened, SCHOOL, TODAY, context()) == []
    assert opened.for_school(SCHOOL).is_school_day(TODAY) is True
    assert opened.awaiting_county(SCHOOL) == [TODAY]
    assert len(confirm_closure(opened, SCHOOL, TODAY, context(date(2026, 9, 30)))) == 1
    assert confirm_closure(opened, SCHOOL, TODAY, context()) == []
    assert opened.for_school(SCHOOL).is_school_day(TODAY) is False
    assert opened.for_school("2152939972").is_school_day(TODAY) is True
    assert opened.awaiting_county(SCHOOL) == []


def test_a_rejected_closure_stays_a_school_day(opened: CountyCalendars) -> None:
    report_closure(opened, SCHOOL, TODAY, context())
    assert len(reject_closure(opened, SCHOOL, TODAY, context())) == 1
    assert reject_closure(opened, SCHOOL, TODAY, context()) == []
    assert opened.for_school(SCHOOL).is_school_day(TODAY) is True
    with pytest.raises(ClosureAlreadyRejected):
        report_closure(opened, SCHOOL, TODAY, context())


def test_the_county_may_take_back_its_yes(opened: CountyCalendars) -> None:
    report_closure(opened, SCHOOL, TODAY, context())
    confirm_closure(opened, SCHOOL, TODAY, context())
    reject_closure(opened, SCHOOL, TODAY, context())
    assert opened.for_school(SCHOOL).is_school_day(TODAY) is True


def test_a_closure_line_of_the_county_answers_a_reported_closure(opened: CountyCalendars) -> None:
    report_closure(opened, SCHOOL, TODAY, context())
    calendar_commands(opened, off(TODAY), context())
    assert opened.awaiting_county(SCHOOL) == []
    assert confirm_closure(opened, SCHOOL, TODAY, context()) == []


def test_a_closure_cannot_be_dated_back_nor_fall_on_a_day_off(opened: CountyCalendars) -> None:
    with pytest.raises(ClosureNotToday):
        report_closure(opened, SCHOOL, date(2026, 9, 28), context())
    with pytest.raises(NotASchoolDay):
        report_closure(opened, SCHOOL, date(2026, 10, 1), context(date(2026, 10, 1)))
    with pytest.raises(ClosureNotReported):
        confirm_closure(opened, SCHOOL, TODAY, context())


# Taking back


def test_a_line_taken_back_leaves_the_day_as_it_was_without_it(opened: CountyCalendars) -> None:
    calendar_commands(opened, off(TODAY), context())
    assert len(withdraw_day_line(opened, SCHOOL, TODAY, context())) == 1
    assert withdraw_day_line(opened, SCHOOL, TODAY, context()) == []
    assert opened.for_school(SCHOOL).is_school_day(TODAY) is True


def test_a_reported_closure_waits_again_when_the_line_that_answered_it_is_taken_back(
    opened: CountyCalendars,
) -> None:
    report_closure(opened, SCHOOL, TODAY, context())
    calendar_commands(opened, off(TODAY), context())
    withdraw_day_line(opened, SCHOOL, TODAY, context())
    assert opened.awaiting_county(SCHOOL) == [TODAY]
    assert opened.for_school(SCHOOL).is_school_day(TODAY) is True


def test_a_term_and_a_confirmation_can_be_taken_back(opened: CountyCalendars) -> None:
    calendar_commands(opened, off(date(2027, 1, 1), "已核定", COUNTY), context())
    assert len(withdraw_confirmation(opened, 2027, context())) == 1
    assert withdraw_confirmation(opened, 2027, context()) == []
    assert opened.for_school(None).is_unknown_year(2027)
    assert len(withdraw_term(opened, None, 2026, "autumn", context())) == 1
    assert withdraw_term(opened, None, 2026, "autumn", context()) == []
    assert opened.for_school(None).terms == ()


# Words


@pytest.mark.parametrize(
    "text", ["2026-2027", "２０２６－２０２７", "2026/27", "2026—2027学年", "2026 学年", "2026年"]
)
def test_a_school_year_is_read_as_people_write_it(text: str) -> None:
    assert parse_school_year(text) == 2026


@pytest.mark.parametrize(
    "column,values",
    [
        ("学年", {"school_year": "2026-2028"}),
        ("学年", {"school_year": "今年"}),
        ("学期", {"term": "夏季"}),
        ("类型", {"kind": "运动会"}),
        ("适用", {"applies_to": "522600"}),
    ],
)
def test_an_unknown_word_is_refused_with_what_may_stand_there(
    column: str, values: dict[str, str]
) -> None:
    fields = {"applies_to": COUNTY, **values}
    with pytest.raises(UnknownWord, match=column):
        calendar_line(county=COUNTY, **fields)  # type: ignore[arg-type]


def test_a_line_must_say_for_whom_it_holds() -> None:
    with pytest.raises(LineIncomplete, match="适用"):
        calendar_line(county=COUNTY, kind="停课", day=TODAY)
