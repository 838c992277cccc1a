"""Which program may ask on whose behalf? Random tokens with an end and part of its permissions.

A token can never do more than its account: whoever asks cuts what the account holds on the day
down to the token's permissions. Only the hash is kept; the token itself is shown once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import delete, insert, select, update

from ckbx.access.base import Tables
from ckbx.access.errors import TokenRefused, TokenUnknown
from ckbx.access.sessions import SECOND, SEEN_EVERY
from ckbx.access.sign_ins import Outcome, Whence, write_sign_in
from ckbx.access.tables import api_tokens
from ckbx.clock import from_micros, micros
from ckbx.domain.shared.personal import holds_number

PREFIX: Final = "ckbx_"
"""By this a token is recognised where it does not belong (in files, in logs)."""
LONGEST_DAYS: Final = 366
SHORT: Final = 8
"""So many characters of its key name a token."""
_DAY: Final = 24 * 3600 * SECOND
_TOKEN_BYTES: Final = 32
_LONGEST_NAME: Final = 60
_t = api_tokens.c


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was not revoked. Instants in UTC; over at ``expires``."""

    key: str
    account: str
    name: str
    permissions: tuple[str, ...]
    made: datetime
    made_by: str
    expires: datetime
    seen: datetime | None


class Tokens:
    """The tokens of one store. ``is_open`` says whether an account may still be used."""

    def __init__(self, tables: Tables, is_open: Callable[[str], bool]) -> None:
        self._tables = tables
        self._is_open = is_open

    def create(
        self,
        account: str,
        *,
        name: str,
        permissions: Collection[str],
        expires: datetime,
        by: str,
    ) -> str:
        """Make a token for a program, valid before a UTC instant; it is kept nowhere.

        That the account has these permissions is for the caller to know. Raises TokenRefused,
        StoreUnavailable.
        """
        plain = " ".join(name.split())
        now, end = self._tables.now(), micros(expires)
        why = self._refused(account, plain, permissions, now, end)
        if why:
            raise TokenRefused(why=why)
        token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        row = {
            "id_hash": _hash(token),
            "account": account,
            "name": plain,
            "permissions": " ".join(sorted(set(permissions))),
            "made": now,
            "made_by": by,
            "expires": end,
        }
        with self._tables.write() as connection:
            connection.execute(insert(api_tokens).values(row))
            self._note(connection, account, plain, by, Outcome.TOKEN_MADE)
        return token

    def _refused(
        self, account: str, name: str, permissions: Collection[str], now: int, end: int
    ) -> str:
        if not self._is_open(account):
            return f"账号 {account} 没有开通或已停用"
        if not name or len(name) > _LONGEST_NAME or holds_number(name) or not name.isprintable():
            return f"请写程序的名称（1 到 {_LONGEST_NAME} 个字，不能含证件号、电话号）"
        if not permissions:
            return "请至少写一项权限"
        if not now < end <= now + (LONGEST_DAYS + 1) * _DAY:
            return f"截止日应在今天到 {LONGEST_DAYS} 天之内"
        return ""

    def find(self, token: str) -> TokenRow | None:
        """The token's row; None when there is none, it is over, or its account closed.

        ``seen`` is written at most once a minute. Raises StoreUnavailable.
        """
        key = _hash(token)
        with self._tables.read() as connection:
            row = connection.execute(select(api_tokens).where(_t.id_hash == key)).first()
        now = self._tables.now()
        if row is None or row.expires <= now or not self._is_open(row.account):
            return None
        if row.seen is None or now - row.seen >= SEEN_EVERY:
            with self._tables.write() as connection:
                connection.execute(update(api_tokens).where(_t.id_hash == key).values(seen=now))
        return _row(row)

    def is_live(self, token: str) -> bool:
        """Whether the token still opens; asks nothing of its account and writes nothing."""
        own = _t.id_hash == _hash(token), _t.expires > self._tables.now()
        with self._tables.read() as connection:
            return connection.execute(select(_t.account).where(*own)).first() is not None

    def all_(self, account: str | None = None) -> list[TokenRow]:
        """Every token not revoked, or those of an account, expired ones too; newest first."""
        asked = select(api_tokens).order_by(_t.made.desc(), _t.id_hash)
        if account is not None:
            asked = asked.where(_t.account == account)
        with self._tables.read() as connection:
            return [_row(row) for row in connection.execute(asked)]

    def revoke(self, key: str, *, by: str) -> TokenRow:
        """End a token at once, by its key or the first 8 characters of it or more.

        Raises TokenUnknown, StoreUnavailable.
        """
        digits = key.strip().lower()
        found = [row for row in self.all_() if row.key.startswith(digits)]
        if len(digits) < SHORT or len(found) != 1:
            raise TokenUnknown(key=digits[:SHORT])
        self._drop(found[0], by)
        return found[0]

    def revoke_all(self, account: str, *, by: str) -> int:
        """End every token of an account; how many there were."""
        found = self.all_(account)
        for row in found:
            self._drop(row, by)
        return len(found)

    def _drop(self, row: TokenRow, by: str) -> None:
        with self._tables.write() as connection:
            own = _t.id_hash == bytes.fromhex(row.key)
            if connection.execute(delete(api_tokens).where(own)).rowcount:
                self._note(connection, row.account, row.name, by, Outcome.TOKEN_REVOKED)

    def _note(self, connection: Any, account: str, name: str, by: str, what: Outcome) -> None:
        """In the append-only log: which program, by whom."""
        whence = Whence("", f"{name}（{by}）")
        write_sign_in(connection, self._tables.now(), account, whence, what)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _row(row: Any) -> TokenRow:
    return TokenRow(
        key=bytes(row.id_hash).hex(),
        account=row.account,
        name=row.name,
        permissions=tuple(row.permissions.split()),
        made=from_micros(row.made),
        made_by=row.made_by,
        expires=from_micros(row.expires),
        seen=from_micros(row.seen) if row.seen is not None else None,
    )
