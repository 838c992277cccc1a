"""``run-due``: everything due by an instant and not yet done, once.

The set of clock alerts is brought in line with what the facts say: missing ones are raised
(and closed at once when their cause is over already), those whose cause fell away are
withdrawn, those that were answered are closed. What a run may take back is exactly what it
computes: duties that fell due since the horizon and by the instant. Running it again changes
nothing, and a run for an earlier instant leaves later duties alone.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert
from ckbx.domain.alert.closing import RETURNED
from ckbx.domain.alert.hours import due_hour
from ckbx.domain.child.absences import RULE_COUNT, RULE_RUN
from ckbx.scheduling import back
from ckbx.scheduling.addressing import address, needed
from ckbx.scheduling.duty import CLOCK_RULES, Duty
from ckbx.scheduling.effects import ACTOR, on_children
from ckbx.scheduling.facts import Facts, Importing
from ckbx.scheduling.gather import gather
from ckbx.scheduling.heap import uncollected
from ckbx.scheduling.instants import next_instant
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.owed import Owed
from ckbx.scheduling.pace import AT_ONCE, Pace
from ckbx.scheduling.watch_tables import ACKNOWLEDGED, CLOSED, OPEN, RESOLVED, WITHDRAWN
from ckbx.store import Store

BATCH = 100
_STANDING: Final = (OPEN, ACKNOWLEDGED)
_NONE: Final = ("", 0)


class DueReport(msgspec.Struct):
    """What one run did: how many of each kind. What rests on the ``importing`` it left alone.

    It saw the facts up to ``position``; before ``until`` (UTC) the same facts owe nothing new.
    """

    at: datetime
    position: int = 0
    until: datetime | None = None
    raised: dict[str, int] = {}
    withdrawn: dict[str, int] = {}
    closed: dict[str, int] = {}
    suspected: int = 0
    unsuspected: int = 0
    lapsed: int = 0
    expired: int = 0
    importing: list[Importing] = []

    @property
    def nothing(self) -> bool:
        """Whether nothing was due that had not been done."""
        changes = (self.raised, self.withdrawn, self.closed)
        effects = self.suspected or self.unsuspected or self.lapsed or self.expired
        return not any(changes) and not effects


def run_due(
    store: Store,
    at: datetime,
    stop: threading.Event | None = None,
    memory: Memory | None = None,
    rest: float = AT_ONCE,
) -> DueReport:
    """Do everything due by a UTC instant, cut to now; local midnight ends the day before.

    Once ``stop`` is set it does no further commit, and the next run goes on. ``memory``: what
    runs of this process on this store made of the facts before, which saves time and nothing
    else. ``rest``: see :class:`ckbx.scheduling.pace.Pace`. Raises StoreUnavailable,
    AnswersBehind; a conflict with another run is decided again.
    """
    memory = Memory() if memory is None else memory
    with uncollected(), memory.looking() as known:
        return _run_due(store, at, Pace(rest, stop), known)


def _run_due(store: Store, at: datetime, pace: Pace, memory: Memory) -> DueReport:
    position = store.catch_up()
    office, answers = store.office, store.answers
    at = min(at, office.clock.now())
    if at.astimezone(office.clock.zone).time() == time.min:
        at -= timedelta(microseconds=1)
    report = DueReport(at, position)
    facts = gather(office, answers, at, memory)
    report.until = next_instant(facts.rules, facts.zone, at)
    done = on_children(office, answers, facts, pace)
    report.suspected, report.unsuspected = done.suspected, done.withdrawn
    report.lapsed, report.expired = done.lapsed, done.expired
    if not report.nothing:
        report.position = store.catch_up()
        facts = gather(office, answers, at, memory)
    report.importing = list(facts.importing)
    steps = _steps(facts)
    for start in range(0, len(steps), BATCH):
        if pace.stopped:
            break
        with pace.turn():
            _apply(office, facts, steps[start : start + BATCH], report)
    return report


def overdue(store: Store, at: datetime) -> dict[str, int]:
    """How many alerts due by a UTC instant a run would still raise, by kind; raises none.

    Raises StoreUnavailable, AnswersBehind.
    """
    store.catch_up()
    facts = gather(store.office, store.answers, at)
    raised = [step.duty for step in _steps(facts) if step.action == "raise"]
    return Counter(duty.kind for duty in raised if duty is not None and duty.over_on is None)


def _existing(facts: Facts) -> dict[bytes, tuple[str, int]]:
    """Clock alerts that fell due since the horizon and by the instant, but for those that wait:
    the state of each, and since which day (ordinal) it has it.
    """
    come, waiting = _HasCome(facts), bool(facts.importing)
    return {
        id_ if isinstance(id_, bytes) else id_.bytes: (state, since)
        for id_, rule, school, day, state, since in facts.alerts
        if come[rule, day] and not (waiting and facts.waits(rule, school, date.fromordinal(day)))
    }


class _HasCome(dict[tuple[str, int], bool]):
    """Whether the clock's alerts of a rule and a day (ordinal) fell due by the instant: some do
    at an hour of it. Few rules and days, many alerts: each is asked once.
    """

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, key: tuple[str, int]) -> bool:
        rule, day = key[0], date.fromordinal(key[1])
        hour = due_hour(rule, self._facts.rules.rules_on(day).pack)
        come = hour is None or self._facts.passed(day, hour)
        self[key] = rule in CLOCK_RULES and come
        return self[key]


class Step(msgspec.Struct, frozen=True):
    """What is to happen to one alert, seen in a state (empty: there was none): ``raise``,
    ``close`` or ``withdraw``.
    """

    stream: UUID
    action: str
    duty: Duty | None
    seen: str = ""


def _steps(facts: Facts) -> list[Step]:
    """What is left to do, in the order of the duties; what falls away comes last."""
    owed, existing = Owed(facts), _existing(facts)
    standing = {key for key, (state, _) in existing.items() if state in _STANDING}
    close = owed.over & standing
    new = (owed.open | owed.over) - standing
    new = {
        key for key in new if key not in existing or _again(key in owed.open, existing[key], facts)
    }
    steps = [
        Step(UUID(bytes=key), "close", duty)
        if key in close
        else Step(UUID(bytes=key), "raise", duty, existing.get(key, _NONE)[0])
        for key, duty in owed.duties_of(close | new).items()
    ]
    gone = standing - owed.open - owed.over
    steps += [Step(UUID(bytes=key), "withdraw", None) for key in sorted(gone)]
    steps += [Step(told.alert, "close", told.duty()) for told in back.to_close(facts)]
    return steps + [
        Step(told.alert, "raise", told.duty(), CLOSED) for told in back.to_reopen(facts)
    ]


def _again(holds: bool, found: tuple[str, int], facts: Facts) -> bool:
    """Whether the cause of an alert put aside holds again. One that the clock closed on a
    later day than the one asked about is left: by then its cause was over.
    """
    state, since = found
    if state == CLOSED:
        return holds and since <= facts.today.toordinal()
    return state == WITHDRAWN


def _apply(office: Office, facts: Facts, steps: Sequence[Step], report: DueReport) -> None:
    done: list[tuple[str, str]] = []

    def decide(unit: Unit) -> bytes | None:
        done.clear()
        alerts: dict[UUID, Alert] = unit.get_many(dict.fromkeys((s.stream for s in steps), Alert))
        children = needed(unit, (s.duty for s in steps if s.action == "raise"))
        for step in steps:
            alert, duty = alerts[step.stream], step.duty
            if step.action == "raise" and alert.state != step.seen:
                continue  # another run was faster: what is left to do, the next one finds
            if step.action == "raise" and duty:
                alert.raise_(unit.ctx, address(office, facts, duty, children))
            if duty and duty.over_on:
                reason = RETURNED if duty.rule in (RULE_RUN, RULE_COUNT) else RESOLVED
                alert.close(unit.ctx, on=duty.over_on, reason=reason)
            if step.action == "withdraw":
                alert.withdraw(unit.ctx, on=facts.today, reason="cause_gone")
            if alert.has_pending:
                done.append((step.action, alert.kind))
        return b"due" if done else None

    office.run(office.context(ACTOR, today=facts.today), decide)
    counters = {"raise": report.raised, "close": report.closed, "withdraw": report.withdrawn}
    for action, kind in done:
        counter = counters[action]
        counter[kind] = counter.get(kind, 0) + 1
