"""The outbox of one store, whole: notices from the log, messages from notices, who reads them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ckbx.eventlog.ports import EventLog
from ckbx.eventlog.row_store import FollowerMoved, RowStore, RowUnwritable, catch_up
from notifications.compose import compose
from notifications.inbox import Inbox
from notifications.outbox import Outbox, prepare_outbox
from notifications.outbox_queue import OutboxQueue
from notifications.outbox_tables import SKIPPED_MESSAGES, SKIPPED_NOTICES
from notifications.queue import Way
from notifications.refused import pass_refused
from notifications.wording import Wordings

TRIES = 5


class Postroom:
    """What a tick, a dispatcher and the command line use. ``rows`` are its own connection;
    ``ways`` the channels there are besides the inbox.
    """

    def __init__(
        self, log: EventLog, rows: RowStore, zone: ZoneInfo, ways: Sequence[Way] = ()
    ) -> None:
        self._log = log
        self._rows = rows
        self._zone = zone
        self._ways = tuple(ways)
        self._outbox = Outbox(log, zone, ways, dialect=rows.dialect)
        self._lock = threading.Lock()
        self.queue = OutboxQueue(rows)
        self.inbox = Inbox(rows)
        self.wordings = Wordings(rows)

    def prepare(self) -> None:
        """Create what is missing; a new outbox begins at the head. Raises StoreUnavailable."""
        prepare_outbox(self._log, self._rows)

    def tick(self, now: datetime) -> int:
        """Notices of everything recorded, then the messages whose slot has come by ``now``
        (UTC); returns how many. Everything due by ``now`` must have been raised before.

        Raises FollowerMoved when another process is at it all the time, StoreUnavailable.
        """
        with self._lock:
            self._catch_up()
            return compose(self._log, self._rows, self._ways, self._zone, now)

    def catch_up(self) -> int:
        """The notices of everything recorded by now; returns the position."""
        with self._lock:
            return self._catch_up()

    def reasons(self) -> dict[str, int]:
        """How many notices and messages were not sent, by the code of the reason."""
        counts: dict[str, int] = {}
        with self._rows.snapshot() as look:
            for shape in (SKIPPED_NOTICES, SKIPPED_MESSAGES):
                for _, reason in look.find(shape, 1, ["skipped"]):
                    counts[reason] = counts.get(reason, 0) + 1
        return counts

    def _catch_up(self) -> int:
        left = TRIES
        while True:
            try:
                try:
                    return catch_up(self._log, self._rows, self._outbox)
                except RowUnwritable as error:  # goes on from behind it, however many there are
                    pass_refused(self._log, self._rows, self._outbox, error)
            except FollowerMoved:  # another process was faster: go on from its place
                left -= 1
                if not left:
                    raise
