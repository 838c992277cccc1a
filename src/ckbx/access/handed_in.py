"""What did an account hand in for long work, and whose turn is it to work at that?

Files full of personal data: sealed piece by piece under a key of their own, for the account
that brought them, at most a day, and erased as soon as they are of no more use. They stand in
the database, so that any process goes on with them and a restart loses nothing; of each
account and area there is one, and one who works at it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ckbx.access import tries
from ckbx.access.base import Tables
from ckbx.access.errors import HandedInLost, StillRunning, TooMuchHandedIn, TurnTaken
from ckbx.access.run_records import BUSY, SILENT, RunRecord, put_record, read_record
from ckbx.access.tables import handed_in, handed_pieces, runs
from ckbx.clock import from_micros
from ckbx.vault import Box, Sealed, Vault, rewrapped

_h, _p = handed_in.c, handed_pieces.c
KEPT: Final = tries.DAY
PIECE: Final = 1024 * 1024
"""So much is written at a time: others that write do not wait for a whole file."""
MOST_HELD: Final = 1024**3
"""Bytes of files of everybody; one request brings 60 MB at most."""
_FILE, _FOUND = "file", "found"
_FAST: Final = 1


class _Head(msgspec.Struct, frozen=True, array_like=True):
    given: bytes
    sizes: list[int]


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """What an account handed in, as it stands. ``given``: what it said of it; ``sizes`` of the
    files in bytes, none where they were erased; ``until`` then it is forgotten (UTC).
    """

    run: str
    turn: int
    given: bytes
    sizes: Sequence[int]
    until: datetime
    key: Sealed


class HandedIn:
    """What was handed in at all processes of one store."""

    def __init__(self, tables: Tables, vault: Vault) -> None:
        self._tables, self._vault = tables, vault

    # -------------------------------------------------------------------- begin

    def begin(self, record: RunRecord, given: bytes, files: Sequence[bytes] = ()) -> int:
        """Take files in for a run that now waits for its turn, in place of what the account
        handed in before; the number of the turn. Raises StillRunning, TooMuchHandedIn,
        StoreUnavailable.
        """
        self.forget()
        box = Box.new(self._vault, record.id)
        head = _Head(given, [len(content) for content in files])
        row = {
            "run": record.id,
            "files": len(files),
            "size": sum(head.sizes),
            "expires": self._tables.now() + KEPT,
            "key_id": box.key.key_id,
            "key_sealed": box.key.content,
            "given": box.seal("given", msgspec.msgpack.encode(head)),
        }
        with self._tables.write() as connection:
            turn = self._take(connection, record, row)
        try:
            for n, content in enumerate(files):
                for number, piece in enumerate(_cut(content)):
                    sealed = box.seal(_piece(f"{_FILE}{n}", number), piece)
                    self._put_piece(record.id, f"{_FILE}{n}", number, sealed)
        except BaseException:
            self.drop(record.id, record.account, record.area, busy=True)
            raise
        return turn

    def _take(self, connection: Connection, record: RunRecord, row: dict[str, Any]) -> int:
        """The account's one row, which nobody else writes meanwhile, for a new run."""
        now, own = self._tables.now(), {"account": record.account, "area": record.area}
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        fresh = dialect.insert(handed_in).values(**own, **row, turn=0)
        # In one statement: another process may hand in for the account at this moment.
        held = fresh.on_conflict_do_update(
            index_elements=[_h.account, _h.area], set_={"turn": _h.turn}
        )
        old = connection.execute(held.returning(_h.run, _h.turn)).one()
        if old.run != record.id and _is_busy(connection, old.run, now):
            raise StillRunning
        others = select(func.coalesce(func.sum(_h.size), 0)).where(_h.run.not_in([old.run]))
        if connection.execute(others).scalar_one() + row["size"] > MOST_HELD:
            raise TooMuchHandedIn(megabytes=MOST_HELD // 1024**2)
        connection.execute(delete(handed_pieces).where(_p.run == old.run))
        mine = (_h.account == record.account, _h.area == record.area)
        connection.execute(update(handed_in).where(*mine).values(**row, turn=old.turn + 1))
        put_record(connection, record, now)
        return int(old.turn) + 1

    def _put_piece(self, run: str, name: str, number: int, sealed: bytes) -> None:
        with self._tables.write() as connection:
            one = {"run": run, "name": name, "number": number, "sealed": sealed}
            connection.execute(insert(handed_pieces).values(**one))

    # -------------------------------------------------------------------- go on

    def go_on(
        self, record: RunRecord, may: Callable[[RunRecord], bool], given: bytes | None = None
    ) -> int | None:
        """The next step of a run that waits for its turn from now on, where ``may`` says of how
        it stands that it may be begun; the number of the turn. None where it may not, or is not
        there (any more). ``given``: what is said of it from now on. Raises StoreUnavailable.
        """
        now = self._tables.now()
        with self._tables.write() as connection:
            row = _row(connection, record.id, record.account, record.area, now, lock=True)
            stands = read_record(connection, record.id, now) if row is not None else None
            if row is None or stands is None or not may(stands):
                return None
            values: dict[str, Any] = {"turn": row.turn + 1}
            if given is not None:
                handed, box = self._handed(row)
                head = _Head(given, list(handed.sizes))
                values["given"] = box.seal("given", msgspec.msgpack.encode(head))
            connection.execute(update(handed_in).where(_h.run == record.id).values(**values))
            put_record(connection, record, now)
            return int(row.turn) + 1

    def tell(self, record: RunRecord, turn: int, found: bytes | None = None) -> None:
        """Write down how a run stands, and what was found where it ended. Raises TurnTaken where
        it is another's turn by now, StoreUnavailable.
        """
        with self._turn(record.id, turn) as (connection, row):
            if found is not None:
                _, box = self._handed(row)
                of = (_p.run == record.id, _p.name == _FOUND)
                connection.execute(delete(handed_pieces).where(*of))
                pieces = [
                    {
                        "run": record.id,
                        "name": _FOUND,
                        "number": number,
                        "sealed": box.seal(_piece(_FOUND, number), piece),
                    }
                    for number, piece in enumerate(_cut(zlib.compress(found, _FAST)))
                ]
                connection.execute(insert(handed_pieces), pieces)
            put_record(connection, record, self._tables.now())

    def is_turn(self, run: str, turn: int) -> bool:
        """Whether it is still this one's turn to work at a run."""
        with self._tables.read() as connection:
            asked = select(_h.turn).where(_h.run == run)
            return bool(connection.execute(asked).scalar() == turn)

    # --------------------------------------------------------------------- read

    def find(self, run: str, account: str, area: str) -> Handed | None:
        """What the account handed in for a run, as long as it is kept. Raises SecretMismatch."""
        with self._tables.read() as connection:
            row = _row(connection, run, account, area, self._tables.now())
        return None if row is None else self._handed(row)[0]

    def files(self, handed: Handed) -> list[bytes]:
        """The files. Raises HandedInLost where they are not (all) there, SecretMismatch."""
        if not handed.sizes:
            raise HandedInLost
        found = [self._read(handed, f"{_FILE}{n}") for n in range(len(handed.sizes))]
        if [len(content) for content in found] != list(handed.sizes):
            raise HandedInLost
        return found

    def found(self, handed: Handed) -> bytes | None:
        """What was found by the last step that ended. Raises SecretMismatch."""
        packed = self._read(handed, _FOUND)
        return zlib.decompress(packed) if packed else None

    def _read(self, handed: Handed, name: str) -> bytes:
        box = Box.opened(self._vault, handed.run, handed.key)
        asked = select(_p.number, _p.sealed).where(_p.run == handed.run, _p.name == name)
        with self._tables.read() as connection:
            rows = connection.execute(asked.order_by(_p.number)).all()
        return b"".join(box.open(_piece(name, number), bytes(sealed)) for number, sealed in rows)

    # -------------------------------------------------------------------- erase

    def erase_files(self, run: str, turn: int) -> None:
        """The files are of no more use. Raises TurnTaken, StoreUnavailable."""
        with self._turn(run, turn) as (connection, row):
            handed, box = self._handed(row)
            given = box.seal("given", msgspec.msgpack.encode(_Head(handed.given, [])))
            values = {"files": 0, "size": 0, "given": given}
            connection.execute(update(handed_in).where(_h.run == run).values(**values))
            of = (_p.run == run, _p.name != _FOUND)
            connection.execute(delete(handed_pieces).where(*of))

    def drop(self, run: str, account: str, area: str, *, busy: bool = False) -> bool:
        """Give up what was handed in: nothing of it stays but that it was; whether it was there.

        ``busy``: whoever works at it. Raises StillRunning, StoreUnavailable.
        """
        now = self._tables.now()
        with self._tables.write() as connection:
            row = _row(connection, run, account, area, now, lock=True)
            if row is None:
                return False
            if not busy and _is_busy(connection, run, now):
                raise StillRunning
            connection.execute(delete(handed_pieces).where(_p.run == run))
            connection.execute(delete(handed_in).where(_h.run == run))
            gone = update(runs).where(runs.c.id == run)
            connection.execute(gone.values(state="dropped", said="", seen=now))
            return True

    def forget(self) -> None:
        """What was outlived goes, but for what is being worked at. Raises StoreUnavailable."""
        now = self._tables.now()
        with self._tables.read() as connection:
            old = select(func.count()).select_from(handed_in).where(_h.expires <= now)
            if not connection.execute(old).scalar():
                return
        working = select(runs.c.id).where(runs.c.state.in_(BUSY), runs.c.seen >= now - SILENT)
        with self._tables.write() as connection:
            outlived = (_h.expires <= now, _h.run.not_in(working))
            connection.execute(delete(handed_in).where(*outlived))
            known = select(_h.run)
            connection.execute(delete(handed_pieces).where(_p.run.not_in(known)))

    def reseal(self) -> int:
        """Seal the keys under the newest key file; how many. Raises SecretMismatch."""
        with self._tables.read() as connection:
            rows = connection.execute(select(_h.run, _h.key_id, _h.key_sealed)).all()
        for run, key_id, sealed in rows:
            key = rewrapped(self._vault, run, Sealed(key_id, bytes(sealed)))
            fresh = {"key_id": key.key_id, "key_sealed": key.content}
            with self._tables.write() as connection:
                connection.execute(update(handed_in).where(_h.run == run).values(**fresh))
        return len(rows)

    # ------------------------------------------------------------------ helpers

    @contextmanager
    def _turn(self, run: str, turn: int) -> Iterator[tuple[Connection, Any]]:
        """A transaction in which it stays this one's turn. Raises TurnTaken."""
        with self._tables.write() as connection:
            asked = select(handed_in).where(_h.run == run, _h.turn == turn).with_for_update()
            row = connection.execute(asked).first()
            if row is None:
                raise TurnTaken
            yield connection, row

    def _handed(self, row: Any) -> tuple[Handed, Box]:
        key = Sealed(row.key_id, bytes(row.key_sealed))
        box = Box.opened(self._vault, row.run, key)
        head = msgspec.msgpack.decode(box.open("given", bytes(row.given)), type=_Head)
        handed = Handed(
            run=row.run,
            turn=row.turn,
            given=head.given,
            sizes=head.sizes,
            until=from_micros(row.expires),
            key=key,
        )
        return handed, box


def _row(
    connection: Connection, run: str, account: str, area: str, now: int, *, lock: bool = False
) -> Any:
    own = (_h.run == run, _h.account == account, _h.area == area, _h.expires > now)
    asked = select(handed_in).where(*own)
    return connection.execute(asked.with_for_update() if lock else asked).first()


def _is_busy(connection: Connection, run: str, now: int) -> bool:
    record = read_record(connection, run, now)
    return record is not None and record.is_busy


def _cut(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


def _piece(name: str, number: int) -> str:
    return f"{name} {number}"
