"""Where is a person's data written down that should stand nowhere but in the vault?

Looks at every cell of every table that is not the vault's, as bytes: numbers are looked for
as text and as the integers that an encoder might have made of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import text

from ckbx.domain.case.codes import CAUSE_CODES
from ckbx.eventlog.sqlite.connect import open_reader
from ckbx.store import Store
from ckbx.vault.people import Access, Person

ALL = ("identity", "contact", "marks", "notes")
LOOK = Access(actor="officer", view="test", purpose="核对个人信息只在个人信息库")
Found = list[tuple[str, str]]
"""(where it stands, what was found)"""


def cells(store: Store) -> Iterator[tuple[str, bytes]]:
    """(table, cell) of everything outside the vault."""
    if store.settings.is_sqlite:
        yield from _sqlite_cells(store.settings.sqlite_path)
    else:
        yield from _postgres_cells(store.settings.database_url.replace("+psycopg", ""))


def search(places: Iterable[tuple[str, bytes]], needles: Iterable[str]) -> Found:
    """Every needle that stands in any of the places."""
    joined: dict[str, list[bytes]] = {}
    for where, content in places:
        joined.setdefault(where, []).append(content)
    whole = {where: b"\x00\xff".join(parts) for where, parts in joined.items()}
    return [
        (where, needle)
        for needle in sorted(set(needles))
        for form in _forms(needle)
        for where, content in whole.items()
        if form in content
    ]


def everything_about(store: Store) -> dict[UUID, Person]:
    """All people of the vault, decrypted."""
    with store.engine.connect() as connection:
        refs = connection.execute(text("SELECT subject FROM vault_keys")).scalars().all()
    subjects = [ref if isinstance(ref, UUID) else UUID(bytes=ref) for ref in refs]
    return store.vault.read(subjects, ALL, LOOK)


def words_about(person: Person) -> set[str]:
    """Names, numbers, phones, addresses and typed texts of one person."""
    return {word for word in _words(person) if word}


def _words(person: Person) -> Iterator[str]:
    if person.identity:
        yield from (person.identity.name, person.identity.id_number, person.identity.student_no)
    if person.contact:
        yield from (person.contact.phone, person.contact.household_address)
        yield person.contact.home_address
        for guardian in person.contact.guardians:
            yield from (guardian.name, guardian.phone, guardian.id_number, guardian.workplace)
    for note in person.notes.values():
        said = note.text if hasattr(note, "text") else str(note)
        if said not in CAUSE_CODES:  # two digits, that stand in any number
            yield said


def _forms(needle: str) -> Iterator[bytes]:
    yield needle.encode()
    if len(needle) > 9 and needle.isdecimal():
        yield int(needle).to_bytes(8, "big")
        yield int(needle).to_bytes(8, "little")


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False).encode()
    if isinstance(value, (str, int, float, date, UUID)):
        return str(value).encode()
    return b""


def _sqlite_cells(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(open_reader(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            if not name.startswith("vault_"):
                for row in connection.execute(f'SELECT * FROM "{name}"'):
                    yield from ((name, _as_bytes(value)) for value in row)


def _postgres_cells(url: str) -> Iterator[tuple[str, bytes]]:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name in names:
            if not name.startswith("vault_"):
                select = sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name))
                for row in connection.execute(select):
                    yield from ((name, _as_bytes(value)) for value in row)
