"""While several processes write, does the running projector meet every single event?"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, Text

from ckbx.domain import catalogue
from ckbx.domain.shared.event import DomainEvent, all_event_types
from ckbx.eventlog.ports import RecordedEvent
from ckbx.store import Store
from projections.kit.fold import Fold
from projections.kit.projection import Projection
from projections.kit.runner import Projector
from projections.kit.tables import PlainTable, Position
from projections.registry import PROJECTIONS
from tests.faults import standing
from tests.faults.fleet import fleet
from tests.faults.plan import BLOCK
from tests.faults.test_kills_on_sqlite import make_store
from tests.support.county import opened
from tests.support.postgres import PgDatabase

catalogue.load()
# Every fourth commit takes long enough for others to begin later, end sooner and be read.
SLOW_COMMITS = """
CREATE FUNCTION facts.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF random() < 0.25 THEN PERFORM pg_sleep(0.15); END IF; RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON facts.commands
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facts.dawdle();
"""
MET = PlainTable("met_events", key=(Column("position", Position),), values=(Column("what", Text),))


def _meet(fold: Fold, event: DomainEvent, position: int) -> None:
    fold[MET].put(position, (event.TOPIC,))


def _positions(batch: Sequence[RecordedEvent]) -> dict[PlainTable, list[int]]:
    return {MET: [each.position for each in batch]}


ROLL = Projection(
    "met",
    1,
    (MET,),
    {kind: _meet for kind in all_event_types() if kind.TOPIC.startswith("ckbx.")},
    keys=_positions,  # type: ignore[arg-type]
)
"""Keeps the position of every event that it is given."""


class LeakyLog:
    """A log with a fault: the last event of a page is left out where the page is longer."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        page: list[RecordedEvent] = self._log.read(after, limit)
        return [*page[:-2], page[-1]] if len(page) > 2 else page


@contextmanager
def running(projector: Projector) -> Iterator[None]:
    """The projector at work in a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=projector.run, args=(stop,))
    projector.start()
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def write_and_follow(
    store: Store, projector: Projector, folder: Path, *, writers: int, blocks: int, mode: str
) -> None:
    """Processes write so many blocks each while the projector follows them to the end."""
    url = store.settings.database_url
    with running(projector), fleet(url, folder, clients=writers, mode=mode) as clients:
        clients.send_up_to([blocks * BLOCK] * writers)
        clients.hear(600, "ended")
        assert clients.acknowledged == [blocks * BLOCK - 1] * writers
        assert projector.wait_for(store.log.head(), 120)


def missed(store: Store) -> tuple[int, int]:
    """(how many events the projector did not meet, how many there are)."""
    met = {row[0] for row in _rows(store)}
    stored = {each.position for each in standing.recorded(store)}
    assert met <= stored
    return len(stored - met), len(stored)


def _rows(store: Store) -> list[Any]:
    with store.rows.snapshot() as look:
        return list(look.scan(MET.shape))


def follow(url: str, folder: Path, *, writers: int, blocks: int) -> int:
    """The registered projections follow too and equal a rebuild; how many events there are."""
    make_store(url, folder)
    with opened(url, folder / "secrets") as store:
        projector = Projector(store.log, store.rows, (*PROJECTIONS, ROLL))
        write_and_follow(store, projector, folder, writers=writers, blocks=blocks, mode="writes")
        lost, stored = missed(store)
        assert lost == 0
        standing.check_once(store, [blocks * BLOCK - 1] * writers)
        standing.check_answers(store)
        return stored


def test_on_postgresql_the_projector_meets_every_event_of_six_processes(
    pg_url: str, tmp_path: Path
) -> None:
    assert follow(pg_url, tmp_path, writers=6, blocks=2) > 300


@pytest.mark.long
def test_on_postgresql_the_projector_meets_each_of_fifty_thousand_events(
    pg_url: str, tmp_path: Path
) -> None:
    assert follow(pg_url, tmp_path, writers=6, blocks=180) > 50_000


def test_on_sqlite_the_projector_meets_every_event_of_four_processes(
    sqlite_url: str, tmp_path: Path
) -> None:
    assert follow(sqlite_url, tmp_path, writers=4, blocks=3) > 300


@pytest.mark.long
def test_on_sqlite_the_projector_meets_each_of_fifty_thousand_events(
    sqlite_url: str, tmp_path: Path
) -> None:
    assert follow(sqlite_url, tmp_path, writers=4, blocks=270) > 50_000


def test_control_without_the_lock_the_projector_misses_events(
    pg_database: PgDatabase, tmp_path: Path
) -> None:
    make_store(pg_database.url(), tmp_path)
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as admin:
        admin.execute(SLOW_COMMITS.encode())
    with opened(pg_database.url(), tmp_path / "secrets") as store:
        projector = Projector(store.log, store.rows, (ROLL,))
        write_and_follow(store, projector, tmp_path, writers=6, blocks=1, mode="unlocked")
        lost, _ = missed(store)
        assert lost > 0


def test_control_a_log_that_leaves_events_out_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    make_store(sqlite_url, tmp_path)
    with opened(sqlite_url, tmp_path / "secrets") as store:
        projector = Projector(LeakyLog(store.log), store.rows, (ROLL,))
        write_and_follow(store, projector, tmp_path, writers=2, blocks=1, mode="writes")
        lost, _ = missed(store)
        assert lost > 0
        assert not Projector(store.log, store.rows, (ROLL,)).check("met").equal
