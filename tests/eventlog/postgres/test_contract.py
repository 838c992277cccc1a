"""Does the PostgreSQL log do what every log must do?"""

from __future__ import annotations

from typing import Any

import pytest

from ckbx.clock import Clock
from ckbx.eventlog.postgres.log import PostgresEventLog
from tests.eventlog.contract_application import ApplicationContract
from tests.eventlog.contract_log import LogContract
from tests.eventlog.postgres.conftest import OpenLog


class PostgresKit:
    """One fresh store, reached as the application's role."""

    def __init__(self, open_log: OpenLog) -> None:
        self._open_log = open_log

    def open(self, clock: Clock) -> PostgresEventLog:
        return self._open_log(clock=clock)

    def vault_notes(self) -> list[tuple[Any, ...]]:
        return self._open_log().all("SELECT key, text, recorded_at FROM vault_note ORDER BY key")


@pytest.fixture
def kit(open_log: OpenLog) -> PostgresKit:
    return PostgresKit(open_log)


class TestPostgresLog(LogContract):
    """Inherits the tests."""


class TestPostgresApplication(ApplicationContract):
    """Inherits the tests."""
