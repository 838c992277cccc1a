"""How do a follower's rows and its place in the log move together, or not at all?

A follower (a projection, the outbox, a policy's state) keeps rows computed from events. Its
rows and its position are written in one transaction; the position moves only from where
the follower thought it stood. Two runners of one follower therefore never both succeed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NamedTuple, Protocol

from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.ports import EventLog, RecordedEvent

PAGE = 500


class FollowerMoved(CkbxError):
    """Another runner moved the follower; read its position again and go on from there."""

    code: ClassVar[str] = "follower_moved"
    message: ClassVar[str] = "{name} 的进度已被另一个进程推进，本批结果作废，请从新进度继续"


class RowUnwritable(CkbxError):
    """A value does not fit the column or index it is meant for. No value is quoted."""

    code: ClassVar[str] = "row_unwritable"
    message: ClassVar[str] = (
        "台账中有一行写不进数据库：{why}；对应的学生或班级暂不计入，请把本条信息交给维护人员"
    )


class Shape(NamedTuple):
    """A table as the store writes it. ``types`` are PostgreSQL's; ``key``: how many of the
    leading columns are its primary key. Ids are 16 bytes in rows, whatever the database.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: int


class Place(NamedTuple):
    """Where a follower stands: last position folded, version of its rows, and how many
    times its rows were replaced whole.
    """

    position: int
    version: int
    generation: int


class RowReader(Protocol):
    """Reads that agree with each other (one snapshot).

    Raises StoreUnavailable when the store does not answer, RowUnwritable for a value that the
    columns cannot hold; never an error of the driver.
    """

    def places(self) -> dict[str, Place]:
        """Where every follower stands."""

    def find(
        self, shape: Shape, by: int, keys: Sequence[Any], where: str = ""
    ) -> Iterable[tuple[Any, ...]]:
        """Whole rows whose leading ``by`` columns are one of ``keys`` (scalars when ``by`` is
        1), in any order. ``where`` is a further condition in SQL without parameters.
        """

    def first(
        self, shape: Shape, where: str, order: Sequence[str], limit: int
    ) -> list[tuple[Any, ...]]:
        """At most ``limit`` whole rows for which ``where`` (SQL without parameters) holds, the
        first in the order of these columns.
        """

    def scan(self, shape: Shape) -> Iterator[tuple[Any, ...]]:
        """All rows, in any order."""

    def exists(self, table: str) -> bool:
        """Whether a table stands."""


class RowWriter(RowReader, Protocol):
    """One transaction. After a RowUnwritable it can only be rolled back."""

    def insert(self, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows."""

    def update(
        self,
        shape: Shape,
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
        where: str = "",
    ) -> int:
        """Overwrite ``columns``; a row holds their values, then the primary key. ``where``, as
        of ``find``: only those for which it still holds. How many were.
        """

    def upsert(self, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows, overwriting those with the same primary key."""

    def delete(self, shape: Shape, keys: Sequence[tuple[Any, ...]]) -> None:
        """Remove the rows with these primary keys."""

    def trim(self, table: str, limit: int) -> int:
        """Remove any ``limit`` rows of a table, whatever its columns (an older program may
        have made it); returns how many there were to remove.
        """

    def move(self, name: str, place: Place, to: int) -> None:
        """Move a follower from its place to a position. Raises FollowerMoved."""

    def move_all(self, moves: Sequence[tuple[str, Place, int]]) -> None:
        """As :meth:`move`, many followers in one statement. Raises FollowerMoved."""

    def settle(self, name: str, place: Place) -> None:
        """Enter a follower's place, whatever stood there."""

    def execute(self, statement: str) -> None:
        """One statement without parameters (DDL)."""


class RowStore(Protocol):
    """The database in which followers keep their rows: the log's own."""

    dialect: str

    def prepare(self, statements: Iterable[str] = ()) -> None:
        """Create the table of places and whatever else is missing, once for all processes."""

    def places(self) -> dict[str, Place]:
        """Where every follower stands, asked by itself. Raises StoreUnavailable."""

    def snapshot(self) -> AbstractContextManager[RowReader]:
        """A consistent look. Raises StoreUnavailable."""

    def transaction(self) -> AbstractContextManager[RowWriter]:
        """One write transaction, committed at the end of the block, rolled back by an error.

        On SQLite it begins when the writer lock is held. Raises StoreUnavailable.
        """

    def close(self) -> None:
        """Release the connections."""


class Follower(Protocol):
    """Something that follows the log with rows of its own."""

    @property
    def NAME(self) -> str:  # noqa: N802 - constants of their class
        """Under which name its position is kept."""

    @property
    def HANDLES(self) -> tuple[type[Any], ...]:  # noqa: N802
        """The event classes it takes."""

    def take(self, tx: RowWriter, batch: Sequence[RecordedEvent]) -> None:
        """Write what the events (of the classes handled, in order) come to."""


def catch_up(
    log: EventLog, store: RowStore, follower: Follower, *, until: int | None = None
) -> int:
    """Lead one follower to the head of the log (or to a position); returns its position.

    Every batch of at most 500 events is one transaction with the position. A crash repeats
    nothing and leaves nothing out. Raises FollowerMoved when another runner is at work,
    StoreUnavailable, and whatever the follower raises: its position stays before that batch.
    """
    with store.snapshot() as look:
        place = look.places().get(follower.NAME, Place(0, 1, 0))
    limit = log.head() if until is None else until
    while place.position < limit:
        batch = [each for each in log.read(place.position, PAGE) if each.position <= limit]
        if not batch:
            break
        mine = [each for each in batch if isinstance(each.event, follower.HANDLES)]
        with store.transaction() as tx:
            tx.move(follower.NAME, place, batch[-1].position)
            if mine:
                follower.take(tx, mine)
        place = place._replace(position=batch[-1].position)
    return place.position
