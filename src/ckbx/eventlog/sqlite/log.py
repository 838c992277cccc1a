"""The event log of one county in one SQLite file."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from ckbx.clock import Clock
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog import checks
from ckbx.eventlog.group_commit import GroupCommit, Pending
from ckbx.eventlog.ports import Append, Appended
from ckbx.eventlog.prepared import Prepared, prepare
from ckbx.eventlog.refusals import CountyNotNamed as CountyNotNamed  # noqa: PLC0414 - re-export
from ckbx.eventlog.sqlite import schema
from ckbx.eventlog.sqlite.connect import Connection, create_file, open_writer
from ckbx.eventlog.sqlite.errors import unavailable
from ckbx.eventlog.sqlite.read import SQLiteReader
from ckbx.eventlog.sqlite.recorder import SQLiteRecorder
from ckbx.eventlog.sqlite.upkeep import copy_store, cut_log
from ckbx.eventlog.sqlite.write import Outcome, SQLiteWriter
from ckbx.eventlog.writer_lock import DEFAULT_TIMEOUT, WriterLock

_log = logging.getLogger(__name__)

POLL_SECONDS = 0.01


def create_store(path: Path, lock: WriterLock) -> None:
    """Make the file and its tables where they are missing. Raises StoreUnavailable."""
    create_file(path)
    with lock:
        connection = open_writer(path, guarded=False)
        try:
            schema.create_schema(connection)
        except sqlite3.Error as error:
            raise unavailable(error) from error
        finally:
            connection.close()


class SQLiteEventLog(SQLiteReader, SQLiteRecorder):
    """Implements :class:`ckbx.eventlog.ports.EventLog` and the library's recorder.

    ``county`` names the store when it has no name yet and must agree when it has one;
    ``create`` makes a missing file. ``check_last`` events are decoded at the start (their
    types must be imported by then). ``warnings`` holds Chinese sentences for ``doctor``.
    Raises StoreUnavailable when the store may not be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        county: str | None = None,
        create: bool = False,
        check_last: int = 50,
        lock_timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        super().__init__(path)
        self.path = path
        self.county = ""
        self.warnings: tuple[str, ...] = ()
        if not create and not path.exists():
            raise StoreUnavailable(why=f"找不到数据库文件 {path}；请先运行 ckbx init")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = WriterLock(path.with_name(path.name + ".writer.lock"), lock_timeout)
        self._clock = clock
        self._writer = SQLiteWriter(path, self._lock, clock)
        self._group: GroupCommit[Prepared, Appended] = GroupCommit(
            self._commit, self._lock, lambda prepared: prepared.size
        )
        self._changed = threading.Condition()
        self._listeners = 0
        try:
            if create:
                create_store(path, self._lock)
            self._start(county, check_last)
        except BaseException:
            self.close()
            raise

    def append(self, request: Append) -> Appended:
        """Store one command; acknowledged only after COMMIT. See the port."""
        return self.append_prepared(prepare(request))

    def append_prepared(self, prepared: Prepared) -> Appended:
        """Like :meth:`append`, for a command that is already encoded."""
        self._require_county()
        return self._group.append(prepared)

    def submit(self, request: Append) -> Pending[Prepared, Appended]:
        """Queue one command; its ``result()`` waits for the commit."""
        self._require_county()
        return self._group.submit(prepare(request))

    def append_many(self, requests: Sequence[Append]) -> list[Appended | CkbxError]:
        """Store many commands in one transaction; an outcome each, in order.

        A command that conflicts fails alone. A command whose own versions do not follow each
        other is its conflict, not an error of the call.
        """
        self._require_county()
        outcomes: list[Appended | CkbxError] = []
        batch: list[Prepared] = []
        places: list[int] = []
        for place, request in enumerate(requests):
            try:
                batch.append(prepare(request))
                places.append(place)
                outcomes.append(ConcurrencyConflict())
            except CkbxError as error:
                outcomes.append(error)
        if batch:
            for place, outcome in zip(places, self._commit(batch), strict=True):
                outcomes[place] = outcome
        return outcomes

    def write_lock(self) -> WriterLock:
        """The right to write, for others who write to the same file (``with …``)."""
        return self._lock

    def connect_rw(self) -> Connection:
        """A read-write connection configured as the log's own; the caller closes it.

        Begin with ``BEGIN IMMEDIATE`` and end the transaction inside ``write_lock()``.
        """
        with self._lock:
            return open_writer(self.path)

    def name_county(self, county: str) -> None:
        """Name the store, once. Raises StoreUnavailable when it has another name."""
        with self._lock:
            connection = self._writer.open()
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(
                    "INSERT INTO store_meta SELECT 'county', ? WHERE NOT EXISTS"
                    " (SELECT 1 FROM store_meta WHERE key = 'county')",
                    (county,),
                )
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._writer.close()
                raise unavailable(error) from error
            stored = schema.read_meta(connection)["county"]
        checks.check_county(stored, county)
        self.county = stored

    def wait_for_change(self, after: int, timeout: float) -> int:
        """Return the head as soon as it is past ``after``, at the latest after ``timeout`` s.

        Appends of this process wake it at once, those of others are seen within 10 ms.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            self._listeners += 1
            try:
                seen = self.data_version()
                while (head := self.head()) <= after:
                    now = self.data_version()
                    while now == seen and (left := deadline - time.monotonic()) > 0:
                        self._changed.wait(min(left, POLL_SECONDS))
                        now = self.data_version()
                    if now == seen:
                        break
                    seen = now
            finally:
                self._listeners -= 1
        return head

    def checkpoint(self, timeout: float = 30.0) -> bool:
        """Move everything to the main file and cut the log file to nothing.

        Needed before erased data is gone from the disk; see :func:`cut_log`.
        """
        return cut_log(self.path, self._lock, timeout)

    def backup_to(self, target: Path) -> int:
        """Copy the store while it is in use; see :func:`copy_store`."""
        return copy_store(self.path, target)

    def close(self) -> None:
        """Commit what waits, then release connections and locks. May be called twice.

        In a forked process it does nothing: all of it belongs to the other one.
        """
        if self._lock.closed or self._home.left:
            return
        self._group.close()
        super().close()
        self._writer.close()
        self._lock.close()

    def _commit(self, batch: Sequence[Prepared]) -> list[Outcome]:
        outcomes = self._writer.commit(batch)
        if self._listeners:
            with self._changed:
                self._changed.notify_all()
        return outcomes

    def _require_county(self) -> None:
        if not self.county:
            with self.connection() as connection:
                self.county = schema.read_meta(connection).get("county", "")
            if not self.county:
                raise CountyNotNamed

    def _start(self, county: str | None, check_last: int) -> None:
        with self._lock:
            connection = self._writer.open()
            try:
                meta = schema.read_meta(connection)
                missing = schema.missing_guards(connection)
            except sqlite3.Error as error:
                raise unavailable(error) from error
        checks.check_schema_version(meta, schema.SCHEMA_VERSION)
        checks.check_guards(missing)
        self.county = meta.get("county", "")
        checks.check_county(self.county, county)
        if county and not self.county:
            self.name_county(county)
        checks.check_first(self.read_rows(checks.LOWEST, 1))
        tail = self.read_rows(self.head() - check_last, check_last) if check_last else []
        checks.check_tail(tail)
        self._warn(self.read_rows(self.head() - 1, 1)[-1:])

    def _warn(self, last: Sequence[object]) -> None:
        recorded_at = getattr(last[0], "recorded_at", 0) if last else 0
        found = (
            checks.sqlite_version_warning(),
            checks.clock_warning(self._clock.now(), recorded_at),
        )
        self.warnings = tuple(sentence for sentence in found if sentence)
        for sentence in self.warnings:
            _log.warning(sentence)
