"""From the second term on a child new to its class must be named 到校 (domain §4, §11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ckbx.domain.child.events import AbsenceRecorded, AbsenceVoided, CheckedIn, DropoutSuspected
from ckbx.imports.intake import (
    ImportSummary,
    import_calendar,
    import_checkin,
    import_rollcalls,
    import_roster,
)
from ckbx.imports.problems import ImportRefused
from tests.imports.intake_store import (
    CALENDAR_HEAD,
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
from tests.support.settled import check_every_answer_of

NEW = (11, 12, 13)
OLD = (1, 2)
DAYS = ("2027-02-22", "2027-02-23", "2027-02-24", "2027-02-25", "2027-02-26")
NAMES = [student_no(n, 1) for n in NEW]
CHECKIN_HEAD = ("学籍号", "日期", "学校标识码", "年级", "班级")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """Grade 1 in its second term: two children who were there before, three who are new."""
    made = sqlite_store(tmp_path, at=datetime(2026, 9, 2, 3, tzinfo=UTC))
    spring = ["2026-2027", "春季", "2027-02-22", "2027-07-02", "522699"]
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term(), spring)])
    import_roster(made.job, [made.csv(ROSTER_HEAD, *(pupil(n, 1) for n in OLD))])
    made.clock.at = datetime(2027, 2, 26, 12, tzinfo=UTC)
    import_roster(made.job, [made.csv(ROSTER_HEAD, *(pupil(n, 1) for n in (*OLD, *NEW)))])
    yield made
    made.close()
    check_every_answer_of(f"sqlite:///{tmp_path / 'ckbx.db'}", tmp_path / "secrets", made.clock)


def everybody_there(
    store: IntakeStore,
    days: Sequence[str] = DAYS,
    named: Sequence[str] = (),
    word: str = "到校",
) -> ImportSummary:
    """The class hands in "all five present", naming some on its first day."""
    rows = []
    for n, day in enumerate(days):
        rows += sheet(day, 5, *((who, "到校") for who in (named if n == 0 else ())), grade=1)
    rows = [[word if cell == "到校" else cell for cell in row] for row in rows]
    return import_rollcalls(store.job, [store.csv(ROLL_HEAD, *rows)])


def check_in(store: IntakeStore, *rows: Sequence[object], dry_run: bool = False) -> ImportSummary:
    return import_checkin(store.job, [store.csv(CHECKIN_HEAD, *rows)], dry_run=dry_run)


def suspects(store: IntakeStore) -> set[str]:
    return {who for who in NAMES if store.child(who).suspected_on is not None}


def test_children_nobody_named_are_suspected_on_the_fifth_day(store: IntakeStore) -> None:
    everybody_there(store)
    assert suspects(store) == set(NAMES)
    assert {e.occurred_on for e in store.of(DropoutSuspected)} == {date(2027, 2, 26)}


@pytest.mark.parametrize("word", ["到校", "已到校", "报到", "已报到", "到"])
def test_children_named_on_the_sheet_are_there_from_that_day(store: IntakeStore, word: str) -> None:
    summary = everybody_there(store, named=NAMES, word=word)
    assert summary.refused == 0
    assert suspects(store) == set()
    assert store.of(AbsenceRecorded) == []


def test_a_child_both_absent_and_there_on_one_sheet_is_refused(store: IntakeStore) -> None:
    rows = sheet(DAYS[0], 5, (NAMES[0], "到校"), (NAMES[0], "无故"), grade=1)
    with pytest.raises(ImportRefused) as caught:
        import_rollcalls(store.job, [store.csv(ROLL_HEAD, *rows)])
    assert "到校" in str(caught.value)
    assert "缺勤" in str(caught.value)


def test_a_row_of_a_child_seen_is_not_counted_among_the_absentees(store: IntakeStore) -> None:
    rows = sheet(DAYS[0], 5, (NAMES[0], "到校"), grade=1, present=4)
    with pytest.raises(ImportRefused) as caught:
        import_rollcalls(store.job, [store.csv(ROLL_HEAD, *rows)])
    assert "0 名" in str(caught.value)


def test_a_file_that_names_children_changes_nothing_the_second_time(store: IntakeStore) -> None:
    everybody_there(store, named=NAMES)
    before = store.log.head()
    again = everybody_there(store, named=NAMES)
    assert (again.applied, again.amended, store.log.head()) == (0, 0, before)


def test_a_summary_says_how_many_must_still_be_named_and_how(store: IntakeStore) -> None:
    summary = everybody_there(store, named=NAMES[:1])
    (said,) = [w for w in summary.warnings if "到校" in w]
    assert "2 名" in said
    assert "1年级1班" in said
    assert "check-in" in said
    assert summary.exit_code == 0


def test_no_warning_where_all_were_named_or_are_listed_absent(store: IntakeStore) -> None:
    rows = sheet(DAYS[0], 5, *((who, "到校") for who in NAMES[:2]), (NAMES[2], "无故"), grade=1)
    summary = import_rollcalls(store.job, [store.csv(ROLL_HEAD, *rows)])
    assert [w for w in summary.warnings if "到校" in w] == []


def test_a_check_in_file_counts_before_the_class_reports(store: IntakeStore) -> None:
    done = check_in(store, *([who, DAYS[0], SCHOOL, 1, 1] for who in NAMES))
    assert (done.applied, done.refused) == (3, 0)
    assert {(e.occurred_on, e.term) for e in store.of(CheckedIn)} == {(date(2027, 2, 22), "2026-2")}
    summary = everybody_there(store)
    assert [w for w in summary.warnings if "到校" in w] == []
    assert suspects(store) == set()
    assert store.of(AbsenceRecorded) == []


def test_a_check_in_recorded_later_takes_back_what_rested_on_its_absence(
    store: IntakeStore,
) -> None:
    everybody_there(store)
    check_in(store, *([who, DAYS[2]] for who in NAMES))
    assert suspects(store) == set()
    assert {e.occurred_on for e in store.of(AbsenceVoided)} == {
        date(2027, 2, 24), date(2027, 2, 25), date(2027, 2, 26),
    }  # fmt: skip
    left = {day for who in NAMES for day in store.child(who).mark_events}
    assert left == {date(2027, 2, 22).toordinal(), date(2027, 2, 23).toordinal()}


def test_one_check_in_helps_its_child_only(store: IntakeStore) -> None:
    check_in(store, [NAMES[0], DAYS[0]])
    everybody_there(store)
    assert suspects(store) == set(NAMES[1:])


def test_a_child_listed_absent_after_its_check_in_is_absent(store: IntakeStore) -> None:
    check_in(store, *([who, DAYS[0]] for who in NAMES))
    rows = [r for day in DAYS for r in sheet(day, 5, (NAMES[0], "无故"), grade=1)]
    import_rollcalls(store.job, [store.csv(ROLL_HEAD, *rows)])
    assert suspects(store) == {NAMES[0]}


def test_checking_in_again_changes_nothing_and_an_earlier_day_counts(store: IntakeStore) -> None:
    check_in(store, [NAMES[0], DAYS[2]])
    before = store.log.head()
    again = check_in(store, [NAMES[0], DAYS[3]])
    assert (again.applied, again.unchanged, store.log.head()) == (0, 1, before)
    check_in(store, [NAMES[0], DAYS[1]])
    everybody_there(store)
    assert sorted(store.child(NAMES[0]).mark_events) == [date(2027, 2, 22).toordinal()]


def test_a_check_in_without_a_day_is_of_today(store: IntakeStore) -> None:
    check_in(store, [NAMES[0]])
    assert [e.occurred_on for e in store.of(CheckedIn)] == [date(2027, 2, 26)]


def test_a_trial_check_in_writes_nothing(store: IntakeStore) -> None:
    before = store.log.head()
    done = check_in(store, [NAMES[0]], dry_run=True)
    assert (done.applied, store.log.head()) == (1, before)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([student_no(99, 1)], "没有这个学籍号"),
        ([NAMES[0], "2027-02-27"], "还没有到"),
        ([NAMES[0], "2027-02-10"], "学期"),
        ([NAMES[0], "2026-09-10"], "不在任何班"),
        ([NAMES[0], DAYS[0], SCHOOL, 1, 2], "不在"),
        (["abc"], "学籍号"),
    ],
)
def test_a_check_in_that_cannot_be_is_refused_with_row_and_mend(
    store: IntakeStore, row: list[object], said: str
) -> None:
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        check_in(store, [NAMES[1], DAYS[0]], row)
    assert said in str(caught.value)
    assert "第 3 行" in str(caught.value)
    assert NAMES[0] not in str(caught.value)
    assert store.log.head() == before


def test_a_list_of_numbers_alone_is_a_check_in_file(store: IntakeStore) -> None:
    file = store.csv(("学籍号",), *([who] for who in NAMES))
    done = import_checkin(store.job, [file], on=date(2027, 2, 22))
    assert (done.applied, done.rows) == (3, 3)
