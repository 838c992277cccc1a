"""Counties in one PostgreSQL: each has its own schemas and its own role, and reads no other's."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from psycopg import errors, sql

from ckbx.eventlog.postgres.connect import Layout, connect, session_options
from ckbx.eventlog.postgres.schema import create_role, migrate
from tests.support.postgres import PgDatabase

PAIRS = [("ckbx_one", "ckbx_two"), ("ckbx_two", "ckbx_one")]


@pytest.fixture
def layouts(pg_database: PgDatabase) -> Mapping[str, Layout]:
    """Two counties in one database, by the role of their programs."""
    made = {"ckbx_one": Layout("c522699_"), "ckbx_two": Layout("c110101_")}
    for role, layout in made.items():
        create_role(pg_database.url(), role)
        migrate(pg_database.url(), role, layout=layout)
    return made


@pytest.mark.parametrize(("role", "other"), PAIRS)
def test_the_role_of_one_county_reads_nothing_of_the_other(
    pg_database: PgDatabase, layouts: Mapping[str, Layout], role: str, other: str
) -> None:
    own, foreign = layouts[role], layouts[other]
    count = sql.SQL("SELECT count(*) FROM {}.events")
    with connect(pg_database.url(role), session_options(own)) as conn:
        assert conn.execute(count.format(sql.Identifier(own.facts))).fetchone() == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(count.format(sql.Identifier(foreign.facts)))
        for schema in (foreign.facts, foreign.vault, foreign.answers):
            asked = "SELECT has_schema_privilege(%s, 'USAGE')"
            assert conn.execute(asked, (schema,)).fetchone() == (False,), schema
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(other)))
