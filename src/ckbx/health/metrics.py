"""The metrics in the text format that Prometheus reads. Numbers; nobody's data, no accounts.

Names are stable: county staff build charts on them. Text format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ckbx.health.judging import FAIL
from ckbx.health.measures import Measures
from ckbx.health.ticking import Ticks
from ckbx.health.watching import Health

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]
_ONE: Final[Labels] = {}


def metrics(health: Health, ticks: Ticks | None = None) -> str:
    """Everything known now; ``ticks`` are those of this process, where it works."""
    lines: list[str] = []
    for name, kind, about, values in _families(health, ticks):
        lines += [f"# HELP ckbx_{name} {about}", f"# TYPE ckbx_{name} {kind}"]
        lines += [f"ckbx_{name}{_labels(labels)} {value:.15g}" for labels, value in values]
    return "\n".join(lines) + "\n"


Family = tuple[str, str, str, Sequence[tuple[Labels, float]]]


def _families(health: Health, ticks: Ticks | None) -> Iterator[Family]:
    yield _one("ready", "1: nothing has failed", health.ready)
    yield (
        "trouble",
        "gauge",
        "2: failed, 1: to be looked at, by code",
        [({"code": each.code}, 2.0 if each.state == FAIL else 1.0) for each in health.troubles],
    )
    if health.measures is not None:
        yield from _store(health.measures)
    if ticks is not None:
        yield _one("worker_leads", "1: this process does the standing work", ticks.leads)
        counts = sorted(ticks.counts.items())
        yield (
            "ticks_total",
            "counter",
            "Ticks of this process by outcome",
            [({"outcome": outcome}, float(count)) for outcome, count in counts],
        )
        yield (
            "tick_seconds_total",
            "counter",
            "Seconds spent in ticks of this process",
            [(_ONE, ticks.seconds)],
        )
        yield _one("tick_seconds", "How long its last tick took", ticks.last_seconds)


def _store(found: Measures) -> Iterator[Family]:
    yield _one("log_position", "Last position of the event log", found.head)
    yield _one("database_writable", "1: a writing transaction can begin", found.writable)
    for name, about in (("position", "Last position taken in"), ("behind", "Events not taken in")):
        values = [({"name": s.name}, float(getattr(s, name))) for s in found.subscribers]
        yield (f"subscriber_{name}", "gauge", about, values)
    parked = [({"name": s.name}, float(s.parked)) for s in found.subscribers]
    yield ("subscriber_parked", "gauge", "Subjects set aside as unreadable", parked)
    yield _one("worker_present", "1: some process does the standing work", found.leading.held)
    if found.tick_age is not None:
        yield _one("worker_last_tick_age_seconds", "Since the leader's last tick", found.tick_age)
    if found.posted is not None:
        counts = sorted(found.posted.counts.items())
        values = [({"state": state}, float(count)) for state, count in counts]
        yield ("messages", "gauge", "Messages of the outbox by state", values)
        about = "How long the oldest message could have been sent"
        yield _one("message_overdue_seconds", about, found.posted.overdue)
    if found.year is not None:
        yield _one("calendar_year_known", "1: holidays of this year are known", found.year.known)
    if found.skew is not None:
        yield _one("clock_skew_seconds", "Machine less database server", found.skew)
    yield _one("clock_back_seconds", "Clock before the last recorded event", found.back)
    yield _one("disk_free_bytes", "Free on the disk of the store", found.disk_free)
    yield _one("disk_size_bytes", "Size of that disk", found.disk_total)


def _one(name: str, about: str, value: float) -> Family:
    return (name, "gauge", about, [(_ONE, float(value))])


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
