"""Who looked at whose data, when, through what, and why?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, LargeBinary, func, literal, select

from ckbx.vault import tables
from ckbx.vault.errors import AccessUnexplained
from ckbx.vault.people import Access
from ckbx.vault.statements import run

_a = tables.access.c
_APPEND = (
    'INSERT INTO vault_access (at, actor, "view", purpose, subjects, count)'
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_ASKED = (("actor", "操作人"), ("view", "页面或命令"), ("purpose", "用途"))


class AccessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One read as it stands in the log; ``at`` in microseconds, UTC."""

    id: int
    at: int
    actor: str
    view: str
    purpose: str
    subjects: tuple[UUID, ...]


def check_access(access: Access) -> None:
    """Raise AccessUnexplained when actor, view or purpose is blank."""
    for name, shown in _ASKED:
        if not getattr(access, name).strip():
            raise AccessUnexplained(what=shown)


def write_access(connection: Connection, access: Access, subjects: Sequence[UUID], at: int) -> None:
    """Append one record about all subjects of one read."""
    packed = b"".join([subject.bytes for subject in subjects])
    values = (at, access.actor, access.view, access.purpose, packed, len(subjects))
    run(connection, _APPEND, *values)


def read_access(connection: Connection, after: int, limit: int) -> list[AccessRecord]:
    """Records with an id greater than ``after``, in order; gaps in the ids are normal."""
    asked = select(tables.access).where(_a.id > after).order_by(_a.id).limit(limit)
    return [_record(row) for row in connection.execute(asked)]


def asked_access(
    connection: Connection,
    *,
    actors: Collection[str] | None,
    subject: UUID | None,
    span: tuple[int, int] | None,
    before: int | None,
    limit: int,
    views: Collection[str] | None = None,
) -> list[AccessRecord]:
    """The newest records of some actors, through some views, about a subject, within a span of
    microseconds (both ends included), with an id below ``before``.
    """
    query = select(tables.access).order_by(_a.id.desc()).limit(limit)
    if actors is not None:
        query = query.where(_a.actor.in_(sorted(actors)))
    if span is not None:
        query = query.where(_a.at.between(*span))
    if views is not None:
        query = query.where(_a.view.in_(sorted(views)))
    if before is not None:
        query = query.where(_a.id < before)
    if subject is None:
        return [_record(row) for row in connection.execute(query)]
    found: list[AccessRecord] = []
    for row in connection.execute(query.where(_names(connection, subject))):
        record = _record(row)
        if subject in record.subjects:
            found.append(record)
    return found


def opened_by(
    connection: Connection, actor: str, views: Collection[str], since: int, most: int
) -> list[UUID]:
    """The different people whom an actor opened one by one since an instant; at most so many.

    Who a view is about stands first in its record.
    """
    first = func.substr(_a.subjects, 1, 16)
    query = select(first).where(_a.actor == actor, _a.at > since, _a.view.in_(sorted(views)))
    found = connection.execute(query.where(_a.count > 0).distinct().limit(most)).scalars()
    return [UUID(bytes=bytes(each)) for each in found]


def exported(connection: Connection, number: str) -> AccessRecord | None:
    """The record of the export of a number; its view ends with it."""
    query = select(tables.access).where(_a.view.like(f"%:{number}")).order_by(_a.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _record(row)


def has_access(connection: Connection, actor: str, view: str, since: int) -> bool:
    """Whether an actor has a record of a view since an instant."""
    query = select(_a.id).where(_a.actor == actor, _a.at > since, _a.view == view).limit(1)
    return connection.execute(query).first() is not None


def access_of(connection: Connection, subject: UUID) -> list[AccessRecord]:
    """Every record that names a subject, oldest first."""
    found = _names(connection, subject)
    rows = connection.execute(select(tables.access).where(found).order_by(_a.id))
    return [record for record in map(_record, rows) if subject in record.subjects]


def _names(connection: Connection, subject: UUID) -> ColumnElement[bool]:
    """Bytes may match across two ids, so what this finds is to be looked at again."""
    postgres = connection.dialect.name == "postgresql"
    where = func.pg_catalog.position if postgres else func.instr
    found: ColumnElement[bool] = where(_a.subjects, literal(subject.bytes, LargeBinary)) > 0
    return found


def _record(row: Any) -> AccessRecord:
    packed = bytes(row.subjects)
    ids = tuple(UUID(bytes=packed[i : i + 16]) for i in range(0, len(packed), 16))
    return AccessRecord(
        id=row.id, at=row.at, actor=row.actor, view=row.view, purpose=row.purpose, subjects=ids
    )
