"""What is measured of a real store: followers, worker, messages, clocks; and asked over a port."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from ckbx.clock import FixedClock, micros
from ckbx.health.measures import Measures, measure
from ckbx.health.posted import Posted
from ckbx.health.server import HealthPortTaken, health_port
from ckbx.health.watching import Watch
from ckbx.pulse import Pulse
from ckbx.store import Store, new_leadership
from notifications.outbox_tables import MESSAGES, MessageRow
from tests.support.county import NOW, SmallCounty, opened


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as found:
        SmallCounty(found.office)
        found.catch_up()
        yield found


def test_a_fresh_store_is_measured_whole(store: Store) -> None:
    found = measure(store)
    assert (found.failed, found.writable, found.posted) == ({}, True, Posted({}, 0.0))
    assert found.head == store.log.head()
    names = [each.name for each in found.subscribers]
    assert {"roster", "watch"} <= set(names)
    assert {each.behind for each in found.subscribers if each.name != "outbox"} == {0}
    assert found.year is not None
    assert (found.year.terms, found.year.known) == (True, True)
    assert 0 < found.disk_free <= found.disk_total
    assert (found.leading.held, found.tick_age) == (False, None)


def test_the_leader_is_seen_with_its_last_tick_by_another_process(store: Store) -> None:
    leader = new_leadership(store.settings)
    assert leader.try_lead()
    try:
        at = NOW - timedelta(seconds=90)
        leader.tell(Pulse(at, at, "store_unavailable"))
        found = measure(store)
        assert found.leading.held
        assert (found.tick_age, found.leading.pulse.code) == (90.0, "store_unavailable")
        assert leader.try_lead(), "being looked at does not cost the lead"
    finally:
        leader.give_up()
    assert not measure(store).leading.held


def test_a_clock_before_the_last_record_is_measured(store: Store) -> None:
    store.clock.at = NOW - timedelta(minutes=10)  # type: ignore[attr-defined]
    assert measure(store).back == pytest.approx(600, abs=5)


def test_the_machine_is_compared_with_the_database_server(store: Store) -> None:
    year_off = measure(store, FixedClock(datetime(2000, 1, 1, tzinfo=UTC))).skew
    if store.settings.is_sqlite:
        assert year_off is None
    else:
        assert year_off is not None
        assert year_off < -60
        assert abs(measure(store).skew or 0.0) < 5


def put_messages(store: Store, late: datetime, later: datetime) -> None:
    """One sent, one dead, one that could have been sent at an instant, two for later."""
    states = (("sent", NOW), ("dead", NOW), ("waiting", late), ("claimed", later))
    with store.rows.transaction() as tx:
        tx.insert(MESSAGES, [message(*each) for each in (*states, ("waiting", later))])


def message(state: str, next_at: datetime) -> MessageRow:
    """A message in a state, to be taken from an instant on."""
    return MessageRow(
        id=uuid4().bytes,
        recipient="ct1",
        channel="mail",
        kind="digest",
        slot=0,
        part=0,
        level="黄",
        subject="",
        body="",
        link="",
        state=state,
        attempts=0,
        next_at=micros(next_at),
        composed_at=0,
    )


def test_messages_are_counted_and_the_one_that_waits_longest_is_timed(store: Store) -> None:
    put_messages(store, NOW - timedelta(seconds=700), NOW + timedelta(hours=2))
    found = measure(store).posted
    assert found is not None
    assert (found.waiting, found.dead, found.overdue) == (3, 1, 700.0)


def asked(port: int, path: str, host: str = "") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if host:
        request.add_header("Host", host)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_port_answers_health_and_metrics_and_nothing_else(store: Store) -> None:
    watch = Watch(lambda: measure(store), patience=20)
    with health_port(0, watch) as port:
        assert asked(port, "/healthz") == (200, '{"status": "ok"}')
        status, body = asked(port, "/readyz")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        status, body = asked(port, "/metrics")
        assert (status, "ckbx_log_position" in body) == (200, True)
        assert asked(port, "/")[0] == 404
        assert asked(port, "/metrics", "evil.example:80")[0] == 421
    watch.close()


def test_not_ready_is_503_with_its_code() -> None:
    watch = Watch(lambda: Measures(at=NOW))
    with health_port(0, watch) as port:
        status, body = asked(port, "/readyz")
        assert (status, json.loads(body)["codes"][0]) == (503, "database_not_writable")
    watch.close()


def test_a_port_that_is_taken_is_refused_by_name() -> None:
    watch = Watch(lambda: Measures(at=NOW))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HealthPortTaken, match=str(port)), health_port(port, watch):
            pass
    watch.close()
