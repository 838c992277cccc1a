"""The measurements of cases and papers run at a tiny size; how fast is no matter here."""

from __future__ import annotations

import pytest

from ckbx.bench.command import TITLES
from ckbx.bench.measure import table
from ckbx.bench.run import QUICK, Sizes, Task, measure
from tests.support.postgres import PgDatabase, PgServer

TINY = Sizes(
    children=400,
    case_commands=12,
    notices=20,
    ledger_rows=30,
    tick_children=800,
    tick_cases=20,
)
LINES = {"case-commands": 2, "cases": 3, "papers": 3, "tick": 4}


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def server(request: pytest.FixtureRequest) -> str:
    """Empty for SQLite, else where databases may be made."""
    if request.param == "SQLite":
        return ""
    running: PgServer = request.getfixturevalue("pg_server")
    return PgDatabase(running.socket_dir, "postgres").conninfo()


@pytest.mark.parametrize("name", LINES)
def test_a_measurement_gives_its_lines_with_ratio_and_aim(name: str, server: str) -> None:
    found = measure(Task(name, TINY, server))
    assert len(found) == LINES[name]
    assert {each.store for each in found} == {"PostgreSQL" if server else "SQLite"}
    assert all(each.ours > 0 for each in found)
    with_limit = [each for each in found if each.limit is not None]
    assert all(each.ratio for each in with_limit)
    assert len(table(found).splitlines()) == 2 + LINES[name]


def test_every_measurement_has_a_title_and_a_quick_size() -> None:
    assert set(LINES) <= set(TITLES)
    assert QUICK.notices < Sizes().notices
