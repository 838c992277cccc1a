"""A small county in a real store, made through the use cases, for tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from ckbx.application import enrolment, roll_calls
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.eventlog.ports import Appended
from ckbx.scheduling.watch import WATCH
from ckbx.settings import read_settings
from ckbx.store import Store, open_store
from tests.support.ready import init_copied

COUNTY, SCHOOL = "522699", "2152939972"
BEGAN = date(2026, 9, 1)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@contextmanager
def opened(url: str, secrets: Path, *, now: datetime = NOW) -> Iterator[Store]:
    """A store, made where it is missing, closed at the end."""
    settings = read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(secrets)})
    clock = FixedClock(now)
    init_copied(settings, clock, COUNTY)
    store = open_store(settings, clock, (WATCH,))
    try:
        yield store
    finally:
        store.close()


class SmallCounty:
    """One school with classes of ``size`` children in the autumn term of 2026."""

    def __init__(self, office: Office, *, classes: int = 1, size: int = 5) -> None:
        self.office = office
        self._term()
        self.pupils: dict[str, list[UUID]] = {}
        for number in range(1, classes + 1):
            self.add_class(f"{SCHOOL}/2026/{number}", size)

    def _term(self) -> None:
        ctx = self.office.context("test")

        def decide(unit: Unit) -> bytes:
            calendars = self.office.calendars(unit, None)
            unit.touch([calendars.county_book])
            line = calendar_line(
                county=COUNTY,
                school_year="2026-2027",
                term="秋季",
                first_day=BEGAN,
                last_day=date(2027, 1, 22),
                applies_to=COUNTY,
            )
            unit.add(calendar_commands(calendars, line, ctx))
            return b"term"

        self.office.run(ctx, decide)

    def add_class(self, key: str, size: int, *, on: date = BEGAN) -> list[UUID]:
        """A class with new children."""
        pupils = [enrolment.NewPupil(child=uuid4(), sex="f") for _ in range(size)]

        def decide(unit: Unit) -> bytes:
            enrolment.admit(self.office, unit, key, pupils, grade=1, on=on, school_name="一小")
            return b"class"

        self.office.run(self.office.context("test"), decide)
        self.pupils[key] = [p.child for p in pupils]
        return self.pupils[key]

    def hand_in(
        self,
        key: str,
        day: date,
        absent: dict[UUID, Reason] | None = None,
        *,
        command: UUID | None = None,
    ) -> Appended:
        """Hand in one full day."""
        size = len(self.pupils[key])
        marks = absent or {}
        submission = Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=Session.FULL,
            expected=size,
            present=size - len(marks),
            absent=marks,
            submitted_by="ct0",
        )
        id_ = command or roll_calls.command_id(COUNTY, submission)
        return roll_calls.hand_in(self.office, self.office.context("ct0", id_), submission)
