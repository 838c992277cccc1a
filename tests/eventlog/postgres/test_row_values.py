"""A packed column arrives at the server as the values it was made of, or is refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from ckbx.eventlog.postgres.row_values import PackedColumn, adapt
from tests.support.postgres import PgDatabase

VALUES: list[tuple[str, list[Any]]] = [
    ("int4", [0, 1, -1, 2**31 - 1, -(2**31)]),
    ("int8", [0, -1, 2**63 - 1, -(2**63), 2**40]),
    ("text", ["", "在校", "a'b\\c", "\U0001f600", "x" * 9_000]),
    ("bytea", [b"", b"\0\xff", b"x" * 9_000]),
    ("bool", [True, False]),
    ("uuid", [UUID(int=0).bytes, UUID(int=2**128 - 1).bytes]),
]


@pytest.mark.parametrize(("kind", "values"), VALUES)
def test_values_come_back_as_they_were_sent(
    pg_database: PgDatabase, kind: str, values: list[Any]
) -> None:
    with psycopg.connect(pg_database.conninfo()) as conn:
        adapt(conn)
        for sent in (values, [*values, None], [None], [], values[:1]):
            text = f"SELECT k.v FROM unnest(%b::{kind}[]) WITH ORDINALITY AS k(v, n) ORDER BY n"
            cursor = conn.execute(text.encode(), [PackedColumn(kind, sent)], binary=True)
            assert [row[0] for row in cursor] == sent


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("int4", 2**31),
        ("int4", -(2**31) - 1),
        ("int8", 2**63),
        ("int4", "1"),
        ("text", "a\0b"),
        ("text", "\ud800"),
        ("text", 1),
        ("uuid", b"short"),
        ("bool", 2),
    ],
)
@pytest.mark.parametrize("beside", [[], [None]])
def test_what_does_not_fit_is_refused_before_it_is_sent(
    kind: str, bad: Any, beside: list[Any]
) -> None:
    with pytest.raises((OverflowError, TypeError, ValueError)):
        PackedColumn(kind, [bad, *beside])
