"""Which tables hold personal data, and what may be done to them?

The same tables on SQLite (ids as 16-byte BLOB) and PostgreSQL (uuid). Values, look-ups and
access records are appended only; erasing a person is the one reason to delete.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine


class SubjectId(TypeDecorator[UUID]):
    """A uuid: 16 bytes on SQLite, ``uuid`` on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return UUID(bytes=value) if dialect.name != "postgresql" and value is not None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """The same, decided once a statement: lists name tens of thousands of people."""
        if dialect.name == "postgresql":
            return super().result_processor(dialect, coltype)
        return _of_bytes


@lru_cache(maxsize=1 << 15)
def _of_bytes(value: bytes | None) -> UUID | None:
    """Those asked about again and again are made once: to make one costs more than its row."""
    return None if value is None else UUID(bytes=value)


_Micros = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()

keys = Table(
    "vault_keys",
    metadata,
    Column("subject", SubjectId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("created_at", _Micros, nullable=False),
    CheckConstraint("kind IN ('child', 'guardian', 'staff')", name="vault_keys_kind"),
    sqlite_strict=True,
)
"""One data key a person, wrapped: nonce + ciphertext, under the key file ``key_id``."""

rows = Table(
    "vault_rows",
    metadata,
    Column("seq", _Micros, Identity(), primary_key=True),
    Column("row_id", SubjectId, nullable=False),
    Column("subject", SubjectId, nullable=False),
    Column("field", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("recorded_at", _Micros, nullable=False),
    Index("vault_rows_subject", "subject"),
    sqlite_strict=True,
)
"""Sealed values; the newest of a field (recorded_at, then seq) is in force."""

lookup = Table(
    "vault_lookup",
    metadata,
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("subject", SubjectId, nullable=False),
    Column("recorded_at", _Micros, nullable=False),
    PrimaryKeyConstraint("kind", "digest", "subject", name="vault_lookup_pk"),
    Index("vault_lookup_subject", "subject"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

numbers = Table(
    "vault_numbers",
    metadata,
    Column("mark", LargeBinary, nullable=False),
    Column("turn", _Micros, nullable=False),
    Column("subject", SubjectId),
    Column("standing", Text, nullable=False),
    PrimaryKeyConstraint("mark", "turn", name="vault_numbers_pk"),
    CheckConstraint("standing IN ('held', 'given_up', 'erased')", name="vault_numbers_standing"),
    CheckConstraint("(subject IS NULL) = (standing = 'erased')", name="vault_numbers_subject_null"),
    Index("vault_numbers_subject", "subject"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
"""Whose a number is, turn by turn; see :mod:`ckbx.vault.numbers`."""

search = Table(
    "vault_search",
    metadata,
    Column("digest", LargeBinary, nullable=False),
    Column("subject", SubjectId, nullable=False),
    PrimaryKeyConstraint("digest", "subject", name="vault_search_pk"),
    Index("vault_search_subject", "subject"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
"""By which beginnings a child's name is found; see :mod:`ckbx.vault.search`."""

access = Table(
    "vault_access",
    metadata,
    Column("id", _Micros, Identity(), primary_key=True),
    Column("at", _Micros, nullable=False),
    Column("actor", Text, nullable=False),
    Column("view", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("subjects", LargeBinary, nullable=False),
    Column("count", Integer, nullable=False),
    Index("vault_access_actor", "actor", "at"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""Who looked at whom: ``subjects`` is ``count`` ids of 16 bytes, one after the other."""

erased = Table(
    "vault_erased",
    metadata,
    Column("subject", SubjectId, primary_key=True),
    Column("recorded_at", _Micros, nullable=False),
    sqlite_strict=True,
)

purges = Table(
    "vault_purges",
    metadata,
    Column("id", _Micros, Identity(), primary_key=True),
    Column("up_to", _Micros, nullable=False),
    Column("at", _Micros, nullable=False),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""Erasures recorded at or before ``up_to`` have left the files; later ones are 待清除."""

keyring = Table(
    "vault_keyring",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("recorded_at", _Micros, nullable=False),
    sqlite_strict=True,
)
"""By what the store recognises its key files."""
