"""Whoever waits for a position is called when it has come, and nobody else is."""

from __future__ import annotations

import threading

from projections.kit.waiting import Waiting
from tests.projections.kit_fixtures import any_world
from tests.projections.kit_world import World

__all__ = ["any_world"]


def test_only_those_whose_position_has_come_are_called() -> None:
    waiting, called = Waiting(), []
    for position in (7, 5, 9, 5):
        waiting.add(position, lambda position=position: called.append(position))  # type: ignore[misc]
    for call in waiting.take(7):
        call()
    assert called == [5, 5, 7]
    assert waiting.take(8) == []


def test_where_nobody_folds_any_more_everybody_is_called_once() -> None:
    waiting, called = Waiting(), []
    for position in (7, 5):
        waiting.add(position, lambda position=position: called.append(position))  # type: ignore[misc]
    waiting.wake_all()
    waiting.wake_all()
    assert called == [5, 7]


def test_what_is_folded_already_is_said_at_once(any_world: World) -> None:
    any_world.fold()
    assert any_world.projector.when(any_world.log.head(), lambda: None)


def test_a_runner_that_ends_leaves_nobody_waiting(any_world: World) -> None:
    any_world.fold()
    projector, stop, woken = any_world.projector, threading.Event(), threading.Event()
    assert not projector.when(any_world.log.head() + 1, woken.set)
    runner = threading.Thread(target=projector.run, args=(stop,))
    runner.start()
    stop.set()
    runner.join()
    assert woken.is_set()
