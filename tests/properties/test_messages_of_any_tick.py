"""Late, doubled, missed and broken ticks come to the same messages as prompt ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ckbx.clock import FixedClock
from ckbx.store import Store
from notifications import rules
from notifications.postroom import Postroom
from tests.support.alerts import GROUP, MAIL, notice, raise_alert
from tests.support.county import SCHOOL, SmallCounty, opened

BEGAN = datetime.fromisoformat("2026-11-16T00:00:00+08:00")  # a Monday
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAYS = 2
END = BEGAN + DAYS * DAY + DAY / 2
"""So soon that nothing is too old to be told: less than three school days after it fell due."""
CLOCK_KINDS = {"roll_call_silent": 600, "verification_due": 0, "not_checked_in": 0}
"""Kinds the clock raises, with the minute of the day at which they fall due."""


class Fact(NamedTuple):
    """An alert: of the clock (``minute`` is that of its kind) or of an act at that minute."""

    kind: str
    day: int
    minute: int
    to: str
    by_clock: bool
    number: int

    @property
    def at(self) -> datetime:
        return BEGAN + self.day * DAY + self.minute * MINUTE


def _clock(kind: str, day: int, to: str, number: int) -> Fact:
    return Fact(kind, day, CLOCK_KINDS[kind], to, True, number)


def _act(kind: str, day: int, minute: int, to: str, number: int) -> Fact:
    return Fact(kind, day, minute, to, False, number)


people = st.sampled_from(["ct1", "ct2"])
numbers = st.integers(1, 30)
days = st.integers(0, DAYS - 1)
facts = st.lists(
    st.one_of(
        st.builds(_clock, st.sampled_from(sorted(CLOCK_KINDS)), days, people, numbers),
        st.builds(
            _act,
            st.sampled_from(["absence_warning", "relapse"]),
            days,
            st.integers(0, 1439),
            people,
            numbers,
        ),
    ),
    max_size=12,
    unique_by=lambda fact: (fact.kind, fact.day, fact.number),
)
ticks = st.lists(st.integers(0, DAYS * 1440 + 720), max_size=8)
Messages = set[tuple[bytes, str, str, str]]


def life(all_facts: Sequence[Fact], at: Sequence[datetime], *, twice: bool) -> Messages:
    """What is told when ticks come at these instants, and once at the end."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(f"sqlite:///{folder}/s.db", Path(folder) / "k", now=BEGAN - DAY) as store,
    ):
        SmallCounty(store.office)
        store.ways = (MAIL, GROUP)
        store.postroom.catch_up()
        raised: set[Fact] = set()
        acts = [(fact.at, fact) for fact in all_facts if not fact.by_clock]
        moments: list[tuple[datetime, Fact | None]] = [*acts, *((tick, None) for tick in at)]
        for moment, act in sorted(moments, key=lambda each: (each[0], each[1] is None)):
            _set(store, moment)
            if act is not None:
                _raise(store, act)
            else:
                _tick(store, all_facts, moment, raised, twice=twice)
        _set(store, END)
        _tick(store, all_facts, END, raised, twice=twice)
        found = store.postroom.queue.messages()
        return {(row.id, row.recipient, row.subject, row.body) for row in found}


def _set(store: Store, at: datetime) -> None:
    assert isinstance(store.clock, FixedClock)
    store.clock.at = at


def _tick(
    store: Store, all_facts: Sequence[Fact], now: datetime, raised: set[Fact], *, twice: bool
) -> None:
    """What the clock owes by now, then the post room; ``twice``: two processes do it."""
    for fact in all_facts:
        if fact.by_clock and fact.at <= now and fact not in raised:
            raised.add(fact)
            _raise(store, fact)
    store.postroom.tick(now)
    if twice:
        other = Postroom(store.log, store.rows, store.clock.zone, (MAIL, GROUP))
        other.prepare()
        other.tick(now)


def _raise(store: Store, fact: Fact) -> None:
    on = date(2026, 11, 16) + fact.day * DAY
    said = notice(
        fact.kind, on, [fact.to], child=UUID(int=fact.number), class_key=f"{SCHOOL}/2026/1"
    )
    raise_alert(store.office, said, *(() if fact.by_clock else ("ct9",)))


def prompt(all_facts: Sequence[Fact]) -> list[datetime]:
    """A tick at every instant at which an alert or a message falls due."""
    hours = [
        BEGAN + day * DAY + at * MINUTE for day in range(DAYS + 1) for at in (0, 450, 600, 1050)
    ]
    folded = {fact.at + -fact.minute % 10 * MINUTE for fact in all_facts if not fact.by_clock}
    return sorted({*hours, *folded})


def at_minutes(minutes: Sequence[int]) -> list[datetime]:
    return [BEGAN + minute * MINUTE for minute in minutes]


@settings(max_examples=10, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(all_facts=facts, late=ticks, twice=st.booleans())
def test_ticks_at_any_times_come_to_the_same_messages(
    all_facts: list[Fact], late: list[int], twice: bool
) -> None:
    assert life(all_facts, at_minutes(late), twice=twice) == life(
        all_facts, prompt(all_facts), twice=False
    )


def test_the_control_slots_of_the_tick_come_to_other_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slot taken from the time of recording, as a timer would have it."""
    of_tick: Callable[..., datetime] = lambda told, *_: told.recorded_at  # noqa: E731
    monkeypatch.setattr(rules, "base_instant", of_tick)
    monkeypatch.setattr(rules, "due_hour", lambda *_: None)
    told = [_clock("verification_due", day, "ct1", day + 1) for day in range(DAYS)]
    assert life(told, at_minutes([DAYS * 1440]), twice=False) != life(
        told, prompt(told), twice=False
    )
