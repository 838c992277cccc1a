"""An opened county store: log, vault, office and answers, wired from the settings."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Engine, create_engine

from ckbx import access
from ckbx.access import Gate
from ckbx.access.base import Tables, WriteLock
from ckbx.access.demo_logins import DemoLogin, read_demo_logins
from ckbx.application.accounts import AccountFacts
from ckbx.application.office import Office
from ckbx.clock import Clock
from ckbx.domain import catalogue
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.eventlog.postgres import schema
from ckbx.eventlog.postgres.alive import check_before_use
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.row_store import PostgresRowStore
from ckbx.eventlog.row_store import FollowerMoved, RowStore
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from ckbx.eventlog.sqlite.row_store import SQLiteRowStore
from ckbx.leadership import FileLeadership, Leadership, PostgresLeadership, leading
from ckbx.settings import Settings
from ckbx.vault import (
    Vault,
    VaultKeys,
    create_sqlite_tables,
    init_keys,
    postgres_ddl,
    postgres_grants,
    sqlite_engine,
)
from notifications.channels.file import read_channels
from notifications.channels.settings import Channels
from notifications.outbox import prepare_outbox
from notifications.postroom import Postroom
from notifications.queue import Way
from projections.kit.projection import Projection
from projections.kit.reading import Answers, postgres_answers_engine, sqlite_answers_engine
from projections.kit.runner import Projector
from projections.registry import PROJECTIONS

catalogue.load()

CATCH_UP_SECONDS = 60.0
_WAIT_SECONDS = 0.5


class StoreMissing(CkbxError):
    code = "store_missing"
    message = "还没有建库：{where}；请先运行 ckbx init"
    exit_code = 6


class AnswersBehind(CkbxError):
    """The process that leads did not fold the facts in time."""

    code = "answers_behind"
    message = (
        "台账还没有算到最新（{seconds:.0f} 秒内未完成，另一个进程正在计算）；"
        "请稍后重试，或运行 ckbx lag 查看进度"
    )
    exit_code = 6


@dataclass
class Store:
    """What entry points work with. Close it when done.

    ``followers`` are folded with the registered answers (what the clock's run remembers);
    ``ways``: channels by which people are told, besides the inbox and those set up.

    ``projector`` folds the log into the answers, ``answers`` reads them, ``leadership`` says
    which process does the standing work; the three are opened when first used.
    """

    settings: Settings
    clock: Clock
    log: Any
    engine: Engine
    vault: Vault
    office: Office
    followers: tuple[Projection, ...] = ()
    ways: tuple[Way, ...] = ()
    _closing: list[Callable[[], None]] = field(default_factory=list, repr=False)

    @cached_property
    def gate(self) -> Gate:
        """Signing in: passwords, codes, second factors, sessions."""
        tables = Tables(self.engine, self.clock, _write_lock(self.log))
        return Gate(tables, self.vault, AccountFacts(self.office))

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo county, whose sign-in demands no second factor."""
        return bool(self.demo_logins)

    @cached_property
    def demo_logins(self) -> tuple[DemoLogin, ...]:
        """The accounts that visitors of the demo county sign in with; elsewhere none."""
        return read_demo_logins(self.settings.secret_dir)

    @cached_property
    def rows(self) -> RowStore:
        """Where the answers' tables are written."""
        made = self._new_rows()
        self._closing.append(made.close)
        return made

    def _new_rows(self) -> RowStore:
        if self.settings.is_sqlite:
            return SQLiteRowStore(self.log)
        return PostgresRowStore(plain_url(self.settings.database_url))

    @cached_property
    def postroom(self) -> Postroom:
        """The outbox, with the channels of ``ways``; a new one begins at the head."""
        rows = self._new_rows()
        self._closing.append(rows.close)
        made = Postroom(self.log, rows, self.clock.zone, (*self.ways, *self.channels.ways))
        self._closing.append(made.queue.close)
        made.prepare()
        return made

    @cached_property
    def channels(self) -> Channels:
        """The channels set up in the secret folder. Raises ChannelsRefused, SecretExposed."""
        return read_channels(self.settings.secret_dir)

    @cached_property
    def projector(self) -> Projector:
        """The one runner of all registered projections."""
        return Projector(self.log, self.rows, (*PROJECTIONS, *self.followers))

    @cached_property
    def answers(self) -> Answers:
        """Where questions are asked."""
        if self.settings.is_sqlite:
            engine = sqlite_answers_engine(self.settings.sqlite_path)
        else:
            engine = postgres_answers_engine(self.settings.database_url)
        made = Answers(engine, self.log, self.clock.zone)
        self._closing.append(made.close)
        return made

    @cached_property
    def leadership(self) -> Leadership:
        """The right to lead this store."""
        made = new_leadership(self.settings)
        self._closing.append(made.give_up)
        return made

    def catch_up(self, seconds: float = CATCH_UP_SECONDS) -> int:
        """Have every answer folded up to the present head; returns that position.

        Takes the lead for a moment where nobody has it, else waits for the one who leads.
        Raises AnswersBehind after ``seconds``, StoreUnavailable.
        """
        head = int(self.log.head())
        deadline = time.monotonic() + seconds
        with suppress(StoreUnavailable):  # no tables yet: made below
            if self._folded(head):
                return head
        while True:
            with leading(new_leadership(self.settings)) as leads:
                if leads or self._leads_without_folding:
                    self._fold(head)
                    return head
            if self.projector.wait_for(head, _WAIT_SECONDS):
                return head
            if time.monotonic() > deadline:
                raise AnswersBehind(seconds=seconds)

    @property
    def _leads_without_folding(self) -> bool:
        """Whether this process has the lead and is about to end: its projector has stopped, and
        nobody else folds.
        """
        led = "leadership" in self.__dict__ and self.leadership.held
        return led and not self.projector.running

    def close(self) -> None:
        """Release connections and locks."""
        while self._closing:
            self._closing.pop()()
        self.engine.dispose()
        self.log.close()

    def _folded(self, head: int) -> bool:
        lags = self.projector.lag()
        return all(lag.state == "live" and lag.position >= head for lag in lags)

    def _fold(self, head: int) -> None:
        self.projector.start()
        while True:
            try:
                self.projector.catch_up(head)
            except FollowerMoved:  # somebody rebuilds meanwhile: go on from its place
                self.projector.start()
            else:
                return


def new_leadership(settings: Settings) -> Leadership:
    """A claim to lead the store, not yet made."""
    if settings.is_sqlite:
        return FileLeadership(settings.sqlite_path)
    return PostgresLeadership(plain_url(settings.database_url))


def init_store(settings: Settings, clock: Clock, county: str | None = None) -> None:
    """Create or upgrade the store and its key files; harmless when repeated.

    Raises StoreUnavailable, SecretMissing, SecretMismatch.
    """
    if settings.is_sqlite:
        log: Any = SQLiteEventLog(settings.sqlite_path, clock=clock, county=county, create=True)
        try:
            _sqlite_tables(log)
            engine = sqlite_engine(settings.sqlite_path)
            init_keys(engine, settings.secret_dir, clock, write_lock=log.write_lock)
            engine.dispose()
            _init_answers(log, SQLiteRowStore(log))
        finally:
            log.close()
        return
    owner = plain_url(settings.owner_url)
    app = schema.role_of(plain_url(settings.database_url))
    owner_role = schema.role_of(owner)
    role = app if app != owner_role else None
    ddl = [*postgres_ddl(), *access.postgres_ddl()]
    grants = [*postgres_grants(role), *access.postgres_grants(role)] if role else []
    schema.migrate(owner, role, ddl=ddl, grants=grants)
    log = PostgresEventLog(plain_url(settings.database_url), clock=clock, county=county)
    try:
        engine = answers_engine(settings)
        init_keys(engine, settings.secret_dir, clock)
        engine.dispose()
        _init_answers(log, PostgresRowStore(plain_url(settings.database_url)))
    finally:
        log.close()


def _init_answers(log: Any, rows: RowStore) -> None:
    try:
        Projector(log, rows, PROJECTIONS).start()
        prepare_outbox(log, rows)
    finally:
        rows.close()


def _sqlite_tables(log: SQLiteEventLog) -> None:
    with log.write_lock():
        try:
            create_sqlite_tables(log.path)
            access.create_sqlite_tables(log.path)
        except sqlite3.Error as error:
            raise StoreUnavailable(why=f"个人信息库和登录的表没有建成（{error}）") from error


def _write_lock(log: Any) -> WriteLock:
    return log.write_lock if isinstance(log, SQLiteEventLog) else nullcontext


def open_store(
    settings: Settings,
    clock: Clock,
    followers: tuple[Projection, ...] = (),
    ways: tuple[Way, ...] = (),
) -> Store:
    """Open a store that exists. Raises StoreMissing, StoreUnavailable, SecretMissing."""
    if settings.is_sqlite:
        path = settings.sqlite_path
        if not path.exists():
            raise StoreMissing(where=path)
        log: Any = SQLiteEventLog(path, clock=clock)
        engine = sqlite_engine(path)
        write_lock = log.write_lock
        keys = VaultKeys.open(settings.secret_dir)
        vault = Vault(engine, keys, clock, write_lock=write_lock)
    else:
        log = PostgresEventLog(plain_url(settings.database_url), clock=clock)
        engine = answers_engine(settings)
        vault = Vault(engine, VaultKeys.open(settings.secret_dir), clock)
    try:
        vault.check_tables()
        vault.check_keys()
        access.check_tables(engine)
    except BaseException:
        engine.dispose()
        log.close()
        raise
    return Store(settings, clock, log, engine, vault, Office(log, clock), followers, ways)


def plain_url(url: str) -> str:
    """The URL as psycopg reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def answers_engine(settings: Settings) -> Engine:
    """An engine on a PostgreSQL store; unqualified names resolve as in the event log."""
    url = settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    options = {"options": "-csearch_path=facts,vault,answers"}
    engine = create_engine(url, connect_args=options, hide_parameters=True)
    check_before_use(engine)
    return engine


def owner_engine(settings: Settings) -> Engine | None:
    """An engine as the owner of a PostgreSQL store; None for SQLite, which has no owner."""
    if settings.is_sqlite:
        return None
    return answers_engine(msgspec.structs.replace(settings, database_url=settings.owner_url))
