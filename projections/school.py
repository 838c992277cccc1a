"""学校汇总: how many children of each school stand where, and did its classes report?

The figures come from the roster and the roll-call answers, counted by the rule named in
``CALIBER``; the identity of its columns holds in every row:
``attending`` = enrolled + on_leave + absent + persuaded_back + home_taught +
suspected_attending; ``expected`` = attending + not_enrolled + (suspected −
suspected_attending) + dropped_out + suspended + deferred + exempted + transferring + missing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select

from ckbx.domain.child.status import TO_GRADUATE, TrackingStatus
from projections import roll_call_completeness, roster
from projections.kit.reading import Parked, Reading
from projections.roll_call_completeness import SchoolReports
from projections.roster import SchoolCounts
from projections.school_fold import HANDLES, IMPORTS, NAME, PROJECTION, SCHOOLS, VERSION
from projections.scope import Scope, within

__all__ = [
    "CALIBER",
    "HANDLES",
    "NAME",
    "PROJECTION",
    "VERSION",
    "SchoolRollUp",
    "SchoolRow",
    "importing",
    "imports",
    "roll_up",
    "school_names",
]

CALIBER: Final = "school-2026.1"
_S = TrackingStatus
_NO_REPORTS: Final = SchoolReports(
    day=None, classes=0, reported=0, partial=0, silent=0, waiting=0, silent_class_days=0
)


class SchoolRow(msgspec.Struct, frozen=True, kw_only=True):
    """One school. ``enrolled`` are those in school with no open absence; ``reports_day`` is
    the day of the class counts; ``incomplete`` says in Chinese what the figures miss.
    """

    school_code: str
    school_name: str
    expected: int
    attending: int
    enrolled: int
    not_enrolled: int
    on_leave: int
    absent: int
    suspected: int
    suspected_attending: int
    dropped_out: int
    persuaded_back: int
    suspended: int
    deferred: int
    exempted: int
    home_taught: int
    transferring: int
    missing: int
    classes: int
    classes_reported: int
    classes_silent: int
    classes_waiting: int
    silent_class_days: int
    reports_day: date | None
    incomplete: tuple[str, ...] = ()


class SchoolRollUp(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, and the counting rule they follow."""

    caliber: str
    rows: tuple[SchoolRow, ...]


def roll_up(
    reading: Reading, scope: Scope, *, as_of: date, position: int, instant: datetime
) -> SchoolRollUp:
    """Every school in scope on a local day as known at a position, by code.

    ``instant`` (UTC) is the one asked about: before a day's deadline a class is 待报.
    """
    names = school_names(reading, scope, position=position)
    counts = roster.counts_by_school(reading, scope, as_of=as_of, position=position)
    reports = roll_call_completeness.by_school(
        reading, scope, as_of=as_of, position=position, instant=instant
    )
    ungraduated = _ungraduated(reading, scope, as_of, position)
    running = _running_imports(reading, position)
    parked = reading.parked(NAME, roster.NAME, roll_call_completeness.NAME)
    rows = []
    for school in sorted({*names, *counts, *reports}):
        row = _row(
            school,
            names.get(school, ""),
            counts.get(school, SchoolCounts({})),
            reports.get(school, _NO_REPORTS),
            _missing(school, running, parked, ungraduated.get(school, 0)),
        )
        rows.append(row)
    return SchoolRollUp(caliber=CALIBER, rows=tuple(rows))


def gaps(
    reading: Reading, scope: Scope, *, as_of: date, position: int, instant: datetime
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, name and what its figures miss, of the schools of :func:`roll_up` that miss
    something: told without counting anybody where no import runs and nothing is parked.
    """
    own = (NAME, roster.NAME, roll_call_completeness.NAME)
    if _running_imports(reading, position) or reading.parked(*own):
        made = roll_up(reading, scope, as_of=as_of, position=position, instant=instant)
        listed = [(row.school_code, row.school_name, row.incomplete) for row in made.rows]
    else:
        names = school_names(reading, scope, position=position)
        ungraduated = _ungraduated(reading, scope, as_of, position)
        listed = [
            (school, names.get(school, ""), _missing(school, [], [], number))
            for school, number in sorted(ungraduated.items())
        ]
    return [each for each in listed if each[2]]


def _ungraduated(reading: Reading, scope: Scope, as_of: date, position: int) -> dict[str, int]:
    finished = roll_call_completeness.finished(reading, scope, as_of=as_of, position=position)
    return roster.in_classes(reading, scope, finished, TO_GRADUATE, as_of=as_of, position=position)


def school_names(reading: Reading, scope: Scope, *, position: int) -> dict[str, str]:
    """The schools listed by a position with their names then (empty: not named)."""
    c = SCHOOLS.c
    query = select(c.school, c.name).where(*SCHOOLS.believed(reading.at(NAME, position)))
    found = reading.rows(within(query, scope, school=c.school))
    return {school: name or "" for school, name in found}


def _row(
    school: str,
    name: str,
    counts: SchoolCounts,
    reports: SchoolReports,
    incomplete: tuple[str, ...],
) -> SchoolRow:
    of, again = counts.of, counts.suspected_attending
    attending = (
        of(_S.ENROLLED)
        + counts.on_leave
        + of(_S.ABSENT)
        + of(_S.PERSUADED_BACK)
        + of(_S.HOME_TAUGHT)
        + again
    )
    away = (
        _S.NOT_ENROLLED,
        _S.DROPPED_OUT,
        _S.SUSPENDED,
        _S.DEFERRED,
        _S.EXEMPTED,
        _S.TRANSFERRING,
        _S.MISSING,
    )
    return SchoolRow(
        school_code=school,
        school_name=name,
        expected=attending + of(_S.SUSPECTED) - again + sum(map(of, away)),
        attending=attending,
        enrolled=of(_S.ENROLLED),
        not_enrolled=of(_S.NOT_ENROLLED),
        on_leave=counts.on_leave,
        absent=of(_S.ABSENT),
        suspected=of(_S.SUSPECTED),
        suspected_attending=again,
        dropped_out=of(_S.DROPPED_OUT),
        persuaded_back=of(_S.PERSUADED_BACK),
        suspended=of(_S.SUSPENDED),
        deferred=of(_S.DEFERRED),
        exempted=of(_S.EXEMPTED),
        home_taught=of(_S.HOME_TAUGHT),
        transferring=of(_S.TRANSFERRING),
        missing=of(_S.MISSING),
        classes=reports.classes,
        classes_reported=reports.reported,
        classes_silent=reports.silent,
        classes_waiting=reports.waiting,
        silent_class_days=reports.silent_class_days,
        reports_day=reports.day,
        incomplete=incomplete,
    )


def importing(reading: Reading, scope: Scope, *, position: int) -> list[str]:
    """Batches being read in at a position that the figures of a scope have to wait for."""
    return [
        batch
        for batch, of in _running_imports(reading, position)
        if scope.everything or not of or not of.isdisjoint(scope.school_codes)
    ]


def imports(reading: Reading, scope: Scope, *, position: int) -> list[tuple[str, frozenset[str]]]:
    """Batches of imports with the schools they touched (none named: every school may be), that
    which changed last in front; of the county's batches only those of own schools alone.
    """
    c = IMPORTS.c
    query = select(c.batch, c.schools).where(*IMPORTS.believed(reading.at(NAME, position)))
    found = [
        (batch, frozenset(schools.split()))
        for batch, schools in reading.rows(query.order_by(c.pos_from.desc()))
    ]
    return [
        (batch, schools)
        for batch, schools in found
        if scope.everything or (schools and schools <= scope.school_codes)
    ]


def _running_imports(reading: Reading, position: int) -> list[tuple[str, frozenset[str]]]:
    c = IMPORTS.c
    query = select(c.batch, c.schools).where(
        c.running.is_(True), *IMPORTS.believed(reading.at(NAME, position))
    )
    return [(batch, frozenset(schools.split())) for batch, schools in reading.rows(query)]


def _missing(
    school: str, running: list[Any], parked: list[Parked], ungraduated: int
) -> tuple[str, ...]:
    said = [f"导入中（{batch}），不完整" for batch, of in running if not of or school in of]
    number = sum(each.school in (None, school) for each in parked)
    if number:
        said.append(f"有 {number} 个对象的事件无法计入，不完整；请运行 ckbx doctor 查看")
    if ungraduated:
        said.append(
            f"有 {ungraduated} 名九年级学生还没有登记毕业，仍计入应入学；"
            f"请学校学籍管理员核对后运行 ckbx graduate --school {school}"
        )
    return tuple(said)
