"""Rosters: what a file of children changes, and what keeps it from changing anything."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ckbx.domain.child.events import (
    ClassChanged,
    Enrolled,
    IdentityAmended,
    ResidenceChanged,
    RosterFindingNoted,
)
from ckbx.domain.school.events import RosterBegan
from ckbx.domain.school_class.events import PupilsJoined
from ckbx.domain.shared.errors import CkbxError
from ckbx.imports.intake import ImportSummary, import_calendar, import_rollcalls, import_roster
from ckbx.imports.job_errors import CalendarFirst, EffectiveInFuture, StoreUnnamed
from ckbx.imports.problems import ImportRefused
from ckbx.imports.reading import HeadingNotFound
from ckbx.imports.roster_dates import EffectiveBeforeTerms, TermsNotBegun
from ckbx.imports.sources import FileMissing, NoFiles
from ckbx.imports.workbook_errors import NotASpreadsheet, WorkbookTooLarge
from ckbx.vault.people import Access
from tests.imports.intake_store import (
    CALENDAR_HEAD,
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

CLASS = {1: range(45), 2: range(45, 90)}
LOOK = Access(actor="tester", view="test", purpose="核对")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[IntakeStore]:
    """A store without a county."""
    store = sqlite_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def store(empty: IntakeStore) -> IntakeStore:
    """A store whose calendar is in."""
    import_calendar(empty.job, [empty.csv(CALENDAR_HEAD, term())])
    return empty


def bring(store: IntakeStore, *rows: list[object], **how: object) -> ImportSummary:
    """Import these rows as one file."""
    return import_roster(store.job, [store.csv(ROSTER_HEAD, *rows)], **how)  # type: ignore[arg-type]


def refused(store: IntakeStore, *rows: list[object], **how: object) -> ImportRefused:
    """The refusal of these rows; nothing may have been written."""
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        bring(store, *rows, **how)
    assert store.log.head() == before
    assert caught.value.exit_code == 3
    return caught.value


# What comes in


def test_children_are_enrolled_from_the_first_day_of_the_running_term(store: IntakeStore) -> None:
    summary = bring(store, pupil(1), pupil(2), pupil(3, grade=4))
    assert (summary.applied, summary.rows, summary.refused) == (3, 3, 0)
    assert {e.occurred_on for e in store.of(Enrolled)} == {date(2026, 9, 1)}
    assert [len(e.children) for e in store.of(PupilsJoined)] == [2, 1]
    child = store.child(student_no(1))
    assert child.class_key == f"{SCHOOL}/2024/1"
    assert child.village == "522699100201"


def test_personal_data_stand_in_the_vault_and_nowhere_else(store: IntakeStore) -> None:
    bring(store, pupil(1, 特殊群体="留守、脱贫户"))
    id_ = store.child_id(student_no(1))
    person = store.vault.read([id_], ("identity", "contact", "marks"), LOOK)[id_]
    assert person.name == "学生1"
    assert person.contact is not None
    assert person.contact.guardians[0].name == "家长1"
    assert person.marks is not None
    assert [mark.code for mark in person.marks.entries] == ["留守", "脱贫户"]
    told = b"".join(row.state for row in store.log.read_rows(0, 1000))
    for private in ("学生1", "家长1", "13800000001", student_no(1)[1:], "留守"):
        assert private.encode() not in told


def test_a_date_given_goes_before_the_term_and_a_column_before_that(store: IntakeStore) -> None:
    head = (*ROSTER_HEAD, "编班日期")
    file = store.csv(head, [*pupil(1), "2026-10-12"], [*pupil(2), ""])
    import_roster(store.job, [file], effective=date(2026, 9, 3))
    days = {store.child(student_no(n)).enrolled_on for n in (1, 2)}
    assert days == {date(2026, 10, 12), date(2026, 9, 3)}


def test_the_same_file_again_changes_nothing(store: IntakeStore) -> None:
    file = store.csv(ROSTER_HEAD, pupil(1), pupil(2))
    import_roster(store.job, [file])
    before = store.log.head()
    again = import_roster(store.job, [file])
    assert (again.applied, again.unchanged, store.log.head()) == (0, 2, before)


def test_a_trial_run_says_what_would_happen_and_writes_nothing(store: IntakeStore) -> None:
    before = store.log.head()
    summary = bring(store, pupil(1), dry_run=True)
    assert summary.applied == 1
    assert "只试不写" in summary.line()
    assert store.log.head() == before
    assert store.vault.find("student_no", student_no(1)) is None


def test_another_class_of_the_school_is_a_class_change(store: IntakeStore) -> None:
    bring(store, pupil(1), pupil(2))
    summary = bring(store, pupil(1), pupil(2, number=2), effective=date(2026, 9, 14))
    assert (summary.amended, summary.unchanged) == (1, 1)
    (event,) = store.of(ClassChanged)
    assert (event.class_key, event.occurred_on) == (f"{SCHOOL}/2024/2", date(2026, 9, 14))


def test_a_class_change_nobody_dated_counts_from_today_once_the_class_reported(
    store: IntakeStore,
) -> None:
    bring(store, pupil(1), pupil(2))
    import_rollcalls(store.job, [store.csv(ROLL_HEAD, *sheet("2026-11-20", 2))])
    bring(store, pupil(1), pupil(2, number=2))
    assert [e.occurred_on for e in store.of(ClassChanged)] == [date(2026, 11, 21)]


def test_another_school_is_a_finding_and_moves_nobody(store: IntakeStore) -> None:
    bring(store, pupil(1))
    summary = bring(store, pupil(1, school=OTHER))
    assert [(e.finding, e.school) for e in store.of(RosterFindingNoted)] == [
        ("other_school", OTHER)
    ]
    assert store.child(student_no(1)).school == SCHOOL
    assert "人工核对" in " ".join(summary.warnings)
    before = store.log.head()
    bring(store, pupil(1, school=OTHER))
    assert store.log.head() == before, "a finding is noted once"


def test_a_child_missing_from_a_newer_roster_is_a_finding_and_stays(store: IntakeStore) -> None:
    bring(store, pupil(1), pupil(2))
    bring(store, pupil(1))
    (event,) = store.of(RosterFindingNoted)
    assert event.finding == "missing_from_roster"
    assert event.originator_id == store.child_id(student_no(2))
    assert store.child(student_no(2)).class_key == f"{SCHOOL}/2024/1"


def test_classes_the_file_does_not_speak_of_are_not_called_missing(store: IntakeStore) -> None:
    bring(store, pupil(1), pupil(2, grade=4))
    summary = bring(store, pupil(1))
    assert store.of(RosterFindingNoted) == []
    assert any("另有 1 个班不在本次名册中" in warning for warning in summary.warnings)


def test_changed_personal_data_are_a_new_vault_row(store: IntakeStore) -> None:
    bring(store, pupil(1))
    summary = bring(store, pupil(1, 姓名="新名", 户籍地区划="522699100202"))
    assert summary.amended == 1
    assert [e.groups for e in store.of(IdentityAmended)] == [["identity"]]
    assert [e.village for e in store.of(ResidenceChanged)] == ["522699100202"]
    id_ = store.child_id(student_no(1))
    assert store.vault.read([id_], ("identity",), LOOK)[id_].name == "新名"


def test_an_empty_cell_takes_no_telephone_away(store: IntakeStore) -> None:
    bring(store, pupil(1))
    before = store.log.head()
    bring(store, pupil(1, 监护人="", 联系电话=""))
    assert store.log.head() == before


def test_a_child_stays_the_same_when_its_temporary_number_becomes_a_real_one(
    store: IntakeStore,
) -> None:
    temporary = "L" + student_no(1)[1:]
    bring(store, pupil(1, 学籍号=temporary))
    id_ = store.child_id(temporary)
    bring(store, pupil(1))
    assert store.child_id(student_no(1)) == store.child_id(temporary) == id_


def test_from_the_second_term_on_a_new_child_is_awaited(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path, at=datetime(2026, 9, 2, 3, tzinfo=UTC))
    spring = ["2026-2027", "春季", "2027-02-22", "2027-07-02", "522699"]
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, term(), spring)])
    bring(store, pupil(1))
    bring(store, pupil(2), pupil(1))
    store.clock.at = datetime(2027, 2, 23, 3, tzinfo=UTC)
    bring(store, pupil(1), pupil(2), pupil(3))
    assert [e.first_day for e in store.of(RosterBegan)] == [date(2026, 9, 1)]
    assert [e.awaited for e in store.of(PupilsJoined)] == [False, False, True]
    store.close()


def test_one_command_holds_whole_classes_and_many_children_take_several(
    store: IntakeStore,
) -> None:
    rows = [pupil(n, grade, number) for grade in (1, 2) for number in (1, 2) for n in CLASS[number]]
    bring(store, *rows)
    joined = store.of(PupilsJoined)
    assert [len(e.children) for e in joined] == [45, 45, 45, 45]
    assert len({e.command_id for e in joined}) == 1
    bring(store, *(pupil(n, grade) for grade in range(3, 10) for n in CLASS[1]))
    assert len({e.command_id for e in store.of(PupilsJoined)}) == 3


# What is refused


def test_only_a_calendar_may_come_into_an_unnamed_store(empty: IntakeStore) -> None:
    with pytest.raises(StoreUnnamed, match="import calendar") as caught:
        bring(empty, pupil(1))
    assert caught.value.exit_code == 5


def test_without_a_calendar_nobody_knows_from_when_a_roster_counts(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path, county="522699")
    with pytest.raises(CalendarFirst, match="import calendar") as caught:
        bring(store, pupil(1))
    assert caught.value.exit_code == 5
    assert bring(store, pupil(1), effective=date(2026, 9, 1)).applied == 1
    store.close()


def test_a_roster_cannot_count_from_tomorrow(store: IntakeStore) -> None:
    with pytest.raises(EffectiveInFuture, match="2026-11-22"):
        bring(store, pupil(1), effective=date(2026, 11, 22))
    head = (*ROSTER_HEAD, "编班日期")
    with pytest.raises(ImportRefused, match="还没有到"):
        import_roster(store.job, [store.csv(head, [*pupil(1), "2026-12-01"])])


def test_a_roster_cannot_count_from_before_every_term(store: IntakeStore) -> None:
    with pytest.raises(EffectiveBeforeTerms) as caught:
        bring(store, pupil(1), effective=date(2026, 8, 20))
    assert caught.value.exit_code == 3
    assert "2026-2027学年秋季学期 2026-09-01 至 2027-01-22" in str(caught.value)
    assert not store.of(Enrolled)


def test_nothing_counts_before_the_first_term_has_begun(tmp_path: Path) -> None:
    """Whose grade would count by which school year? Not even rows with a day of their own."""
    store = sqlite_store(tmp_path, at=datetime(2026, 8, 20, tzinfo=UTC))
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, term())])
    head = (*ROSTER_HEAD, "编班日期")
    for row in (pupil(1), [*pupil(1), "2026-08-19"]):
        with pytest.raises(TermsNotBegun, match="2026-2027学年秋季学期 2026-09-01") as caught:
            import_roster(store.job, [store.csv(head, row)])
        assert caught.value.exit_code == 5
    store.close()


def test_a_roster_dated_between_two_school_years_says_by_which_its_grades_count(
    empty: IntakeStore,
) -> None:
    before = ["2025-2026", "春季", "2026-02-26", "2026-07-10", "522699"]
    import_calendar(empty.job, [empty.csv(CALENDAR_HEAD, before, term())])
    summary = bring(empty, pupil(1, grade=3), effective=date(2026, 8, 20))
    assert "--effective 2026-08-20 不在学期内，年级按 2025-2026 学年计；不对的请改日期" in (
        summary.warnings
    )
    assert empty.of(Enrolled)[0].class_key == f"{SCHOOL}/2023/1"


BAD_CELLS = [
    ("身份证件号", 5.22601201605061e17, "科学计数|存成数字", "文本"),
    ("身份证件号", "5.22601E+17", "科学计数", "文本"),
    ("身份证件号", "522601201705060000", "校验", ""),
    ("身份证件号", "522601201705060119", "校验位不对", "户口簿"),
    ("身份证件号", "52260120170506", "18 位", "户口簿"),
    ("出生日期", "2017-05-07", "不一致", "户口簿"),
    ("出生日期", "2027-05-06", "今天之后", "户口簿"),
    ("性别", "女", "性别.*不一致", "户口簿"),
    ("学校名称", "测试小学 138-0013-8000", "不能含证件号或电话号", "各自的列"),
    ("学校名称", "522601201705060118", "不能含证件号或电话号", "各自的列"),
    ("学校名称", "学生1", "人名", "全称"),
    ("学校名称", "家长2家", "人名", "全称"),
    ("性别", "?", "不是男或女", "男或女"),
    ("学籍号", "G123", "19 位", "学籍系统"),
    ("学籍号", "5.22601E+17", "科学计数", "文本"),
    ("学校标识码", "21529", "10 位", "标识码"),
    ("年级", "高一", "一至九年级", "1–9"),
    ("班级", "甲乙", "几班", "班号"),
    ("姓名", "", "没有填", "补填"),
    ("身份证件类型", "会员卡", "可选的值", "居民身份证"),
    ("户籍地区划", "云溪县", "区划代码", "地名"),
]


@pytest.mark.parametrize("column, value, what, mend", BAD_CELLS)
def test_a_bad_cell_is_named_with_place_reason_and_mend(
    store: IntakeStore, column: str, value: object, what: str, mend: str
) -> None:
    import re

    other: dict[str, Any] = {column: value}
    error = refused(store, pupil(1), pupil(2, **other))
    said = [p for p in error.problems if re.search(what, p.what)]
    assert said, error.problems.lines()
    assert {(p.file, p.row) for p in said} == {(f"file-{store.files}.csv", 3)}
    assert any(mend in p.mend for p in said)


def test_a_refused_number_is_shown_masked(store: IntakeStore) -> None:
    error = refused(store, pupil(1, 身份证件号="522601201705060119"))
    assert "522601201705060119" not in str(error)
    assert "522601********0119" in str(error)


@pytest.mark.parametrize("column", ["身份证件号", "学籍号"])
def test_a_child_twice_in_a_file_is_refused_and_both_rows_are_named(
    store: IntakeStore, column: str
) -> None:
    twin = pupil(2)
    twin[ROSTER_HEAD.index(column)] = pupil(1)[ROSTER_HEAD.index(column)]
    twin[ROSTER_HEAD.index("身份证件类型")] = "其他"
    error = refused(store, pupil(1), twin)
    assert sorted(p.row for p in error.problems) == [2, 3]
    assert "第 3 行是同一名学生" in str(error)


def test_numbers_of_two_known_children_in_one_row_are_refused(store: IntakeStore) -> None:
    bring(store, pupil(1), pupil(2))
    error = refused(store, pupil(1, 学籍号=student_no(2)))
    assert "2 名不同的学生" in str(error)


def test_a_class_change_before_the_child_came_is_refused(store: IntakeStore) -> None:
    bring(store, pupil(1), effective=date(2026, 10, 12))
    error = refused(store, pupil(1, number=2), effective=date(2026, 9, 1))
    assert "早于进入现在班级的日期 2026-10-12" in str(error)


def test_a_school_may_be_called_after_somebody_of_a_pupils_name(store: IntakeStore) -> None:
    assert bring(store, pupil(1, 姓名="李大钊", 学校名称="李大钊小学")).applied == 1


def test_a_name_in_the_wrong_column_is_not_shown(store: IntakeStore) -> None:
    error = refused(store, pupil(1, 姓名="王梓涵", 学校名称="王梓涵"))
    assert "王梓涵" not in str(error)
    assert "王**" in str(error)


def test_accept_valid_takes_the_good_rows_and_lists_the_others(store: IntakeStore) -> None:
    summary = bring(store, pupil(1), pupil(2, 姓名=""), accept_valid=True)
    assert (summary.applied, summary.refused) == (1, 1)
    assert [p.row for p in summary.problems] == [3]
    assert summary.exit_code == 0


def test_accept_valid_without_one_good_row_is_a_refusal(store: IntakeStore) -> None:
    refused(store, pupil(1, 姓名=""), accept_valid=True)


def test_a_known_child_twice_is_said_once_of_each_row(store: IntakeStore) -> None:
    bring(store, pupil(1))
    error = refused(store, pupil(1), pupil(1))
    assert [p.row for p in error.problems] == [2, 3]


def test_a_bad_row_in_the_second_file_keeps_the_first_out(store: IntakeStore) -> None:
    files = [store.csv(ROSTER_HEAD, pupil(1)), store.csv(ROSTER_HEAD, pupil(2, 姓名=""))]
    before = store.log.head()
    with pytest.raises(ImportRefused):
        import_roster(store.job, files)
    assert store.log.head() == before


def bad_files(folder: Path) -> dict[str, tuple[Path, type[CkbxError]]]:
    """Files that are no rosters, by what is wrong."""
    made: dict[str, tuple[Path, type[CkbxError]]] = {}
    no_excel = folder / "图片.xlsx"
    no_excel.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    made["no excel"] = (no_excel, NotASpreadsheet)
    no_heading = folder / "散文.csv"
    no_heading.write_text("甲,乙,丙\n1,2,3\n", encoding="utf-8")
    made["no heading"] = (no_heading, HeadingNotFound)
    bomb = folder / "炸弹.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(b"\0" * 1024 * 1024)
    made["bomb"] = (bomb, WorkbookTooLarge)
    made["missing"] = (folder / "没有.xlsx", FileMissing)
    return made


@pytest.mark.parametrize("what", ["no excel", "no heading", "bomb", "missing"])
def test_a_file_that_is_no_roster_is_refused_by_name(store: IntakeStore, what: str) -> None:
    path, refusal = bad_files(store.folder)[what]
    before = store.log.head()
    with pytest.raises(refusal, match=path.name) as caught:
        import_roster(store.job, [path])
    assert caught.value.exit_code == 3
    assert store.log.head() == before


def test_an_import_without_files_is_refused(store: IntakeStore) -> None:
    with pytest.raises(NoFiles):
        import_roster(store.job, [])


def test_a_file_given_twice_is_read_once(store: IntakeStore) -> None:
    file = store.csv(ROSTER_HEAD, pupil(1))
    summary = import_roster(store.job, [file, file])
    assert summary.applied == 1
    assert any("只读一次" in warning for warning in summary.warnings)


def test_gb18030_is_read_like_utf_8(store: IntakeStore) -> None:
    file = store.csv(ROSTER_HEAD, pupil(1, 姓名="䶮秀英"), encoding="gb18030")
    import_roster(store.job, [file])
    id_ = store.child_id(student_no(1))
    assert store.vault.read([id_], ("identity",), LOOK)[id_].name == "䶮秀英"


def test_progress_is_told_to_the_end(store: IntakeStore) -> None:
    bring(store, pupil(1), pupil(2))
    assert store.told[-1] == (2, 2, "写入")
