"""One-time codes by which a person sets a password: random, short-lived, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No character that is taken for another on paper or on the phone."""
HOURS: Final = 72
_LETTERS: Final = 16
_GROUP: Final = 4


def new_code() -> str:
    """A code of 78 bits in four groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_LETTERS))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def hash_code(account: str, code: str) -> bytes:
    """What is kept of a code: bound to its account, blind to case, blanks and dashes.

    A plain hash will do: the code has 78 random bits and lives 72 hours.
    """
    plain = "".join(letter for letter in code.upper() if letter in ALPHABET)
    return hashlib.sha256(f"{account}\0{plain}".encode()).digest()
