"""Which files and texts are kept for a person: ids, sizes, instants. Nothing is decrypted."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ckbx.vault.sealing import FILE, NOTE, file_size
from ckbx.vault.statements import db_uuid, run

_KEPT = (
    "SELECT field, recorded_at, length(sealed) FROM vault_rows"
    " WHERE subject = ? AND (field LIKE ? OR field LIKE ?) ORDER BY recorded_at, seq"
)


class KeptFile(NamedTuple):
    """A file or a text under a person's key. ``size`` in bytes, None of a text; ``recorded_at``
    in UTC microseconds.
    """

    file: UUID
    size: int | None
    recorded_at: int


def kept_files(connection: Connection, subject: UUID) -> list[KeptFile]:
    """Every file and text of one person, in order of recording; none of one who was erased."""
    ref = db_uuid(connection.dialect.name, subject)
    rows = run(connection, _KEPT, ref, f"{FILE}%", f"{NOTE}%")
    return [_kept(field, recorded_at, length) for field, recorded_at, length in rows]


def _kept(field: str, recorded_at: int, sealed: int) -> KeptFile:
    if field.startswith(NOTE):
        return KeptFile(UUID(field.removeprefix(NOTE)), None, recorded_at)
    return KeptFile(UUID(field.removeprefix(FILE)), file_size(sealed), recorded_at)
