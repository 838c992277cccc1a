"""Two imports at once meet in one child: it is registered once, and the second row is a known's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ckbx.application.office import Office
from ckbx.clock import FixedClock
from ckbx.domain.child.events import ChildRegistered, RosterFindingNoted
from ckbx.eventlog.ports import RowWrite
from ckbx.imports import roster_apply
from ckbx.imports.intake import ImportJob, ImportSummary, import_calendar, import_roster
from ckbx.imports.problems import ImportRefused
from ckbx.settings import read_settings
from ckbx.store import Store, open_store
from ckbx.vault import NewPerson, Vault
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    NOW,
    OTHER,
    ROSTER_HEAD,
    IntakeStore,
    pupil,
    student_no,
    term,
)
from tests.support.county import opened

ROOT = Path(__file__).resolve().parents[2]
PUPILS = range(40)
IMPORTER = """
import sys
from pathlib import Path
from tests.imports.test_same_child_twice import import_after_go
import_after_go(*sys.argv[1:])
"""


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[IntakeStore]:
    """A store on each database whose calendar is in."""
    with opened(store_url, tmp_path / "secrets", now=NOW) as made:
        clock = FixedClock(NOW)
        kit = IntakeStore(made.log, made.vault, clock, tmp_path, made.engine)
        import_calendar(kit.job, [kit.csv(CALENDAR_HEAD, term())])
        yield kit


class Late(Vault):
    """Something happens right before or after a decision about new children, once."""

    meanwhile: Callable[[], object] | None = None
    early = False
    turns = True

    def prepare_many(self, people: Sequence[NewPerson]) -> list[RowWrite]:
        act, self.meanwhile = self.meanwhile, None
        if act is not None and self.early:
            act()
        found = super().prepare_many(people)
        if act is not None and not self.early:
            act()
        return found if self.turns else [w for w in found if w.table != "vault_numbers"]


def late_job(
    store: IntakeStore, meanwhile: Callable[[], object], *, turns: bool, early: bool = False
) -> ImportJob:
    """A job of another office whose first decision is overtaken."""
    own = store.vault
    vault = Late(own._engine, own._keys, own._clock, write_lock=own._write_lock)
    vault.meanwhile, vault.turns, vault.early = meanwhile, turns, early
    office = Office(store.log, store.clock)
    return ImportJob(office=office, vault=vault, actor="cli:other")


def overtaken(
    store: IntakeStore, first: Path, second: Path, *, turns: bool = True, early: bool = False
) -> ImportSummary:
    """Import the second file; the first comes in between its decision and its append.

    ``early``: between its check of the whole file and its decision.
    """

    def meanwhile() -> None:
        import_roster(late_job(store, lambda: None, turns=turns), [first])

    return import_roster(late_job(store, meanwhile, turns=turns, early=early), [second])


def files(store: IntakeStore) -> tuple[Path, Path]:
    """Two files of the same children; the second in another order, one phone is another."""
    rows = [pupil(n) for n in PUPILS]
    changed = [pupil(n, 联系电话="13900000000") if n == 1 else pupil(n) for n in PUPILS]
    return store.csv(ROSTER_HEAD, *rows), store.csv(ROSTER_HEAD, *reversed(changed))


@pytest.mark.parametrize("early", [False, True], ids=["decided", "checked"])
def test_a_child_registered_since_it_was_looked_for_is_taken_as_known(
    store: IntakeStore, early: bool
) -> None:
    summary = overtaken(store, *files(store), early=early)
    assert len(store.of(ChildRegistered)) == len(PUPILS)
    assert (summary.applied, summary.unchanged, summary.amended) == (0, len(PUPILS) - 1, 1)
    assert (summary.refused, summary.late, summary.problems, summary.exit_code) == (0, 0, [], 0)
    assert store.of(RosterFindingNoted) == []


@pytest.mark.parametrize("early", [False, True], ids=["decided", "checked"])
def test_control_without_turns_every_child_is_registered_twice(
    store: IntakeStore, early: bool
) -> None:
    overtaken(store, *files(store), turns=False, early=early)
    assert len(store.of(ChildRegistered)) == 2 * len(PUPILS)


def test_only_those_who_are_new_are_registered(
    store: IntakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_apply, "A_COMMAND", 10)
    first = store.csv(ROSTER_HEAD, *(pupil(n) for n in range(30)))
    second = store.csv(
        ROSTER_HEAD, *(pupil(n, number=1 + n % 3) for n in range(60)), *(pupil(70, grade=4),)
    )
    summary = overtaken(store, first, second)
    assert len(store.of(ChildRegistered)) == 61
    assert (summary.applied, summary.amended, summary.unchanged) == (31, 20, 10)
    assert summary.refused == 0


def test_registered_at_another_school_meanwhile_is_a_finding(store: IntakeStore) -> None:
    first = store.csv(ROSTER_HEAD, pupil(1, school=OTHER))
    summary = overtaken(store, first, store.csv(ROSTER_HEAD, pupil(1), pupil(2)))
    assert [e.finding for e in store.of(RosterFindingNoted)] == ["other_school"]
    assert (summary.applied, summary.amended, summary.unchanged) == (1, 0, 1)
    assert [found.finding for found in summary.findings] == ["other_school"]
    assert len(store.of(ChildRegistered)) == 2
    assert any("名册核对发现 1 名" in said for said in summary.warnings)


def test_one_number_in_common_is_enough(store: IntakeStore) -> None:
    temporary = "L" + student_no(5)[1:]
    first = store.csv(ROSTER_HEAD, pupil(1, 学籍号=temporary))
    second = store.csv(ROSTER_HEAD, pupil(1, 学籍号=""))
    summary = overtaken(store, first, second)
    assert (len(store.of(ChildRegistered)), summary.unchanged) == (1, 1)
    assert store.child(temporary).class_key is not None


def test_without_a_number_in_common_a_person_decides(store: IntakeStore) -> None:
    temporary = "L" + student_no(5)[1:]
    unlike = pupil(1, 学籍号=temporary, 身份证件类型="无", 身份证件号="")
    overtaken(
        store,
        store.csv(ROSTER_HEAD, unlike),
        store.csv(ROSTER_HEAD, pupil(1, 学籍号="")),
    )
    assert len(store.of(ChildRegistered)) == 2
    with pytest.raises(ImportRefused, match="查到 2 名不同的学生"):
        import_roster(store.job, [store.csv(ROSTER_HEAD, pupil(1, 学籍号=temporary))])


def test_numbers_of_two_who_came_meanwhile_are_refused_row_by_row(store: IntakeStore) -> None:
    temporary = "L" + student_no(5)[1:]
    unlike = pupil(1, 学籍号=temporary, 身份证件类型="无", 身份证件号="")
    first = store.csv(ROSTER_HEAD, unlike, pupil(1, 学籍号=""))
    second = store.csv(ROSTER_HEAD, pupil(1, 学籍号=temporary), pupil(2))
    summary = overtaken(store, first, second)
    assert [problem.code for problem in summary.problems] == ["child_ambiguous"]
    assert (summary.applied, summary.late, summary.refused, summary.exit_code) == (1, 1, 1, 3)
    assert len(store.of(ChildRegistered)) == 3


# Two processes


def import_after_go(url: str, secrets: str, file: str, turns: str) -> None:
    """Import a file in this process; before its first append say so and wait for a line."""
    settings = read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": secrets})
    store: Store = open_store(settings, FixedClock(NOW))

    def wait() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()

    kit = IntakeStore(store.log, store.vault, FixedClock(NOW), Path(secrets), store.engine)
    roster_apply.A_COMMAND = 10
    summary = import_roster(late_job(kit, wait, turns=turns == "turns"), [Path(file)])
    sys.stdout.write(f"{summary.applied} {summary.unchanged} {summary.amended}\n")
    store.close()


def at_once(url: str, store: IntakeStore, *, turns: str) -> list[list[int]]:
    """Both files in processes of their own that have decided before either may append."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    running: list[subprocess.Popen[str]] = []
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    for file in files(store):
        command = [sys.executable, "-c", IMPORTER, url, str(store.folder / "secrets"), str(file)]
        running.append(subprocess.Popen([*command, turns], cwd=ROOT, env=env, **pipes))
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    return [[int(count) for count in said.split()] for said in told]


def test_two_processes_register_a_child_once(store: IntakeStore, store_url: str) -> None:
    told = at_once(store_url, store, turns="turns")
    assert len(store.of(ChildRegistered)) == len(PUPILS)
    assert sum(applied for applied, _, _ in told) == len(PUPILS)
    assert sum(map(sum, told)) == 2 * len(PUPILS)


def test_control_two_processes_without_turns_register_twice(
    store: IntakeStore, store_url: str
) -> None:
    at_once(store_url, store, turns="none")
    assert len(store.of(ChildRegistered)) == 2 * len(PUPILS)
