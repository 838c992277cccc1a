"""Does the log pass the port suites that ``eventsource-py`` ships, on both databases?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing as closing_log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from eventsource.domain.exceptions import OptimisticLockError
from eventsource.ports import ExpectedVersion
from eventsource.testing.conformance_ports import (
    AppenderConformance,
    CategoryQueryConformance,
    EventLookupConformance,
    GlobalFeedConformance,
    StreamReaderConformance,
)
from eventsource.testing.conformance_ports._fixtures import make_event, make_stream
from eventsource.testing.conformance_ports.stateful import StoreStateMachine
from eventsource.testing.sync_facade import SyncStoreFacade
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from ckbx.clock import SystemClock
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import EventLog
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import migrate
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.conformance.eventsource_store import EventsourceStore
from tests.support.postgres import PgServer

COUNTY = "522699"
SHORT = {"max_examples": 15, "stateful_step_count": 20}
LONG = {"max_examples": 300, "stateful_step_count": 40}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Their tests are coroutines; the event loop is the standard library's."""
    return "asyncio"


def sqlite_log(folder: Path) -> SQLiteEventLog:
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    return SQLiteEventLog(folder / "county.db", clock=clock, county=COUNTY, create=True)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest) -> Iterator[EventLog]:
    """One log for the module on each database; every test looks at what comes after its head."""
    with ExitStack() as closing:
        if request.param == "sqlite":
            folder = closing.enter_context(TemporaryDirectory())
            yield closing.enter_context(closing_log(sqlite_log(Path(folder))))
            return
        server: PgServer = request.getfixturevalue("pg_server")
        database = server.create()
        closing.callback(server.drop, database)
        migrate(database.url())
        clock = SystemClock(ZoneInfo("Asia/Shanghai"))
        log = PostgresEventLog(database.url(), clock=clock, county=COUNTY)
        yield closing.enter_context(closing_log(log))


class OnOurLog:
    """Gives a suite of theirs the adapter, empty at the start of each test."""

    @pytest.fixture
    def store(self, log: EventLog) -> EventsourceStore:
        return EventsourceStore(log, after=log.head())


class TestAppender(OnOurLog, AppenderConformance):
    pass


class TestStreamReader(OnOurLog, StreamReaderConformance):
    pass


class TestEventLookup(OnOurLog, EventLookupConformance):
    pass


class TestGlobalFeed(OnOurLog, GlobalFeedConformance):
    pass


class TestCategoryQuery(OnOurLog, CategoryQueryConformance):
    pass


def run_machine(make: type[StoreStateMachine], how: dict[str, int]) -> None:
    chosen = settings(deadline=None, suppress_health_check=list(HealthCheck), **how)  # type: ignore[arg-type]
    run_state_machine_as_test(make, settings=chosen)


def machine_on(log: EventLog) -> type[StoreStateMachine]:
    """Their machine on a log where each run sees only what it appends itself."""

    class OnOneLog(StoreStateMachine):
        def make_store(self) -> SyncStoreFacade:
            return SyncStoreFacade(EventsourceStore(log, after=log.head()))

    return OnOneLog


class OnFreshFile(StoreStateMachine):
    """Their machine, each run on a file of its own."""

    def make_store(self) -> SyncStoreFacade:
        folder = TemporaryDirectory()
        log = sqlite_log(Path(folder.name))

        def close() -> None:
            log.close()
            folder.cleanup()

        return SyncStoreFacade(EventsourceStore(log, on_close=close))


def test_random_appends_and_stale_appends_agree_with_their_model(log: EventLog) -> None:
    run_machine(machine_on(log), SHORT)


@pytest.mark.long
def test_many_random_appends_agree_with_their_model(log: EventLog) -> None:
    run_machine(machine_on(log), LONG)


@pytest.mark.long
def test_many_random_appends_each_on_a_fresh_file_agree_with_their_model() -> None:
    run_machine(OnFreshFile, LONG)


class Forgetful:
    """A log with a fault: it takes an append whose versions are stale, as new versions."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(self, request: Any) -> Any:
        heads: dict[UUID, int] = {}
        again: list[DomainEvent] = []
        for event in request.events:
            stream = event.originator_id
            if stream not in heads:
                heads[stream] = len(self._log.load([stream])[stream])
            heads[stream] += 1
            values = {name: getattr(event, name) for name in event.__struct_fields__}
            again.append(type(event)(**values | {"originator_version": heads[stream]}))
        return self._log.append(type(request)(command_id=request.command_id, events=again))


def test_control_their_machine_finds_a_log_that_takes_stale_appends(tmp_path: Path) -> None:
    log: Any = Forgetful(sqlite_log(tmp_path))
    with pytest.raises(AssertionError, match="expected OptimisticLockError"):
        run_machine(machine_on(log), SHORT)
    log.close()


async def test_control_their_appender_suite_finds_it_too(tmp_path: Path) -> None:
    log: Any = Forgetful(sqlite_log(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await TestAppender().test_no_stream_append_to_existing_stream_conflicts(
            EventsourceStore(log)
        )
    log.close()


async def test_two_appends_at_the_same_expected_version_one_is_refused(log: EventLog) -> None:
    one, other, stream = EventsourceStore(log), EventsourceStore(log), make_stream()
    await one.append(stream, [make_event(stream.aggregate_id)], ExpectedVersion.exact(0))
    with pytest.raises(OptimisticLockError):
        await other.append(stream, [make_event(stream.aggregate_id)], ExpectedVersion.exact(0))
    assert await other.get_stream_version(stream) == 1
