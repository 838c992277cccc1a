"""What the library's ``Application`` must be able to do on every store.

A store plugs in with a class derived from :class:`ApplicationContract` and a fixture ``kit``.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactoryError

from ckbx.domain.shared.errors import ConcurrencyConflict
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.application import CkbxApplication
from tests.eventlog.contract_log import FullLog, StoreKit, vault_row
from tests.eventlog.sample import DAY, Noted, Pad, clock, named, note


def written(name: str, *numbers: int) -> Pad:
    """A new aggregate with pending events."""
    pad = Pad(named(name))
    write(pad, *numbers)
    return pad


def write(pad: Pad, *numbers: int) -> None:
    """Trigger events."""
    ctx = CommandContext(actor="system:test", command_id=uuid4(), today=DAY)
    for number in numbers:
        pad.trigger_event(Noted, ctx, occurred_on=DAY, number=number)


class ApplicationContract:
    """Tests to inherit."""

    @pytest.fixture
    def log(self, kit: StoreKit) -> FullLog:
        return kit.open(clock())

    @pytest.fixture
    def app(self, log: FullLog) -> CkbxApplication:
        return CkbxApplication(cast("ApplicationRecorder", log))

    def test_what_is_saved_is_found_again(self, app: CkbxApplication) -> None:
        pad = written("a", 1, 2)
        recordings = app.save(pad, command=uuid4())
        assert [r.domain_event.originator_version for r in recordings] == [1, 2]
        write(pad, 3)
        app.save(pad)
        found = app.get(Pad, pad.id)
        assert (found.numbers, found.version) == ([1, 2, 3], 3)
        assert app.get(Pad, pad.id, version=2).numbers == [1, 2]

    def test_an_unknown_aggregate_is_not_found(self, app: CkbxApplication) -> None:
        with pytest.raises(AggregateNotFoundError):
            app.get(Pad, named("none"))

    def test_the_notification_log_hands_out_every_event_in_order(
        self, app: CkbxApplication
    ) -> None:
        app.save(written("a", 1, 2), written("b", 3))
        found = app.notification_log.select(start=1, limit=10)
        events = [cast("Noted", app.mapper.to_domain_event(n)) for n in found]
        assert [event.number for event in events] == [1, 2, 3]
        assert [n.topic for n in found] == [Noted.TOPIC] * 3
        assert len(app.notification_log["1,10"].items) == 3

    def test_a_repeated_command_stores_nothing(
        self, app: CkbxApplication, log: FullLog, kit: StoreKit
    ) -> None:
        command = uuid4()
        app.save(written("a", 1), command=command, reply=b"done", writes=[vault_row("k")])
        assert app.save(written("a", 1), command=command, writes=[vault_row("k")]) == []
        first = log.find_command(command)
        assert first is not None
        assert (first.reply, log.head()) == (b"done", first.position)
        assert [row[0] for row in kit.vault_notes()] == ["k"]

    def test_a_conflict_is_one_of_ours(self, app: CkbxApplication) -> None:
        app.save(written("a", 1))
        conflicts: list[dict[str, Any]] = [{}, {"expect": {named("a"): 0}}]
        for name, keywords in zip("ab", conflicts, strict=True):
            with pytest.raises(ConcurrencyConflict):
                app.save(written(name, 2), **keywords)
        assert app.get(Pad, named("a")).numbers == [1]

    def test_the_library_and_the_log_write_the_same_bytes(
        self, app: CkbxApplication, log: FullLog
    ) -> None:
        request = note(named("a"), 1, 7)
        log.append(request)
        (stored,) = app.recorder.select_events(named("a"))
        assert app.mapper.to_stored_event(request.events[0]) == stored
        assert app.mapper.to_domain_event(stored) == request.events[0]

    def test_there_are_no_other_recorders(self, app: CkbxApplication) -> None:
        for make in (
            app.factory.aggregate_recorder,
            app.factory.tracking_recorder,
            app.factory.process_recorder,
        ):
            with pytest.raises(InfrastructureFactoryError):
                make()

    def test_only_our_events_are_encoded(self, app: CkbxApplication) -> None:
        with pytest.raises(TypeError, match="no DomainEvent"):
            app.mapper.to_stored_event(cast("Any", object()))
