"""A fresh SQLite store for each test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ckbx.clock import Clock
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import COUNTY, clock


class SQLiteKit:
    """One store in a temporary directory; closes what it opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: list[SQLiteEventLog] = []
        log = self.open(clock())
        with log.write_lock():
            connection = log.connect_rw()
            connection.execute(
                "CREATE TABLE vault_note (key TEXT PRIMARY KEY, text TEXT, recorded_at INTEGER)"
            )
            connection.close()

    def open(self, clock: Clock, **options: Any) -> SQLiteEventLog:
        log = SQLiteEventLog(self.path, clock=clock, county=COUNTY, create=True, **options)
        self._opened.append(log)
        return log

    def vault_notes(self) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute("SELECT * FROM vault_note ORDER BY key").fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        for log in self._opened:
            log.close()


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[SQLiteKit]:
    kit = SQLiteKit(tmp_path / "county.db")
    yield kit
    kit.close()


@pytest.fixture
def log(kit: SQLiteKit) -> SQLiteEventLog:
    return kit.open(clock())
