"""Whose row is it? Erased children, corrected numbers, and a number that finds somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ckbx.application.erasure import erase_person
from ckbx.domain.child.events import ChildRegistered, RosterFindingNoted
from ckbx.imports.intake import ImportSummary, import_calendar, import_roster
from ckbx.imports.job_errors import UndoRefused
from ckbx.imports.problems import ImportRefused
from ckbx.imports.undo import undo_import
from ckbx.vault.people import Access
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    ROSTER_HEAD,
    IntakeStore,
    id_number,
    pupil,
    sqlite_store,
    student_no,
    term,
)

LOOK = Access(actor="tester", view="test", purpose="核对")
BORN = date(2017, 5, 6)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A store whose calendar is in."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    yield made
    made.close()


def bring(store: IntakeStore, *rows: list[object], **how: Any) -> ImportSummary:
    """Import these rows as one file."""
    return import_roster(store.job, [store.csv(ROSTER_HEAD, *rows)], **how)


def refused(store: IntakeStore, *rows: list[object]) -> ImportRefused:
    """The refusal of these rows; nothing may have been written."""
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        bring(store, *rows)
    assert store.log.head() == before
    return caught.value


def erase(store: IntakeStore, child: UUID, ground: str = "监护人申请") -> None:
    office = store.job.office
    ctx = office.context("cli:leader1")
    erase_person(office, store.vault, ctx, child, ground=ground, approver="leader1")


def name_of(store: IntakeStore, child: UUID) -> str:
    return store.vault.read([child], ("identity",), LOOK)[child].name


# An erased child


@pytest.mark.parametrize(
    "other",
    [{}, {"姓名": "改名"}, {"学籍号": ""}, {"身份证件类型": "无", "身份证件号": ""}],
    ids=["as before", "renamed", "ID number only", "学籍号 only"],
)
def test_an_erased_child_is_refused_and_nobody_is_counted_twice(
    store: IntakeStore, other: dict[str, Any]
) -> None:
    bring(store, pupil(1), pupil(2))
    erase(store, store.child_id(student_no(1)))
    error = refused(store, pupil(1, **other), pupil(2), pupil(3))
    (problem,) = error.problems
    assert (problem.code, problem.row) == ("child_erased", 2)
    assert "已依法删除，不能再次登记" in problem.line()
    assert "请从名册中去掉这一行" in problem.line()
    summary = bring(store, pupil(1, **other), pupil(2), pupil(3), accept_valid=True)
    assert (summary.applied, summary.unchanged, summary.refused) == (1, 1, 1)
    assert len(store.of(ChildRegistered)) == 3


def test_without_its_row_an_erased_child_is_not_called_missing(store: IntakeStore) -> None:
    bring(store, pupil(1), pupil(2), pupil(3))
    erase(store, store.child_id(student_no(1)))
    summary = bring(store, pupil(2))
    assert [e.originator_id for e in store.of(RosterFindingNoted)] == [
        store.child_id(student_no(3))
    ]
    assert [found.finding for found in summary.findings] == ["missing_from_roster"]


def test_a_child_entered_by_mistake_may_come_again(store: IntakeStore) -> None:
    batch = bring(store, pupil(1)).batch
    undo_import(store.job, batch)
    erase(store, store.child_id(student_no(1)), "误录")
    assert bring(store, pupil(1, 姓名="真名")).applied == 1
    assert name_of(store, store.child_id(student_no(1))) == "真名"


# A corrected number


def corrected(store: IntakeStore) -> UUID:
    """A child that was entered with the number of another, and corrected by its 学籍号."""
    temporary = "L" + student_no(9)[1:]
    bring(store, pupil(1, 身份证件号=id_number(5, BORN), 学籍号=temporary))
    child = store.child_id(temporary)
    summary = bring(store, pupil(1, 学籍号=temporary))
    assert (summary.amended, name_of(store, child)) == (1, "学生1")
    return child


def test_the_true_holder_of_a_corrected_number_is_a_child_of_its_own(store: IntakeStore) -> None:
    child = corrected(store)
    summary = bring(store, pupil(5))
    assert (summary.applied, summary.amended, summary.refused) == (1, 0, 0)
    assert name_of(store, child) == "学生1"
    assert store.vault.find("id_number", id_number(1, BORN)) == child
    other = store.vault.find("id_number", id_number(5, BORN))
    assert other not in (None, child)
    again = bring(store, pupil(5), pupil(1, 学籍号="L" + student_no(9)[1:]))
    assert (again.unchanged, again.applied) == (2, 0)


def test_a_wrong_real_number_is_given_up_with_the_identity_number(store: IntakeStore) -> None:
    wrong = id_number(5, BORN)
    bring(store, pupil(1, 身份证件号=wrong, 学籍号="G" + wrong))
    child = store.child_id("G" + wrong)
    bring(store, pupil(1, 身份证件号=wrong, 学籍号=student_no(1)))
    bring(store, pupil(1))
    assert bring(store, pupil(5)).applied == 1
    assert (store.child_id(student_no(1)), name_of(store, child)) == (child, "学生1")


def test_the_same_child_under_its_old_wrong_number_is_for_a_person_to_decide(
    store: IntakeStore,
) -> None:
    corrected(store)
    (problem,) = refused(store, pupil(1, 身份证件号=id_number(5, BORN), 学籍号="")).problems
    assert problem.code == "number_corrected"
    assert "后来更正为别的号码" in problem.line()


def test_undoing_a_correction_gives_the_number_back(store: IntakeStore) -> None:
    temporary = "L" + student_no(9)[1:]
    bring(store, pupil(1, 身份证件号=id_number(5, BORN), 学籍号=temporary))
    child = store.child_id(temporary)
    store.clock.at += timedelta(days=1)
    undo_import(store.job, bring(store, pupil(1, 学籍号=temporary)).batch)
    assert store.vault.find("id_number", id_number(5, BORN)) == child
    assert store.vault.find("id_number", id_number(1, BORN)) is None


def test_the_true_holder_stands_against_undoing_a_correction(store: IntakeStore) -> None:
    temporary = "L" + student_no(9)[1:]
    bring(store, pupil(1, 身份证件号=id_number(5, BORN), 学籍号=temporary))
    store.clock.at += timedelta(days=1)
    batch = bring(store, pupil(1, 学籍号=temporary)).batch
    bring(store, pupil(5), pupil(1, 学籍号=temporary))
    before = store.log.head()
    with pytest.raises(UndoRefused, match="原身份证件号已登记在另一名学生名下"):
        undo_import(store.job, batch)
    assert store.log.head() == before


# Another sex


def test_a_known_child_of_another_name_and_sex_is_refused(store: IntakeStore) -> None:
    foreign: dict[str, Any] = {"身份证件类型": "护照", "身份证件号": "E12345678", "学籍号": ""}
    bring(store, pupil(1, **foreign))
    child = store.vault.find("id_number", "E12345678")
    assert child is not None
    (problem,) = refused(store, pupil(2, 性别="女", **foreign)).problems
    assert (problem.code, problem.column) == ("child_differs", "性别")
    assert "姓名和性别都不同" in problem.line()
    assert name_of(store, child) == "学生1"


def test_a_known_child_of_another_sex_is_told(store: IntakeStore) -> None:
    foreign: dict[str, Any] = {"身份证件类型": "护照", "身份证件号": "E12345678", "学籍号": ""}
    bring(store, pupil(1, **foreign))
    summary = bring(store, pupil(1, 性别="女", **foreign))
    (said,) = [said for said in summary.warnings if "性别" in said]
    assert "性别与已登记的不同，登记的性别没有改动" in said
    assert "第 2 行" in said
