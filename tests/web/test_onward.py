"""An answer waits until the ledgers show what was written, without holding a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from ckbx.web.onward import folded
from projections.kit.runner import Projector


class Folding:
    """Calls whom it is told to from another thread, once ``go`` is set."""

    running = True

    def __init__(self, reached: bool = False) -> None:
        self.reached = reached
        self.go = threading.Event()
        self.calls: list[Callable[[], object]] = []

    def when(self, _position: int, call: Callable[[], object]) -> bool:
        self.calls.append(call)
        return self.reached

    def fold(self) -> None:
        self.go.wait()
        for call in self.calls:
            call()


def as_projector(folding: Folding) -> Projector:
    return cast("Projector", folding)


def test_what_is_folded_already_is_not_waited_for() -> None:
    asyncio.run(folded(as_projector(Folding(reached=True)), 5, 60))


def test_many_answers_wait_at_once_and_all_are_woken() -> None:
    folding = Folding()
    runner = threading.Thread(target=folding.fold)
    runner.start()

    async def many() -> int:
        waiting: list[asyncio.Task[Any]] = [
            asyncio.create_task(folded(as_projector(folding), n, 60)) for n in range(200)
        ]
        await asyncio.sleep(0)
        assert len(folding.calls) == len(waiting)
        assert not any(each.done() for each in waiting)
        folding.go.set()
        await asyncio.gather(*waiting)
        return threading.active_count()

    before = threading.active_count()
    assert asyncio.run(many()) <= before
    runner.join()


def test_what_does_not_come_in_time_is_not_waited_for_any_longer() -> None:
    asyncio.run(asyncio.wait_for(folded(as_projector(Folding()), 5, 0.01), 20))


def test_whoever_folds_may_be_late_for_a_loop_that_has_ended() -> None:
    folding = Folding()
    asyncio.run(folded(as_projector(folding), 5, 0.01))
    folding.go.set()
    folding.fold()


@pytest.mark.parametrize("times", [1, 3])
def test_a_loop_is_woken_again_after_it_was_woken(times: int) -> None:
    folding = Folding()

    async def again() -> None:
        for _ in range(times):
            folding.calls.clear()
            waiting = asyncio.create_task(folded(as_projector(folding), 5, 60))
            await asyncio.sleep(0)
            ringing = threading.Thread(target=folding.calls[0])
            ringing.start()
            await waiting
            ringing.join()

    asyncio.run(again())
