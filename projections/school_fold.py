"""Which schools are there, under which names, and which imports are still running?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Text

from ckbx.domain.school.events import (
    ImportFinished,
    ImportStarted,
    ImportUndone,
    SchoolListed,
    SchoolNamed,
)
from ckbx.domain.shared.event import DomainEvent
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.tables import VersionedTable

NAME = "school"
VERSION = 1

SCHOOLS = VersionedTable(
    f"{NAME}_schools", key=(Column("school", Text),), values=(Column("name", Text),)
)
"""A school's name (public); NULL: listed, not named yet."""

IMPORTS = VersionedTable(
    f"{NAME}_imports",
    key=(Column("batch", Text),),
    values=(
        Column("kind", Text, nullable=False),
        Column("schools", Text, nullable=False),
        Column("running", Boolean, nullable=False),
    ),
)
"""``schools``: codes touched, joined by blanks; empty: every school may be."""

TABLES = (SCHOOLS, IMPORTS)


def _listed(fold: Fold, event: SchoolListed, position: int) -> None:
    if fold[SCHOOLS].get(event.school) is None:
        fold[SCHOOLS].put(event.school, (None,), position)


def _named(fold: Fold, event: SchoolNamed, position: int) -> None:
    fold[SCHOOLS].put(event.school, (event.name,), position)


def _started(fold: Fold, event: ImportStarted, position: int) -> None:
    schools = " ".join(sorted(event.schools))
    fold[IMPORTS].put(event.batch, (event.kind, schools, True), position)


def _ended(fold: Fold, event: ImportFinished | ImportUndone, position: int) -> None:
    found = fold[IMPORTS].get(event.batch)
    kind, schools = (found[0], found[1]) if found is not None else ("", "")
    fold[IMPORTS].put(event.batch, (kind, schools, False), position)


HANDLERS: dict[type[DomainEvent], Handler] = {
    SchoolListed: _listed,
    SchoolNamed: _named,
    ImportStarted: _started,
    ImportFinished: _ended,
    ImportUndone: _ended,
}
HANDLES = tuple(HANDLERS)


def _school(_fold: Fold, event: Any) -> str | None:
    return getattr(event, "school", None)


PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, school=_school)
