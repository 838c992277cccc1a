"""Who is signed in? Random tokens, of which only the hash is kept; ended at once by one delete."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from ckbx.access.base import Tables
from ckbx.access.tables import sessions
from ckbx.clock import from_micros
from ckbx.eventlog.selects import Prepared

SECOND: Final = 1_000_000
ABSOLUTE: Final = 12 * 3600 * SECOND
IDLE: Final = 12 * 3600 * SECOND
IDLE_STRICT: Final = 30 * 60 * SECOND
SEEN_EVERY: Final = 60 * SECOND
SEEN_PARTS: Final = 60
"""Of the idle time, where a part of it is longer than a minute: each is a write of its own, and
at eight in the morning everybody is here.
"""
_TOKEN_BYTES: Final = 32
_LONGEST: Final = 200
_s = sessions.c
_OF: Final = Prepared(select(sessions).where(_s.id_hash == bindparam("token")))
"""Asked before every page, and once more before what it writes is stored."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is not over. Instants in UTC; ``confirmed``: the last time the person
    proved who they are (signing in, or again before something grave).
    """

    key: str
    account: str
    data: bytes
    began: datetime
    seen: datetime
    confirmed: datetime
    expires: datetime
    strict: bool
    device: str
    address: str


class Sessions:
    """The sessions of one store. ``is_open`` says whether an account may still be used."""

    def __init__(self, tables: Tables, is_open: Callable[[str], bool]) -> None:
        self._tables = tables
        self._is_open = is_open

    def create(
        self,
        account: str,
        *,
        address: str,
        device: str,
        data: bytes = b"",
        strict: bool = False,
    ) -> str:
        """Begin a session; its token (256 bits), which is kept nowhere.

        Over after 12 hours, or 12 hours without a request, ``strict`` 30 minutes. Sessions
        that are over are swept out. Raises StoreUnavailable.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._tables.now()
        row = {
            "id_hash": _hash(token),
            "account": account,
            "data": data,
            "began": now,
            "seen": now,
            "confirmed": now,
            "expires": now + ABSOLUTE,
            "idle": IDLE_STRICT if strict else IDLE,
            "device": device[:_LONGEST],
            "address": address[:_LONGEST],
        }
        with self._tables.write() as connection:
            over = (_s.expires <= now) | (_s.seen + _s.idle <= now)
            connection.execute(delete(sessions).where(over))
            connection.execute(insert(sessions).values(row))
        return token

    def find(self, token: str, is_open: Callable[[str], bool] | None = None) -> SessionRow | None:
        """The session of a token; None when there is none, it is over, or its account closed.
        ``is_open``: asked instead, by who reads the account anyway.

        ``seen`` is written once a minute, or where 12 idle hours are allowed once in twelve:
        idle for that much less it may end, never later. Raises StoreUnavailable.
        """
        key = _hash(token)
        row = self._running(key)
        if row is None:
            return None
        now = self._tables.now()
        if not (is_open or self._is_open)(row.account):
            return None
        if now - row.seen >= max(SEEN_EVERY, row.idle // SEEN_PARTS):
            with self._tables.write() as connection:
                still = _s.id_hash == key, _s.seen < now
                connection.execute(update(sessions).where(*still).values(seen=now))
        return _row(row)

    def is_live(self, token: str) -> bool:
        """Whether the session still runs; asks nothing of its account and writes nothing."""
        return self._running(_hash(token)) is not None

    def confirm(self, token: str) -> None:
        """The person proved again who they are, now."""
        self._set(token, confirmed=self._tables.now())

    def end(self, token: str) -> None:
        """Sign out."""
        with self._tables.write() as connection:
            connection.execute(delete(sessions).where(_s.id_hash == _hash(token)))

    def end_key(self, account: str, key: str) -> None:
        """End one of an account's sessions by the ``key`` that :meth:`of_account` showed."""
        own = _s.account == account, _s.id_hash == bytes.fromhex(key)
        with self._tables.write() as connection:
            connection.execute(delete(sessions).where(*own))

    def end_all(self, account: str) -> int:
        """End every session of an account at once; how many there were."""
        with self._tables.write() as connection:
            done = connection.execute(delete(sessions).where(_s.account == account))
        return int(done.rowcount)

    def of_account(self, account: str) -> list[SessionRow]:
        """The sessions of an account that are not over, the newest first."""
        now = self._tables.now()
        live = _s.account == account, _s.expires > now, _s.seen + _s.idle > now
        with self._tables.read() as connection:
            found = connection.execute(select(sessions).where(*live).order_by(_s.began.desc()))
            return [_row(row) for row in found]

    def _running(self, key: bytes) -> Any:
        """The row of a session that is not over; None where there is none."""
        with self._tables.read() as connection:
            found = _OF.rows(connection, {"token": key})
        now = self._tables.now()
        row = found[0] if found else None
        return None if row is None or row.expires <= now or row.seen + row.idle <= now else row

    def _set(self, token: str, **values: Any) -> None:
        with self._tables.write() as connection:
            own = _s.id_hash == _hash(token)
            connection.execute(update(sessions).where(own).values(**values))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _row(row: Any) -> SessionRow:
    return SessionRow(
        key=bytes(row.id_hash).hex(),
        account=row.account,
        data=bytes(row.data),
        began=from_micros(row.began),
        seen=from_micros(row.seen),
        confirmed=from_micros(row.confirmed),
        expires=from_micros(row.expires),
        strict=row.idle == IDLE_STRICT,
        device=row.device,
        address=row.address,
    )
