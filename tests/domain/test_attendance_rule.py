"""The rule of domain §4: runs, windows, silent days, excused days, long leave."""

from __future__ import annotations

from ckbx.domain.attendance.assess import (
    Assessment,
    AttendingSpan,
    ClassDays,
    LongLeave,
    Suspicion,
    assess,
    attending_spans,
)
from ckbx.domain.attendance.marks import Reason, day_value
from ckbx.domain.attendance.thresholds import ALWAYS, InForce, Schedule, Thresholds

U, N, S, P = Reason.UNEXPLAINED, Reason.UNVERIFIED, Reason.SICK, Reason.PERSONAL


def walk(
    pattern: str,
    *,
    first: int = 0,
    resets: tuple[int, ...] = (),
    rules: Schedule = ALWAYS,
) -> Assessment:
    """A day a letter: ``.`` present, ``u``/``n`` unexplained, ``s``/``p`` excused,
    ``-`` silent, ``x`` closed (no school day). Day 1 is ordinal 1.
    """
    marks: dict[int, Reason] = {}
    reported: list[int] = []
    school_days: list[int] = []
    codes = {"u": U, "n": N, "s": S, "p": P}
    for day, letter in enumerate(pattern, 1):
        if letter == "x":
            continue
        school_days.append(day)
        if letter == "-":
            continue
        reported.append(day)
        if letter in codes:
            marks[day] = codes[letter]
    days = ClassDays(school_days, reported)
    return assess(marks, days, rules, first=first, resets=resets)


def test_five_unexplained_school_days_in_a_row_make_a_suspicion_dated_the_fifth() -> None:
    assert walk("..uunuu").suspicions == (Suspicion(7, 3, (3, 4, 5, 6, 7)),)


def test_four_days_make_no_suspicion() -> None:
    result = walk("uuuu.")
    assert result.suspicions == ()
    assert result.warned_run == (3,)


def test_one_attended_day_breaks_the_run() -> None:
    assert walk("uuuu.uuuu").suspicions == ()


def test_a_silent_day_neither_counts_nor_breaks() -> None:
    assert walk("uu-uuu").suspicions == (Suspicion(6, 1, (1, 2, 4, 5, 6)),)


def test_an_excused_day_neither_counts_nor_breaks() -> None:
    assert walk("uuspuuu").suspicions == (Suspicion(7, 1, (1, 2, 5, 6, 7)),)


def test_a_closure_is_not_looked_at() -> None:
    assert walk("uuxxuuu").suspicions == (Suspicion(7, 1, (1, 2, 5, 6, 7)),)


def test_the_warning_is_raised_each_time_the_run_goes_from_two_to_three() -> None:
    assert walk("uuuu.uuu").warned_run == (3, 8)


def test_the_count_warning_is_raised_each_time_five_in_twenty_is_reached() -> None:
    assert walk("u.u.u.u.u").warned_count == (9,)
    assert walk("u.u.u.u.u.u").warned_count == (9,)
    gone = "u.u.u.u.u" + "." * 13 + "u.u"
    assert walk(gone).warned_count == (9,)
    assert walk("uu.uu.u" + "." * 18 + "uuuu.u").warned_count == (7, 31)


def test_silent_days_are_among_the_twenty() -> None:
    assert walk("uuuu" + "-" * 15 + "u").warned_count == (20,)
    assert walk("uuuu" + "-" * 16 + "u").warned_count == ()


def test_days_before_the_enrolment_are_not_looked_at() -> None:
    assert walk("uuuuu.uuuu", first=6).suspicions == ()
    assert walk("uuuu", first=3).warned_run == ()


def test_after_a_clearing_the_run_starts_from_zero() -> None:
    assert walk("uuuuuuuu", resets=(5,)).suspicions == (Suspicion(5, 1, (1, 2, 3, 4, 5)),)
    assert walk("uuuuuuuuuu", resets=(5,)).suspicions[1] == Suspicion(10, 6, (6, 7, 8, 9, 10))


def test_five_days_of_personal_leave_in_a_row_are_long_leave() -> None:
    assert walk("ppppp").long_leave == (LongLeave(5, True, (1, 2, 3, 4, 5)),)
    assert walk("sppppp").long_leave == (LongLeave(6, True, (2, 3, 4, 5, 6)),)
    assert walk("spppp").long_leave == ()


def test_ten_days_of_sick_or_mixed_leave_are_long_leave() -> None:
    ten = tuple(range(1, 11))
    assert walk("ssssssssss").long_leave == (LongLeave(10, False, ten),)
    assert walk("psssspssss").long_leave == (LongLeave(10, False, ten),)
    assert walk("sssss-sssss").long_leave == (LongLeave(11, False, (*ten[:5], *range(7, 12))),)


def test_an_attended_or_unexplained_day_breaks_long_leave() -> None:
    assert walk("pppp.p").long_leave == ()
    assert walk("ppppup").long_leave == ()


def test_a_suspect_counts_as_attending_from_the_third_day_in_a_row() -> None:
    marks = {1: U, 2: U, 3: U, 4: U, 5: U, 9: S}
    reported = list(range(1, 15))
    assert attending_spans(marks, reported, 5) == (
        AttendingSpan(6, 8, 9),
        AttendingSpan(10, 12, None),
    )


def test_two_attended_days_are_not_enough() -> None:
    assert attending_spans({1: U, 4: U}, [1, 2, 3, 4], 1) == ()


def changed_on(day: int, **numbers: int) -> Schedule:
    """The default numbers, and others from a day on."""
    return Schedule([InForce(1, Thresholds(), 0), InForce(day, Thresholds(**numbers), 1)])


def test_the_numbers_of_the_day_that_crosses_them_count() -> None:
    stricter = changed_on(7, suspect_run=4)
    assert walk("uuuu.uuuu", rules=stricter).suspicions == (Suspicion(9, 6, (6, 7, 8, 9)),)
    assert walk("uuuu", rules=stricter).suspicions == ()
    milder = changed_on(6, suspect_run=8, warn_run=6)
    assert walk("uuuuuuuu", rules=milder).suspicions == (Suspicion(5, 1, (1, 2, 3, 4, 5)),)
    assert walk("uuuuuuuu", rules=milder).warned_run == (3,)


def test_a_run_beyond_a_number_lowered_meanwhile_crosses_it_on_its_next_day() -> None:
    assert walk("uuuuu", rules=changed_on(5, suspect_run=3)).suspicions[0].suspected_on == 5
    assert walk("u.u.u.u.u", rules=changed_on(6, warn_count=3)).warned_count == (7,)


def test_how_many_days_attended_count_again_is_a_number_of_the_rules_too() -> None:
    two = changed_on(6, attending_from=2)
    assert attending_spans({1: U}, [1, 2, 3, 4, 5, 6, 7], 1) == (AttendingSpan(2, 4, None),)
    assert attending_spans({1: U, 5: U}, [1, 5, 6, 7], 5, two) == (AttendingSpan(6, 7, None),)


def test_a_half_day_present_is_present_and_mixed_reasons_are_excused() -> None:
    assert day_value([U, None]) is None
    assert day_value([U, N]) is U
    assert day_value([U, S]) is S
