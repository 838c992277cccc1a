"""How does the program seal a secret that is no person's, under the store's wrapping key?

AES-256-GCM; the associated data are what the secret is about and the id of the key, so that a
sealed secret moved to another row does not open.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from ckbx.vault.errors import SecretMismatch
from ckbx.vault.key_files import VaultKeys
from ckbx.vault.keyring import wrapping_key

_NONCE_BYTES = 12


class Sealed(NamedTuple):
    """Nonce and ciphertext, and the id of the key file that opens it."""

    key_id: str
    content: bytes


def seal_secret(connection: Connection, keys: VaultKeys, about: str, secret: bytes) -> Sealed:
    """Seal under the newest wrapping key. Raises SecretUnregistered."""
    key_id = wrapping_key(connection, keys)
    nonce = os.urandom(_NONCE_BYTES)
    aad = _aad(about, key_id)
    return Sealed(key_id, nonce + keys.kek(key_id).encrypt(nonce, secret, aad))


def open_secret(keys: VaultKeys, about: str, sealed: Sealed) -> bytes:
    """The secret. Raises SecretMismatch when altered, moved, or under another key."""
    nonce, content = sealed.content[:_NONCE_BYTES], sealed.content[_NONCE_BYTES:]
    try:
        return keys.kek(sealed.key_id).decrypt(nonce, content, _aad(about, sealed.key_id))
    except (InvalidTag, ValueError) as error:
        raise SecretMismatch(key_id=sealed.key_id) from error


def _aad(about: str, key_id: str) -> bytes:
    return f"sealed for\0{about}\0{key_id}".encode()
