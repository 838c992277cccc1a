"""A made-up county for measuring: classes of 40, no personal data, deterministic absences."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid5

from ckbx.application import enrolment
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.scheduling.watch import WATCH
from ckbx.settings import Settings, read_settings
from ckbx.store import Store, init_store, open_store

COUNTY = "522699"
SIZE = 40
CLASSES_A_SCHOOL = 40
BEGAN, ENDS = date(2026, 9, 1), date(2026, 12, 31)
NOW = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
_SPACE = UUID(int=0x5EED)
REASONS = (
    *([Reason.SICK] * 11),
    *([Reason.PERSONAL] * 5),
    *([Reason.UNEXPLAINED] * 3),
    Reason.UNVERIFIED,
)
"""Why children are away, in the shares of an ordinary school: mostly ill."""


def settings_for(url: str, folder: Path) -> Settings:
    """Settings of a store to measure on."""
    return read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(folder / "secrets")})


def new_store(url: str, folder: Path, at: datetime = NOW) -> Store:
    """A fresh store with the county's calendar in it, made at a UTC instant."""
    settings, clock = settings_for(url, folder), FixedClock(at)
    init_store(settings, clock, COUNTY)
    store = open_store(settings, clock, (WATCH,))
    _calendar(store.office)
    return store


def open_again(url: str, folder: Path) -> Store:
    """A store that was filled by another process."""
    return open_store(settings_for(url, folder), FixedClock(NOW), (WATCH,))


def _calendar(office: Office) -> None:
    ctx = office.context("bench")

    def decide(unit: Unit) -> bytes:
        calendars = office.calendars(unit, None)
        line = calendar_line(
            county=COUNTY,
            school_year="2026-2027",
            term="秋季",
            first_day=BEGAN,
            last_day=ENDS,
            applies_to=COUNTY,
        )
        unit.add(calendar_commands(calendars, line, ctx))
        return b"calendar"

    office.run(ctx, decide)


class World:
    """Classes with their children; the same for the same seed."""

    def __init__(self, children: int, seed: int = 7) -> None:
        self.classes: dict[str, list[UUID]] = {}
        self.random = random.Random(seed)  # noqa: S311 - reproducible, not secret
        for n in range(max(children // SIZE, 1)):
            school = f"21{52699000 + n // CLASSES_A_SCHOOL:08d}"
            key = f"{school}/{2026 - n % 6}/{n % CLASSES_A_SCHOOL + 1}"
            self.classes[key] = [uuid5(_SPACE, f"{n}/{k}") for k in range(SIZE)]

    def admit(self, office: Office) -> None:
        """Enrol everybody, a class a command, commits shared."""
        for key, ids in self.classes.items():
            pupils = [enrolment.NewPupil(child=id_, sex="f") for id_ in ids]
            grade = 2026 - int(key.split("/")[1]) + 1

            def decide(
                unit: Unit,
                key: str = key,
                pupils: list[enrolment.NewPupil] = pupils,
                grade: int = grade,
            ) -> bytes:
                enrolment.admit(office, unit, key, pupils, grade=grade, on=BEGAN)
                return b"class"

            office.run(office.context("bench"), decide)

    def sheets(self, days: list[date], absentees: int = 3) -> Iterator[Submission]:
        """One sheet a class a day: spells of mixed length, ``absentees`` of them a day."""
        away: dict[str, dict[UUID, tuple[int, Reason]]] = {key: {} for key in self.classes}
        for day in days:
            for key, ids in self.classes.items():
                spells = away[key]
                for id_ in [i for i, (left, _) in spells.items() if left == 0]:
                    del spells[id_]
                while len(spells) < absentees:
                    length = self.random.choice((1, 1, 1, 1, 2, 2, 2, 3, 3, 5))
                    spells[self.random.choice(ids)] = (length, self.random.choice(REASONS))
                for id_, (left, reason) in spells.items():
                    spells[id_] = (left - 1, reason)
                absent = {id_: reason for id_, (_, reason) in spells.items()}
                yield Submission(
                    class_key=key,
                    class_name=key,
                    day=day,
                    session=Session.FULL,
                    expected=SIZE,
                    present=SIZE - len(absent),
                    absent=absent,
                    submitted_by="bench",
                )


def school_days(office: Office) -> list[date]:
    """The county's school days of the term."""
    unit = Unit(office.map, office.context("bench"))
    return office.calendars(unit, None).for_school(None).school_days(BEGAN, ENDS)
