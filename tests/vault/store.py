"""A store with the vault's tables, and an append that does to its rows what the log's does."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from ckbx.clock import FixedClock, micros
from ckbx.eventlog.ports import RECORDED_AT, RowDelete, RowWrite
from ckbx.vault import Access, Identity, Vault, VaultKeys

START = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
LOOK = Access(actor="officer", view="ledger:roster", purpose="核对名册")
NAME, NUMBER, PHONE = "杨秀英", "52260120150101123X", "13885501234"


class Store:
    """One database with a vault on it; ``tick`` moves its clock by a day."""

    def __init__(self, engine: Engine, keys: VaultKeys, clock: FixedClock) -> None:
        self.engine = engine
        self.keys = keys
        self.clock = clock
        self.vault = Vault(engine, keys, clock)

    @property
    def postgres(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @property
    def file(self) -> Path:
        return Path(str(self.engine.url.database))

    def tick(self) -> datetime:
        self.clock.at += timedelta(days=1)
        return self.clock.at

    def append(self, writes: Sequence[RowWrite | RowDelete]) -> None:
        """All rows in one transaction, ``recorded_at`` filled in by the clock."""
        now, mark = micros(self.clock.now()), "%s" if self.postgres else "?"
        with self.engine.begin() as connection:
            for write in writes:
                if isinstance(write, RowDelete):
                    sql = f"DELETE FROM {write.table} WHERE {write.column} = {mark}"
                    rows: list[tuple[Any, ...]] = [(value,) for value in write.values]
                else:
                    marks = ",".join([mark] * len(write.columns))
                    sql = f"INSERT INTO {write.table} ({','.join(write.columns)}) VALUES ({marks})"
                    rows = [tuple(now if v is RECORDED_AT else v for v in r) for r in write.rows]
                connection.exec_driver_sql(sql, rows)

    def child(self, name: str = NAME, number: str = NUMBER, **more: Any) -> UUID:
        """A child with an identity and a look-up by ID number, recorded now."""
        subject = uuid4()
        lookups = {"id_number": number} if number else {}
        identity = Identity(name=name, id_number=number)
        self.append(
            self.vault.prepare(subject, "child", identity=identity, lookups=lookups, **more)
        )
        return subject

    def run(self, sql: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(sql), values)

    def as_owner(self, sql: str) -> None:
        """A statement as somebody with other tools would run it on the database."""
        if self.postgres:
            self.run(sql)
            return
        with closing(sqlite3.connect(self.file, isolation_level=None)) as plain:
            plain.execute(sql)

    def on(self, table: str) -> str:
        """What a DROP TRIGGER must say behind the trigger's name."""
        return f" ON {table}" if self.postgres else ""

    def column(self, sql: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql), values).scalars())

    def ref(self, subject: UUID) -> Any:
        """A subject's id as the driver takes it."""
        return subject if self.postgres else subject.bytes
