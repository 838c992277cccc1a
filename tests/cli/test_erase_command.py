"""Erasing a child: the fact, the loss of its key, and its bytes gone from the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ckbx.application.erasure import ErasureUnexplained
from ckbx.cli import child_commands
from ckbx.domain.child.leave_events import PersonErased
from ckbx.store import Store, open_store
from tests.support.paper_county import FIRST, PUPILS
from tests.support.terminal import Terminal

WORDS = ("--ground", "保存期满", "--approver", "bureau")


@contextmanager
def opened(run: Terminal) -> Iterator[Store]:
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock)
    try:
        yield store
    finally:
        store.close()


def erasures(run: Terminal) -> list[Any]:
    """Every erasure in the log."""
    with opened(run) as store:
        events = [found.event for found in store.log.read(0, 10**6)]
        return [event for event in events if isinstance(event, PersonErased)]


def test_an_erased_child_stays_in_the_counts_and_loses_its_name(run: Terminal) -> None:
    child = run("student", FIRST, "--format", "json").ok().json["child_id"]
    done = run("erase", FIRST, *WORDS).ok()
    assert "密钥已销毁" in done.err
    assert "已清除" in done.err
    rows = run("ledger", "roster", "--format", "json").ok().json["rows"]
    assert len(rows) == sum(map(len, PUPILS.values()))
    (gone,) = [row for row in rows if row["child_id"] == child]
    assert (gone["name"], gone["student_no"], gone["birth_date"]) == ("已依法删除", None, None)
    assert run("student", FIRST).code == 3
    by_internal = run("student", child, "--format", "json").ok().json
    assert by_internal["timeline"][-1]["title"] == "个人信息依法删除"


@pytest.mark.parametrize("approver", ["13800138000", "138-0013-8000", "522601198001010013"])
def test_a_number_given_as_approver_stays_out_of_the_log(run: Terminal, approver: str) -> None:
    run("erase", FIRST, "--ground", "保存期满", "--approver", approver).ok()
    (event,) = erasures(run)
    assert event.approver.startswith("ref:")


def test_an_erasure_run_again_adds_no_fact(run: Terminal) -> None:
    child = run("student", FIRST, "--format", "json").ok().json["child_id"]
    run("erase", FIRST, *WORDS).ok()
    again = run("erase", child, *WORDS).ok()
    assert "此前已经删除" in again.err
    assert [str(event.originator_id) for event in erasures(run)] == [child]


def test_usual_words_are_kept_as_codes_and_others_only_in_the_vault(run: Terminal) -> None:
    run("erase", FIRST, "--ground", "家长王某来信要求", "--approver", "张局长").ok()
    (event,) = erasures(run)
    assert event.ground.startswith("ref:")
    assert event.approver.startswith("ref:")
    run("erase", run_child(run), *WORDS).ok()
    last = erasures(run)[-1]
    assert (last.ground, last.approver) == ("retention_over", "bureau")


def run_child(run: Terminal) -> str:
    """Another child's internal id."""
    rows = run("ledger", "roster", "--format", "json").ok().json["rows"]
    found: str = next(row["child_id"] for row in rows if row["name"] != "已依法删除")
    return found


@pytest.mark.parametrize("blank", ["ground", "approver"])
def test_an_erasure_without_ground_or_approver_is_refused(run: Terminal, blank: str) -> None:
    words = {"ground": "保存期满", "approver": "bureau"} | {blank: " "}
    done = run("erase", FIRST, "--ground", words["ground"], "--approver", words["approver"])
    assert (done.code, "必须写明" in done.err) == (3, True)
    assert erasures(run) == []


def test_while_somebody_reads_the_bytes_wait_and_it_is_said(
    run: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_commands, "PURGE_SECONDS", 0.0)
    path: Path = run.wiring().settings.sqlite_path
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        done = run("erase", FIRST, *WORDS).ok()
        assert "待清除" in done.err
        assert "待清除" in run("doctor").out
    child = str(erasures(run)[0].originator_id)
    assert "已清除" in run("erase", child, *WORDS).ok().err


@pytest.mark.parametrize(
    ("words", "what"), [(("--ground", " "), "理由"), (("--approver", " "), "批准人")]
)
def test_an_erasure_says_why_and_who_approved(
    run: Terminal, words: tuple[str, str], what: str
) -> None:
    done = run("erase", FIRST, *WORDS, *words)
    assert (done.code, str(ErasureUnexplained(what=what)) in done.err) == (3, True)
    assert erasures(run) == []
