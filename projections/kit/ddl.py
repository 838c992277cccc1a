"""Which statements make a projection's tables, and swap a rebuilt one in?"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Column, Dialect, MetaData, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import quoted_name

from projections.kit.tables import AnyTable, PlainTable, Position

PARKED = PlainTable(
    "answers_parked",
    key=(Column("projection", Text), Column("subject", Text)),
    values=(
        Column("school", Text),
        Column("position", Position, nullable=False),
        Column("topic", Text, nullable=False),
        Column("error", Text, nullable=False),
        Column("later", Position, nullable=False),
    ),
)
"""Subjects whose events are not folded any more, with the event that could not be."""


def _dialect(name: str) -> Dialect:
    return postgresql.dialect() if name == "postgresql" else sqlite.dialect()  # type: ignore[no-untyped-call]


def create_statements(
    table: AnyTable, dialect: str, *, name: str | None = None, generation: int = 0
) -> list[str]:
    """CREATE TABLE and its indexes. ``name``: another name for a table loaded beside;
    index names carry the generation, because SQLite cannot rename an index.
    """
    return list(_created(table, dialect, name, generation))


@lru_cache(maxsize=128)
def _created(table: AnyTable, dialect: str, name: str | None, generation: int) -> tuple[str, ...]:
    """Said anew for every store that is opened: written once."""
    compiler = _dialect(dialect)
    copy = table.table.to_metadata(MetaData(), name=name or table.name)
    statements = [str(CreateTable(copy).compile(dialect=compiler))]
    for index in sorted(copy.indexes, key=lambda each: str(each.name)):
        index.name = quoted_name(f"{index.name}_g{generation}", quote=None)
        statements.append(str(CreateIndex(index).compile(dialect=compiler)))
    return tuple(statements)


def loading_statements(
    table: AnyTable, dialect: str, name: str, generation: int
) -> tuple[list[str], list[str]]:
    """What makes a table that is loaded beside, before its rows come and after.

    PostgreSQL builds key and indexes after, many times faster, and holds up nobody: no one
    reads the table yet. SQLite would build an index under its only writer lock, so there
    everything stands from the start and grows chunk by chunk.
    """
    made = create_statements(table, dialect, name=name, generation=generation)
    if dialect != "postgresql":
        return made, []
    key = ", ".join(table.shape.columns[: table.shape.key])
    before = [made[0], f"ALTER TABLE {name} DROP CONSTRAINT {name}_pkey"]
    return before, [f"ALTER TABLE {name} ADD PRIMARY KEY ({key})", *made[1:], f"ANALYZE {name}"]


def shadow_name(table: AnyTable, generation: int) -> str:
    """The name of a table while it is loaded beside the live one."""
    return f"{table.name}__g{generation}"


def old_name(table: AnyTable) -> str:
    """The name of a replaced table until it is gone."""
    return f"{table.name}__old"


def rename(old: str, new: str) -> str:
    """Rename a table."""
    return f"ALTER TABLE {old} RENAME TO {new}"
