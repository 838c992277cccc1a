"""What is kept of each account to know the person by?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ckbx.access.tables import credentials
from ckbx.clock import from_micros
from ckbx.vault import Sealed

_c = credentials.c


class CredentialState(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of an account's credentials. ``code_until``: a code waits till then."""

    account: str
    has_password: bool
    has_factor: bool
    code_until: datetime | None
    changed_at: datetime


def read_row(connection: Connection, account: str) -> Any:
    """The row of an account, or None."""
    return connection.execute(select(credentials).where(_c.account == account)).first()


def change(connection: Connection, account: str, now: int, **values: Any) -> None:
    """Keep other values of an account that has a row."""
    changed = update(credentials).where(_c.account == account)
    connection.execute(changed.values(changed_at=now, **values))


def put_codes(connection: Connection, codes: dict[str, bytes], expires: int, now: int) -> None:
    """Keep hashes of new codes; the passwords of these accounts are gone with it."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {"account": account, "code_hash": code, "code_expires": expires, "changed_at": now}
        for account, code in codes.items()
    ]
    fresh = dialect.insert(credentials)
    new = fresh.excluded
    again = {
        "password_hash": None,
        "code_hash": new.code_hash,
        "code_expires": new.code_expires,
        "changed_at": new.changed_at,
    }
    connection.execute(fresh.on_conflict_do_update(index_elements=[_c.account], set_=again), rows)


def spend_code(connection: Connection, account: str, code: bytes, now: int) -> bool:
    """Use a code up. False where it is none, was used, or has lapsed: once for whoever is first."""
    fits = _c.account == account, _c.code_hash == code, _c.code_expires > now
    spent = update(credentials).where(*fits).values(code_hash=None, code_expires=None)
    return bool(connection.execute(spent).rowcount)


def advance_step(connection: Connection, account: str, step: int) -> bool:
    """Use up a step of the second factor. False where it or a later one was used."""
    newer = _c.factor_step.is_(None) | (_c.factor_step < step)
    used = update(credentials).where(_c.account == account, newer).values(factor_step=step)
    return bool(connection.execute(used).rowcount)


def sealed_factor(row: Any) -> Sealed | None:
    """The sealed second factor of a row, or None."""
    if row is None or row.factor_sealed is None:
        return None
    return Sealed(row.factor_key, bytes(row.factor_sealed))


def states(
    connection: Connection, now: int, accounts: Iterable[str] | None
) -> list[CredentialState]:
    """Everybody's state, or that of these accounts, by account."""
    asked = select(credentials).order_by(_c.account)
    if accounts is not None:
        asked = asked.where(_c.account.in_(list(accounts)))
    return [_state(row, now) for row in connection.execute(asked)]


def _state(row: Any, now: int) -> CredentialState:
    waits = row.code_expires is not None and row.code_expires > now
    return CredentialState(
        account=row.account,
        has_password=row.password_hash is not None,
        has_factor=row.factor_sealed is not None,
        code_until=from_micros(row.code_expires) if waits else None,
        changed_at=from_micros(row.changed_at),
    )
