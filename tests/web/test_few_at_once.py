"""Short requests of a kind are worked on a few at a time, and kinds do not wait for each other."""

from __future__ import annotations

import asyncio
import threading

from ckbx.web.few_at_once import AT_ONCE, few_at_once

PATIENCE = 20.0


def test_no_more_than_a_few_of_a_kind_are_begun_and_another_kind_does_not_wait() -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def held() -> str:
        begun.release()
        assert go_on.wait(PATIENCE)
        return "done"

    async def ask() -> None:
        one, other = few_at_once(held, "one"), few_at_once(lambda: "at once", "other")
        asked = [asyncio.create_task(one()) for _ in range(AT_ONCE + 2)]
        for _ in range(AT_ONCE):
            assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
        assert await other() == "at once"
        assert not begun.acquire(blocking=False)
        go_on.set()
        assert await asyncio.gather(*asked) == ["done"] * (AT_ONCE + 2)

    asyncio.run(ask())
