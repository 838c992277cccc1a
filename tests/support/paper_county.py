"""A county of two small schools as files, handed in by commands: quick to make, easy to read.

Children 1 (first school) and 4 (second school) are absent without a word on the first six
school days, so both are suspected on the fifth, 2026-09-07.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    COUNTY,
    OTHER,
    ROLL_HEAD,
    ROSTER_HEAD,
    SCHOOL,
    pupil,
    sheet,
    student_no,
    term,
)
from tests.support.terminal import Terminal

DAYS = ("2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04", "2026-09-07", "2026-09-08")
SUSPECTED_ON = "2026-09-07"
FIRST, SECOND = student_no(1), student_no(4)
SIZES = {SCHOOL: 3, OTHER: 2}
PUPILS = {SCHOOL: (1, 2, 3), OTHER: (4, 5)}


def write(folder: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """A csv file with these rows; shorter rows are filled up."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([*row, *[""] * (len(head) - len(row))] for row in rows)
    return path


def calendar(folder: Path) -> Path:
    """The autumn term."""
    return write(folder, "calendar", CALENDAR_HEAD, [term()])


def roster(folder: Path) -> Path:
    """Both schools; child 2 lives in another township than the others."""
    homes = {2: f"{COUNTY}101202"}
    rows = [
        pupil(n, 3, 1, school, 户籍地区划=homes.get(n, f"{COUNTY}100201"))
        for school, numbers in PUPILS.items()
        for n in numbers
    ]
    return write(folder, "roster", ROSTER_HEAD, rows)


def chain(folder: Path) -> Path:
    """One principal a school; the class teacher of the first hands over on 16 October."""
    since = "2026-08-01"
    rows = [
        ["教育线", 1, "县教育局局长", "县", COUNTY, "局长甲", "bureau", "13900000000", since],
        ["教育线", 2, "校长", "学校", SCHOOL, "校长乙", "head1", "", since],
        ["教育线", 2, "校长", "学校", OTHER, "校长丙", "head2", "", since],
        [
            "教育线",
            4,
            "班主任",
            "班级",
            f"{SCHOOL}/3/1",
            "班主任丁",
            "ct1",
            "",
            since,
            "2026-10-15",
        ],
        ["教育线", 4, "班主任", "班级", f"{SCHOOL}/3/1", "班主任戊", "ct2", "", "2026-10-16"],
        ["政府线", 1, "县长", "县", COUNTY, "县长己", "county", "", since],
    ]
    return write(folder, "chain", CHAIN_HEAD, rows)


def rollcalls(folder: Path) -> Path:
    """Six days of both schools."""
    rows = []
    for day in DAYS:
        rows += sheet(day, SIZES[SCHOOL], (FIRST, "无故"), by="ct1")
        rows += sheet(day, SIZES[OTHER], (SECOND, "无故"), school=OTHER, by="某老师")
    return write(folder, "rollcalls", ROLL_HEAD, rows)


def correction(folder: Path) -> Path:
    """The first school corrects: its child had leave on the third day."""
    rows = sheet(DAYS[2], SIZES[SCHOOL], (FIRST, "病假"), by="ct1")
    rows += sheet(DAYS[3], SIZES[SCHOOL], (FIRST, "病假"), by="ct1")
    return write(folder, "correction", ROLL_HEAD, rows)


def hand_in(run: Terminal, folder: Path) -> None:
    """The county's files, in order."""
    run("init").ok()
    run("import", "calendar", calendar(folder)).ok()
    run("import", "roster", roster(folder)).ok()
    run("import", "chain", chain(folder)).ok()
    run("import", "rollcalls", rollcalls(folder)).ok()


@pytest.fixture(scope="session")
def paper_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of the county; copied, never used itself."""
    folder = tmp_path_factory.mktemp("paper-county")
    hand_in(Terminal(f"sqlite:///{folder / 'ckbx.db'}", folder / "ckbx-secrets"), folder)
    return folder


@pytest.fixture
def run(paper_county: Path, tmp_path: Path) -> Terminal:
    """Commands on a copy of the county."""
    folder = tmp_path / "county"
    shutil.copytree(paper_county, folder)
    return Terminal(f"sqlite:///{folder / 'ckbx.db'}", folder / "ckbx-secrets")


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    """Commands where nothing is yet."""
    return Terminal(f"sqlite:///{tmp_path / 'ckbx.db'}", tmp_path / "ckbx-secrets")
