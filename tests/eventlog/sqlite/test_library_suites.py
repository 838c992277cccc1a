"""Does the log pass the contract suites that the ``eventsourcing`` library ships?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import TestCase
from uuid import UUID

from eventsourcing.persistence import AggregateRecorder, IntegrityError, StoredEvent
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import COUNTY, clock, named


class AsAggregateRecorder(AggregateRecorder):
    """The log as the suite for recorders without positions wants it."""

    def __init__(self, log: SQLiteEventLog) -> None:
        self.log = log

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        self.log.insert_events(stored_events, **kwargs)

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        return self.log.select_events(originator_id, **kwargs)


class StoreTestCase(TestCase):
    """Gives every test a fresh store."""

    def setUp(self) -> None:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "county.db"

    def new_log(self) -> SQLiteEventLog:
        log = SQLiteEventLog(self.path, clock=clock(), county=COUNTY, create=True)
        self.addCleanup(log.close)
        return log


class TestAggregateRecorder(StoreTestCase, AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return AsAggregateRecorder(self.new_log())


class TestApplicationRecorder(StoreTestCase, ApplicationRecorderTestCase[SQLiteEventLog]):
    def create_recorder(self) -> SQLiteEventLog:
        return self.new_log()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()

    def test_a_gap_in_a_stream_is_refused(self) -> None:
        log = self.create_recorder()
        stored = [StoredEvent(named("a"), version, "topic", b"state") for version in (1, 3)]
        log.insert_events(stored[:1])
        with self.assertRaises(IntegrityError):
            log.insert_events(stored[1:])

    def test_an_id_may_come_as_text(self) -> None:
        log = self.create_recorder()
        assert log.insert_events([StoredEvent(str(named("a")), 1, "topic", b"state")]) == [1]
        assert log.select_events(str(named("a")))[0].originator_id == UUID(str(named("a")))


class TestPositionsOfOneAppendStandTogether(StoreTestCase, NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> SQLiteEventLog:
        return self.new_log()
