"""Which files are kept for a person: ids, sizes and instants. Nothing is decrypted."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ckbx.vault.sealing import FILE, file_size
from ckbx.vault.statements import db_uuid, run

_KEPT = (
    "SELECT field, recorded_at, length(sealed) FROM vault_rows"
    " WHERE subject = ? AND field LIKE ? ORDER BY recorded_at, seq"
)


class KeptFile(NamedTuple):
    """A file under a person's key. ``size`` in bytes; ``recorded_at`` in UTC microseconds."""

    file: UUID
    size: int
    recorded_at: int


def kept_files(connection: Connection, subject: UUID) -> list[KeptFile]:
    """Every file of one person, in order of recording; none of one who was erased."""
    ref = db_uuid(connection.dialect.name, subject)
    return [
        KeptFile(UUID(field.removeprefix(FILE)), file_size(length), recorded_at)
        for field, recorded_at, length in run(connection, _KEPT, ref, f"{FILE}%")
    ]
