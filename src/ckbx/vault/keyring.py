"""Are the key files those of this store, and how are data keys wrapped anew?"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from ckbx.vault.errors import SecretMismatch, SecretUnregistered
from ckbx.vault.key_files import VaultKeys
from ckbx.vault.sealing import rewrap
from ckbx.vault.statements import CHUNK
from ckbx.vault.tables import keyring, keys

_KEK = "kek-"
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

    Raises SecretMismatch, SecretMissing unless each of them is among the files, and
    SecretUnregistered when a wrapping key file is there that a store in use does not know.
    """
    known = _check_known(connection, held)
    for key_id in sorted(held.fingerprints()):
        if known and key_id not in known and key_id.startswith(_KEK):
            raise SecretUnregistered(key_id=key_id)
    return known


def register_fingerprints(connection: Connection, held: VaultKeys, at: int) -> None:
    """Remember the keys of a new store. Raises like check_fingerprints on one in use."""
    if not check_fingerprints(connection, held):
        _remember(connection, held, list(held.fingerprints()), at)


def add_kek(connection: Connection, held: VaultKeys, at: int) -> str:
    """Make the next wrapping key file and remember it. Returns its id.

    When the transaction is not committed the file stays unregistered and is refused.
    """
    check_fingerprints(connection, held)
    key_id = held.new_kek()
    _remember(connection, held, [key_id], at)
    return key_id


def wrapping_key(connection: Connection, held: VaultKeys) -> str:
    """The id of the key that wraps new data keys. Raises SecretUnregistered like the check."""
    current = held.current
    if current not in held.registered:
        check_fingerprints(connection, held)
        if current not in held.registered:
            raise SecretUnregistered(key_id=current)
    return current


def _check_known(connection: Connection, held: VaultKeys) -> frozenset[str]:
    known = dict(connection.execute(select(keyring.c.key_id, keyring.c.fingerprint)).all())
    for key_id in known:
        if key_id.startswith(_KEK):
            held.kek(key_id)  # one that another process made meanwhile is read now
    marks = held.fingerprints()
    for key_id, mark in known.items():
        if marks.get(key_id) != bytes(mark):
            raise SecretMismatch(key_id=key_id)
    held.registered = frozenset(known)
    return held.registered


def _remember(connection: Connection, held: VaultKeys, key_ids: Sequence[str], at: int) -> None:
    marks = held.fingerprints()
    fresh = [
        {"key_id": key_id, "fingerprint": marks[key_id], "recorded_at": at} for key_id in key_ids
    ]
    connection.execute(insert(keyring), fresh)


def rewrap_some(connection: Connection, held: VaultKeys) -> int:
    """Wrap up to 500 data keys with the current key file. Returns how many it found."""
    current = wrapping_key(connection, held)
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
