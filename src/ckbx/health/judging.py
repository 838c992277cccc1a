"""When is a measure bad enough to be told, or to count the store as not ready?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from ckbx.health.measures import Measures
from ckbx.health.posted import SUBSCRIBER as OUTBOX

WARN: Final = "warn"
FAIL: Final = "fail"

BEHIND_WARN, BEHIND_FAIL = 500, 5_000
"""Events that may wait to be folded into a subscriber."""
TICK_WARN, TICK_FAIL = 180.0, 600.0
"""Seconds since the leader's last tick; it ticks every minute."""
OVERDUE_WARN, OVERDUE_FAIL = 600.0, 3_600.0
"""Seconds for which a message could have been sent and was not."""
SKEW_WARN, SKEW_FAIL = 5.0, 60.0
"""Seconds between the machine's clock and the database server's (reliability: 60 alarm)."""
BACK_WARN, BACK_FAIL = 5.0, 60.0
GIB: Final = 1 << 30
DISK_WARN, DISK_FAIL = 2 * GIB, GIB // 4


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong: a stable code, ``warn`` or ``fail``, and whose (names of subscribers)."""

    code: str
    state: str
    about: list[str] = []


def troubles(found: Measures) -> Iterator[Trouble]:
    """Everything that is wrong, the database first. No trouble: all is well."""
    if found.failed:
        yield Trouble("database_unreachable", FAIL, sorted(found.failed))
    elif not found.writable:
        yield Trouble("database_not_writable", FAIL)
    yield from _answers(found)
    yield from _worker(found)
    yield from _posted(found)
    if found.year is not None and not found.year.terms:
        yield Trouble("calendar_missing", WARN)
    elif found.year is not None and not found.year.known:
        yield Trouble("calendar_year_unknown", FAIL)
    yield from _over("clock_skewed", abs(found.skew or 0.0), SKEW_WARN, SKEW_FAIL)
    yield from _over("clock_set_back", found.back, BACK_WARN, BACK_FAIL)
    if found.disk_free < DISK_WARN:
        yield Trouble("disk_short", FAIL if found.disk_free < DISK_FAIL else WARN)


def _answers(found: Measures) -> Iterator[Trouble]:
    stale = [each.name for each in found.subscribers if each.state != "live"]
    if stale:
        yield Trouble("answers_stale", FAIL, stale)
    answers = [each for each in found.subscribers if each.name != OUTBOX]  # it waits for a tick
    for state, low, high in ((FAIL, BEHIND_FAIL, None), (WARN, BEHIND_WARN, BEHIND_FAIL)):
        behind = [
            each.name
            for each in answers
            if each.behind > low and (high is None or each.behind <= high)
        ]
        if behind:
            yield Trouble("answers_behind", state, behind)
    parked = [each.name for each in found.subscribers if each.parked]
    if parked:
        yield Trouble("subjects_parked", WARN, parked)


def _worker(found: Measures) -> Iterator[Trouble]:
    if "leading" in found.failed:
        return
    age = found.tick_age
    if not found.leading.held:
        yield Trouble("worker_missing", FAIL if age is None or age > TICK_FAIL else WARN)
    elif age is None:
        yield Trouble("worker_not_ticked", WARN)
    elif age > TICK_WARN:
        yield Trouble("worker_silent", FAIL if age > TICK_FAIL else WARN)
    elif found.leading.pulse.code:
        yield Trouble("tick_failed", WARN, [found.leading.pulse.code])


def _posted(found: Measures) -> Iterator[Trouble]:
    if found.posted is None:
        return
    yield from _over("messages_overdue", found.posted.overdue, OVERDUE_WARN, OVERDUE_FAIL)
    if found.posted.dead:
        yield Trouble("messages_dead", WARN)


def _over(code: str, value: float, warn: float, fail: float) -> Iterator[Trouble]:
    if value > warn:
        yield Trouble(code, FAIL if value > fail else WARN)
