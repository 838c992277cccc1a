"""How often does a roll call go to PostgreSQL and back? Counted on the line itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from ckbx.clock import FixedClock
from ckbx.main import followers
from ckbx.settings import read_settings
from ckbx.store import Store, init_store, open_store
from tests.eventlog.postgres.proxy import CuttingProxy
from tests.support.county import COUNTY
from tests.support.postgres import PgDatabase
from tests.web.roll_call.conftest import MORNING, OTHER_PATH, PATH, Morning
from tests.web.roll_call.filling import Page, marked

CORRECTION = 6
"""The session, the account, how far the posts are folded; the session again; the key of the
reason's text; the append.
"""


class Line(CuttingProxy):
    """Counts how often somebody asks and waits: bytes to the server after bytes from it."""

    def __init__(self, server: Path) -> None:
        super().__init__(server)
        self._toward_last: dict[int, str] = {}
        self.turns = 0

    def _pump(self, source: Any, target: Any, toward: str) -> None:
        client = source if toward == "server" else target
        self._passing.number = id(client)
        super()._pump(source, target, toward)

    _passing = threading.local()

    def _cuts_here(self, toward: str, data: bytes) -> bool:
        with self._guard:
            before = self._toward_last.get(self._passing.number)
            self.turns += toward == "server" and before != "server"
            self._toward_last[self._passing.number] = toward
        return super()._cuts_here(toward, data)


@pytest.fixture
def line(pg_database: PgDatabase) -> Iterator[Line]:
    made = Line(pg_database.socket_dir / ".s.PGSQL.5432")
    yield made
    made.close()


@contextmanager
def opened(url: str, secrets: Path) -> Iterator[Store]:
    """The store as a server opens it, on the morning."""
    given = read_settings({})
    settings = msgspec.structs.replace(given, database_url=url, owner_url=url, secret_dir=secrets)
    store = open_store(settings, FixedClock(MORNING, settings.timezone), followers())
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def far_morning(line: Line, pg_database: PgDatabase, tmp_path: Path) -> Iterator[Morning]:
    """A server with the database at the other end of the line, which folds nothing itself."""
    near, secrets = pg_database.url(), tmp_path / "secrets"
    settings = msgspec.structs.replace(
        read_settings({}), database_url=near, owner_url=near, secret_dir=secrets
    )
    init_store(settings, FixedClock(MORNING, settings.timezone), COUNTY)
    with opened(near, secrets) as made:
        morning = Morning(made)
        made.catch_up()
    far = f"postgresql+psycopg://postgres@127.0.0.1:{line.port}/{quote(pg_database.name)}"
    with opened(far, secrets) as store:
        morning.store = store
        yield morning


def corrected(morning: Morning, line: Line, account: str, path: str, times: int) -> list[int]:
    """Hand in a class, or correct it, so often; how many turns each time took."""
    turns = []
    children = morning.county.pupils[path.removeprefix("/roll-calls/")]
    for _ in range(times):
        page = Page(morning, account, path)
        away = children[0] if str(children[0]) not in marked(page.text) else children[1]
        before = line.turns
        answer = page.send_short({away: "sick"}, why="看错了人")
        assert answer.status_code == 200, answer.text
        turns.append(line.turns - before)
    return turns


def test_a_correction_asks_six_times(far_morning: Morning, line: Line) -> None:
    assert min(corrected(far_morning, line, "ct2", OTHER_PATH, 8)) == CORRECTION


def test_it_asks_no_more_where_another_server_writes_between(
    far_morning: Morning, line: Line, pg_database: PgDatabase, tmp_path: Path
) -> None:
    turns = []
    with opened(pg_database.url(), tmp_path / "secrets") as store:
        other = copy(far_morning)
        other.store = store
        for _ in range(10):
            before = store.log.head()
            corrected(other, line, "ct1", PATH, 1)
            assert store.log.head() > before
            turns += corrected(far_morning, line, "ct2", OTHER_PATH, 1)
    assert min(turns) == CORRECTION
