"""Where do the vault's keys live, and what is refused about the files that hold them?

Three kinds of files of 64 hexadecimal characters (256 bits), outside the database:
``kek-N.key`` wraps the persons' data keys (the highest N wraps new ones, older ones stay
readable), ``index.key`` makes look-up digests, ``store.key`` makes references to content.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
import unicodedata
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ckbx.vault.errors import (
    LookupEmpty,
    SecretDamaged,
    SecretExposed,
    SecretMismatch,
    SecretMissing,
)

KEY_BYTES = 32
_BLOCK = 64
_HEX = re.compile(rb"[0-9a-f]{64}\n?")
_KEK = re.compile(r"kek-([1-9]\d*)\.key")


class KeyedDigest:
    """HMAC-SHA-256 (RFC 2104) under one key of at most 64 bytes, the key set up once.

    Copying the two keyed hashes costs a third of copying an ``hmac`` object.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK:
            raise ValueError(len(key))
        block = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(each ^ 0x36 for each in block))
        self._outer = hashlib.sha256(bytes(each ^ 0x5C for each in block))

    def of(self, message: bytes) -> bytes:
        """The 32 bytes for a message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class VaultKeys:
    """The keys of one store, read from its secret folder."""

    def __init__(self, folder: Path, keks: dict[str, bytes], index: bytes, store: bytes) -> None:
        self.folder = folder
        self._raw = dict(keks)
        self._aead = {key_id: AESGCM(raw) for key_id, raw in keks.items()}
        self._index = index
        self._keyed = KeyedDigest(index)
        self.store_key = store
        self.registered: frozenset[str] = frozenset()
        """The ids the store is known to know; kept by :mod:`ckbx.vault.keyring`."""

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> VaultKeys:
        """Read the key files; with ``create`` (only ``init`` on an empty store) make them.

        Raises SecretMissing, SecretExposed, SecretDamaged.
        """
        if create:
            _make_folder(folder)
            for name in ("index.key", "store.key"):
                _make_key(folder / name)
            if not _kek_ids(folder):
                _make_key(folder / "kek-1.key")
        _check_folder(folder)
        kek_ids = _kek_ids(folder)
        if not kek_ids:
            raise SecretMissing(file="kek-1.key")
        keks = {key_id: _read_key(folder / f"{key_id}.key") for key_id in kek_ids}
        return cls(folder, keks, _read_key(folder / "index.key"), _read_key(folder / "store.key"))

    @property
    def current(self) -> str:
        """The id of the newest wrapping key, e.g. ``kek-1``.

        Only :func:`ckbx.vault.keyring.wrapping_key` may use it: the file may be a stranger's.
        """
        return max(self._raw, key=_kek_number)

    def kek(self, key_id: str) -> AESGCM:
        """The wrapping key of an id; one made by another process is read when first met."""
        found = self._aead.get(key_id)
        if found is None:
            if not _KEK.fullmatch(f"{key_id}.key"):
                raise SecretMismatch(key_id=key_id)
            raw = _read_key(self.folder / f"{key_id}.key")
            self._raw[key_id] = raw
            found = self._aead[key_id] = AESGCM(raw)
        return found

    def new_kek(self) -> str:
        """Make the next wrapping key file and use it from now on. Returns its id."""
        key_id = f"kek-{_kek_number(self.current) + 1}"
        _make_key(self.folder / f"{key_id}.key")
        self.kek(key_id)
        return key_id

    def digest(self, kind: str, value: str) -> bytes:
        """The look-up digest: HMAC-SHA-256 over kind and value.

        Width, blanks at the ends and letter case do not matter. Raises LookupEmpty.
        """
        if not value.isascii():  # NFKC changes no ASCII
            value = unicodedata.normalize("NFKC", value)
        plain = value.strip().upper()
        if not plain:
            raise LookupEmpty(kind=kind)
        return self._keyed.of(f"{kind}\0{plain}".encode())

    def search_digest(self, kind: str, plain: str) -> bytes:
        """By what the beginning of a name is found: the first half of an HMAC-SHA-256."""
        return self._keyed.of(f"search\0{kind}\0{plain}".encode())[:16]

    def mark(self, digest: bytes) -> bytes:
        """By what a number is known among the holders: HMAC-SHA-256 over its look-up digest.

        Another value than the digest, so that what stays of an erased child cannot be joined
        with an old copy of the look-ups.
        """
        return self._keyed.of(b"number\0" + digest)

    def fingerprints(self) -> dict[str, bytes]:
        """What the store remembers of each key, to notice a wrong file: nothing to attack."""
        every = {**self._raw, "index": self._index, "store": self.store_key}
        return {
            key_id: hmac.digest(raw, b"ckbx key fingerprint", "sha256")[:16]
            for key_id, raw in every.items()
        }


def note_ref(store_key: bytes, text: str | bytes) -> bytes:
    """HMAC-SHA-256(store key, content), 32 bytes: how an event refers to a text or a file.

    Equal content has equal references, so reuse shows; without the key nothing can be
    guessed from it.
    """
    content = text.encode() if isinstance(text, str) else text
    return hmac.digest(store_key, content, "sha256")


def _kek_number(key_id: str) -> int:
    return int(key_id.removeprefix("kek-"))


def _kek_ids(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name.removesuffix(".key") for p in folder.iterdir() if _KEK.fullmatch(p.name))


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)  # whatever the umask


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise SecretMissing(file=folder.name)
    _check_mode(folder, folder.stat())


def _check_mode(path: Path, info: os.stat_result) -> None:
    if os.geteuid() not in (0, info.st_uid):
        raise SecretExposed(file=path.name, why="属主不是当前账户")
    if stat.S_IMODE(info.st_mode) & 0o077:
        raise SecretExposed(file=path.name, why="其他账户可以访问")


def _read_key(path: Path) -> bytes:
    content = read_private(path, 256)
    if not _HEX.fullmatch(content):
        raise SecretDamaged(file=path.name)
    return bytes.fromhex(content.decode())


def read_private(path: Path, most: int) -> bytes:
    """At most so many bytes of a file that nobody else may read.

    Raises SecretMissing, SecretExposed.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise SecretMissing(file=path.name) from error
    except OSError as error:
        raise SecretExposed(file=path.name, why="不能按普通文件打开") from error
    with os.fdopen(handle, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise SecretExposed(file=path.name, why="不是普通文件")
        _check_mode(path, info)
        return file.read(most)


def _make_key(path: Path) -> None:
    """Make a key file whole or not at all; one that stands is left as it is."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
