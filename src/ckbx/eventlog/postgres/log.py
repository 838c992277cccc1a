"""The event log of one county in a PostgreSQL database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import psycopg

from ckbx.clock import Clock
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog import checks
from ckbx.eventlog.group_commit import GroupCommit, Pending
from ckbx.eventlog.ports import Append, Appended
from ckbx.eventlog.postgres import schema
from ckbx.eventlog.postgres.append import Outcome
from ckbx.eventlog.postgres.checks import check_session, durability_warning, missing_guards
from ckbx.eventlog.postgres.connect import DEFAULT_LAYOUT, Layout, conninfo, log_options
from ckbx.eventlog.postgres.read import PostgresReader
from ckbx.eventlog.postgres.recorder import PostgresRecorder
from ckbx.eventlog.postgres.writer import PostgresWriter
from ckbx.eventlog.prepared import Prepared, prepare
from ckbx.eventlog.sqlite.log import CountyNotNamed

_log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.02


class PostgresEventLog(PostgresReader, PostgresRecorder):
    """Implements :class:`ckbx.eventlog.ports.EventLog` and the library's recorder.

    The tables must stand already (:func:`ckbx.eventlog.postgres.schema.migrate`). ``county``
    names the store when it has no name yet and must agree when it has one. ``check_last``
    events are decoded at the start (their types must be imported by then). ``warnings`` holds
    Chinese sentences for ``doctor``; ``weak`` says that this role could lift the append-only
    protection. Raises StoreUnavailable when the store may not be used.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        county: str | None = None,
        layout: Layout = DEFAULT_LAYOUT,
        check_last: int = 50,
        pool_size: int = 8,
    ) -> None:
        info = conninfo(url, log_options(layout))
        super().__init__(info, pool_size)
        self.county = ""
        self.weak = False
        self.warnings: tuple[str, ...] = ()
        self._clock = clock
        self._layout = layout
        self._changed = threading.Condition()
        self._writer = PostgresWriter(
            lambda: psycopg.connect(info, autocommit=True), layout.lock_key("append"), clock
        )
        self._group: GroupCommit[Prepared, Appended] = GroupCommit(
            self._commit, self._writer.mutex, lambda prepared: prepared.size
        )
        try:
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

    def append_rows(self, prepared: Prepared) -> list[int]:
        """Store events without a command id; their positions. Raises psycopg's errors."""
        self._require_county()
        positions = self._writer.store_rows(prepared)
        self._announce()
        return positions

    def submit(self, request: Append) -> Pending[Prepared, Appended]:
        """Queue one command; its ``result()`` waits for the commit."""
        self._require_county()
        return self._group.submit(prepare(request))

    def append_many(self, requests: Sequence[Append]) -> list[Appended | CkbxError]:
        """Store many commands in one transaction; an outcome each, in order.

        A command that conflicts fails alone, as does one whose own versions do not follow
        each other. Raises StoreUnavailable when the store cannot answer.
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
        for place, outcome in zip(places, self._commit(batch), strict=True):
            outcomes[place] = outcome
        return outcomes

    def write_lock(self) -> AbstractContextManager[Any]:
        """Nothing to hold here: other tables of a PostgreSQL store have row locks."""
        return nullcontext()

    def name_county(self, county: str) -> None:
        """Name the store, once. Raises StoreUnavailable when it has another name."""
        text = b"INSERT INTO store_meta VALUES ('county', %s) ON CONFLICT (key) DO NOTHING"
        self.using(lambda conn: conn.execute(text, (county,)))
        stored = self.meta()["county"]
        checks.check_county(stored, county)
        self.county = stored

    def wait_for_change(self, after: int, timeout: float) -> int:
        """Return the head as soon as it is past ``after``, at the latest after ``timeout`` s.

        Appends of this process wake it at once, those of others are seen within 20 ms. No
        NOTIFY: sent with an append it would serialise the commits of the whole server.
        """
        deadline = time.monotonic() + timeout
        while (head := self.head()) <= after:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            with self._changed:
                self._changed.wait(min(left, POLL_SECONDS))
        return head

    def close(self) -> None:
        """Commit what waits, then release every connection.

        In a forked process it does nothing: the connections belong to the other one.
        """
        if self._home.left:
            return
        self._group.close()
        self._writer.close()
        super().close()

    def _commit(self, batch: Sequence[Prepared]) -> list[Outcome]:
        outcomes = self._writer.store(batch)
        self._announce()
        return outcomes

    def _announce(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _require_county(self) -> None:
        if not self.county:
            self.county = self.meta().get("county", "")
            if not self.county:
                raise CountyNotNamed

    def _start(self, county: str | None, check_last: int) -> None:
        meta = self.meta()
        checks.check_schema_version(meta, schema.SCHEMA_VERSION)
        checks.check_guards(self.using(lambda conn: missing_guards(conn, self._layout)))
        self.using(check_session)
        self.weak = self.using(lambda conn: schema.append_only_is_weak(conn, self._layout))
        self.county = meta.get("county", "")
        checks.check_county(self.county, county)
        if county and not self.county:
            self.name_county(county)
        checks.check_first(self.read_rows(checks.LOWEST, 1))
        tail = self.read_rows(self.head() - check_last, check_last) if check_last else []
        checks.check_tail(tail)
        last = tail[-1].recorded_at if tail else 0
        found = (
            self.using(durability_warning),
            checks.clock_warning(self._clock.now(), last),
        )
        self.warnings = tuple(sentence for sentence in found if sentence)
        for sentence in self.warnings:
            _log.warning(sentence)


__all__ = ["CountyNotNamed", "PostgresEventLog", "StoreUnavailable"]
