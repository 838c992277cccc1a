"""The library's own recorder suites, run against the PostgreSQL log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from eventsourcing.persistence import AggregateRecorder, ApplicationRecorder, StoredEvent
from eventsourcing.tests import persistence as suites

from ckbx.eventlog.postgres.log import PostgresEventLog


class WithLog:
    """Gives a suite of the library the log of the test's own database."""

    log: PostgresEventLog

    @pytest.fixture(autouse=True)
    def _log(self, log: PostgresEventLog) -> None:
        self.log = log

    def create_recorder(self) -> Any:
        return self.log


class WithoutPositions(AggregateRecorder):
    """The log seen as a recorder of streams alone, which gives no positions."""

    def __init__(self, log: PostgresEventLog) -> None:
        self._log = log

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        self._log.insert_events(stored_events, **kwargs)

    def select_events(self, *args: Any, **kwargs: Any) -> Sequence[StoredEvent]:
        return self._log.select_events(*args, **kwargs)


class TestAsAggregateRecorder(WithLog, suites.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return WithoutPositions(self.log)


class TestAsApplicationRecorder(WithLog, suites.ApplicationRecorderTestCase[ApplicationRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestPositionsOfTwoWritersDoNotInterleave(
    WithLog, suites.NonInterleavingNotificationIDsBaseCase
):
    pass
