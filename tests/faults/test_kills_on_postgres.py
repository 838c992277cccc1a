"""The whole server is killed under imports and roll calls: nothing lost, nothing doubled."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.eventlog.postgres.test_crash import MortalServer
from tests.faults import standing
from tests.faults.fleet import Fleet, fleet
from tests.faults.test_kills_on_sqlite import make_store
from tests.support.county import opened
from tests.support.postgres import stop_server


@pytest.fixture
def mortal() -> Iterator[MortalServer]:
    """A server of this test's own."""
    base = Path(tempfile.mkdtemp(prefix="ckbx-pg-"))
    try:
        server = MortalServer(base)
        yield server
        stop_server(server.server)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def kill_and_compare(mortal: MortalServer, folder: Path, kills: int, *, seed: int) -> Fleet:
    """Kill every process of the server so often, sometimes the clients' process with it."""
    make_store(mortal.url, folder)
    with fleet(mortal.url, folder, clients=3, seed=seed) as clients:
        clients.go()
        for _ in range(kills):
            clients.hear(60, "ack")
            clients.hear(clients.dice.uniform(0, 0.3))
            mortal.kill()
            too = clients.dice.random() < 0.3
            if too:
                clients.kill()
            mortal.start()
            if too:
                clients.go()
        clients.hear(60, "ack")
        clients.kill()
        clients.finish()
    with opened(mortal.url, folder / "secrets") as store:
        assert standing.missing(store, clients.acknowledged) == []
        standing.check_once(store, clients.acknowledged)
        standing.check_answers(store)
    assert clients.done_twice == []
    return clients


def test_two_kills_of_the_server_lose_nothing_acknowledged_and_double_nothing(
    mortal: MortalServer, tmp_path: Path
) -> None:
    kill_and_compare(mortal, tmp_path, 2, seed=20260901)


@pytest.mark.long
def test_twenty_kills_of_the_server_lose_nothing_acknowledged_and_double_nothing(
    mortal: MortalServer, tmp_path: Path
) -> None:
    kill_and_compare(mortal, tmp_path, 20, seed=20260902)


def test_control_an_answer_before_the_commit_is_lost_with_server_and_process(
    mortal: MortalServer, tmp_path: Path
) -> None:
    make_store(mortal.url, tmp_path)
    with fleet(mortal.url, tmp_path, mode="early") as clients:
        clients.go()
        clients.hear(60, "ack")
        mortal.kill()
        clients.kill()
        mortal.start()
    with opened(mortal.url, tmp_path / "secrets") as store:
        assert standing.missing(store, clients.acknowledged) != []
