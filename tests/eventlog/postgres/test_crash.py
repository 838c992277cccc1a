"""The server is killed at any moment: what was acknowledged stands, and stands once."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import Append, Appended
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import migrate
from tests.eventlog.postgres.samples import COUNTY, NOW, command
from tests.support.postgres import PgDatabase, start_server, stop_server


class MortalServer:
    """A server of this test's own that can be killed with all its processes, and started."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.server = start_server(base)
        self.url = PgDatabase(base, "postgres").url()

    def kill(self) -> None:
        """SIGKILL to the postmaster and every process under it."""
        postmaster = self.server.process.pid
        for pid in (postmaster, *_children(postmaster)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.process.wait()

    def start(self) -> None:
        """Start again; refused while the old processes are not reaped, so tried again."""
        while True:
            with (self.base / "log").open("ab") as log:
                self.server.process = subprocess.Popen(
                    self.server.process.args, cwd=self.base, stdout=log, stderr=log
                )
            while self.server.process.poll() is None:
                try:
                    psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=2).close()
                except psycopg.OperationalError:
                    continue
                return


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


@pytest.fixture
def mortal() -> Iterator[MortalServer]:
    base = Path(tempfile.mkdtemp(prefix="ckbx-pg-"))
    mortal = MortalServer(base)
    yield mortal
    stop_server(mortal.server)
    shutil.rmtree(base, ignore_errors=True)


class Clients:
    """Four clients that append until told to stop and keep every acknowledgement."""

    def __init__(self, log: PostgresEventLog) -> None:
        self._log = log
        self._stop = threading.Event()
        self._news = threading.Condition()
        self.acknowledged: dict[UUID, Appended] = {}
        self._threads = [threading.Thread(target=self._work) for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def await_more(self, count: int) -> None:
        with self._news:
            goal = len(self.acknowledged) + count
            assert self._news.wait_for(lambda: len(self.acknowledged) >= goal, timeout=60)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            sent = command(uuid4(), uuid4())
            done = self._until_answered(sent)
            with self._news:
                self.acknowledged[sent.command_id] = done
                self._news.notify_all()

    def _until_answered(self, sent: Append) -> Appended:
        while True:
            try:
                return self._log.append(sent)
            except StoreUnavailable:
                continue


def kill_repeatedly(mortal: MortalServer, kills: int, between: int) -> None:
    """Kill under load; then compare what was acknowledged with what stands."""
    migrate(mortal.url)
    log = PostgresEventLog(mortal.url, clock=FixedClock(NOW), county=COUNTY)
    clients = Clients(log)
    for _ in range(kills):
        clients.await_more(between)
        mortal.kill()
        mortal.start()
    clients.await_more(between)
    clients.stop()
    stored: dict[UUID, list[int]] = {}
    after = 0
    while rows := log.read(after, 10_000):
        for row in rows:
            stored.setdefault(row.event.command_id, []).append(row.position)
        after = rows[-1].position
    for id_, done in clients.acknowledged.items():
        found = log.find_command(id_)
        assert found is not None
        assert found.position == done.position == stored[id_][-1]
    assert stored.keys() == clients.acknowledged.keys()
    assert {len(positions) for positions in stored.values()} == {2}
    log.close()


def test_two_kills_lose_nothing_and_double_nothing(mortal: MortalServer) -> None:
    kill_repeatedly(mortal, kills=2, between=40)


@pytest.mark.long
def test_twenty_kills_lose_nothing_and_double_nothing(mortal: MortalServer) -> None:
    kill_repeatedly(mortal, kills=20, between=400)


def test_control_commits_that_do_not_wait_for_the_disk_are_lost(mortal: MortalServer) -> None:
    """Why ``synchronous_commit`` is asserted: the same kill loses acknowledged rows."""
    plain: dict[str, Any] = {"conninfo": mortal.url.replace("+psycopg", ""), "autocommit": True}
    with psycopg.connect(**plain) as admin:
        admin.execute("CREATE TABLE acknowledged (n int)")
        admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        admin.execute("SELECT pg_reload_conf()")
    kept = []
    for turn in range(10):  # now and then the server writes for reasons of its own just before
        with psycopg.connect(**plain, options="-c synchronous_commit=off") as conn:
            for n in range(5):
                conn.execute("INSERT INTO acknowledged VALUES (%s)", (5 * turn + n,))
            mortal.kill()
        mortal.start()
        with psycopg.connect(**plain) as conn:
            rows = conn.execute("SELECT n FROM acknowledged WHERE n >= %s", (5 * turn,)).fetchall()
        kept.append(len(rows))
        if kept[-1] < 5:
            break
    assert kept[-1] < 5, kept
