"""What is measured to say whether a store is well? Numbers and codes; nobody's data or name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ckbx.clock import Clock, SystemClock, local_day
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.health.posted import Posted, posted
from ckbx.pulse import Leading, Pulse
from ckbx.store import Store
from projections.roll_call_completeness import CountyLines

_SERVER: Final = text(
    "SELECT clock_timestamp(), pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"
)
T = TypeVar("T")
NOBODY: Final = Leading(held=False, pulse=Pulse())


class Subscriber(msgspec.Struct, frozen=True):
    """One that follows the log. ``state``: live, stale (to be made anew)."""

    name: str
    position: int
    behind: int
    state: str = "live"
    parked: int = 0


class Year(msgspec.Struct, frozen=True):
    """What the calendar says of today: whether there are terms at all, and whether the
    holidays of the present year are known.
    """

    terms: bool
    known: bool


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. ``failed``: what could not be measured, with the code of the error.

    ``skew`` is the machine's clock less that of the database server, ``back`` how far the clock
    stands before the last thing recorded (both in seconds; skew None: the same machine).
    ``disk_free`` and ``disk_total`` in bytes, of the disk that holds the database file (with
    PostgreSQL: that of the program's keys).
    """

    at: datetime
    head: int = 0
    writable: bool = False
    subscribers: list[Subscriber] = []
    posted: Posted | None = None
    leading: Leading = NOBODY
    year: Year | None = None
    skew: float | None = None
    back: float = 0.0
    disk_free: int = 0
    disk_total: int = 0
    failed: dict[str, str] = {}

    @property
    def tick_age(self) -> float | None:
        """Seconds since the leader's last tick; None: none is known."""
        ticked = self.leading.pulse.ticked
        return None if ticked is None else max((self.at - ticked).total_seconds(), 0.0)


def measure(store: Store, machine: Clock | None = None) -> Measures:
    """Measure everything at the store's present instant; what cannot be is named.

    ``machine`` is the clock compared with the database server's.
    """
    now = store.clock.now()
    failed: dict[str, str] = {}

    def tried(name: str, look: Callable[[], T], otherwise: T) -> T:
        try:
            return look()
        except CkbxError as error:
            failed[name] = error.code
        except SQLAlchemyError:
            failed[name] = StoreUnavailable.code
        return otherwise

    server = machine or SystemClock(store.clock.zone)
    nothing: tuple[bool, float | None] = (False, None)
    writable, skew = tried("writable", lambda: _writable(store, server), nothing)
    disk = shutil.disk_usage(_folder(store))
    return Measures(
        at=now,
        head=tried("head", lambda: int(store.log.head()), 0),
        writable=writable,
        subscribers=tried("subscribers", lambda: subscribers(store), []),
        posted=tried("posted", lambda: posted(store, now), None),
        leading=tried("leading", store.leadership.seen, NOBODY),
        year=tried("year", lambda: _year(store, now), None),
        skew=skew,
        back=tried("back", lambda: _back(store, now), 0.0),
        disk_free=disk.free,
        disk_total=disk.total,
        failed=failed,
    )


def subscribers(store: Store) -> list[Subscriber]:
    """Everything that follows the log: the answers, what the clock remembers, the outbox."""
    found = [
        Subscriber(each.name, each.position, each.behind, each.state, each.parked)
        for each in store.projector.lag()
    ]
    with store.rows.snapshot() as look:
        places = look.places()
    known, head = {each.name for each in found}, int(store.log.head())
    for name in sorted(places.keys() - known):
        position = places[name].position
        found.append(Subscriber(name, position, max(head - position, 0)))
    return found


def _writable(store: Store, machine: Clock) -> tuple[bool, float | None]:
    """Whether a transaction that writes can begin, and the skew against the server."""
    if store.settings.is_sqlite:
        with store.rows.transaction():
            return True, None
    with store.engine.connect() as conn:
        before = machine.now()
        there, read_only = conn.execute(_SERVER).one()
        here = before + (machine.now() - before) / 2
    return not read_only, (here - there).total_seconds()


def _back(store: Store, now: datetime) -> float:
    """How many seconds the clock stands before the last recorded event."""
    last = store.log.recorded_at(store.log.head())
    return 0.0 if last is None else max((last - now).total_seconds(), 0.0)


def _year(store: Store, now: datetime) -> Year | None:
    if not store.log.county:
        return None
    with store.answers.reading() as reading:
        calendar = CountyLines.at(reading, store.log.head()).calendars.for_school(None)
    today = local_day(now, store.clock.zone)
    unknown = {day.year for day in calendar.unknown_days}
    return Year(terms=bool(calendar.terms), known=today.year not in unknown)


def _folder(store: Store) -> Path:
    if store.settings.is_sqlite:
        return store.settings.sqlite_path.parent
    return store.settings.secret_dir
