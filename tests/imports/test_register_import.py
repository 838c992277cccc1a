"""A 比对名单 finds the children of school age that no school has, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ckbx.application.decisions import decide_on_child
from ckbx.domain.alert.events import AlertClosed, AlertRaised
from ckbx.domain.case.events import CaseOpened
from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import ChildRegistered, DropoutSuspected
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.school.events import ImportStarted
from ckbx.domain.school.register_source import RegisterSource
from ckbx.domain.shared.event import CommandContext
from ckbx.imports.intake import (
    ImportSummary,
    import_calendar,
    import_register,
    import_roster,
    undo_import,
)
from ckbx.imports.job_errors import KindOfCounty, RosterFirst, StoreUnnamed, UndoRefused
from ckbx.imports.problems import ImportRefused
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    COUNTY,
    NOW,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    id_number,
    pupil,
    sqlite_store,
    student_no,
    term,
)

HEAD = ("姓名", "公民身份号码", "性别", "出生日期", "户籍地区划", "监护人", "联系电话")
BORN = date(2017, 5, 6)
TODAY = NOW.date()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """Two children in a class, in the middle of the autumn term."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    import_roster(made.job, [made.csv(ROSTER_HEAD, pupil(1), pupil(2))])
    yield made
    made.close()


def listed(name: str, number: str, *more: object) -> list[object]:
    """A row of a police list that says nothing but name and number."""
    return [name, number, *more]


def at_school(n: int) -> list[object]:
    return listed(f"学生{n}", student_no(n)[1:])


def nowhere(n: int = 31, born: date = BORN, name: str = "王小满") -> list[object]:
    return listed(name, id_number(n, born), "", "", f"{COUNTY}100202", "王大山", "13800000001")


def bring(store: IntakeStore, *rows: list[object], **how: Any) -> ImportSummary:
    return import_register(store.job, [store.csv(HEAD, *rows)], **how)


def known_by(store: IntakeStore, number: str) -> Child:
    id_ = store.vault.find("id_number", number)
    assert id_ is not None
    return Child(id_).replay(store.log.load([id_])[id_])


def clear(store: IntakeStore) -> None:
    """The check found the child of :func:`nowhere` in a school without 学籍."""

    def decide(child: Child, ctx: CommandContext) -> None:
        departures.clear_suspicion(
            child, ctx, on=TODAY, finding=Finding.B, evidence_ref="ref:1", role="bureau_officer"
        )

    id_ = known_by(store, id_number(31, BORN)).id
    decide_on_child(store.job.office, store.job.office.context("bureau"), id_, decide)


def test_a_child_of_school_age_in_no_roster_is_registered_and_suspected(store: IntakeStore) -> None:
    done = bring(store, at_school(1), nowhere(), at_school(2))

    child = known_by(store, id_number(31, BORN))
    (suspicion,) = store.of(DropoutSuspected)
    (case,) = store.of(CaseOpened)
    assert (done.applied, done.amended, done.unchanged, done.refused) == (1, 0, 2, 0)
    assert child.base is TrackingStatus.SUSPECTED
    assert (child.school, child.village) == (None, f"{COUNTY}100202")
    assert (suspicion.source, suspicion.rule) == (SuspicionSource.REGISTER, "register_finding")
    assert suspicion.occurred_on == TODAY
    assert case.kind.value == "out_of_school"
    assert [a.kind for a in store.of(AlertRaised)] == ["dropout_suspected"]


def test_sex_birth_date_and_guardian_come_from_the_row(store: IntakeStore) -> None:
    bring(store, nowhere())

    id_ = known_by(store, id_number(31, BORN)).id
    registered = store.of(ChildRegistered)[-1]
    person = store.vault.read([id_], ("identity", "contact"), store.job.access("register"))[id_]
    assert (registered.sex, registered.cohort) == ("male", 2023)
    assert person.identity is not None
    assert person.identity.birth_date == BORN
    assert person.contact is not None
    assert person.contact.guardians[0].phone == "13800000001"


def test_whose_list_it_is_stands_in_what_the_suspicion_rests_on(store: IntakeStore) -> None:
    file = store.csv(HEAD, nowhere())
    import_register(store.job, [file], source=RegisterSource.POLICE)

    (suspicion,) = store.of(DropoutSuspected)
    stream, version = suspicion.evidence[0].split(":")
    (begun,) = [
        event
        for event in store.of(ImportStarted)
        if (str(event.originator_id), str(event.originator_version)) == (stream, version)
    ]
    assert begun.source is RegisterSource.POLICE


def test_the_same_list_of_another_body_is_another_import(store: IntakeStore) -> None:
    file = store.csv(HEAD, nowhere())
    first = import_register(store.job, [file], source=RegisterSource.POLICE, dry_run=True)
    other = import_register(store.job, [file], source=RegisterSource.HEALTH, dry_run=True)
    assert first.batch != other.batch


def test_a_trial_writes_nothing(store: IntakeStore) -> None:
    before = len(store.events())

    found = bring(store, at_school(1), nowhere(), dry_run=True)

    assert (found.applied, found.unchanged) == (1, 1)
    assert len(store.events()) == before


def test_the_same_list_again_changes_nothing(store: IntakeStore) -> None:
    bring(store, nowhere())
    before = len(store.events())

    again = bring(store, nowhere())

    assert (again.applied, again.amended, again.unchanged, again.batch) == (0, 0, 1, "")
    assert len(store.events()) == before


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2020, 8, 31), True),
        (date(2020, 9, 1), False),
        (date(2011, 9, 1), True),
        (date(2011, 8, 31), False),
    ],
)
def test_school_age_is_nine_years_from_the_autumn_after_the_sixth_birthday(
    store: IntakeStore, born: date, of_age: bool
) -> None:
    done = bring(store, nowhere(born=born))

    assert done.applied == of_age
    assert any("年龄段" in said for said in done.warnings) is not of_age


def test_what_a_check_cleared_is_not_suspected_again_by_the_same_list(store: IntakeStore) -> None:
    bring(store, nowhere())
    clear(store)

    again = bring(store, nowhere())

    assert len(store.of(DropoutSuspected)) == 1
    assert again.applied == again.amended == 0


def test_a_known_child_that_is_not_enrolled_is_suspected_once(store: IntakeStore) -> None:
    first = bring(store, nowhere())
    undo_import(store.job, first.batch)

    again = bring(store, nowhere())

    assert (again.applied, again.amended) == (0, 1)
    assert len(store.of(ChildRegistered)) == 3
    assert known_by(store, id_number(31, BORN)).base is TrackingStatus.SUSPECTED


def test_a_namesake_of_the_same_birth_date_without_number_is_for_a_person(
    store: IntakeStore,
) -> None:
    birth = date(2017, 5, 6)
    head = (*HEAD, "证件类型", "学籍号")
    row = ["学生1", "", "男", birth.isoformat(), "", "", "", "无", "L52260120170506123X"]

    with pytest.raises(ImportRefused) as refused:
        import_register(store.job, [store.csv(head, row)])

    (problem,) = refused.value.problems.items
    assert problem.code == "child_alike"
    assert "学生1" not in problem.line()


def test_a_namesake_with_another_number_is_taken_over_and_said(store: IntakeStore) -> None:
    done = bring(store, nowhere(n=32, name="学生1"))

    assert done.applied == 1
    assert any("同名" in said for said in done.warnings)


def test_bad_rows_keep_the_whole_list_out_and_are_named_without_the_number(
    store: IntakeStore,
) -> None:
    before = len(store.events())
    wrong = id_number(33, BORN)[:-1] + "?"

    with pytest.raises(ImportRefused) as refused:
        bring(store, nowhere(), listed("李四", wrong), listed("", id_number(34, BORN)))

    told = [(p.row, p.column) for p in refused.value.problems.items]
    assert (4, "姓名") in told
    assert {row for row, _ in told} == {3, 4}
    assert all(wrong not in p.line() for p in refused.value.problems.items)
    assert len(store.events()) == before


def test_with_the_bad_rows_left_out_the_others_are_taken_over(store: IntakeStore) -> None:
    done = bring(store, nowhere(), listed("李四", "12"), accept_valid=True)

    assert (done.applied, done.refused) == (1, 1)


def test_a_child_twice_in_a_list_is_refused(store: IntakeStore) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring(store, nowhere(), nowhere())

    assert {p.code for p in refused.value.problems.items} == {"child_twice"}


def test_taken_back_the_suspicion_the_case_and_the_alert_never_were(store: IntakeStore) -> None:
    done = bring(store, nowhere())

    undone = undo_import(store.job, done.batch)

    child = known_by(store, id_number(31, BORN))
    assert undone.undone
    assert (child.base, child.episode) == (TrackingStatus.NOT_ENROLLED, None)
    assert store.counts()["CaseWithdrawn"] == 1
    raised, closed = store.of(AlertRaised), store.of(AlertClosed)
    gone = {e.originator_id for e in closed} | {
        e.originator_id for e in store.events() if type(e).__name__ == "AlertWithdrawn"
    }
    assert {e.originator_id for e in raised} <= gone


def test_what_was_looked_into_since_is_not_taken_back(store: IntakeStore) -> None:
    done = bring(store, nowhere())
    clear(store)

    with pytest.raises(UndoRefused):
        undo_import(store.job, done.batch)


def test_a_list_before_any_roster_is_refused(tmp_path: Path) -> None:
    made = sqlite_store(tmp_path)
    with pytest.raises(StoreUnnamed):
        bring(made, nowhere())
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])

    with pytest.raises(RosterFirst):
        bring(made, nowhere())
    made.close()


def test_a_school_brings_no_such_list(store: IntakeStore) -> None:
    job = replace(store.job, schools=frozenset([SCHOOL]))

    with pytest.raises(KindOfCounty):
        import_register(job, [store.csv(HEAD, nowhere())])


def test_more_findings_than_one_command_holds_all_stand(store: IntakeStore) -> None:
    done = bring(store, *(nowhere(n, name=f"王{n}") for n in range(10, 55)))

    assert done.applied == 45
    assert len(store.of(DropoutSuspected)) == 45
    assert len({e.originator_id for e in store.of(ChildRegistered)}) == 47
