"""Short requests of a kind are worked on a few at a time, and kinds do not wait for each other."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ckbx.web.few_at_once import AT_ONCE, OVER_A_LINE, few_at_once

PATIENCE = 20.0


@pytest.mark.parametrize("at_once", [AT_ONCE, OVER_A_LINE])
def test_no_more_than_a_few_of_a_kind_are_begun_and_another_kind_does_not_wait(
    at_once: int,
) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def held() -> str:
        begun.release()
        assert go_on.wait(PATIENCE)
        return "done"

    async def ask() -> None:
        one, other = few_at_once(held, "one", at_once), few_at_once(lambda: "at once", "other")
        asked = [asyncio.create_task(one()) for _ in range(at_once + 2)]
        for _ in range(at_once):
            assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
        assert await other() == "at once"
        assert not begun.acquire(blocking=False)
        go_on.set()
        assert await asyncio.gather(*asked) == ["done"] * (at_once + 2)

    asyncio.run(ask())
