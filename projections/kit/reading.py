"""How does a question read the answers: one consistent look, with what is missing named?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    Select,
    Text,
    create_engine,
    event,
    func,
    select,
    table,
    text,
)
from sqlalchemy.pool import QueuePool

from ckbx.eventlog.ports import EventLog
from ckbx.eventlog.postgres.alive import check_before_use
from ckbx.eventlog.postgres.connect import DEFAULT_LAYOUT, Layout, libpq_url, session_options
from ckbx.eventlog.selects import Prepared
from ckbx.eventlog.sqlite.connect import open_reader
from projections.kit.tables import POSITION, Position

KEPT = 32
KEPT_OPEN = 40
"""Connections to a SQLite file, one for each thread that answers pages."""
T = TypeVar("T")
_PLACES: Final = Prepared(
    select(
        Column("subscriber", Text), Column("position", Position), Column("generation", Integer)
    ).select_from(table("answers_positions"))
)


class Known(msgspec.Struct, frozen=True):
    """What "as known at" comes to: the last position by then, and the instant asked (UTC)."""

    position: int
    instant: datetime


class Parked(msgspec.Struct, frozen=True):
    """A subject whose events are not folded any more since one of them could not be.

    ``school`` None: not known, so that every total may miss it. ``later``: events of the
    subject since then that were not folded either.
    """

    projection: str
    subject: str
    school: str | None
    position: int
    topic: str
    error: str
    later: int


class _Folded(NamedTuple):
    """How far a projection has folded, and how often its rows were replaced whole."""

    position: int
    generation: int


class Last(NamedTuple):
    """The last of the rows that a projection only ever adds, known by a position: what was made
    of them in one ``generation`` up to one ``position`` never changes.
    """

    generation: int
    position: int


class Reading:
    """One snapshot of the answers; all queries through it agree with each other."""

    def __init__(
        self, conn: Connection, county: str, zone: ZoneInfo, kept: dict[Any, Any] | None = None
    ) -> None:
        self.conn = conn
        self._kept = {} if kept is None else kept
        self.county = county
        self.zone = zone
        self._places: dict[str, _Folded] | None = None
        self._found: dict[Hashable, Any] = {}

    def rows(self, query: Select[Any]) -> Sequence[Any]:
        """All rows of a select."""
        return self.conn.execute(query).fetchall()

    def ask(
        self, query: Prepared, among: Collection[Any] | None = None, **values: Any
    ) -> list[Any]:
        """All rows of a prepared select for the values it names; ``among``: those of its list."""
        return query.rows(self.conn, values, None if among is None else list(among))

    def position(self, projection: str) -> int:
        """How far a projection has folded."""
        return self._folded(projection).position

    def last(self, projection: str, column: Column[Any], position: int) -> Last:
        """The last row of a projection by a position, by the column that holds positions, of a
        table to which rows are only ever added.
        """
        folded = self._folded(projection)
        upto = min(position, folded.position)
        kept: dict[str, tuple[int, int, Last]] = self.keep(("last",), dict)
        known = kept.get(projection)
        if known is None or known[:2] != (folded.generation, upto):
            found = self.ask(_last(column), position=upto)[0][0] or 0
            known = folded.generation, upto, Last(folded.generation, found)
            kept[projection] = known
        return known[2]

    def _folded(self, projection: str) -> _Folded:
        if self._places is None:
            rows = self.ask(_PLACES)
            self._places = {name: _Folded(at, generation) for name, at, generation in rows}
        return self._places.get(projection, _NOTHING)

    def at(self, projection: str, position: int) -> int | None:
        """A position for the predicates of tables: None when it is all that is folded,
        because the rows believed now are found faster.
        """
        return None if position >= self.position(projection) else position

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of recorded facts up to a position named in ``key`` and never
        changes: made once and kept for later looks of this process.
        """
        if key not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = make()
        made: T = self._kept[key]
        return made

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """What was found in this snapshot before; else found now. Not to be changed."""
        if key not in self._found:
            self._found[key] = find()
        found: T = self._found[key]
        return found

    def parked(self, *projections: str) -> list[Parked]:
        """Subjects that the totals of these projections miss; empty: complete."""
        query = text(
            "SELECT projection, subject, school, position, topic, error, later"
            " FROM answers_parked ORDER BY position, projection, subject"
        )
        found = (Parked(*row) for row in self.conn.execute(query))
        return [row for row in found if row.projection in projections]


_NOTHING: Final = _Folded(0, 0)


@cache
def _last(column: Column[Any]) -> Prepared:
    return Prepared(select(func.max(column)).where(column <= POSITION))


class Answers:
    """Where pages, the command line and exports read. ``reading()`` opens one look."""

    def __init__(self, engine: Engine, log: EventLog, zone: ZoneInfo) -> None:
        self.engine = engine
        self.log = log
        self.zone = zone
        self._kept: dict[Any, Any] = {}
        self._asker: Engine | None = None
        if engine.dialect.name == "postgresql":  # BEGIN and ROLLBACK are each a way there and back
            self._asker = engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def glance(self) -> Iterator[Reading]:
        """For a question or two about what only grows, up to a position: each select sees what
        is committed when it is asked.
        """
        if self._asker is None:
            with self.reading() as look:
                yield look
            return
        with self._asker.connect() as conn:
            yield Reading(conn, self.log.county, self.zone, self._kept)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A consistent look; closed at the end of the block."""
        with self.engine.connect() as conn, conn.begin():
            yield Reading(conn, self.log.county, self.zone, self._kept)

    def resolve(self, known_at: datetime) -> Known:
        """The position that was the last one recorded by a UTC instant."""
        return Known(self.log.position_at(known_at), known_at)

    def latest(self, now: datetime) -> Known:
        """Everything recorded so far; the instant is never before that of the last event."""
        head = self.log.head()
        last = self.log.recorded_at(head)
        return Known(head, max(now, last) if last is not None else now)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def sqlite_answers_engine(path: Path) -> Engine:
    """Read-only connections to the store's file; a transaction is one snapshot."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: open_reader(path),
        poolclass=QueuePool,
        pool_size=KEPT_OPEN,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def postgres_answers_engine(url: str, layout: Layout = DEFAULT_LAYOUT) -> Engine:
    """Read-only sessions; a transaction is one snapshot (REPEATABLE READ)."""
    plain = libpq_url(url).removeprefix("postgresql://")
    engine = create_engine(
        f"postgresql+psycopg://{plain}",
        connect_args={"options": session_options(layout)},
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
    )
    check_before_use(engine)
    return engine


def _begin(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN")
