"""What a run leaves behind depends on the facts and the instant, not on the runs before it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.scheduling.gather import gather
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store
from tests.scheduling.due_kit import (
    AUTUMN,
    OTHER_SCHOOL,
    SICK,
    SPRING,
    A,
    AlertState,
    B,
    C,
    U,
    World,
    alerts,
    local,
    standing,
)
from tests.support.county import SCHOOL, opened

LATEST = local(date(2026, 11, 20))
INSTANTS = [
    local(day, hour)
    for day in (
        date(2026, 2, 24),
        date(2026, 3, 2),
        date(2026, 3, 6),
        date(2026, 8, 19),
        date(2026, 8, 26),
        date(2026, 9, 1),
        date(2026, 9, 3),
        date(2026, 9, 7),
        date(2026, 9, 8),
        date(2026, 9, 11),
        date(2026, 9, 24),
        date(2026, 10, 11),
        date(2026, 10, 20),
        date(2026, 11, 19),
    )
    for hour in (9, 11, 13, 19)
]


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as found:
        yield found


def eventful(store: Store) -> World:
    """Two terms, two schools, and something of every kind the clock looks at."""
    world = World(store)
    world.term("2026-2027", "秋季", date(2026, 9, 3), date(2027, 1, 22), applies_to=OTHER_SCHOOL)
    for key in (A, B, C):
        world.add(key)
    (away, moving, sick), (late, leaving, _) = world.children[A], world.children[B]
    world.post(Scope(ScopeKind.CLASS, A), "ct1", Role.CLASS_TEACHER, last=date(2026, 10, 10))
    world.post(Scope(ScopeKind.STUDENT, str(away)), "cs1", Role.CASE_TEACHER, last=FIRST_LEFT)
    for first in (SPRING[2], AUTUMN[2]):
        days = world.days(first)[:9]
        for n, day in enumerate(days):
            if n != 1:
                world.hand_in(A, day, {away: U, moving: U, sick: SICK})
            if n != 3:
                world.hand_in(B, day, {late: U})
        if first == SPRING[2]:  # before it came under suspicion
            world.visits(away, days[2])
        world.hand_in(C, days[2], {world.children[C][0]: U})
    world.move(moving, B, world.days()[10])
    world.suspend(leaving, date(2026, 9, 21), date(2026, 10, 20))
    world.transfer(sick, date(2026, 9, 10), date(2026, 9, 24))
    world.tap_closure(SCHOOL, date(2026, 11, 9))
    return world


FIRST_LEFT = date(2026, 10, 10)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> set[AlertState]:
    """The alerts of one run at the latest instant."""
    folder = tmp_path_factory.mktemp("alone")
    with opened(f"sqlite:///{folder / 'alone.db'}", folder / "secrets") as store:
        eventful(store)
        run_due(store, LATEST)
        return standing(store, since=horizon(store, LATEST))


def horizon(store: Store, at: datetime) -> date:
    return gather(store.office, store.answers, at).horizon


def test_every_kind_of_duty_is_in_the_set_that_is_compared(alone: set[AlertState]) -> None:
    assert {a.rule for a in alone} >= {
        "roll_call_silent",
        "opening_silent",
        "opening_close_1",
        "opening_close_3",
        "opening_close_3_village",
        "opening_close_5_township",
        "opening_close_5_county",
        "opening_report_7",
        "opening_report_7_county",
        "chain_unset",
        "post_vacant",
        "leave_expiring",
        "leave_expired",
        "transfer_step_10",
        "transfer_lapsed",
        "closure_unconfirmed",
        "opening_day_5",
    }


@pytest.mark.parametrize("seed", range(2))
def test_instants_in_any_order_end_in_the_set_of_the_latest_alone(
    store: Store, alone: set[AlertState], seed: int
) -> None:
    eventful(store)
    order = random.Random(seed)
    for at in order.choices(INSTANTS, k=6):
        run_due(store, at)
    run_due(store, LATEST)
    assert standing(store, since=horizon(store, LATEST)) == alone
    for at in order.choices(INSTANTS, k=4):
        assert run_due(store, at).withdrawn == {}
    assert standing(store, since=horizon(store, LATEST)) == alone
    assert run_due(store, LATEST).nothing


def test_a_run_for_an_earlier_hour_leaves_what_fell_due_later_that_day(store: Store) -> None:
    world = eventful(store)
    day = world.days()[0]
    run_due(store, local(day))
    before = alerts(store)
    for hour in (8, 9, 11, 13, 17):
        assert run_due(store, local(day, hour)).nothing
    assert alerts(store) == before


def test_months_later_a_run_makes_up_what_daily_runs_had_done(store: Store, tmp_path: Path) -> None:
    def live(world: World, *, daily: bool) -> set[AlertState]:
        """Away from day 1; silent on day 2, so that day 5 is before the fifth absence."""
        world.add(A)
        child: UUID = world.children[A][0]
        days = world.days()
        for n, day in enumerate(days[:30]):
            if n != 1:
                world.hand_in(A, day, {child: U} if n < 5 else {})
            if daily:
                world.due(day)
        world.due(date(2026, 11, 19))
        return standing(world.store)

    often = live(World(store, terms=[AUTUMN]), daily=True)
    with opened(f"sqlite:///{tmp_path / 'late.db'}", tmp_path / "late") as other:
        assert live(World(other, terms=[AUTUMN]), daily=False) == often
    found = {a.rule for a in often}
    assert {"opening_day_5", "attending_decision_3", "opening_close_5_county"} <= found


def test_duties_older_than_the_term_before_the_present_one_stay_as_they_are(store: Store) -> None:
    world = World(store, terms=[("2024-2025", "秋季", date(2024, 9, 2), date(2025, 1, 17))])
    store.clock.at = local(date(2025, 1, 10))  # type: ignore[attr-defined]
    children = world.add(A, on=date(2024, 9, 2))
    world.suspend(children[0], date(2024, 9, 5), date(2024, 12, 1))
    world.due(date(2025, 1, 9))
    old = {id_: a for id_, a in alerts(store).items() if a.day < date(2025, 1, 10)}
    assert old
    store.clock.at = local(date(2026, 11, 22))  # type: ignore[attr-defined]
    for term in (SPRING, AUTUMN):
        world.term(*term)
    world.due(date(2026, 11, 20))
    assert run_due(store, LATEST).nothing
    assert {id_: a for id_, a in alerts(store).items() if a.day < date(2025, 1, 10)} == old


def test_what_the_clock_closed_comes_back_when_its_cause_does(store: Store) -> None:
    world = World(store, terms=[AUTUMN])
    world.add(A, on=AUTUMN[2])
    scope = Scope(ScopeKind.CLASS, A)
    world.post(scope, "ct1", Role.CLASS_TEACHER, last=date(2026, 10, 10))
    world.hold(scope, "ct1", "ct2", date(2026, 10, 15))
    world.due(date(2026, 10, 20))
    vacant = {a for a in standing(store) if a.rule == "post_vacant"}
    assert {(a.day, a.state) for a in vacant} == {(date(2026, 10, 11), "closed")}
    world.due(date(2026, 10, 20) - timedelta(days=7))
    assert {a for a in standing(store) if a.rule == "post_vacant"} == vacant
    world.never_held(scope, "ct1", "ct2")
    world.due(date(2026, 10, 21))
    again = {(a.day, a.state) for a in standing(store) if a.rule == "post_vacant"}
    assert again == {(date(2026, 10, 11), "open")}


def test_what_the_watch_remembers_is_what_the_log_says(store: Store) -> None:
    world = eventful(store)
    for at in INSTANTS[::7]:
        run_due(store, at)
    world.hand_in(A, world.days()[1], {world.children[A][0]: SICK})
    store.catch_up()
    report = store.projector.check("watch")
    assert report.equal
    with store.answers.reading() as reading:
        assert reading.parked("watch") == []
