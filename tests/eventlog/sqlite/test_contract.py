"""Does the SQLite log do what every log must do?"""

from __future__ import annotations

from tests.eventlog.contract_application import ApplicationContract
from tests.eventlog.contract_log import LogContract


class TestSQLiteLog(LogContract):
    """Inherits the tests; ``kit`` comes from the directory."""


class TestSQLiteApplication(ApplicationContract):
    """Inherits the tests; ``kit`` comes from the directory."""
