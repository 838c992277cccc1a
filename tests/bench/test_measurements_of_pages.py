"""The pages are measured by the real server, and what goes wrong is counted, not passed over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ckbx import main
from ckbx.bench.run import Sizes, Task, measure
from ckbx.bench.web.figures import Load
from ckbx.bench.web.plans import SignIns
from ckbx.bench.web.program import Program
from ckbx.bench.web.traffic import BROKEN, answered, drive_here
from tests.support.postgres import PgDatabase, PgServer

TINY = Sizes(
    web_children=200,
    web=Load(rate=10, seconds=3, ledger_rate=5, ledger_seconds=1, sign_ins=5, sign_in_seconds=1),
)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def server(request: pytest.FixtureRequest) -> str:
    """Empty for SQLite, else where databases may be made."""
    if request.param == "SQLite":
        return ""
    running: PgServer = request.getfixturevalue("pg_server")
    return PgDatabase(running.socket_dir, "postgres").conninfo()


def test_the_pages_are_asked_without_an_error_and_everything_is_in_the_ledgers(
    server: str,
) -> None:
    found = measure(Task("web", TINY, server, Program(main.serve, main.worker)))
    assert [each.unit for each in found] == ["KB", "KB", "毫秒", "毫秒", "毫秒"]
    assert all(0 < each.ours < float("inf") for each in found)
    calls = found[2]
    assert "30 次" in calls.note
    assert "错误 0" in calls.note
    assert "全部在日志里，台账落后 0 个事件，今天有 5 个班报过" in calls.note
    assert (calls.aim, found[3].aim, found[4].aim) == (300, 300, 3_000)


class _Failing(BaseHTTPRequestHandler):
    """Refuses every second request of a connection, and hangs up instead of a third."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked += 1
        if self.asked % 3 == 0:
            self.close_connection = True
            return
        self.send_response(303 if self.asked % 3 == 1 else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def failing() -> Iterator[int]:
    """The port of a server of which two answers in three are none."""
    _Failing.asked = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Failing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_refused_and_broken_requests_are_errors(failing: int) -> None:
    plan = SignIns(accounts=["t"] * 9, port=failing, seconds=0.3, clients=1)
    seen = drive_here(plan, failing)
    assert seen.count == 9
    assert seen.statuses == {303: 3, 500: 3, BROKEN: 3}
    assert seen.errors == 6


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"HTTP/1.1 303 See Other\r\ncontent-length: 0\r\n\r\n", 303),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", None),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200),
        (b"HTTP/1.1 500 Int", None),
    ],
)
def test_an_answer_counts_once_it_is_there_whole(data: bytes, status: int | None) -> None:
    assert answered(data) == status
