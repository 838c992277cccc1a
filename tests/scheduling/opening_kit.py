"""How do tests of the opening tell who is suspected, and who was told?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.domain.child.events import DropoutSuspected
from tests.scheduling.due_kit import (
    AUTUMN,
    A,
    U,
    World,
    standing,
)
from tests.support.county import opened


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        yield World(store, terms=[AUTUMN])


def with_classes(world: World, *keys: str) -> list[date]:
    for key in keys:
        world.add(key, on=AUTUMN[2])
    return world.days()


def suspicion(world: World, child: UUID) -> DropoutSuspected | None:
    events = world.store.log.load([child])[child]
    found = [event for event in events if isinstance(event, DropoutSuspected)]
    return found[-1] if found else None


def open_now(world: World, child: UUID) -> bool:
    return world.child(child).episode is not None


def told_now(world: World, child: UUID) -> set[str]:
    """The rules of the alerts that stand about a child."""
    return {a.rule for a in standing(world.store) if a.subject == str(child)}


def away(world: World, days: list[date], child: UUID, *, silent: int = 1, until: int = 5) -> None:
    """Absent every day of the week; one day the class was silent."""
    for n, day in enumerate(days[:until]):
        if n != silent:
            world.hand_in(A, day, {child: U})
