"""Runs, windows and awaited children over several terms: the streams decide, not the memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from ckbx.application import enrolment, roll_calls
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.child.child import Child
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL, opened

KEY, OTHER = f"{SCHOOL}/2023/1", f"{SCHOOL}/2023/2"
U, S = Reason.UNEXPLAINED, Reason.SICK
TERMS = (
    ("2023-2024", "秋季", date(2023, 9, 1), date(2024, 1, 19)),
    ("2023-2024", "春季", date(2024, 2, 26), date(2024, 7, 5)),
    ("2024-2025", "秋季", date(2024, 9, 2), date(2025, 1, 17)),
    ("2024-2025", "春季", date(2025, 2, 17), date(2025, 7, 4)),
)


class County:
    """Two classes over four terms; each sheet is handed in on its own day."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.office = store.office
        for year, term, first, last in TERMS:
            self.line(school_year=year, term=term, first_day=first, last_day=last)
        self.pupils = {key: self.admit(key, 3, TERMS[0][2]) for key in (KEY, OTHER)}
        self.days = self._days()

    def line(self, **values: Any) -> None:
        """A line of the county's calendar."""
        ctx = self.office.context("test")

        def decide(unit: Unit) -> bytes:
            calendars = self.office.calendars(unit, None)
            unit.touch([calendars.county_book])
            line = calendar_line(county=COUNTY, applies_to=COUNTY, **values)
            unit.add(calendar_commands(calendars, line, ctx))
            return b"line"

        self.office.run(ctx, decide)
        self.office.forget_all()

    def _days(self) -> list[date]:
        unit = Unit(self.office.map, self.office.context("test"))
        calendar = self.office.calendars(unit, SCHOOL).for_school(SCHOOL)
        return calendar.school_days(TERMS[0][2], TERMS[-1][3])

    def from_(self, day: date, n: int) -> list[date]:
        """The first ``n`` school days from a day on."""
        return [d for d in self.days if d >= day][:n]

    def until(self, day: date, n: int) -> list[date]:
        """The last ``n`` school days up to a day."""
        return [d for d in self.days if d <= day][-n:]

    def run(self, decide: Callable[[Unit], Any]) -> None:
        """One command."""

        def decided(unit: Unit) -> bytes:
            decide(unit)
            return b"done"

        self.office.run(self.office.context("test"), decided)

    def admit(self, key: str, size: int, on: date, *, awaited: bool = False) -> list[UUID]:
        """New children in a class."""
        pupils = [enrolment.NewPupil(child=uuid4(), sex="f") for _ in range(size)]
        self.run(
            lambda unit: enrolment.admit(
                self.office, unit, key, pupils, grade=1, on=on, school_name="一小", awaited=awaited
            )
        )
        return [p.child for p in pupils]

    def hand_in(
        self,
        day: date,
        absent: dict[UUID, Reason] | None = None,
        *,
        key: str = KEY,
        seen: tuple[UUID, ...] = (),
        office: Office | None = None,
        note: str | None = None,
    ) -> None:
        """One full day of a class, on that day unless the clock is later."""
        clock = cast("FixedClock", self.store.clock)
        clock.at = max(clock.at, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        unit = Unit(self.office.map, self.office.context("test"))
        register = enrolment.open_class(self.office, unit, key, on=TERMS[0][2])
        size, marks = len(register.roll(day.toordinal())), absent or {}
        submission = Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=Session.FULL,
            expected=size,
            present=size - len(marks),
            absent=marks,
            seen=frozenset(seen),
            submitted_by="ct0",
            correction_note=note,
        )
        of = office or self.office
        roll_calls.hand_in(
            of, of.context("ct0", roll_calls.command_id(COUNTY, submission)), submission
        )

    def child(self, child: UUID) -> Child:
        """As the log has it."""
        return Child(child).replay(self.store.log.load([child])[child])

    def made(self, child: UUID) -> list[str]:
        """The names of its events."""
        return [type(event).__name__ for event in self.store.log.load([child])[child]]


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    url, now = f"sqlite:///{tmp_path}/county.db", datetime(2023, 9, 1, 4, tzinfo=UTC)
    with opened(url, tmp_path / "secrets", now=now) as store:
        yield County(store)


@pytest.mark.parametrize("warm", [False, True])
def test_a_run_that_began_two_terms_ago_keeps_its_dates_whatever_is_in_memory(
    county: County, *, warm: bool
) -> None:
    child = county.pupils[KEY][0]
    run = [*county.until(TERMS[0][3], 2), *county.from_(TERMS[1][2], 4)]
    for day in run:
        county.hand_in(day, {child: U})
    suspected_on = run[4]
    assert county.child(child).suspected_on == suspected_on
    office = Office(county.store.log, county.store.clock)
    if warm:
        county.hand_in(county.from_(TERMS[0][2], 1)[0], {county.pupils[KEY][1]: S}, office=office)
    for day in (*county.from_(TERMS[2][2], 2), *county.from_(TERMS[3][2], 2)):
        county.hand_in(day, {child: U}, office=office)
    found = county.child(child)
    assert found.episode is not None
    assert found.suspected_on == suspected_on
    assert date.fromordinal(found.episode.first_absent_on) == run[0]
    assert "SuspicionRevised" not in county.made(child)


def test_a_child_away_for_two_silent_terms_is_suspected_from_the_first_day_of_its_run(
    county: County,
) -> None:
    child = county.pupils[KEY][0]
    run = [*county.until(TERMS[0][3], 3), *county.from_(TERMS[3][2], 2)]
    for day in run:
        county.hand_in(day, {child: U})
    found = county.child(child)
    assert found.suspected_on == run[4]
    assert found.episode is not None
    assert date.fromordinal(found.episode.first_absent_on) == run[0]


def test_a_correction_two_terms_ago_revises_what_rested_on_it(county: County) -> None:
    child = county.pupils[KEY][0]
    run = [*county.until(TERMS[0][3], 2), *county.from_(TERMS[1][2], 4)]
    for day in run:
        county.hand_in(day, {child: U})
    county.hand_in(county.from_(TERMS[3][2], 1)[0])
    county.office.forget_all()
    county.hand_in(run[0], {}, note="ref:1")
    assert county.child(child).suspected_on == run[5]


def test_a_warning_of_five_in_twenty_stands_when_the_terms_go_on(county: County) -> None:
    child = county.pupils[KEY][0]
    for n, day in enumerate(county.until(TERMS[0][3], 8)):
        county.hand_in(day, {child: U} if n % 2 else {})
    first, *later = county.from_(TERMS[1][2], 12)
    county.hand_in(first, {child: U})
    warned = set(county.child(child).warned)
    assert ("absence_5_in_20", first.toordinal()) in warned
    for day in later:
        county.hand_in(day)
    county.office.forget_all()
    county.hand_in(county.from_(TERMS[3][2], 1)[0], {child: U})
    assert county.child(child).warned == warned


def test_a_suspect_attends_on_from_one_term_to_the_next(county: County) -> None:
    child = county.pupils[KEY][0]
    run = county.until(TERMS[0][3], 7)
    for n, day in enumerate(run):
        county.hand_in(day, {child: U} if n < 5 else {})
    county.office.forget_all()
    county.hand_in(county.from_(TERMS[2][2], 1)[0])
    episode = county.child(child).episode
    assert episode is not None
    assert episode.spans == ((run[5], county.from_(TERMS[2][2], 1)[0], None),)


def test_a_child_that_changed_class_takes_its_run_along_over_the_terms(county: County) -> None:
    child = county.pupils[KEY][0]
    run = county.until(TERMS[0][3], 3)
    for day in run:
        county.hand_in(day, {child: U})
    moved = TERMS[1][2]
    clock = cast("FixedClock", county.store.clock)
    clock.at = datetime(2024, 2, 26, 1, tzinfo=UTC)
    county.run(
        lambda unit: enrolment.change_class(county.office, unit, child, OTHER, grade=1, on=moved)
    )
    county.office.forget_all()
    for day in county.from_(TERMS[2][2], 2):
        county.hand_in(day, {child: U}, key=OTHER)
    found = county.child(child)
    assert found.suspected_on == county.from_(TERMS[2][2], 2)[1]
    assert found.episode is not None
    assert date.fromordinal(found.episode.first_absent_on) == run[0]


def test_a_child_seen_in_its_first_term_is_never_awaited_again(county: County) -> None:
    begin = county.from_(TERMS[1][2], 3)
    clock = cast("FixedClock", county.store.clock)
    clock.at = datetime(2024, 2, 26, 1, tzinfo=UTC)
    (child,) = county.admit(KEY, 1, begin[0], awaited=True)
    county.hand_in(begin[0], seen=(child,))
    for day in (*begin[1:], *county.from_(TERMS[2][2], 2), *county.from_(TERMS[3][2], 2)):
        county.office.forget_all()
        county.hand_in(day)
    assert county.made(child) == ["ChildRegistered", "Enrolled"]


def test_numbers_adopted_for_later_do_not_change_what_was_before(county: County) -> None:
    one, two, third = county.pupils[KEY]
    days = county.from_(TERMS[0][2], 20)

    def adopt(unit: Unit) -> None:
        book = unit.get(RuleBook.of(COUNTY).id, RuleBook)
        unit.add(book.adopt({"suspect_run": 4}, days[6], unit.ctx))

    county.run(adopt)
    for day in days[:4]:
        county.hand_in(day, {one: U})
    county.hand_in(days[4])
    for day in days[6:10]:
        county.hand_in(day, {two: U})
    assert county.child(one).episode is None
    assert county.child(two).suspected_on == days[9]
    county.hand_in(days[4], {third: S}, note="ref:1")
    assert county.child(one).episode is None
    assert county.child(two).suspected_on == days[9]


def test_a_closure_entered_later_withdraws_what_rested_on_its_day(county: County) -> None:
    child = county.pupils[KEY][0]
    days = county.from_(TERMS[0][2], 5)
    for day in days:
        county.hand_in(day, {child: U})
    assert county.child(child).suspected_on == days[4]
    county.line(school_year="2023-2024", day=days[2], kind="停课")
    roll_calls.reassess(county.office, county.office.context("test"), KEY, days[2])
    assert county.child(child).episode is None
    head = county.store.log.head()
    roll_calls.reassess(county.office, county.office.context("test"), KEY, days[2])
    assert county.store.log.head() == head
