"""Each exit code of the interface, from a real process; stdout stays pure."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.imports.intake_store import ROSTER_HEAD, pupil
from tests.support import paper_county as paper
from tests.support.terminal import Terminal


@pytest.fixture
def handed_in(empty: Terminal, tmp_path: Path) -> Terminal:
    """A store with the county's calendar."""
    empty("init").ok()
    empty("import", "calendar", paper.calendar(tmp_path)).ok()
    return empty


def test_0_done_and_only_the_document_on_stdout(run: Terminal, tmp_path: Path) -> None:
    done = run.process("ledger", "suspected", "--format", "json", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.raw)["ledger"] == "suspected"


def test_1_failed_unexpectedly_with_an_id_and_details_only_when_asked_for(
    run: Terminal, tmp_path: Path
) -> None:
    with Path("/dev/full").open("wb") as full:  # the disk under stdout has no room
        quiet = run.process("ledgers", "--format", "json", cwd=tmp_path, stdout=full)
        loud = run.process("ledgers", "--format", "json", "--debug", cwd=tmp_path, stdout=full)
    assert (quiet.code, loud.code) == (1, 1)
    assert re.search(r"意外失败（OSError），编号 E-[0-9a-f]{8}", quiet.err)
    assert ("Traceback" in quiet.err, "Traceback" in loud.err) == (False, True)


def test_2_wrong_usage_and_unknown_settings(empty: Terminal, tmp_path: Path) -> None:
    done = empty.process("lag", cwd=tmp_path, CKBX_COLOUR="red")
    assert (done.code, done.out) == (2, "")
    assert "不认识的设置项 CKBX_COLOUR" in done.err


def test_3_input_refused(run: Terminal, tmp_path: Path) -> None:
    done = run.process("student", "G522601201605069999", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "没有找到儿童" in done.err


def test_3_lists_every_row_refused_and_nothing_is_stored(
    handed_in: Terminal, tmp_path: Path
) -> None:
    rows = [pupil(1), pupil(2, grade=99), pupil(3, 性别="?")]
    done = handed_in("import", "roster", paper.write(tmp_path, "bad", ROSTER_HEAD, rows))
    assert (done.code, done.out) == (3, "")
    assert "第 3 行" in done.err
    assert "第 4 行" in done.err
    assert handed_in("ledger", "roster", "--format", "json").ok().json["rows"] == []


def test_3_asked_for_json_the_refusal_is_the_one_document(
    handed_in: Terminal, tmp_path: Path
) -> None:
    file = paper.write(tmp_path, "bad", ROSTER_HEAD, [pupil(1), pupil(2, grade=99)])
    done = handed_in("import", "roster", file, "--format", "json")
    assert done.code == 3
    assert (done.json["code"], done.json["count"]) == ("import_refused", 1)
    (problem,) = done.json["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("bad.csv", 3, "年级")
    assert "第 3 行" in done.err


REFUSED = [
    (("student", "G522601201605069999", "--format=json"), 3, "child_unknown"),
    (("import", "roster", "missing.xlsx", "--format", "json"), 3, "file_missing"),
    (("run-due", "--on", "昨天", "--format", "json"), 2, "usage"),
    (("lag", "--colour", "--format", "json"), 2, "usage"),
    (("ledger", "nothing", "--format", "table", "--format", "json"), 2, ""),
]


@pytest.mark.parametrize("words, code, named", REFUSED)
def test_every_refusal_is_a_document_when_json_was_asked_for(
    handed_in: Terminal, words: tuple[str, ...], code: int, named: str
) -> None:
    done = handed_in(*words)
    assert done.code == code
    assert named in done.json["code"]
    assert done.json["detail"].splitlines()[0] in done.err


def test_json_is_not_answered_to_who_did_not_ask_for_it_last(handed_in: Terminal) -> None:
    done = handed_in("student", "G5", "--format", "json", "--format", "table")
    assert (done.code, done.out) == (3, "")


def test_6_a_store_that_is_not_there_is_said_in_json_too(empty: Terminal, tmp_path: Path) -> None:
    done = empty.process("lag", "--format", "json", cwd=tmp_path)
    assert (done.code, done.json["code"]) == (6, "store_missing")


def test_0_with_accept_valid_the_good_rows_stand_and_the_bad_are_listed(
    handed_in: Terminal, tmp_path: Path
) -> None:
    file = paper.write(tmp_path, "bad", ROSTER_HEAD, [pupil(1), pupil(2, grade=99)])
    done = handed_in("import", "roster", file, "--accept-valid").ok()
    assert "第 3 行" in done.err
    assert len(handed_in("ledger", "roster", "--format", "json").ok().json["rows"]) == 1


def test_4_rebuild_check_reports_a_row_that_the_log_does_not_come_to(
    run: Terminal, tmp_path: Path
) -> None:
    run("rebuild", "--check").ok()
    with closing(sqlite3.connect(run.wiring().settings.sqlite_path)) as connection:
        connection.execute("UPDATE suspected_episodes SET suspected_on = suspected_on + 1")
        connection.commit()
    done = run.process("rebuild", "--check", "suspected", cwd=tmp_path)
    assert (done.code, done.out) == (4, "")
    assert "suspected：与重算结果不一致" in done.err
    run("rebuild", "suspected").ok()
    run("rebuild", "--check").ok()


def test_5_refused_by_a_rule_names_what_to_run_first(empty: Terminal, tmp_path: Path) -> None:
    empty("init").ok()
    done = empty.process("import", "chain", paper.chain(tmp_path), cwd=tmp_path)
    assert (done.code, done.out) == (5, "")
    assert "ckbx import calendar" in done.err
    asked = empty("ledger", "suspected", "--format", "json")
    assert (asked.code, asked.json["code"]) == (5, "county_not_named")


def test_6_without_a_store_it_says_how_to_make_one(empty: Terminal, tmp_path: Path) -> None:
    done = empty.process("ledger", "suspected", cwd=tmp_path)
    assert (done.code, done.out) == (6, "")
    assert "ckbx init" in done.err


def test_6_when_the_database_cannot_be_reached(empty: Terminal, tmp_path: Path) -> None:
    empty.environ["CKBX_DATABASE_URL"] = "postgresql+psycopg://ckbx@127.0.0.1:1/ckbx"
    done = empty.process("lag", cwd=tmp_path)
    assert (done.code, done.out) == (6, "")
    assert "连不上数据库" in done.err
