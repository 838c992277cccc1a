"""On which databases does a test of the store run? On each of them, fresh every time."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh store's URL, once for SQLite and once for PostgreSQL."""
    name = {"sqlite": "sqlite_url", "postgres": "pg_store_url"}[cast("str", request.param)]
    return cast("str", request.getfixturevalue(name))
