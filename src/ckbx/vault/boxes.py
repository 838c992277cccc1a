"""How is something sealed in which many people stand, so that no one's key is for it?

As a person's values are: AES-256-GCM under a data key of its own, which is wrapped by the
store's. The associated data are the box and the piece, so that a piece moved elsewhere does
not open.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ckbx.vault.errors import SecretMismatch
from ckbx.vault.key_files import KEY_BYTES
from ckbx.vault.sealing import NONCE_BYTES
from ckbx.vault.seals import Sealed

if TYPE_CHECKING:
    from ckbx.vault.vault import Vault


class Box:
    """The data key of a box, ready to use; ``key`` is it sealed, for the store."""

    def __init__(self, name: str, raw: bytes, key: Sealed) -> None:
        self._name, self._aead, self.key = name, AESGCM(raw), key

    @classmethod
    def new(cls, vault: Vault, name: str) -> Box:
        """A box under a new key. Raises SecretUnregistered."""
        raw = os.urandom(KEY_BYTES)
        return cls(name, raw, vault.seal(_about(name), raw))

    @classmethod
    def opened(cls, vault: Vault, name: str, key: Sealed) -> Box:
        """The box whose sealed key this is. Raises SecretMismatch."""
        return cls(name, vault.unseal(_about(name), key), key)

    def seal(self, piece: str, content: bytes) -> bytes:
        """A piece, sealed: nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, content, self._aad(piece))

    def open(self, piece: str, sealed: bytes) -> bytes:
        """What a piece holds. Raises SecretMismatch when it was altered or moved."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._aad(piece))
        except (InvalidTag, ValueError) as error:
            raise SecretMismatch(key_id=self.key.key_id) from error

    def _aad(self, piece: str) -> bytes:
        return f"{self._name}\0{piece}".encode()


def rewrapped(vault: Vault, name: str, key: Sealed) -> Sealed:
    """The same key under the newest key file. Raises SecretMismatch, SecretUnregistered."""
    return vault.seal(_about(name), vault.unseal(_about(name), key))


def _about(name: str) -> str:
    return f"box {name}"
