"""``ckbx graduate``: last year's ninth grade leaves the books, nobody is closed by age alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ckbx.application.graduation import SchoolNotListed
from tests.imports.intake_store import (
    CALENDAR_HEAD,
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
from tests.support.paper_county import write
from tests.support.terminal import Terminal

SPRING = ["2025-2026", "春季", "2026-03-02", "2026-07-10", COUNTY]
AWAY = ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06")


@pytest.fixture
def county(empty: Terminal, tmp_path: Any) -> Terminal:
    """A school with a ninth grade of three, one of them suspected, and an eighth grade of two."""
    run = empty
    run.at = datetime(2026, 3, 9, 2, tzinfo=UTC)
    run("init").ok()
    run("import", "calendar", write(tmp_path, "calendar", CALENDAR_HEAD, [SPRING, term()])).ok()
    rows = [pupil(n, 9 if n < 4 else 8, 1) for n in range(1, 6)] + [pupil(6, 9, 1, OTHER)]
    roster = write(tmp_path, "roster", ROSTER_HEAD, rows)
    run("import", "roster", roster, "--effective", "2026-03-02").ok()
    calls = [row for day in AWAY for row in sheet(day, 3, (student_no(1, 9), "无故"), grade=9)]
    run("import", "rollcalls", write(tmp_path, "calls", ROLL_HEAD, calls)).ok()
    return run


def graduate(run: Terminal, *words: str) -> Any:
    return run("graduate", "--school", SCHOOL, "--format", "json", *words).ok().json


def test_a_school_nobody_listed_is_named(county: Terminal) -> None:
    done = county("graduate", "--school", "2152999999")
    assert (done.code, str(SchoolNotListed(school="2152999999")) in done.err) == (3, True)


def row(run: Terminal) -> dict[str, Any]:
    rows = run("ledger", "school", "--school", SCHOOL, "--format", "json").ok().json["rows"]
    found: dict[str, Any] = rows[0]
    return found


def test_the_leaving_class_is_graduated_once_and_a_suspect_is_named(county: Terminal) -> None:
    county.at = datetime(2026, 9, 2, 2, tzinfo=UTC)
    before = row(county)
    assert (before["expected"], before["classes"]) == (5, 1)
    assert "有 2 名九年级学生还没有登记毕业" in before["incomplete"][0]
    shown = county("ledger", "roster", "--school", SCHOOL, "--format", "json").ok().json["rows"]
    assert sorted(each["grade"] for each in shown) == [9, 9, 9, 9, 9]

    tried = graduate(county, "--dry-run")
    assert (tried["graduated"], tried["dry_run"]) == (2, True)
    assert row(county) == before

    done = graduate(county, "--on", "2026-07-11")
    assert (done["graduated"], done["on"]) == (2, "2026-07-11")
    assert [c["class_key"] for c in done["classes"]] == [f"{SCHOOL}/2017/1"]
    (kept,) = done["untouched"]
    assert (kept["status"], "疑似辍学" in kept["why"]) == ("suspected", True)
    after = row(county)
    assert (after["expected"], after["suspected"], after["incomplete"]) == (3, 1, [])
    again = graduate(county)
    assert (again["graduated"], len(again["untouched"])) == (0, 1)


def test_the_other_schools_and_this_years_ninth_grade_stay(county: Terminal) -> None:
    county.at = datetime(2026, 9, 2, 2, tzinfo=UTC)
    said = county("graduate", "--school", SCHOOL).ok()
    assert "2026 届九年级 1 班：已登记毕业 2 人" in said.err
    assert "疑似辍学" in said.out
    rows = county("ledger", "roster", "--format", "json").ok().json["rows"]
    assert sorted((each["school_code"], each["grade"]) for each in rows) == sorted(
        [(SCHOOL, 9), (SCHOOL, 9), (SCHOOL, 9), (OTHER, 9)]
    )


def test_nobody_graduates_before_the_end_of_the_ninth_grade(county: Terminal) -> None:
    done = county("graduate", "--school", SCHOOL).ok()
    assert "没有要登记毕业的九年级学生" in done.err


def test_a_day_to_come_and_an_unknown_school_are_refused(county: Terminal) -> None:
    assert county("graduate", "--school", SCHOOL, "--on", "2026-07-11").code == 5
    wrong = county("graduate", "--school", "2152000000")
    assert (wrong.code, "2152000000" in wrong.err) == (3, True)
