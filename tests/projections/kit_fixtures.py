"""Worlds on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.projections.kit_world import World, postgres_world, sqlite_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh county on SQLite."""
    made = sqlite_world(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def any_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh county, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        made = sqlite_world(cast("Path", request.getfixturevalue("tmp_path")))
    else:
        made = postgres_world(cast("str", request.getfixturevalue("pg_store_url")))
    yield made
    made.close()
