"""报到 by name: which awaiting it ends, and for whom it cannot be recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application import enrolment
from ckbx.application.check_in import check_in
from ckbx.application.unit import Unit
from ckbx.domain.child.errors import CheckInDuringLeave, NotInAClass
from tests.scheduling.due_kit import AUTUMN, A, B, U, World
from tests.support.county import opened


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    """Two classes in the autumn term; nobody has to be named yet."""
    with opened(store_url, tmp_path / "secrets") as store:
        made = World(store, terms=[AUTUMN])
        made.add(A, on=AUTUMN[2])
        made.add(B, on=AUTUMN[2])
        yield made


def move(world: World, child: UUID, key: str, on: date) -> None:
    """To another class, in which it must be named 到校."""

    def decide(unit: Unit) -> bytes:
        enrolment.change_class(world.office, unit, child, key, grade=1, on=on, awaited=True)
        return b"moved"

    world.office.run(world.office.context("test"), decide)


def seen(world: World, child: UUID, on: date) -> bool:
    """Whether checking in recorded anything."""
    before = world.store.log.head()
    check_in(world.office, world.office.context("test"), {child: on})
    after = world.store.log.head()
    return bool(after > before)


def test_a_check_in_before_the_move_of_the_same_term_counts_in_the_new_class(world: World) -> None:
    days, (named, other) = world.days(), world.children[A][:2]
    assert seen(world, named, days[0])
    for child in (named, other):
        move(world, child, B, days[2])
    for day in days[2:8]:
        world.hand_in(B, day)
    assert world.child(named).mark_events == {}
    assert len(world.child(other).mark_events) == 6, "nobody named this one"


def test_the_days_before_a_check_in_stay_unverified(world: World) -> None:
    days, child = world.days(), world.children[A][0]
    move(world, child, B, days[0])
    for day in days[:6]:
        world.hand_in(B, day)
    assert world.child(child).suspected_on == days[4]
    assert seen(world, child, days[4])
    assert world.child(child).suspected_on is None
    assert sorted(world.child(child).mark_events) == [day.toordinal() for day in days[:4]]


def test_whoever_was_checked_in_can_still_be_reported_absent(world: World) -> None:
    days, child = world.days(), world.children[A][0]
    move(world, child, B, days[0])
    seen(world, child, days[0])
    for day in days[:5]:
        world.hand_in(B, day, {child: U})
    assert world.child(child).suspected_on == days[4]


def test_a_store_opened_anew_knows_of_the_check_in(world: World) -> None:
    days, child = world.days(), world.children[A][0]
    move(world, child, B, days[0])
    world.hand_in(B, days[0])
    seen(world, child, days[1])
    world.office.forget_all()
    world.hand_in(B, days[1])
    world.hand_in(B, days[2])
    assert sorted(world.child(child).mark_events) == [days[0].toordinal()]


def test_a_child_on_leave_or_not_back_from_it_cannot_only_be_checked_in(world: World) -> None:
    days, child = world.days(), world.children[A][0]
    world.suspend(child, days[3], days[6])
    for day in (days[4], days[9]):
        with pytest.raises(CheckInDuringLeave):
            seen(world, child, day)
    assert seen(world, child, days[1]), "before the leave it was there"


def test_a_child_of_no_class_that_day_cannot_be_checked_in(world: World) -> None:
    with pytest.raises(NotInAClass):
        seen(world, UUID(int=5), world.days()[0])
