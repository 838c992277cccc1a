"""One event that nobody can read: the child it is of is 不完整, everybody else is answered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.eventlog.readable import read_readable
from ckbx.store import open_store
from tests.imports.intake_store import ROSTER_HEAD, pupil
from tests.support import paper_county as paper
from tests.support.terminal import Terminal


@pytest.fixture
def damaged(run: Terminal) -> UUID:
    """The first child, whose last absence was made unreadable in the file (not among the
    latest events: with those a store does not open).
    """
    run("run-due").ok()
    child = UUID(run("student", paper.FIRST, "--format", "json").ok().json["child_id"])
    path = run.wiring().settings.sqlite_path
    with closing(sqlite3.connect(path)) as connection:
        (guard,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'events_no_update'"
        ).fetchone()
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute(
            "UPDATE events SET state = x'01ff' WHERE position = (SELECT max(position)"
            " FROM events WHERE stream = ? AND topic = 'ckbx.child.AbsenceRecorded')",
            (child.bytes,),
        )
        connection.execute(guard)
        connection.commit()
    run("rebuild").ok()
    return child


def test_the_roster_ledger_stands(run: Terminal, damaged: UUID) -> None:
    rows = run("ledger", "roster", "--format", "json").ok().json["rows"]
    assert {row["child_id"]: row["sex"] for row in rows}[str(damaged)] == "男"
    assert len(rows) == sum(paper.SIZES.values())


def test_the_childs_own_file_says_what_is_missing(run: Terminal, damaged: UUID) -> None:
    found = run("student", paper.FIRST, "--format", "json").ok().json
    assert found["child_id"] == str(damaged)
    assert found["timeline"]
    (sentence,) = found["incomplete"]
    assert "无法读出" in sentence
    assert "不完整" in run("student", paper.FIRST).ok().out
    assert run("student", paper.SECOND, "--format", "json").ok().json["incomplete"] == []


@pytest.mark.usefixtures("damaged")
def test_a_roster_passes_over_the_child_and_takes_the_others(run: Terminal, tmp_path: Path) -> None:
    rows = [pupil(1, 联系电话="13900000009"), pupil(2, 联系电话="13900000008"), pupil(9)]
    done = run("import", "roster", paper.write(tmp_path, "new", ROSTER_HEAD, rows)).ok()
    assert "新增 1，更正 1，未变 0，未采纳 1" in done.err
    assert "这名学生的记录有无法读出的事件，本行没有核对" in done.err
    assert "（new.csv 第 2 行）" in done.err


@pytest.mark.usefixtures("damaged")
def test_a_roster_that_leaves_the_child_out_is_taken(run: Terminal, tmp_path: Path) -> None:
    file = paper.write(tmp_path, "new", ROSTER_HEAD, [pupil(2), pupil(9)])
    assert "新增 1" in run("import", "roster", file).ok().err


def test_a_stream_is_read_up_to_the_break(run: Terminal, damaged: UUID) -> None:
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock)
    try:
        streams = [damaged, UUID(int=0)]
        found = read_readable(store.log, streams)
        rows = [row for row in store.log.read_rows(0, 10**6) if row.stream == damaged]
        (position,) = [row.position for row in rows if row.state == b"\x01\xff"]
        assert found.broken == {damaged: position}
        assert [e.position for e in found.events] == [
            row.position for row in rows if row.position < position
        ]
    finally:
        store.close()
