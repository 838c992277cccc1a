"""SIGKILL at any instant of imports, roll calls and folding: nothing lost, nothing doubled."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from ckbx.domain.child.events import Enrolled
from tests.faults import plan, standing
from tests.faults.fleet import Fleet, fleet
from tests.support.county import SmallCounty, opened


def make_store(url: str, folder: Path) -> None:
    """A county with a term and nothing else."""
    with opened(url, folder / "secrets") as store:
        SmallCounty(store.office, classes=0)
        store.catch_up()


def kill_and_compare(url: str, folder: Path, kills: int, *, clients: int, seed: int) -> Fleet:
    """Kill so often; then have everything answered and compare."""
    make_store(url, folder)
    with fleet(url, folder, clients=clients, seed=seed) as killed:
        while killed.kills < kills or not killed.answered_again:
            killed.run_and_kill(lost_replies=0.5)
        killed.finish()
    with opened(url, folder / "secrets") as store:
        assert standing.missing(store, killed.acknowledged) == []
        standing.check_once(store, killed.acknowledged)
        standing.check_answers(store)
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert killed.done_twice == []
    return killed


def test_kills_lose_nothing_acknowledged_and_double_nothing(
    sqlite_url: str, tmp_path: Path
) -> None:
    kill_and_compare(sqlite_url, tmp_path, 8, clients=2, seed=20260901)


@pytest.mark.long
def test_two_hundred_kills_lose_nothing_acknowledged_and_double_nothing(
    sqlite_url: str, tmp_path: Path
) -> None:
    killed = kill_and_compare(sqlite_url, tmp_path, 200, clients=3, seed=20260902)
    assert killed.stored_unanswered != []  # the danger is real: a retry without id would double


def test_control_a_client_that_makes_new_ids_for_a_retry_doubles_what_it_did(
    sqlite_url: str, tmp_path: Path
) -> None:
    make_store(sqlite_url, tmp_path)
    with fleet(sqlite_url, tmp_path, mode="forgetful") as killed:
        while not killed.done_twice and killed.kills < 50:
            killed.run_and_kill(lost_replies=1.0)
    with opened(sqlite_url, tmp_path / "secrets") as store:
        events = [e.event for e in standing.recorded(store)]
        entered = Counter(e.class_key for e in events if isinstance(e, Enrolled))
    assert max(entered.values()) > plan.ENTERED


def test_control_an_answer_before_the_commit_is_lost_with_the_process(
    sqlite_url: str, tmp_path: Path
) -> None:
    make_store(sqlite_url, tmp_path)
    with (
        opened(sqlite_url, tmp_path / "secrets") as store,
        fleet(sqlite_url, tmp_path, mode="early") as killed,
    ):
        while not (gone := standing.missing(store, killed.acknowledged)) and killed.kills < 50:
            killed.run_and_kill(longest=0, lost_replies=0)
    assert gone != []
