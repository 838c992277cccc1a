"""An import says of every row what it did, where it is asked to, and of nobody by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ckbx.imports.intake import (
    ImportSummary,
    import_calendar,
    import_chain,
    import_checkin,
    import_register,
    import_rollcalls,
    import_roster,
)
from ckbx.imports.job import ImportJob
from ckbx.imports.summary import Written
from ckbx.imports.tables import At
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    ROLL_HEAD,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    id_number,
    pupil,
    sheet,
    sqlite_store,
    student_no,
    term,
)
from tests.imports.test_chain_import import post

ONE = student_no(1)
CLASS = f"{SCHOOL}/2024/1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A class of two."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    import_roster(made.job, [made.csv(ROSTER_HEAD, pupil(1), pupil(2))])
    yield made
    made.close()


def asking(store: IntakeStore) -> ImportJob:
    return msgspec.structs.replace(store.job, lists_rows=True)


def said(summary: ImportSummary) -> list[tuple[int, str, str, str]]:
    return [(each.at.row, each.did, each.class_key, each.about) for each in summary.written]


def test_a_roster_says_who_entered_who_moved_and_what_was_corrected(store: IntakeStore) -> None:
    rows = (pupil(1, number=2), pupil(2, 联系电话="13900000009"), pupil(3))
    made = import_roster(asking(store), [store.csv(ROSTER_HEAD, *rows)])
    moved, told, new = sorted(made.written, key=lambda each: each.at)
    assert (moved.at.row, moved.did, moved.class_key) == (2, "调整班级", f"{SCHOOL}/2024/2")
    assert (told.at.row, told.did, told.child) == (3, "更正联系方式", store.child_id(student_no(2)))
    assert (new.at.row, new.did, new.child) == (4, "登记入学", store.child_id(student_no(3)))


def test_a_roll_call_says_it_of_every_row_of_its_sheet(store: IntakeStore) -> None:
    rows = sheet("2026-11-19", 2, (ONE, "病假"), (student_no(2), "无故"))
    made = import_rollcalls(asking(store), [store.csv(ROLL_HEAD, *rows)])
    wanted = [(n, "点名", CLASS, "2026-11-19 全天") for n in (2, 3)]
    assert said(made) == wanted
    less = sheet("2026-11-19", 2, (ONE, "病假"))
    assert [each.did for each in _rolls(store, less).written] == ["更正点名"]
    assert _rolls(store, less).written == [], "the same again writes nothing"


def _rolls(store: IntakeStore, rows: list[list[object]]) -> ImportSummary:
    return import_rollcalls(asking(store), [store.csv(ROLL_HEAD, *rows)])


def test_the_other_kinds_say_it_too(store: IntakeStore) -> None:
    job = asking(store)
    checked = import_checkin(job, [store.csv(("学籍号", "日期"), [ONE, "2026-11-19"])])
    assert said(checked) == [(2, "报到", CLASS, "2026-11-19")]
    chain = import_chain(job, [store.csv(CHAIN_HEAD, post())])
    assert said(chain) == [(2, "登记任职", "", f"班主任（班级 {SCHOOL}/3/1），2026-08-01 起")]
    assert "张秀英" not in repr(chain.written)
    closed: list[Any] = ["2026-2027", "", "", "", SCHOOL, "2026-11-24", "停课", "下雪"]
    calendar = import_calendar(job, [store.csv(CALENDAR_HEAD, closed)])
    assert said(calendar) == [(2, "登记校历", "", f"学校 {SCHOOL} 2026-11-24 停课")]
    listed = store.csv(("姓名", "公民身份号码"), ["王小某", id_number(7)])
    register = import_register(job, [listed])
    assert said(register) == [(2, "登记并列为疑似失学", "", "")]
    assert "王小某" not in repr(register.written)


def test_nothing_is_listed_that_nobody_asked_for(store: IntakeStore) -> None:
    made = import_roster(store.job, [store.csv(ROSTER_HEAD, pupil(1), pupil(2), pupil(3))])
    assert (made.applied, made.written) == (1, [])
    assert "written" not in made.as_json()


def test_a_row_refused_after_the_check_is_not_among_those_written() -> None:
    first, second = At("a.csv", "", 2), At("a.csv", "", 3)
    written = [Written(at, "点名") for at in (first, second)]
    made = ImportSummary(kind="rollcalls", batch="", files=[], written=written)
    made.not_written([first])
    assert [each.at for each in made.written] == [second]
