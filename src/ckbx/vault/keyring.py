"""Are the key files those of this store, and how are data keys wrapped anew?"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from ckbx.vault.errors import SecretMismatch
from ckbx.vault.key_files import VaultKeys
from ckbx.vault.sealing import rewrap
from ckbx.vault.statements import CHUNK
from ckbx.vault.tables import keyring, keys

_OTHER = (
    select(keys.c.subject, keys.c.key_id, keys.c.wrapped)
    .where(keys.c.key_id != bindparam("current"))
    .limit(CHUNK)
)
_CHANGE = (
    update(keys)
    .where(keys.c.subject == bindparam("who"))
    .values(wrapped=bindparam("fresh"), key_id=bindparam("current"))
)


def store_has_keys(engine: Engine) -> bool:
    """Whether the store was written with key files already, so none may be made anew."""
    with engine.connect() as connection:
        return bool(connection.execute(select(func.count()).select_from(keyring)).scalar())


def check_fingerprints(connection: Connection, held: VaultKeys) -> frozenset[str]:
    """The ids of the keys the store knows.

    Raises SecretMismatch, SecretMissing unless each of them is among the files.
    """
    known = dict(connection.execute(select(keyring.c.key_id, keyring.c.fingerprint)).all())
    for key_id in known:
        if key_id.startswith("kek-"):
            held.kek(key_id)  # one that another process made meanwhile is read now
    marks = held.fingerprints()
    for key_id, mark in known.items():
        if marks.get(key_id) != bytes(mark):
            raise SecretMismatch(key_id=key_id)
    return frozenset(known)


def register_fingerprints(connection: Connection, held: VaultKeys, at: int) -> None:
    """Remember the keys the store does not know yet. Raises like check_fingerprints."""
    known = check_fingerprints(connection, held)
    fresh = [
        {"key_id": key_id, "fingerprint": mark, "recorded_at": at}
        for key_id, mark in held.fingerprints().items()
        if key_id not in known
    ]
    if fresh:
        connection.execute(insert(keyring), fresh)


def rewrap_some(connection: Connection, held: VaultKeys) -> int:
    """Wrap up to 500 data keys with the current key file. Returns how many it found."""
    current = held.current
    batch = [
        {
            "who": who,
            "fresh": rewrap(held, key_id, current, who.bytes, wrapped),
            "current": current,
        }
        for who, key_id, wrapped in connection.execute(_OTHER, {"current": current})
    ]
    if batch:
        connection.execute(_CHANGE, batch)
    return len(batch)
