"""What did the vault know about these people at an instant? The one place that decrypts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from ckbx.vault.key_files import VaultKeys
from ckbx.vault.people import Person
from ckbx.vault.sealing import FILE, NOTE, unseal, unwrap
from ckbx.vault.statements import db_uuid, raw_uuid, run, select_among

_ERASED = "SELECT subject FROM vault_erased WHERE subject {among}"
_HELD = (
    "SELECT k.subject, k.key_id, k.wrapped, r.field, r.row_id, r.sealed"
    " FROM vault_keys k LEFT JOIN vault_rows r ON r.subject = k.subject AND %s"
    " WHERE k.subject {among} ORDER BY r.recorded_at, r.seq"
)

_NEWEST = "SELECT max(seq) FROM vault_rows WHERE subject = ?"

_Sealed = tuple[bytes, bytes]
"""(row id, nonce + ciphertext)"""
_Held = tuple[str, bytes, dict[str, _Sealed]]
"""(id of the wrapping key, wrapped data key, newest sealed value by field)"""


def read_people(
    connection: Connection,
    keys: VaultKeys,
    subjects: Sequence[UUID],
    fields: Sequence[str],
    known_at: int | None,
) -> dict[UUID, Person]:
    """Every subject asked for, in that order. ``known_at`` in microseconds.

    Raises SecretMismatch, VaultRowDamaged. The caller has written the access record.
    """
    refs = [db_uuid(connection.dialect.name, subject) for subject in subjects]
    held: dict[bytes, _Held] = {}
    condition, values = _wanted(fields, known_at)
    if connection.dialect.name == "postgresql":
        # Said twice, because without fresh statistics the planner scans the whole table.
        condition += " AND r.subject {among}"
    # One statement sees one state: no erasure can come between a key and its rows.
    for row in select_among(connection, _HELD.replace("%s", condition), refs, *values):
        ref, key_id, wrapped, field, row_id, sealed = row
        raw = raw_uuid(ref)
        person = held.get(raw)
        if person is None:
            person = held[raw] = (key_id, wrapped, {})
        if field is not None:
            person[2][field] = (raw_uuid(row_id), sealed)  # the newest comes last
    gone = erased_among(connection, [s for s in subjects if s.bytes not in held])
    found: dict[UUID, Person] = {}
    for subject in subjects:
        mine = held.get(subject.bytes)
        if mine is None:
            state = Person(subject=subject, state="erased" if subject in gone else "absent")
        else:
            state = _open(keys, subject, mine)
        found[subject] = state
    return found


def newest_row(connection: Connection, subject: UUID) -> int | None:
    """The number of the newest row about a person; None where there is none."""
    ref = db_uuid(connection.dialect.name, subject)
    (found,) = run(connection, _NEWEST, ref).one()
    return None if found is None else int(found)


def erased_among(connection: Connection, subjects: Iterable[UUID]) -> set[UUID]:
    """Which of the subjects were erased."""
    refs = [db_uuid(connection.dialect.name, subject) for subject in subjects]
    rows = select_among(connection, _ERASED, refs)
    return {UUID(bytes=raw_uuid(ref)) for (ref,) in rows}


def _open(keys: VaultKeys, subject: UUID, held: _Held) -> Person:
    groups: dict[str, Any] = {}
    notes: dict[UUID, str] = {}
    files: dict[UUID, bytes] = {}
    key_id, wrapped, newest = held
    raw = subject.bytes
    data_key = AESGCM(unwrap(keys, key_id, raw, wrapped))
    for field, (row_id, sealed) in newest.items():
        value = unseal(data_key, raw, field, row_id, sealed)
        if field.startswith(NOTE):
            notes[UUID(field.removeprefix(NOTE))] = value
        elif field.startswith(FILE):
            files[UUID(field.removeprefix(FILE))] = value
        else:
            groups[field] = value
    return Person(subject=subject, state="known", notes=notes, files=files, **groups)


def _wanted(fields: Sequence[str], known_at: int | None) -> tuple[str, list[Any]]:
    named: list[Any] = [field for field in fields if field != "notes"]
    terms = [f"r.field IN ({','.join('?' * len(named))})"] if named else []
    if "notes" in fields:
        terms.append("r.field LIKE ?")
        named.append(f"{NOTE}%")
    condition = f"({' OR '.join(terms)})" if terms else "1 = 0"
    if known_at is not None:
        condition += " AND r.recorded_at <= ?"
        named.append(known_at)
    return condition, named
