"""How many tries does somebody have, and how long must they wait after those?

A try on an account is counted before it is tested and forgotten when it succeeds, so that a
hundred at once are no way around. From an address only what failed counts: a school signs in
behind one, all at once, and as many are tested at a time as there are turns to hash.

What is guarded (an account, an address) is kept as a digest, for accounts that do not exist as
well: the answers tell nobody which there are. Counts stand in the database: they hold for every
process and after a restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ckbx.access.tables import tries

_t = tries.c
SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
_SHORT: Final = 900 * SECOND
_OF: Final = select(tries).where(_t.key == bindparam("guarded"))


class Guard(NamedTuple):
    """``free`` tries, then a wait that doubles from ``first`` up to ``longest``; all is
    forgotten ``forget`` after the last try (microseconds).
    """

    key: bytes
    free: int
    first: int
    longest: int
    forget: int


def of_account(what: str, account: str, address: str = "") -> Guard:
    """Tries on one account: 5, then 30 s, 1, 2, 4, 8 and 15 minutes. Never for good."""
    return Guard(_key(what, account, address), 5, 30 * SECOND, _SHORT, DAY)


def of_address(address: str) -> Guard:
    """Failed tries from one address on any account: 20 in a quarter of an hour."""
    return Guard(_key("address", address), 20, _SHORT, _SHORT, _SHORT)


def of_unified(address: str) -> Guard:
    """Sign-ins at the county's unified sign-in that came to nothing here, from one address: 60
    in a quarter of an hour. Apart from passwords: who fails in one way may still come in by
    the other.
    """
    return Guard(_key("unified", address), 60, _SHORT, _SHORT, _SHORT)


def of_day(what: str, account: str, day: str) -> bytes:
    """What an account may do so often on a local day."""
    return _key("day", what, account, day)


def wait_of(connection: Connection, guard: Guard, now: int) -> tuple[int, bool]:
    """How many seconds to wait (0: none), and whether that was not logged before."""
    row = connection.execute(_OF, {"guarded": guard.key}).first()
    return _wait(row, guard, now)


def reserve(connection: Connection, guards: Sequence[Guard], now: int) -> int:
    """Count a try that is about to be tested; the seconds to wait where it may not be (0: may).

    Guards are given in one order by everybody: their rows are locked one after the other.
    """
    counts = []
    for guard in guards:
        row = _locked(connection, guard.key)
        wait, _ = _wait(row, guard, now)
        if wait:
            return wait
        counts.append(1 if now - row.at >= guard.forget else row.count + 1)
    for guard, times in zip(guards, counts, strict=True):
        counted = update(tries).where(_t.key == guard.key)
        connection.execute(counted.values(count=times, at=now, refused=0))
    return 0


def left(connection: Connection, key: bytes, most: int) -> int:
    """How much of a day's measure is left; its row stays locked for :func:`spend`.

    Keys are given in one order by everybody.
    """
    return most - int(_locked(connection, key).count)


def spend(connection: Connection, key: bytes, amount: int, now: int) -> None:
    """Take so much of a day's measure, which is forgotten with the tries of that day."""
    spent = update(tries).where(_t.key == key).values(count=_t.count + amount, at=now)
    connection.execute(spent)


def _locked(connection: Connection, key: bytes) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(tries).values(key=key, count=0, at=0, refused=0)
    # In one statement: between two of them another sign-in may take the row away.
    held = fresh.on_conflict_do_update(index_elements=[_t.key], set_={"refused": _t.refused})
    return connection.execute(held.returning(tries)).one()


def _wait(row: Any, guard: Guard, now: int) -> tuple[int, bool]:
    if row is None or now - row.at >= guard.forget or row.count < guard.free:
        return 0, False
    wait = min(guard.first << min(row.count - guard.free, 16), guard.longest)
    left = row.at + wait - now
    return (max(1, -(-left // SECOND)), not row.refused) if left > 0 else (0, False)


def said(connection: Connection, guard: Guard) -> None:
    """Remember that the wait was logged, so that a thousand refusals are one line."""
    connection.execute(update(tries).where(_t.key == guard.key).values(refused=1))


def take_back(connection: Connection, guard: Guard) -> None:
    """A try was not tested: it does not count."""
    connection.execute(
        update(tries).where(_t.key == guard.key, _t.count > 0).values(count=_t.count - 1)
    )


def failed(connection: Connection, guard: Guard, now: int) -> None:
    """Count what was tested and wrong, whatever there is to wait."""
    row = _locked(connection, guard.key)
    count = 1 if now - row.at >= guard.forget else row.count + 1
    counted = update(tries).where(_t.key == guard.key)
    connection.execute(counted.values(count=count, at=now, refused=0))


def clear(connection: Connection, guard: Guard, now: int) -> None:
    """The right person came: its tries are forgotten, and everybody's of the day before."""
    connection.execute(delete(tries).where(_t.key == guard.key))
    old = select(_t.key).where(_t.at < now - DAY).with_for_update(skip_locked=True)
    connection.execute(delete(tries).where(_t.key.in_(old)))


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()
