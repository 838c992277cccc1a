"""How does what a command says about people become rows for the event log's append?

Everything is computed before the lock; the append only inserts tuples. ``recorded_at``
stands as a placeholder, so the rows carry the very instant of their events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from ckbx.eventlog.ports import RECORDED_AT, RowWrite
from ckbx.vault import numbers, search
from ckbx.vault.errors import SubjectErased, SubjectKindDiffers
from ckbx.vault.key_files import VaultKeys
from ckbx.vault.keyring import wrapping_key
from ckbx.vault.numbers import claims, digests
from ckbx.vault.people import NewPerson
from ckbx.vault.sealing import RandomPool, file_field, new_data_key, note_field, seal, unwrap
from ckbx.vault.statements import db_uuid, look_among, raw_uuid, select_among

_BYTES_A_PERSON = 44 + 3 * 28
_KEY_COLUMNS = ("subject", "kind", "wrapped", "key_id", "created_at")
_ROW_COLUMNS = ("row_id", "subject", "field", "sealed", "recorded_at")
_LOOKUP_COLUMNS = ("kind", "digest", "subject", "recorded_at")


_HELD = (
    "SELECT subject, kind, key_id, wrapped FROM vault_keys WHERE subject {among} UNION ALL"
    " SELECT subject, NULL, NULL, NULL FROM vault_erased WHERE subject {among}"
)
"""Without a kind: erased. One statement, so that no erasure comes between the two."""
_FILED = "SELECT subject, kind, digest FROM vault_lookup WHERE subject {among}"


class _Known:
    """What the store already has of the people in a batch, by the bytes of their ids."""

    def __init__(self) -> None:
        self.people: dict[bytes, tuple[str, AESGCM]] = {}
        self.lookups: set[tuple[bytes, str, bytes]] = set()
        self.searched: set[tuple[bytes, bytes]] = set()


def prepare_rows(
    connection: Connection, keys: VaultKeys, people: Sequence[NewPerson]
) -> list[RowWrite]:
    """The rows for a batch: a key for whoever has none, sealed values, new look-ups, and the
    keys by which children are found by name.

    Raises SubjectErased, SubjectKindDiffers, LookupEmpty, NumberTaken, NumberErased,
    SecretMismatch, SecretUnregistered.
    """
    known = _known(connection, keys, people)
    postgres = connection.dialect.name == "postgresql"
    pool = RandomPool(len(people) * _BYTES_A_PERSON)
    current = wrapping_key(connection, keys)
    new_keys: list[tuple[Any, ...]] = []
    new_rows: list[tuple[Any, ...]] = []
    new_lookups: list[tuple[Any, ...]] = []
    new_search: list[tuple[Any, ...]] = []
    filed = [tuple(digests(keys, person.lookups)) for person in people]
    turns = claims(connection, keys, people, filed)
    for person, pairs in zip(people, filed, strict=True):
        subject = person.subject
        raw = subject.bytes
        ref = subject if postgres else raw
        held = known.people.get(raw)
        if held is None:
            data_key, wrapped = new_data_key(keys, current, raw, pool)
            new_keys.append((ref, person.kind, wrapped, current, RECORDED_AT))
            known.people[raw] = (person.kind, data_key)
        else:
            kind, data_key = held
            if kind != person.kind:
                raise SubjectKindDiffers(subject=subject, stored=kind, given=person.kind)
        for field, value in _values(person):
            row_id, sealed = seal(data_key, raw, field, value, pool)
            row_ref = UUID(bytes=row_id) if postgres else row_id
            new_rows.append((row_ref, ref, field, sealed, RECORDED_AT))
        for kind, digest in pairs:
            if (raw, kind, digest) not in known.lookups:
                known.lookups.add((raw, kind, digest))
                new_lookups.append((kind, digest, ref, RECORDED_AT))
        if person.kind == "child" and person.identity is not None:
            for digest in sorted(search.keys_of(keys, person.identity)):
                if (raw, digest) not in known.searched:
                    known.searched.add((raw, digest))
                    new_search.append((digest, ref))
    writes = (
        RowWrite("vault_keys", _KEY_COLUMNS, new_keys),
        RowWrite("vault_rows", _ROW_COLUMNS, new_rows),
        RowWrite("vault_lookup", _LOOKUP_COLUMNS, new_lookups),
        RowWrite(numbers.TABLE, numbers.COLUMNS, turns),
        RowWrite(search.TABLE, search.COLUMNS, new_search),
    )
    return [write for write in writes if write.rows]


def _values(person: NewPerson) -> Iterator[tuple[str, object]]:
    if person.identity is not None:
        yield "identity", person.identity
    if person.contact is not None:
        yield "contact", person.contact
    if person.marks is not None:
        yield "marks", person.marks
    for note, text in person.notes.items():
        yield note_field(note), text
    for file, content in person.files.items():
        yield file_field(file), content


def _known(connection: Connection, keys: VaultKeys, people: Sequence[NewPerson]) -> _Known:
    found, dialect = _Known(), connection.dialect.name
    held = list(look_among(connection, _HELD, [db_uuid(dialect, each.subject) for each in people]))
    for ref, kind, _, _ in held:
        if kind is None:
            raise SubjectErased(subject=UUID(bytes=raw_uuid(ref)))
    for ref, kind, key_id, wrapped in held:
        raw = raw_uuid(ref)
        found.people[raw] = (kind, AESGCM(unwrap(keys, key_id, raw, wrapped)))
    filed = {each.subject.bytes for each in people if each.lookups}
    refs = [ref for ref, _, _, _ in held if raw_uuid(ref) in filed]
    for ref, kind, digest in select_among(connection, _FILED, refs):
        found.lookups.add((raw_uuid(ref), kind, digest))
    named = {each.subject.bytes for each in people if each.identity is not None}
    refs = [ref for ref, kind, _, _ in held if kind == "child" and raw_uuid(ref) in named]
    found.searched = search.known_keys(connection, refs)
    return found
