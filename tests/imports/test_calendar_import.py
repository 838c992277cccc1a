"""Calendars: the first names the county; later ones move school days and the rule follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ckbx.domain.calendar.events import ClosureDeclared, TermSet, YearConfirmed
from ckbx.domain.child.events import AbsenceWarned, AbsenceWarningWithdrawn
from ckbx.domain.school.events import CountyNamed
from ckbx.imports.intake import import_calendar, import_rollcalls, import_roster
from ckbx.imports.problems import ImportRefused
from ckbx.vault.people import Access
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    COUNTY,
    ROLL_HEAD,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    pupil,
    sheet,
    sqlite_store,
    student_no,
    term,
)

LOOK = Access(actor="tester", view="test", purpose="核对")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A store without a county."""
    made = sqlite_store(tmp_path)
    yield made
    made.close()


def line(day: str, kind: str, applies: str = COUNTY, note: str = "") -> list[object]:
    """One day of the school year 2026."""
    return ["2026-2027", "", "", "", applies, day, kind, note]


def bring(store: IntakeStore, *rows: list[object], **how: Any) -> object:
    """Import these lines as one file."""
    return import_calendar(store.job, [store.csv(CALENDAR_HEAD, *rows)], **how)


def refused(store: IntakeStore, *rows: list[object]) -> str:
    """What the refusal of these lines says; nothing may have been written."""
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        bring(store, *rows)
    assert store.log.head() == before
    return str(caught.value)


def test_the_first_calendar_names_the_county(store: IntakeStore) -> None:
    bring(store, term())
    assert store.log.county == COUNTY
    assert [e.code for e in store.of(CountyNamed)] == [COUNTY]
    assert [e.first_day for e in store.of(TermSet)] == [date(2026, 9, 1)]


def test_a_trial_run_names_no_county(store: IntakeStore) -> None:
    bring(store, term(), dry_run=True)
    assert store.log.county == ""
    assert store.log.head() == 0


def test_a_first_calendar_for_two_counties_or_for_none_is_refused(store: IntakeStore) -> None:
    assert "2 个不同的县" in refused(store, term(), term("522601"))
    assert "ckbx init --county" in refused(store, term(SCHOOL))
    assert store.log.county == ""


def test_another_county_is_refused_later(store: IntakeStore) -> None:
    bring(store, term())
    assert "522601" in refused(store, term("522601"))


def test_the_same_calendar_again_changes_nothing(store: IntakeStore) -> None:
    file = store.csv(CALENDAR_HEAD, term(), line("2026-10-20", "停课", note="雨雪"))
    import_calendar(store.job, [file])
    before = store.log.head()
    again = import_calendar(store.job, [file])
    assert (again.applied, again.unchanged, store.log.head()) == (0, 2, before)


def test_what_a_person_typed_is_kept_in_the_vault(store: IntakeStore) -> None:
    bring(store, term(), line("2026-10-20", "停课", note="王老师家里有事"))
    (event,) = store.of(ClosureDeclared)
    subject = UUID(str(event.note_ref).removeprefix("ref:"))
    assert store.vault.read([subject], ("notes",), LOOK)[subject].notes[subject] == "王老师家里有事"
    assert "王老师" not in repr(store.events())


def test_a_term_that_reaches_an_unknown_year_is_accepted_with_a_dated_warning(
    store: IntakeStore,
) -> None:
    summary = import_calendar(store.job, [store.csv(CALENDAR_HEAD, term())])
    assert any("2027" in w and "12 月 15 日" in w for w in summary.warnings)
    bring(store, line("2027-01-01", "放假"), line("2027-01-01", "已核定"))
    assert [e.year for e in store.of(YearConfirmed)] == [2027]


BAD_LINES = [
    (["2026-2027", "秋季", "2027-01-22", "2026-09-01", COUNTY], "早于开始日"),
    (["2026-2027", "夏季", "2026-09-01", "2027-01-22", COUNTY], "学期.*夏季"),
    (["26", "秋季", "2026-09-01", "2027-01-22", COUNTY], "学年"),
    (["2026-2027", "秋季", "2026-09-01", "", COUNTY], "缺少“结束”"),
    (["2026-2027", "秋季", "2026-09-01", "2027-01-22", ""], "缺少“适用”"),
    (line("2026-10-20", "罢课"), "类型.*罢课"),
    (line("2028-10-20", "停课"), "不属于 2026-2027"),
    (line("20-10-20", "停课"), "日期"),
    (line("2027-03-01", "已核定", SCHOOL), "只能由县一级"),
    (line("2026-10-20", ""), "缺少“类型”"),
]


@pytest.mark.parametrize("row, said", BAD_LINES)
def test_a_bad_line_is_refused_with_its_row(
    store: IntakeStore, row: list[object], said: str
) -> None:
    import re

    bring(store, term())
    text = refused(store, line("2026-10-21", "停课"), row)
    assert "第 3 行" in text
    assert re.search(said, text), text


def test_two_lines_about_one_day_that_differ_are_both_refused(store: IntakeStore) -> None:
    bring(store, term())
    text = refused(store, line("2026-10-20", "停课"), line("2026-10-20", "补课"))
    assert "第 2 行" in text
    assert "第 3 行" in text


def test_a_closure_declared_afterwards_takes_a_warning_back(store: IntakeStore) -> None:
    bring(store, term())
    import_roster(store.job, [store.csv(ROSTER_HEAD, pupil(1), pupil(2))])
    days = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"]
    before = [("2026-10-12", "2026-10-13", "2026-10-14", "2026-10-15", "2026-10-16")]
    rows = [
        row
        for n, day in enumerate([*before[0], *days])
        for row in sheet(day, 2, *([(student_no(1), "无故")] if n % 2 else []))
    ]
    import_rollcalls(store.job, [store.csv(ROLL_HEAD, *rows)])
    assert [e.occurred_on for e in store.of(AbsenceWarned)] == [date(2026, 11, 6)]
    bring(store, line("2026-09-29", "停课", SCHOOL))
    assert store.of(AbsenceWarningWithdrawn) == []
    makeup = [line(day, "补课") for day in ("2026-10-17", "2026-10-18", "2026-10-24")]
    makeup += [line(day, "补课") for day in ("2026-10-25", "2026-10-31", "2026-11-01")]
    bring(store, *makeup)
    withdrawn = store.of(AbsenceWarningWithdrawn)
    assert [e.occurred_on for e in withdrawn] == [date(2026, 11, 6)], "five, but not in twenty"
