"""An import killed at any point and run again ends as if it had run once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school.events import ImportStarted
from ckbx.imports.intake import import_calendar, import_rollcalls, import_roster
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

ROOT = Path(__file__).resolve().parents[2]
GRADES, PUPILS = range(1, 7), 24
CHILD = """
import os, signal, sys
from datetime import date
from pathlib import Path
from ckbx.imports import intake, roster_apply
from tests.imports.intake_store import sqlite_store

roster_apply.A_COMMAND = 24
told, last = 0, int(sys.argv[4])

def progress(done, total, text):
    global told
    told += 1
    if told == last:
        os.kill(os.getpid(), signal.SIGKILL)

store = sqlite_store(Path(sys.argv[1]))
job = store.job
job = intake.ImportJob(office=job.office, vault=job.vault, actor=job.actor, progress=progress)
how = {"effective": date(2026, 9, 1)} if sys.argv[2] == "roster" else {}
getattr(intake, "import_" + sys.argv[2])(job, [Path(sys.argv[3])], **how)
store.close()
"""
KILLED = -9


def files(store: IntakeStore) -> tuple[Path, Path]:
    """Six classes of 24 children, and four weeks of roll calls with absentees."""
    dice = random.Random(7)
    rows = [pupil(n, grade) for grade in GRADES for n in range(PUPILS)]
    roster = store.csv(ROSTER_HEAD, *rows)
    days = [f"2026-11-{day:02d}" for day in (*range(2, 7), *range(9, 14), *range(16, 21))]
    sheets: list[list[object]] = []
    for day in days:
        for grade in GRADES:
            away = dice.sample(range(PUPILS), 3)
            absent = [(student_no(n, grade), dice.choice(("无故", "病假", "事假"))) for n in away]
            regular = (student_no(0, grade), "无故")
            absent = [a for a in absent if a[0] != regular[0]]
            sheets += sheet(day, PUPILS, regular, *absent, grade=grade)
    return roster, store.csv(ROLL_HEAD, *sheets)


def run(folder: Path, kind: str, file: Path, *, kill_at: int = 0) -> int:
    """Run an import in a process of its own that dies at its n-th progress report."""
    command = [sys.executable, "-c", CHILD, str(folder), kind, str(file), str(kill_at)]
    env = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": ""}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def rows_of(store: IntakeStore) -> dict[str, int]:
    """How many rows the vault's tables hold."""
    tables = ("vault_keys", "vault_rows", "vault_lookup")
    with store.engine.connect() as connection:
        return {
            table: int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
            for table in tables
        }


def state(store: IntakeStore) -> dict[str, Any]:
    """What the store says of every child and class, by 学籍号 instead of the internal id."""
    children = {}
    for grade in GRADES:
        for n in range(PUPILS):
            child = store.child(student_no(n, grade))
            days = sorted(child.mark_events)
            seen = (child.base, child.class_key, child.suspected_on, sorted(child.warned))
            children[student_no(n, grade)] = (*seen, days, sorted(child.long_leave))
    rolls = {}
    for grade in GRADES:
        stream = ClassRoll.stream(COUNTY, f"{SCHOOL}/{2027 - grade}/1", "2026-1")
        roll = ClassRoll(stream).replay(store.log.load([stream])[stream])
        rolls[grade] = (roll.reported, len(roll.history))
    return {"children": children, "rolls": rolls}


@pytest.fixture(scope="module")
def once(tmp_path_factory: Any) -> tuple[Counter[str], dict[str, int], dict[str, Any]]:
    """Counts and state after one run without a kill."""
    store = sqlite_store(tmp_path_factory.mktemp("once"))
    roster, rolls = files(store)
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, term())])
    import_roster(store.job, [roster], effective=date(2026, 9, 1))
    import_rollcalls(store.job, [rolls])
    found = store.counts(), rows_of(store), state(store)
    store.close()
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_points_and_run_again_ends_as_run_once(
    tmp_path: Path,
    once: tuple[Counter[str], dict[str, int], dict[str, Any]],
    seed: int,
) -> None:
    dice = random.Random(seed)
    store = sqlite_store(tmp_path)
    roster, rolls = files(store)
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, term())])
    store.close()
    for kind, file, most in (("roster", roster, 7), ("rollcalls", rolls, 10)):
        for _ in range(2):
            assert run(tmp_path, kind, file, kill_at=dice.randint(2, most)) == KILLED
            most = 3  # noqa: PLW2901 - what is left is less
        assert run(tmp_path, kind, file) == 0
    store = sqlite_store(tmp_path)
    assert store.counts() == once[0]
    assert rows_of(store) == once[1]
    assert state(store) == once[2]
    started = [event.kind for event in store.of(ImportStarted)]
    assert started == ["calendar", "roster", "rollcalls"]
    store.close()
