"""Under which keys is a child found by name, and who is found under what a person typed?

A key is an HMAC of the beginning of a name, or of its pinyin initials: whoever has the
database and not ``index.key`` reads nothing from it. Keys are made when an identity is
written, never changed, and go when the person is erased. A name that was corrected is still
found by what was written before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ckbx.vault.key_files import VaultKeys
from ckbx.vault.people import Identity, Person
from ckbx.vault.statements import raw_uuid, select_among

TABLE: Final = "vault_search"
COLUMNS: Final = ("digest", "subject")
LONGEST: Final = 8
"""So many letters of a name have keys; what is typed beyond them is not looked at."""
FEWEST_LETTERS: Final = 2
"""One initial would find a quarter of a county."""
_READINGS: Final = 16
"""So many ways of reading a name aloud have keys (单, 曾, 解 … are read otherwise as surnames)."""
_NAME, _INITIALS, _NAMELESS = "name", "initials", "nameless"

_WHO = "SELECT subject FROM vault_search WHERE digest {among}"
_HAS = "SELECT subject, digest FROM vault_search WHERE subject {among}"
_BEHIND = text(
    "SELECT EXISTS (SELECT 1 FROM vault_keys k WHERE k.kind = 'child' AND EXISTS"
    " (SELECT 1 FROM vault_rows r WHERE r.subject = k.subject AND r.field = 'identity'))"
    " AND NOT EXISTS (SELECT 1 FROM vault_search)"
)
_NAMED = text(
    "SELECT DISTINCT k.subject FROM vault_keys k JOIN vault_rows r ON r.subject = k.subject"
    " WHERE k.kind = 'child' AND r.field = 'identity'"
)
_INSERT = text("INSERT INTO vault_search (digest, subject) VALUES (:digest, :subject)")


def letters(name: str) -> str:
    """A name as it is compared: width and case do not matter, nor blanks, dots and marks."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in plain if each.isalnum())


def keys_of(keys: VaultKeys, identity: Identity) -> set[bytes]:
    """The digests under which a person is found; of a name without letters one that nobody
    can ask for.
    """
    found: set[bytes] = set()
    for name in (identity.name, identity.former_name) if identity.former_name else (identity.name,):
        plain = letters(name)[:LONGEST]
        found.update(keys.search_digest(_NAME, plain[:size]) for size in range(1, len(plain) + 1))
        found.update(keys.search_digest(_INITIALS, part) for part in spoken(plain))
    return found or {keys.search_digest(_NAMELESS, "")}


def asked_for(keys: VaultKeys, typed: str) -> bytes | None:
    """The digest of what was typed: letters are pinyin initials, all else a name's beginning;
    None where it is too short to look for.
    """
    plain = letters(typed)[:LONGEST]
    if plain.isascii() and plain.isalpha():
        return keys.search_digest(_INITIALS, plain) if len(plain) >= FEWEST_LETTERS else None
    return keys.search_digest(_NAME, plain) if plain else None


def spoken(plain: str) -> set[str]:
    """The beginnings of a name's initials, in every way of reading it; letters stand for
    themselves.
    """
    found: set[str] = set()
    read = [""]
    for number, character in enumerate(plain, start=1):
        read = [start + each for start in read for each in _initials_of(character)][:_READINGS]
        if number >= FEWEST_LETTERS:
            found.update(read)
    return found


@lru_cache(maxsize=8_192)
def _initials_of(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin  # noqa: PLC0415 - half a second, where names are written

    read = pinyin(character, style=Style.FIRST_LETTER, heteronym=True)
    return tuple(dict.fromkeys(read[0])) if read else (character,)


def known_keys(connection: Connection, refs: Sequence[Any]) -> set[tuple[bytes, bytes]]:
    """The (bytes of the id, digest) pairs that these people have."""
    rows = select_among(connection, _HAS, list(refs))
    return {(raw_uuid(subject), bytes(digest)) for subject, digest in rows}


def who_is(connection: Connection, digest: bytes) -> tuple[UUID, ...]:
    """Everybody found under a digest, in no order that says anything."""
    rows = select_among(connection, _WHO, [digest])
    return tuple(UUID(bytes=raw_uuid(subject)) for (subject,) in rows)


def is_behind(connection: Connection) -> bool:
    """Whether names were written before they had keys, and ``init`` is to be run."""
    return bool(connection.execute(_BEHIND).scalar())


def named_children(connection: Connection) -> list[UUID]:
    """The children whose identity the vault holds."""
    found = connection.execute(_NAMED).scalars()
    return [UUID(bytes=raw_uuid(subject)) for subject in found]


def fill(connection: Connection, keys: VaultKeys, people: Iterable[Person]) -> None:
    """Give keys to people of a store that was written without them."""
    postgres = connection.dialect.name == "postgresql"
    rows = [
        {"digest": digest, "subject": each.subject if postgres else each.subject.bytes}
        for each in people
        if each.identity is not None
        for digest in keys_of(keys, each.identity)
    ]
    if rows:
        connection.execute(_INSERT, rows)
