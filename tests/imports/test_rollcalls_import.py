"""Roll calls in bulk: one row an absentee, one command a sheet, everything checked first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceVoided,
    DropoutSuspected,
)
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.imports.intake import (
    ImportSummary,
    import_calendar,
    import_chain,
    import_rollcalls,
    import_roster,
)
from ckbx.imports.job_errors import StoreUnnamed
from ckbx.imports.problems import ImportRefused
from ckbx.vault.people import Access
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    OTHER,
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
ONE, TWO, THREE = (student_no(n) for n in (1, 2, 3))
STRANGER = student_no(4, grade=4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A class of three in grade 3 and a class of one in grade 4."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    rows = [pupil(1), pupil(2), pupil(3), pupil(4, grade=4)]
    import_roster(made.job, [made.csv(ROSTER_HEAD, *rows)])
    yield made
    made.close()


def bring(store: IntakeStore, *sheets: list[list[object]], **how: object) -> ImportSummary:
    """Import these sheets as one file."""
    file = store.csv(ROLL_HEAD, *(row for rows in sheets for row in rows))
    return import_rollcalls(store.job, [file], **how)  # type: ignore[arg-type]


def refused(store: IntakeStore, *sheets: list[list[object]], **how: object) -> ImportRefused:
    """The refusal of these sheets; nothing may have been written."""
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        bring(store, *sheets, **how)
    assert store.log.head() == before
    assert caught.value.exit_code == 3
    return caught.value


def test_one_row_an_absentee_makes_one_sheet_a_class(store: IntakeStore) -> None:
    summary = bring(
        store,
        sheet("2026-11-19", 3, (ONE, "无故"), (TWO, "病假")),
        sheet("2026-11-19", 1, grade=4),
    )
    assert (summary.applied, summary.rows) == (3, 3)
    second, first = store.of(RollCallSubmitted)
    assert first.absent == {
        store.child_id(ONE): Reason.UNEXPLAINED,
        store.child_id(TWO): Reason.SICK,
    }
    assert (first.expected, first.present, second.absent) == (3, 1, {})


def test_sheets_are_recorded_in_the_order_of_day_class_and_session(store: IntakeStore) -> None:
    files = [
        store.csv(ROLL_HEAD, *sheet("2026-11-19", 3)),
        store.csv(
            ROLL_HEAD,
            *sheet("2026-11-18", 3, session="下午"),
            *sheet("2026-11-18", 1, grade=4),
            *sheet("2026-11-18", 3, session="上午"),
        ),
    ]
    import_rollcalls(store.job, files)
    told = [(e.occurred_on.day, e.class_key[-6:], e.session) for e in store.of(RollCallSubmitted)]
    assert told == [
        (18, "2023/1", Session.FULL),
        (18, "2024/1", Session.MORNING),
        (18, "2024/1", Session.AFTERNOON),
        (19, "2024/1", Session.FULL),
    ]


def test_the_rule_follows_in_the_same_commands(store: IntakeStore) -> None:
    days = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
    bring(store, *(sheet(day, 3, (ONE, "无故")) for day in days))
    (event,) = store.of(DropoutSuspected)
    assert (event.occurred_on, event.first_absent_on) == (date(2026, 11, 20), date(2026, 11, 16))
    submitted = store.of(RollCallSubmitted)[-1]
    assert event.command_id == submitted.command_id


def test_who_handed_in_is_an_account_of_the_chain_or_a_reference_to_the_vault(
    store: IntakeStore,
) -> None:
    post = ["教育线", 4, "班主任", "班级", f"{SCHOOL}/3/1", "张秀英", "ct1", "", "2026-08-01"]
    import_chain(store.job, [store.csv(CHAIN_HEAD, post)])
    bring(
        store,
        sheet("2026-11-18", 3, by="ct1"),
        sheet("2026-11-19", 3, by="代课的王老师"),
        sheet("2026-11-20", 3, by=""),
    )
    account, reference, actor = (e.submitted_by for e in store.of(RollCallSubmitted))
    assert (account, actor) == ("ct1", "cli:tester")
    subject = UUID(reference.removeprefix("ref:"))
    assert store.vault.read([subject], ("identity",), LOOK)[subject].name == "代课的王老师"


def test_the_time_of_handing_in_is_kept_as_a_claim(store: IntakeStore) -> None:
    rows = [[*row, "2026-11-19 08:47"] for row in sheet("2026-11-19", 3)]
    bring(store, rows)
    assert [e.claimed_at for e in store.of(RollCallSubmitted)] == ["2026-11-19T08:47"]


def test_a_child_marked_present_by_name_is_seen_and_not_absent(store: IntakeStore) -> None:
    bring(store, sheet("2026-11-19", 3, (ONE, "到校"), (TWO, "无故")))
    (event,) = store.of(RollCallSubmitted)
    assert event.seen == [store.child_id(ONE)]
    assert list(event.absent) == [store.child_id(TWO)]


def test_the_same_file_again_changes_nothing(store: IntakeStore) -> None:
    file = store.csv(ROLL_HEAD, *sheet("2026-11-19", 3, (ONE, "无故")))
    import_rollcalls(store.job, [file])
    before = store.log.head()
    again = import_rollcalls(store.job, [file])
    assert (again.applied, again.unchanged, store.log.head()) == (0, 1, before)


def test_a_corrected_file_amends_and_both_sheets_are_kept(store: IntakeStore) -> None:
    bring(store, sheet("2026-11-19", 3, (ONE, "无故"), (TWO, "无故")))
    summary = bring(store, sheet("2026-11-19", 3, (ONE, "病假")))
    assert (summary.amended, summary.applied) == (1, 0)
    assert [e.replaces for e in store.of(RollCallSubmitted)] == [None, 1]
    assert len(store.of(AbsenceExplained)) == len(store.of(AbsenceVoided)) == 1


def test_going_back_to_an_earlier_sheet_needs_a_reason(store: IntakeStore) -> None:
    first, second = sheet("2026-11-19", 3, (ONE, "无故")), sheet("2026-11-19", 3)
    bring(store, first)
    bring(store, second)
    before = store.log.head()
    summary = bring(store, first)
    assert store.log.head() == before
    assert any("--correct" in warning for warning in summary.warnings)
    bring(store, first, correct="第二次报错了，李老师确认")
    back = store.of(RollCallSubmitted)[-1]
    subject = UUID(str(back.correction_note).removeprefix("ref:"))
    notes = store.vault.read([subject], ("notes",), LOOK)[subject].notes
    assert notes[subject] == "第二次报错了，李老师确认"
    before = store.log.head()
    bring(store, first, correct="第二次报错了，李老师确认")
    assert store.log.head() == before


def test_the_same_sheet_in_two_files_is_taken_once(store: IntakeStore) -> None:
    rows = sheet("2026-11-19", 3, (ONE, "无故"))
    more = sheet("2026-11-20", 3)
    files = [store.csv(ROLL_HEAD, *rows), store.csv(ROLL_HEAD, *rows, *more)]
    summary = import_rollcalls(store.job, files)
    assert (summary.applied, len(store.of(RollCallSubmitted))) == (3, 2)


def test_a_count_that_is_not_the_rolls_is_accepted_with_a_warning(store: IntakeStore) -> None:
    summary = bring(store, sheet("2026-11-19", 4, (ONE, "无故")))
    assert any("应到与名册人数不符" in warning for warning in summary.warnings)
    assert [(e.expected, e.roll) for e in store.of(RollCallSubmitted)] == [(4, 3)]


def test_a_trial_run_writes_nothing(store: IntakeStore) -> None:
    before = store.log.head()
    assert bring(store, sheet("2026-11-19", 3), dry_run=True).applied == 1
    assert store.log.head() == before


def test_the_first_history_of_a_school_is_called_initial(store: IntakeStore) -> None:
    bring(store, sheet("2026-09-07", 3), sheet("2026-11-20", 3))
    bring(store, sheet("2026-09-08", 3))
    assert [e.entry for e in store.of(RollCallSubmitted)] == ["initial", "live", "late"]


def test_the_first_history_of_every_class_of_a_file_is_called_initial(store: IntakeStore) -> None:
    days = ("2026-09-07", "2026-09-08", "2026-11-20")
    bring(store, *(s for d in days for s in (sheet(d, 3), sheet(d, 1, grade=4))))
    told = sorted((e.occurred_on.isoformat(), e.entry) for e in store.of(RollCallSubmitted))
    entries = ("initial", "initial", "live")
    assert told == [(d, entry) for d, entry in zip(days, entries, strict=True) for _ in "ab"]


def test_the_sheets_of_a_class_are_one_command_and_the_rule_is_asked_once(
    store: IntakeStore,
) -> None:
    days = [f"2026-11-{n}" for n in (16, 17, 18, 19, 20)]
    bring(store, *(sheet(day, 3, (ONE, "无故")) for day in days[1:]))
    before = store.log.head()
    file = [sheet(days[0], 3, (ONE, "无故")), sheet(days[2], 3)]
    bring(store, *file)
    made = [found.event for found in store.log.read(before, 1000)]
    assert len({e.command_id for e in made if isinstance(e, RollCallSubmitted)}) == 1
    assert not any(isinstance(e, DropoutSuspected) for e in made)
    after = store.log.head()
    assert bring(store, *file).unchanged == 2
    assert store.log.head() == after


# What is refused

BAD_SHEETS = [
    (sheet("2026-11-19", 3, number=7), "班级", "没有这个班：测试小学72 3年级7班"),
    (sheet("2026-11-19", 3, school=OTHER), "学校标识码", f"没有学校 {OTHER} 的花名册"),
    (sheet("2026-11-19", 3, (STRANGER, "无故")), "缺勤学籍号", "不在测试小学72 3年级1班的点名册上"),
    (sheet("2026-11-19", 3, (student_no(9), "无故")), "缺勤学籍号", "没有这个学籍号"),
    (sheet("2026-11-23", 3), "日期", "还没有到"),
    (sheet("2026-11-21", 3), "日期", "不是教学日"),
    (sheet("2026-08-31", 3), "日期", "不在任何一个学期内"),
    (sheet("2026-11-19", 3, (ONE, "无故"), (ONE, "病假")), "缺勤学籍号", "已在第 2 行出现"),
    (sheet("2026-11-19", -3, present=0), "应到", "负数"),
    (sheet("2026-11-19", 3, present=-1), "实到", "负数"),
    (sheet("2026-11-19", 3, present=4), "应到", "多于应到"),
    (sheet("2026-11-19", 3, (ONE, "无故"), present=3), "应到", "列出了 1 名"),
    (sheet("2026-11-19", 3, (ONE, "")), "原因", "没有填"),
    (sheet("2026-11-19", 3, (ONE, "逃学")), "原因", "可选的值"),
    (sheet("2026-11-19", 3, ("5.22601E+17", "无故")), "缺勤学籍号", "科学计数"),
    (sheet("2026-11-19", 3, ("", "无故")), "缺勤学籍号", "没有缺勤学籍号"),
    (sheet("2026-11-19", 3, session="晚上"), "时段", "全天"),
    (sheet("不知道", 3), "日期", "不是日期"),
]


@pytest.mark.parametrize("rows, column, said", BAD_SHEETS)
def test_a_bad_sheet_is_refused_with_row_column_and_mend(
    store: IntakeStore, rows: list[list[object]], column: str, said: str
) -> None:
    error = refused(store, rows, sheet("2026-11-18", 3))
    (problem,) = error.problems
    assert problem.column == column, problem.line()
    assert said in problem.line(), problem.line()
    assert problem.row in (2, 3)
    assert problem.mend


def test_an_absentee_of_another_class_is_shown_masked(store: IntakeStore) -> None:
    error = refused(store, sheet("2026-11-19", 3, (STRANGER, "无故")))
    assert STRANGER not in str(error)
    assert STRANGER[-4:] in str(error)


def test_rows_of_one_sheet_with_different_counts_are_refused(store: IntakeStore) -> None:
    rows = sheet("2026-11-19", 3, (ONE, "无故"), (TWO, "无故"))
    rows[1][5] = 4
    error = refused(store, rows)
    assert "是同一份点名，应到、实到却不同" in str(error)


def test_two_contents_for_one_class_day_and_session_name_both_rows(store: IntakeStore) -> None:
    files = [
        store.csv(ROLL_HEAD, *sheet("2026-11-19", 3)),
        store.csv(ROLL_HEAD, *sheet("2026-11-19", 3, (ONE, "无故"))),
    ]
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        import_rollcalls(store.job, files)
    assert store.log.head() == before
    assert {p.file for p in caught.value.problems} == {file.name for file in files}
    for problem, other in zip(caught.value.problems, reversed(files), strict=True):
        assert re.search(rf"{other.name} 第 2 行", problem.what)


def test_a_whole_day_and_a_half_day_of_one_class_are_refused(store: IntakeStore) -> None:
    error = refused(store, sheet("2026-11-19", 3), sheet("2026-11-19", 3, session="上午"))
    assert [p.row for p in error.problems] == [2, 3]


def test_accept_valid_leaves_a_bad_sheet_out_as_a_whole(store: IntakeStore) -> None:
    bad = sheet("2026-11-19", 3, (ONE, "无故"), (student_no(9), "无故"))
    summary = bring(store, bad, sheet("2026-11-20", 3), accept_valid=True)
    assert (summary.applied, summary.refused) == (1, 2)
    assert [e.occurred_on.day for e in store.of(RollCallSubmitted)] == [20]
    assert store.of(AbsenceRecorded) == []


def test_a_day_of_a_school_that_was_closed_is_refused_for_that_school_only(
    store: IntakeStore,
) -> None:
    line = ["", "", "", "", SCHOOL, "2026-11-19", "停课"]
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, line)])
    assert "不是教学日" in str(refused(store, sheet("2026-11-19", 3)))


def test_a_child_that_left_the_class_cannot_be_absent_there(store: IntakeStore) -> None:
    import_roster(
        store.job,
        [store.csv(ROSTER_HEAD, pupil(1, number=2), pupil(2), pupil(3))],
        effective=date(2026, 11, 10),
    )
    bring(store, sheet("2026-11-09", 3, (ONE, "无故")))
    refused(store, sheet("2026-11-10", 2, (ONE, "无故")))
    bring(store, sheet("2026-11-10", 1, (ONE, "无故"), number=2))


def test_only_a_calendar_may_come_into_an_unnamed_store(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path / "other", at=datetime(2026, 11, 21, 3, tzinfo=UTC))
    with pytest.raises(StoreUnnamed):
        bring(store, sheet("2026-11-19", 3))
    store.close()
