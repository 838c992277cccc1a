"""The year with workers that die, come late, come twice or have a wrong clock: the same alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from ckbx.bench.year.days import ENDS
from ckbx.bench.year.play import Tick, play
from ckbx.bench.year.script import Script
from ckbx.bench.year.stage import stage
from ckbx.bench.year.told import Standing, difference, standing
from ckbx.bench.year.world import World
from ckbx.domain.alert.alert import Notice
from ckbx.scheduling import ladder
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.run_due import run_due
from tests.year.faulty import Dying, Killing, Twins, late, wrong_clock

OPENING = date(2026, 9, 25)
"""The opening, and a case of which every deadline was missed."""
Both = tuple[Counter[Standing], Counter[Standing]]


@pytest.fixture(params=[OPENING, pytest.param(ENDS, marks=pytest.mark.long)], ids=str)
def until(request: pytest.FixtureRequest) -> date:
    day: date = request.param
    return day


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'year.db'}"


@pytest.fixture
def world(url: str, tmp_path: Path) -> Iterator[World]:
    with stage(url, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def in_time(tmp_path_factory: pytest.TempPathFactory) -> dict[date, Both]:
    """What stands, and what was taken back, by the day up to which the year was played."""
    return {}


def alone(known: dict[date, Both], until: date, folder: Path) -> Both:
    """With one worker that is never late; played once a day asked for."""
    if until not in known:
        with stage(f"sqlite:///{folder / 'alone.db'}", folder / "alone") as made:
            play(made, Script(), lambda at: run_due(made.store, at), until=until)
            known[until] = (standing(made), standing(made, withdrawn=True))
    return known[until]


def same_in_the_end(world: World, until: date, tick: Tick, known: Both) -> None:
    """The same alerts stand; nothing was taken back that was not there in time."""
    play(world, Script(), tick, until=until)
    end = world.at(until, "23:59")
    world.clock.at = end
    run_due(world.store, end)
    stands, withdrawn = known
    assert standing(world) == stands
    assert not standing(world, withdrawn=True) - withdrawn


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_killed_between_appends_and_started_again_tells_the_same(
    world: World, url: str, tmp_path: Path, until: date, seed: int
) -> None:
    tick = Dying(world, url, tmp_path, seed)
    play(world, Script(), tick, until=until)
    assert str(difference(world, until)) == ""
    assert tick.deaths > 20


@pytest.mark.parametrize(
    "last", [date(2026, 9, 4), pytest.param(ENDS, marks=pytest.mark.long)], ids=str
)
def test_a_worker_process_killed_by_the_system_and_started_again_tells_the_same(
    world: World, url: str, tmp_path: Path, last: date
) -> None:
    killing = Killing(world, url, tmp_path, 11)
    try:
        play(world, Script(), killing, until=last)
    finally:
        killing.close()
    assert str(difference(world, last)) == ""
    assert killing.deaths > 3


def test_two_workers_at_once_tell_the_same(
    world: World, url: str, tmp_path: Path, until: date
) -> None:
    twins = Twins(world, url, tmp_path)
    try:
        play(world, Script(), twins, until=until)
    finally:
        twins.close()
    assert str(difference(world, until)) == ""


def test_a_worker_that_starts_late_and_looks_seldom_tells_the_same(
    world: World, tmp_path: Path, until: date, in_time: dict[date, Both]
) -> None:
    known = alone(in_time, until, tmp_path)
    same_in_the_end(world, until, late(world, 7, starts=date(2026, 8, 29)), known)


@pytest.mark.parametrize("seed", range(2))
def test_a_clock_that_is_slow_fast_or_past_midnight_tells_the_same(
    world: World, tmp_path: Path, until: date, in_time: dict[date, Both], seed: int
) -> None:
    known = alone(in_time, until, tmp_path)
    same_in_the_end(world, until, wrong_clock(world, seed), known)


# Controls: what these tests would say of a product without the key


@pytest.mark.parametrize("of", ["anything", "the instant of the run"])
def test_without_a_key_of_its_own_an_alert_is_told_again(
    world: World, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    stream = Notice.stream

    def random(self: Notice, county: str) -> object:
        return uuid4()

    def instant(self: Notice, county: str) -> object:
        return stream(self, f"{county}{world.clock.now()}")

    monkeypatch.setattr(Notice, "stream", random if of == "anything" else instant)
    until = date(2026, 9, 2)
    play(world, Script(), lambda at: run_due(world.store, at), until=until)
    assert len(difference(world, until).besides) > 20


def test_a_worker_that_forgets_an_instant_is_found(world: World) -> None:
    """The comparison sees what is late by one look."""
    noon = world.at(date(2026, 9, 1), "12:00")

    def tick(at: datetime) -> None:
        if at != noon:
            run_due(world.store, at)

    play(world, Script(), tick, until=date(2026, 9, 2))
    found = difference(world, date(2026, 9, 2))
    assert any("opening_silent" in line for line in found.missed)


def test_a_ladder_that_forgets_who_acknowledged_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspicion told at the close of 7 September, acknowledged the next morning."""
    rises = ladder._unread

    def forgetful(facts: Facts, base: ladder.Base, overdue_on: date | None) -> Iterator[Duty]:
        return rises(facts, msgspec.structs.replace(base, seen=None), overdue_on)

    monkeypatch.setattr(ladder, "_unread", forgetful)
    until = date(2026, 9, 8)
    play(world, Script(), lambda at: run_due(world.store, at), until=until)
    found = difference(world, until)
    assert [line.split()[3] for line in found.besides] == [
        "opening_day_5_unread",
        "opening_day_5_unread_copy",
    ]
    assert not found.missed
