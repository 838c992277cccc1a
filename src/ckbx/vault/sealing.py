"""How is a value sealed so that only its own person, field and row can open it again?

AES-256-GCM under a data key of the person; the associated data are subject, row id and
field, so a ciphertext moved anywhere else does not open. The plaintext is one byte of
version and a msgpack map.
"""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ckbx.vault.errors import FieldUnknown, SecretMismatch, VaultRowDamaged
from ckbx.vault.key_files import KEY_BYTES, VaultKeys
from ckbx.vault.people import Contact, Identity, Marks

NONCE_BYTES = 12
ROW_ID_BYTES = 16
NOTE = "note:"
FILE = "file:"
_VERSION = b"\x01"
_TAG_BYTES = 16
_PACKED_HEADS = ((2, 1 << 8), (3, 1 << 16), (5, 1 << 32))
"""How many bytes msgpack puts before a byte string shorter than this."""

_encode = msgspec.msgpack.Encoder().encode
_decode = {
    "identity": msgspec.msgpack.Decoder(Identity).decode,
    "contact": msgspec.msgpack.Decoder(Contact).decode,
    "marks": msgspec.msgpack.Decoder(Marks).decode,
    NOTE: msgspec.msgpack.Decoder(str).decode,
    FILE: msgspec.msgpack.Decoder(bytes).decode,
}


class RandomPool:
    """Random bytes taken from the operating system in one call a batch."""

    __slots__ = ("_at", "_buffer")

    def __init__(self, size: int) -> None:
        self._buffer = os.urandom(size)
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes, never handed out twice."""
        end = self._at + count
        if end > len(self._buffer):
            return os.urandom(count)
        piece = self._buffer[self._at : end]
        self._at = end
        return piece


def new_data_key(
    keys: VaultKeys, key_id: str, raw_id: bytes, pool: RandomPool
) -> tuple[AESGCM, bytes]:
    """A data key for a person: ready to use, and wrapped (nonce + ciphertext) for the store."""
    raw_key = pool.take(KEY_BYTES)
    nonce = pool.take(NONCE_BYTES)
    aad = raw_id + key_id.encode()
    return AESGCM(raw_key), nonce + keys.kek(key_id).encrypt(nonce, raw_key, aad)


def unwrap(keys: VaultKeys, key_id: str, raw_id: bytes, wrapped: bytes) -> bytes:
    """The raw data key. Raises SecretMismatch when the wrapping key does not fit."""
    try:
        return keys.kek(key_id).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], raw_id + key_id.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise SecretMismatch(key_id=key_id) from error


def rewrap(keys: VaultKeys, old_id: str, new_id: str, raw_id: bytes, wrapped: bytes) -> bytes:
    """The same data key under another wrapping key."""
    raw = unwrap(keys, old_id, raw_id, wrapped)
    nonce = os.urandom(NONCE_BYTES)
    return nonce + keys.kek(new_id).encrypt(nonce, raw, raw_id + new_id.encode())


def seal(
    data_key: AESGCM, raw_id: bytes, field: str, value: object, pool: RandomPool
) -> tuple[bytes, bytes]:
    """A value sealed for a field of the person with id ``raw_id``: (row id, nonce + ciphertext)."""
    drawn = pool.take(ROW_ID_BYTES + NONCE_BYTES)
    row_id, nonce = drawn[:ROW_ID_BYTES], drawn[ROW_ID_BYTES:]
    aad = raw_id + row_id + field.encode()
    return row_id, nonce + data_key.encrypt(nonce, _VERSION + _encode(value), aad)


def unseal(data_key: AESGCM, raw_id: bytes, field: str, row_id: bytes, sealed: bytes) -> Any:
    """The value of a field. Raises VaultRowDamaged when altered, moved or of a later version."""
    aad = raw_id + row_id + field.encode()
    try:
        plain = data_key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        if plain[:1] != _VERSION:
            raise _damaged(raw_id, field, row_id)
        return _decode[_kind_of(field)](memoryview(plain)[1:])
    except (InvalidTag, ValueError, msgspec.DecodeError) as error:
        raise _damaged(raw_id, field, row_id) from error


def _kind_of(field: str) -> str:
    return next((kind for kind in (NOTE, FILE) if field.startswith(kind)), field)


def file_size(sealed: int) -> int:
    """How many bytes a file has of which the sealed value has so many."""
    packed = sealed - NONCE_BYTES - len(_VERSION) - _TAG_BYTES
    return packed - next(head for head, most in _PACKED_HEADS if packed - head < most)


def file_field(file: UUID) -> str:
    """The field name of an attachment."""
    return f"{FILE}{file}"


def note_field(note: UUID) -> str:
    """The field name of a free text."""
    return f"{NOTE}{note}"


def check_field(field: str) -> str:
    """Return a field name that exists. Raises FieldUnknown."""
    if field in ("identity", "contact", "marks", "notes"):
        return field
    for kind, name in ((NOTE, note_field), (FILE, file_field)):
        if field.startswith(kind):
            try:
                return name(UUID(field.removeprefix(kind)))
            except ValueError as error:
                raise FieldUnknown(field=field) from error
    raise FieldUnknown(field=field)


def _damaged(raw_id: bytes, field: str, row_id: bytes) -> VaultRowDamaged:
    return VaultRowDamaged(subject=UUID(bytes=raw_id), field=field, row=row_id.hex())
