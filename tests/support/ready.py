"""Tests need thousands of fresh stores: what ``init`` makes in one is made once, then copied.

Once for each process, kind of database, county and instant: the first one is made by ``init``
itself, and so is each that is not fresh. What is copied is all that stands in the tables, and
the key files; so the stores of one process have the same keys. A test that needs two stores
with keys of their own makes the second one with ``init_store``.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Hashable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from psycopg import sql

from ckbx.clock import FixedClock
from ckbx.settings import Settings
from ckbx.store import init_store, plain_url

FRESH: Final[set[str]] = set()
"""URLs of PostgreSQL databases in which the tables of a store stand, and nothing is in them."""
Rows = dict[tuple[str, str], list[bytes]]
_TABLES = b"SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_)'"
_NUMBERS = b"SELECT count(*) FROM pg_sequences WHERE last_value IS NOT NULL"
_numbers = count(1)


class _Ready(NamedTuple):
    secrets: Path
    file: Path | None = None
    rows: Rows | None = None


_ready: dict[Hashable, _Ready] = {}


def init_copied(settings: Settings, clock: FixedClock, county: str) -> None:
    """``init_store``, or a copy of what it made in a fresh store before."""
    fresh = settings.database_url in FRESH
    FRESH.discard(settings.database_url)
    if settings.is_sqlite:
        fresh = not settings.sqlite_path.exists()
    if not fresh or settings.owner_url != settings.database_url or settings.secret_dir.exists():
        init_store(settings, clock, county)
        return
    key = (settings.is_sqlite, county, clock.at, clock.zone)
    ready = _ready.get(key)
    if ready is None:
        _ready[key] = _made(settings, clock, county)
        return
    settings.secret_dir.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ready.secrets, settings.secret_dir)
    if ready.file is not None:
        shutil.copy(ready.file, settings.sqlite_path)
    if ready.rows is not None:
        _fill(plain_url(settings.database_url), ready.rows)


def _made(settings: Settings, clock: FixedClock, county: str) -> _Ready:
    kept = _folder() / str(next(_numbers))
    if settings.is_sqlite:
        init_store(settings, clock, county)
        shutil.copytree(settings.secret_dir, kept / "secrets")
        shutil.copy(settings.sqlite_path, kept / "store.db")
        return _Ready(kept / "secrets", file=kept / "store.db")
    url = plain_url(settings.database_url)
    before = _rows(url)
    init_store(settings, clock, county)
    shutil.copytree(settings.secret_dir, kept / "secrets")
    return _Ready(kept / "secrets", rows=_added(before, _rows(url)))


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="ckbx-ready-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _rows(url: str) -> Rows:
    """All that stands in the tables of a database, as ``COPY`` writes it."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        found: Rows = {}
        for table in cursor.execute(_TABLES).fetchall():
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*table))) as rows:
                found[table] = b"".join(rows).splitlines(keepends=True)
        numbered = cursor.execute(_NUMBERS).fetchone()
    assert numbered == (0,), "a number that was given is not copied"
    return found


def _added(before: Rows, after: Rows) -> Rows:
    assert all(set(lines) <= set(after[table]) for table, lines in before.items())
    assert set(before) == set(after), "no table is new"
    new = {table: [r for r in rows if r not in before[table]] for table, rows in after.items()}
    return {table: rows for table, rows in new.items() if rows}


def _fill(url: str, added: Rows) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, rows in added.items():
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(*table))) as copy:
                copy.write(b"".join(rows))
