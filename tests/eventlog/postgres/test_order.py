"""A reader that goes on after the last position it saw misses no event of any writer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres.connect import DEFAULT_LAYOUT
from ckbx.eventlog.postgres.log import PostgresEventLog
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import COUNTY, INSERT_EVENT, NOW, Store, command
from tests.support.postgres import PgDatabase

# Commits of the owner's making: each takes up to 4 ms between its inserts and its end.
SLOW_COMMIT = """
CREATE FUNCTION facts.dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(random() * 0.004); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON facts.commands
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facts.dawdle();
"""


def write(url: str, commands: int, *, locked: bool = True) -> None:
    """What one writer does: append commands of two events, from a connection of its own."""
    log = PostgresEventLog(url, clock=FixedClock(NOW), county=COUNTY)
    if not locked:
        log._writer._lock_sql = "SELECT 1"
    for _ in range(commands):
        log.append(command(uuid4(), uuid4()))
    log.close()


def tail(log: PostgresEventLog, done: threading.Event, patience: float = 0.0) -> list[int]:
    """The positions that a reader meets who follows the log until the writers are done."""
    seen: list[int] = []
    while True:
        last_round = done.is_set()
        rows = log.read_rows(seen[-1] if seen else 0, 500)
        seen += [row.position for row in rows]
        if not rows and last_round:
            return seen
        log.wait_for_change(seen[-1] if seen else 0, patience)


def missed(log: PostgresEventLog, url: str, commands: int, *, locked: bool) -> int:
    """How many of the events of six writers a tailing reader did not meet."""
    done = threading.Event()
    with ThreadPoolExecutor(7) as pool:
        reader = pool.submit(tail, log, done)
        writers = [pool.submit(write, url, commands, locked=locked) for _ in range(6)]
        try:
            for writer in writers:
                writer.result()
        finally:  # else the reader, and with it the pool, would wait for ever
            done.set()
    stored = [row.position for row in log.read_rows(0, 100_000)]
    assert len(stored) == 12 * commands
    assert sorted(set(reader.result())) == reader.result()
    return len(set(stored) - set(reader.result()))


def test_six_writers_with_slow_commits_and_a_reader_that_misses_nothing(
    store: Store, log: PostgresEventLog, pg_database: PgDatabase
) -> None:
    _slow(pg_database)
    assert missed(log, store.app, 25, locked=True) == 0


def test_control_without_the_lock_the_reader_misses_events(
    store: Store, log: PostgresEventLog, pg_database: PgDatabase
) -> None:
    """… or the order guard of the table, the second net, refuses a writer first."""
    _slow(pg_database)
    try:
        assert missed(log, store.app, 25, locked=False) > 0
    except StoreUnavailable as refused:
        assert "排在最后一条之前" in str(refused)  # noqa: PT017 - either shows what the lock is for


def test_a_later_append_waits_until_the_earlier_one_is_visible(
    log: PostgresEventLog, raw: psycopg.Connection[Any]
) -> None:
    raw.execute("BEGIN")
    raw.execute("SELECT pg_advisory_xact_lock(%s)", (DEFAULT_LAYOUT.lock_key("append"),))
    raw.execute(INSERT_EVENT)
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(log.append, command(uuid4()))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while log.all(waiting) == [(0,)]:
            assert not later.done()
        assert log.read_rows(0, 9) == []
        raw.execute("COMMIT")
        assert later.result().position == 2
    assert [row.position for row in log.read_rows(0, 9)] == [1, 2]


@pytest.mark.long
def test_fifty_thousand_events_of_six_processes_are_all_met(
    store: Store, open_log: OpenLog
) -> None:
    log, done = open_log(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(tail, log, done, 0.02)
        spawn = get_context("spawn")
        writers = [spawn.Process(target=write, args=(store.app, 4_167)) for _ in range(6)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        done.set()
    assert [writer.exitcode for writer in writers] == [0] * 6
    assert len(reader.result()) == 6 * 2 * 4_167 == 50_004


def _slow(database: PgDatabase) -> None:
    with psycopg.connect(database.conninfo(), autocommit=True) as admin:
        admin.execute(SLOW_COMMIT.encode())
