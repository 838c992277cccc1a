"""Each thing that can be wrong with a store has its code; nothing wrong means ready."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ckbx.health.judging import FAIL, GIB, WARN, troubles
from ckbx.health.measures import Measures, Subscriber, Year
from ckbx.health.metrics import metrics
from ckbx.health.posted import Posted
from ckbx.health.ticking import Ticking
from ckbx.health.watching import Health, Watch
from ckbx.pulse import WIDTH, Leading, Pulse, read_pulse

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def ticked(seconds: float, code: str = "", *, held: bool = True) -> Leading:
    at = NOW - timedelta(seconds=seconds)
    return Leading(held=held, pulse=Pulse(at, at, code))


WELL = Measures(
    at=NOW,
    head=7,
    writable=True,
    subscribers=[Subscriber("roster", 7, 0), Subscriber("watch", 7, 0)],
    posted=Posted({"sent": 3, "waiting": 2}, 0.0),
    leading=ticked(30),
    year=Year(terms=True, known=True),
    skew=0.1,
    disk_free=9 * GIB,
    disk_total=20 * GIB,
)
NEVER = Leading(held=True, pulse=Pulse())
ILL: list[tuple[dict[str, Any], str, str]] = [
    ({"failed": {"head": "store_unavailable"}}, "database_unreachable", FAIL),
    ({"writable": False}, "database_not_writable", FAIL),
    ({"subscribers": [Subscriber("roster", 0, 501)]}, "answers_behind", WARN),
    ({"subscribers": [Subscriber("roster", 0, 5001)]}, "answers_behind", FAIL),
    ({"subscribers": [Subscriber("roster", 7, 0, "stale")]}, "answers_stale", FAIL),
    ({"subscribers": [Subscriber("roster", 7, 0, parked=1)]}, "subjects_parked", WARN),
    ({"leading": ticked(181)}, "worker_silent", WARN),
    ({"leading": ticked(601)}, "worker_silent", FAIL),
    ({"leading": NEVER}, "worker_not_ticked", WARN),
    ({"leading": ticked(5, held=False)}, "worker_missing", WARN),
    ({"leading": ticked(601, held=False)}, "worker_missing", FAIL),
    ({"leading": Leading(held=False, pulse=Pulse())}, "worker_missing", FAIL),
    ({"leading": ticked(5, "answers_behind")}, "tick_failed", WARN),
    ({"posted": Posted({"waiting": 1}, 601)}, "messages_overdue", WARN),
    ({"posted": Posted({"waiting": 1}, 3601)}, "messages_overdue", FAIL),
    ({"posted": Posted({"dead": 1}, 0)}, "messages_dead", WARN),
    ({"year": Year(terms=False, known=True)}, "calendar_missing", WARN),
    ({"year": Year(terms=True, known=False)}, "calendar_year_unknown", FAIL),
    ({"skew": -6.0}, "clock_skewed", WARN),
    ({"skew": 61.0}, "clock_skewed", FAIL),
    ({"back": 6.0}, "clock_set_back", WARN),
    ({"back": 61.0}, "clock_set_back", FAIL),
    ({"disk_free": GIB}, "disk_short", WARN),
    ({"disk_free": GIB // 5}, "disk_short", FAIL),
]


def test_a_store_that_is_well_has_no_trouble() -> None:
    assert list(troubles(WELL)) == []
    fresh = msgspec.structs.replace(WELL, posted=None, skew=None, year=None)
    assert list(troubles(fresh)) == []


@pytest.mark.parametrize(("changed", "code", "state"), ILL)
def test_each_thing_that_is_wrong_is_told_by_its_code(
    changed: dict[str, Any], code: str, state: str
) -> None:
    found = list(troubles(msgspec.structs.replace(WELL, **changed)))
    assert [(each.code, each.state) for each in found] == [(code, state)]


def watching(found: Measures, age: float = 1000.0) -> Watch:
    """What is asked of a process that began so many seconds ago."""
    times = iter([0.0])
    return Watch(lambda: found, monotonic=lambda: next(times, age))


def test_ready_is_answered_with_numbers_and_codes() -> None:
    answer = watching(WELL).health().answer()
    assert (answer["status"], answer["codes"], answer["warnings"]) == ("ok", [], [])
    assert (answer["position"], answer["last_tick_seconds"]) == (7, 30.0)
    ill = msgspec.structs.replace(WELL, writable=False, skew=6.0)
    health = watching(ill).health()
    answer = health.answer()
    assert (health.ready, answer["status"]) == (False, "not_ready")
    assert (answer["codes"], answer["warnings"]) == (["database_not_writable"], ["clock_skewed"])


def test_a_process_that_just_began_may_wait_for_its_worker() -> None:
    none = msgspec.structs.replace(WELL, leading=Leading(held=False, pulse=Pulse()))
    assert watching(none, age=30.0).health().ready
    assert not watching(none).health().ready


def test_a_database_that_does_not_answer_is_told_in_time_and_asked_once() -> None:
    asked, go_on = list[int](), threading.Event()

    def slow() -> Measures:
        asked.append(1)
        go_on.wait(20)
        return WELL

    watch = Watch(slow, patience=0.05)
    for _ in range(3):
        health = watch.health()
        assert [each.code for each in health.troubles] == ["database_slow"]
        assert not health.ready
    assert len(asked) == 1
    go_on.set()
    assert Watch(lambda: WELL).health().ready
    watch.close()


def test_who_asks_often_is_answered_from_one_look() -> None:
    asked = list[int]()

    def measured() -> Measures:
        asked.append(1)
        return WELL

    times = iter([0.0, 1.0, 1.0, 2.0, 2.0])
    watch = Watch(measured, monotonic=lambda: next(times, 9.0))
    watch.health()
    watch.health()
    assert len(asked) == 1
    watch.health()
    assert len(asked) == 2


def test_the_metrics_are_lines_of_the_text_format() -> None:
    ticking = Ticking()
    ticking.told(NOW, "done", 0.25)
    ill = msgspec.structs.replace(WELL, skew=61.0)
    text = metrics(Health(ill, list(troubles(ill))), ticking.ticks())
    families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(families) == len(set(families))
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        assert line.startswith("# ") or (name.startswith("ckbx_") and float(value) >= 0), line
    assert 'ckbx_subscriber_behind{name="roster"} 0' in text
    assert 'ckbx_trouble{code="clock_skewed"} 2' in text
    assert 'ckbx_messages{state="waiting"} 2' in text
    assert 'ckbx_ticks_total{outcome="done"} 1' in text
    assert "ckbx_ready 0" in text
    assert text.endswith("\n")


@pytest.mark.parametrize(
    "pulse",
    [
        Pulse(),
        Pulse(NOW, None, ""),
        Pulse(NOW, NOW, "store_unavailable"),
        Pulse(NOW, NOW, "x" * 80),
    ],
)
def test_a_pulse_reads_back_as_it_was_told(pulse: Pulse) -> None:
    text = pulse.text()
    assert len(text) <= WIDTH
    found = read_pulse(text)
    assert (found.ticked, found.looked) == (pulse.ticked, pulse.looked)
    assert pulse.code.startswith(found.code)


@pytest.mark.parametrize("text", ["", "ckbx", "psql", "ckbx-worker 1 2", "ckbx-worker a b c"])
def test_what_is_no_pulse_says_nothing(text: str) -> None:
    assert read_pulse(text) == Pulse()
