"""Who comes in by the county's unified sign-in (统一身份认证): links, ways there and back, entries.

That somebody is who the provider says was proven by the provider and checked by the caller;
here is which account that is, and nothing ever opens one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import delete, insert, select

from ckbx.access import credentials as kept
from ckbx.access import tries
from ckbx.access.base import Tables
from ckbx.access.entry import Entry, Factor, NeedsFactor, entry_of
from ckbx.access.errors import (
    IdentityMissing,
    IdentityRefused,
    IdentityTaken,
    NoAccountHere,
    TooManyTries,
)
from ckbx.access.sign_ins import Outcome, Whence, write_sign_in
from ckbx.access.tables import handshakes, identities
from ckbx.clock import from_micros

WITHIN: Final = 600 * tries.SECOND
"""So long somebody may stay at the provider's pages."""
LONGEST_SUBJECT: Final = 255
"""OpenID Connect Core 1.0 §2: ``sub`` has at most 255 ASCII characters."""
_i, _h = identities.c, handshakes.c


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is linked; the subject itself is kept nowhere."""

    account: str
    issuer: str
    made: datetime
    made_by: str


class Unified:
    """The unified sign-in of one store. ``key``: of the digests of identities."""

    def __init__(self, tables: Tables, key: bytes, is_active: Callable[[str], bool]) -> None:
        self._tables = tables
        self._key = key
        self._is_active = is_active

    # -------------------------------------------------------------------- links

    def link(self, account: str, issuer: str, subject: str, *, by: str) -> None:
        """From now on the subject of an issuer is this account; another one it had is not.

        That the account is open is for the use case to know. Raises IdentityRefused,
        IdentityTaken, StoreUnavailable.
        """
        subject = subject.strip()
        if not is_subject(subject):
            raise IdentityRefused
        identity, now = self._identity(issuer, subject), self._tables.now()
        with self._tables.write() as connection:
            holder = connection.execute(
                select(_i.account).where(_i.identity == identity, _i.account != account)
            ).scalar()
            if holder is not None:
                raise IdentityTaken(account=holder)
            connection.execute(delete(identities).where(_i.account == account))
            row = {"identity": identity, "account": account, "issuer": issuer}
            connection.execute(insert(identities).values(**row, made=now, made_by=by))
            write_sign_in(connection, now, account, Whence("", f"（{by}）"), Outcome.LINKED)

    def unlink(self, account: str, *, by: str) -> None:
        """Nobody comes in as this account by the unified sign-in. Raises IdentityMissing."""
        now = self._tables.now()
        with self._tables.write() as connection:
            gone = connection.execute(delete(identities).where(_i.account == account)).rowcount
            if not gone:
                raise IdentityMissing(account=account)
            write_sign_in(connection, now, account, Whence("", f"（{by}）"), Outcome.UNLINKED)

    def links(self, account: str | None = None) -> dict[str, Link]:
        """By account: every link, or that of one."""
        asked = select(identities).order_by(_i.account)
        if account is not None:
            asked = asked.where(_i.account == account)
        with self._tables.read() as connection:
            return {row.account: _link(row) for row in connection.execute(asked)}

    def account_of(self, issuer: str, subject: str) -> str | None:
        """The account a subject is linked to."""
        asked = select(_i.account).where(_i.identity == self._identity(issuer, subject))
        with self._tables.read() as connection:
            found: str | None = connection.execute(asked).scalar()
        return found

    # ---------------------------------------------------------- there and back

    def begin(self, secret: str, onward: str) -> None:
        """A browser that keeps ``secret`` goes to the provider; where to lead it afterwards."""
        now = self._tables.now()
        with self._tables.write() as connection:
            connection.execute(delete(handshakes).where(_h.began <= now - WITHIN))
            row = {"id_hash": _hash(secret), "onward": onward, "began": now}
            connection.execute(insert(handshakes).values(row))

    def take(self, secret: str) -> str | None:
        """Where to lead the browser that is back; None where it did not go from here within
        ten minutes, or was back before.
        """
        since = self._tables.now() - WITHIN
        gone = delete(handshakes).where(_h.id_hash == _hash(secret)).returning(_h.onward, _h.began)
        with self._tables.write() as connection:
            row = connection.execute(gone).first()
        return None if row is None or row.began <= since else str(row.onward)

    # ------------------------------------------------------------------ entries

    def check_wait(self, address: str) -> None:
        """Raises TooManyTries where too many came to nothing from there."""
        with self._tables.read() as connection:
            guard, now = tries.of_unified(address), self._tables.now()
            seconds, _ = tries.wait_of(connection, guard, now)
        if seconds:
            raise TooManyTries(seconds=seconds)

    def enter(
        self,
        account: str | None,
        *,
        address: str = "",
        device: str = "",
        strong: bool = False,
        needs_factor: NeedsFactor | None = None,
    ) -> Entry:
        """The provider's person is this account. Begins no session.

        ``strong``: the provider asked for a second factor itself, as the county set it up.
        Raises NoAccountHere for none and for one that is not in use.
        """
        whence = Whence(address, device)
        active = bool(account) and self._is_active(str(account))
        with self._tables.read() as connection:
            row = kept.read_row(connection, account) if account else None
        if row is None or not active:
            unknown = Outcome.UNIFIED_UNKNOWN if row is None else Outcome.DISABLED
            self._came_to_nothing(row.account if row is not None else "", whence, unknown)
            raise NoAccountHere
        entry = entry_of(row, needs_factor, must_change=False)
        with self._tables.write() as connection:
            write_sign_in(connection, self._tables.now(), row.account, whence, Outcome.UNIFIED_OK)
        return msgspec.structs.replace(entry, factor=Factor.NONE) if strong else entry

    def note_wrong(self, *, address: str = "", device: str = "") -> None:
        """What the provider's answer said was not to be believed."""
        self._came_to_nothing("", Whence(address, device), Outcome.UNIFIED_WRONG)

    def _came_to_nothing(self, account: str, whence: Whence, outcome: Outcome) -> None:
        now = self._tables.now()
        with self._tables.write() as connection:
            tries.failed(connection, tries.of_unified(whence.address), now)
            write_sign_in(connection, now, account, whence, outcome)

    def _identity(self, issuer: str, subject: str) -> bytes:
        return hmac.digest(self._key, f"identity\0{issuer}\0{subject}".encode(), "sha256")


def is_subject(text: str) -> bool:
    """Whether it can be the ``sub`` of a provider: printable ASCII without blanks."""
    fits = 0 < len(text) <= LONGEST_SUBJECT
    return fits and text.isascii() and text.isprintable() and " " not in text


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _link(row: Any) -> Link:
    return Link(
        account=row.account,
        issuer=row.issuer,
        made=from_micros(row.made),
        made_by=row.made_by,
    )
