"""A year of somebody else's attendance (Ed-Fi's sample district) goes through our own rule.

The adapter stands here and nowhere else: pupil level, exceptions only, as our own roll calls
are. Excused and Unexcused come in as 未核, Tardy and Partial are no absence, every other
child of the class is present. What must follow was counted from the file by other means.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4
from xml.etree.ElementTree import iterparse

import pytest

from ckbx.application import enrolment, roll_calls
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.holidays import HolidayData
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.child.events import AbsenceWarned, DropoutSuspected
from ckbx.domain.class_roll.errors import NotATeachingDay
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.eventlog.ports import RecordedEvent
from ckbx.store import Store
from tests.support.county import COUNTY, opened
from tests.support.postgres import PgServer
from tests.support.settled import check_every_answer

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "edfi"
FILE = DATA / "StudentSchoolAttendance.xml"
pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="Ed-Fi 的样例数据不在 ../shared/data/edfi，跳过"
)
FIRST, LAST = date(2021, 8, 23), date(2022, 5, 27)
TERMS = (("秋季", FIRST, date(2021, 12, 31)), ("春季", date(2022, 1, 3), LAST))
ABSENT = {"Excused Absence", "Unexcused Absence"}
PLAIN_WEEKDAYS = HolidayData("plain weekdays", frozenset({2021, 2022}), {}, {})
NAMESPACE = "{http://ed-fi.org/5.2.0}"


class Row(NamedTuple):
    """One attendance event of the file."""

    student: str
    school: str
    day: date
    category: str


def read_rows(path: Path) -> list[Row]:
    """Every attendance event. A file that declares entities is not read at all."""
    if b"<!DOCTYPE" in path.read_bytes() or b"<!ENTITY" in path.read_bytes():
        msg = f"{path.name} declares entities"
        raise ValueError(msg)
    rows = []
    for _, element in iterparse(path):
        if element.tag == f"{NAMESPACE}StudentSchoolAttendanceEvent":
            category = element.findtext(f".//{NAMESPACE}AttendanceEventCategory", "")
            school = element.findtext(f"{NAMESPACE}SchoolReference//{NAMESPACE}SchoolId", "")
            rows.append(
                Row(
                    element.findtext(f".//{NAMESPACE}StudentUniqueId", ""),
                    f"2{school}",
                    date.fromisoformat(element.findtext(f".//{NAMESPACE}EventDate", "")),
                    category.rpartition("#")[2],
                )
            )
            element.clear()
    return rows


class District:
    """The schools of the file, one class each, in a store of ours."""

    def __init__(self, store: Store, clock: FixedClock, rows: list[Row]) -> None:
        self.office = store.office
        self.clock = clock
        self.rows = rows
        self.pupils: dict[str, dict[str, UUID]] = defaultdict(dict)
        for row in rows:
            self.pupils[row.school].setdefault(row.student, uuid4())
        self.refused: list[Row] = []
        self._set_terms()
        for school in self.pupils:
            self._admit(school)

    def hand_in_the_year(self, until: date = LAST) -> None:
        """Every weekday of every school, each on its own morning, and what else has rows."""
        by_day: dict[tuple[date, str], list[Row]] = defaultdict(list)
        for row in self.rows:
            by_day[row.day, row.school].append(row)
        for n in range((until - FIRST).days + 1):
            day = FIRST + timedelta(days=n)
            self.clock.at = datetime.combine(day, time(0, 30), UTC)
            for school in self.pupils:
                rows = by_day.get((day, school), [])
                if rows or day.weekday() < 5:
                    self._hand_in(school, day, rows)

    def _hand_in(self, school: str, day: date, rows: list[Row]) -> None:
        pupils = self.pupils[school]
        absent = {pupils[r.student]: Reason.UNVERIFIED for r in rows if r.category in ABSENT}
        submission = Submission(
            class_key=_class(school),
            class_name=f"{school} 一年级1班",
            day=day,
            session=Session.FULL,
            expected=len(pupils),
            present=len(pupils) - len(absent),
            absent=absent,
            submitted_by="edfi",
        )
        ctx = self.office.context("edfi", roll_calls.command_id(COUNTY, submission))
        try:
            assert roll_calls.hand_in(self.office, ctx, submission).reply == roll_calls.SUBMITTED
        except NotATeachingDay:
            self.refused += rows

    def _set_terms(self) -> None:
        ctx = self.office.context("edfi")

        def decide(unit: Unit) -> bytes:
            calendars = self.office.calendars(unit, None)
            for term, first, last in TERMS:
                line = calendar_line(
                    county=COUNTY,
                    school_year="2021-2022",
                    term=term,
                    first_day=first,
                    last_day=last,
                    applies_to=COUNTY,
                )
                unit.add(calendar_commands(calendars, line, ctx))
            return b"terms"

        self.office.run(ctx, decide)

    def _admit(self, school: str) -> None:
        pupils = [enrolment.NewPupil(child=id_, sex="f") for id_ in self.pupils[school].values()]

        def decide(unit: Unit) -> bytes:
            enrolment.admit(self.office, unit, _class(school), pupils, grade=1, on=FIRST)
            return b"class"

        self.office.run(self.office.context("edfi"), decide)


def _class(school: str) -> str:
    return f"{school}/2021/1"


Year = tuple[District, list[RecordedEvent]]


@contextmanager
def district_on(url: str, folder: Path, rows: list[Row]) -> Iterator[District]:
    """The schools of the rows in a fresh store with a calendar of plain weekdays."""
    now = datetime(2021, 8, 23, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patch, opened(url, folder / "secrets", now=now) as store:
        patch.setattr("ckbx.application.office.national_holidays", lambda: PLAIN_WEEKDAYS)
        clock = store.office.clock
        assert isinstance(clock, FixedClock)
        yield District(store, clock, rows)
        check_every_answer(store)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    """The district after its year, and every event that it came to."""
    folder = tmp_path_factory.mktemp("edfi")
    with ExitStack() as after:
        url = f"sqlite:///{folder / 'store.db'}"
        if request.param == "postgres":
            server: PgServer = request.getfixturevalue("pg_server")
            database = server.create()
            after.callback(server.drop, database)
            url = database.url()
        district = after.enter_context(district_on(url, folder, read_rows(FILE)))
        district.hand_in_the_year()
        yield district, district.office.log.read(0, 100_000)


def test_every_weekday_of_every_school_is_handed_in_once(year: Year) -> None:
    handed_in = Counter(
        (e.event.class_key, e.event.occurred_on)
        for e in year[1]
        if isinstance(e.event, RollCallSubmitted)
    )
    weekdays = [
        day
        for n in range((LAST - FIRST).days + 1)
        if (day := FIRST + timedelta(days=n)).weekday() < 5
    ]
    keys = [_class(school) for school in year[0].pupils]
    assert handed_in == {(key, day): 1 for key in keys for day in weekdays}


def test_the_three_rows_of_a_week_end_are_refused_and_no_other(year: Year) -> None:
    assert len(year[0].refused) == 3
    assert {row.day.weekday() for row in year[0].refused} <= {5, 6}


def test_every_absence_of_the_file_is_recorded_and_no_other(year: Year) -> None:
    district, events = year
    recorded = Counter(
        (e.event.occurred_on, child, reason)
        for e in events
        if isinstance(e.event, RollCallSubmitted)
        for child, reason in e.event.absent.items()
    )
    wanted = Counter(
        (row.day, district.pupils[row.school][row.student], Reason.UNVERIFIED)
        for row in district.rows
        if row.category in ABSENT
    )
    assert len(district.rows) == 1_917
    assert recorded == wanted
    assert wanted.total() == 1_077 + 773


def test_eleven_children_have_a_run_of_three_and_nobody_is_suspected(year: Year) -> None:
    warned = {
        e.event.originator_id
        for e in year[1]
        if isinstance(e.event, AbsenceWarned) and e.event.rule == "absence_run_3"
    }
    assert len(warned) == 11
    assert [e for e in year[1] if isinstance(e.event, DropoutSuspected)] == []


def test_control_five_weekdays_in_a_row_across_a_week_end_are_suspected(
    sqlite_url: str, tmp_path: Path
) -> None:
    """That nobody of the file is suspected is not because nobody ever would be."""
    days = [date(2021, 8, 26) + timedelta(days=n) for n in (0, 1, 4, 5, 6)]
    rows = [Row(name, "2255901001", day, "Unexcused Absence") for day in days for name in "ab"]
    rows = [row for row in rows if row.student == "a" or row.day != days[4]]
    with district_on(sqlite_url, tmp_path, rows) as district:
        district.hand_in_the_year(until=days[4])
        found = [e.event for e in district.office.log.read(0, 1_000)]
        suspected = [e.originator_id for e in found if isinstance(e, DropoutSuspected)]
        assert suspected == [district.pupils["2255901001"]["a"]]


def test_control_read_as_eleven_by_a_count_over_the_file_alone(year: Year) -> None:
    """The same figure by walking the plain file: no store, no calendar, no rule of ours."""
    district, _ = year
    days: dict[str, set[int]] = defaultdict(set)
    for row in district.rows:
        if row.category in ABSENT and row.day.weekday() < 5:
            monday, weekday = divmod(row.day.toordinal() - 1, 7)
            days[row.student].add(monday * 5 + weekday)
    runs = {
        child: max(next(n for n in range(99) if day + n not in found) for day in found)
        for child, found in days.items()
    }
    assert sum(run >= 3 for run in runs.values()) == 11
    assert max(runs.values()) < 5
