"""A connection breaks around COMMIT: the caller learns the truth, and nothing stands twice."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import Appended
from ckbx.eventlog.postgres import writer
from ckbx.eventlog.postgres.connect import DEFAULT_LAYOUT
from ckbx.eventlog.postgres.fast import Memory
from ckbx.eventlog.postgres.log import PostgresEventLog
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.proxy import CuttingProxy
from tests.eventlog.postgres.samples import Store, command
from tests.support.postgres import PgDatabase

# What the server says after a commit: its tag, or "ready, in no transaction".
ANSWER = re.compile(rb"INSERT 0 .*(?:COMMIT\x00|Z\x00\x00\x00\x05I)", re.DOTALL)
REQUEST = re.compile(rb"cli:test")  # stands in the events of every sample command


@pytest.fixture
def proxy(pg_database: PgDatabase) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(pg_database.socket_dir / ".s.PGSQL.5432")
    yield proxy
    proxy.close()


@pytest.fixture
def far_log(proxy: CuttingProxy, pg_database: PgDatabase, open_log: OpenLog) -> PostgresEventLog:
    """A log that reaches its server through the proxy."""
    url = f"postgresql+psycopg://ckbx_app@127.0.0.1:{proxy.port}/{quote(pg_database.name)}"
    return open_log(url)


@pytest.mark.parametrize("way", ["fast", "checked", "careful"])
@pytest.mark.parametrize("batch", [1, 5])
def test_a_lost_commit_answer_is_resolved_by_command_id(
    far_log: PostgresEventLog,
    proxy: CuttingProxy,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
    way: str,
) -> None:
    if way != "fast":
        monkeypatch.setattr(Memory, "recall", lambda *_: None)
    if way == "careful":
        monkeypatch.setattr(writer, "store_checked", lambda *_: None)
    sent = [command(uuid4(), uuid4()) for _ in range(20 * batch)]
    outcomes: list[Any] = []
    for start in range(0, len(sent), batch):
        proxy.arm("client", ANSWER)
        outcomes += far_log.append_many(sent[start : start + batch])

    assert proxy.cut == 20
    assert all(isinstance(done, Appended) and not done.replayed for done in outcomes)
    rows = far_log.read_rows(0, 1_000)
    assert len(rows) == 2 * len(sent)
    ends = [row.position for row in rows[1::2]]
    assert [done.position for done in outcomes] == ends
    assert [row.stream for row in rows] == [e.originator_id for c in sent for e in c.events]


def test_a_request_lost_before_the_server_is_sent_again(
    far_log: PostgresEventLog, proxy: CuttingProxy
) -> None:
    for _ in range(20):
        proxy.arm("server", REQUEST)
        assert not far_log.append(command(uuid4())).replayed
    assert proxy.cut == 20
    assert len(far_log.read_rows(0, 100)) == 20


def test_control_without_a_command_id_a_lost_answer_looks_like_a_conflict(
    far_log: PostgresEventLog, proxy: CuttingProxy
) -> None:
    events = [StoredEvent(uuid4(), 1, "t", b"s")]
    proxy.arm("client", ANSWER)
    with pytest.raises(OperationalError):
        far_log.insert_events(events)
    with pytest.raises(IntegrityError):
        far_log.insert_events(events)
    assert far_log.max_notification_id() == 1


def test_an_unresolved_commit_is_called_unknown_and_may_be_repeated(
    far_log: PostgresEventLog, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "DEADLINE_SECONDS", 0.2)
    far_log.append(command(uuid4()))
    sent = command(uuid4())
    proxy.arm("client", ANSWER)
    proxy.refuse = True
    with pytest.raises(StoreUnavailable, match="结果未知"):
        far_log.append(sent)
    with pytest.raises(StoreUnavailable, match="没有写入"):
        far_log.append(command(uuid4()))
    proxy.refuse = False
    assert far_log.append(sent).replayed
    assert len(far_log.read_rows(0, 9)) == 2


def test_a_terminated_connection_is_replaced(
    log: PostgresEventLog, pg_database: PgDatabase
) -> None:
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as admin:
        for version in range(1, 6):
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE usename = 'ckbx_app' AND datname = current_database()"
            )
            stream = uuid4()
            assert log.append(command(stream)).replayed is False
            assert len(log.read_rows(0, 100)) == version


def test_idle_connections_that_the_server_ended_are_replaced(
    log: PostgresEventLog, pg_database: PgDatabase
) -> None:
    log.append(command(uuid4()))

    def hasten(conn: psycopg.Connection[Any]) -> int:
        conn.execute("SET idle_session_timeout = 20")
        return conn.info.backend_pid

    assert log._writer._conn is not None
    pids = [log.using(hasten), hasten(log._writer._conn)]
    there = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as admin:
        while admin.execute(there, (pids,)).fetchone() != (0,):
            pass
    assert log.head() == 1
    assert log.append(command(uuid4())).position == 2


def test_a_writer_that_hangs_in_its_transaction_is_ended(
    store: Store, open_log: OpenLog, raw: psycopg.Connection[Any]
) -> None:
    patient, hasty = open_log(), open_log(store.app + "&options=-c%20lock_timeout%3D50")
    raw.execute("SET idle_in_transaction_session_timeout = 400")
    raw.execute("BEGIN")
    raw.execute("SELECT pg_advisory_xact_lock(%s)", (DEFAULT_LAYOUT.lock_key("append"),))
    with pytest.raises(StoreUnavailable, match="写入队列被占用"):
        hasty.append(command(uuid4()))
    assert patient.append(command(uuid4())).position == 1
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        raw.execute("SELECT 1")
    assert hasty.append(command(uuid4())).position == 2


def test_many_threads_survive_lost_answers(far_log: PostgresEventLog, proxy: CuttingProxy) -> None:
    """Group commit: one lost answer concerns every command of its batch."""
    done: list[Appended] = []

    def work() -> None:
        for _ in range(10):
            done.append(far_log.append(command(uuid4())))  # noqa: PERF401 - appended as they end

    threads = [threading.Thread(target=work) for _ in range(8)]
    proxy.arm("client", ANSWER, cuts=5)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert proxy.cut == 5
    assert len(done) == len({d.position for d in done}) == 80
    assert len(far_log.read_rows(0, 200)) == 80
