"""How does an answer wait until the ledgers show what was written, and hold no thread meanwhile?"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from ckbx.domain.shared.errors import StoreUnavailable
from projections.kit.runner import POLL_SECONDS, Projector

_Loop = asyncio.AbstractEventLoop


class Onward(RedirectResponse):
    """Goes on to a local path once ``settled`` is through."""

    def __init__(self, where: str, settled: Callable[[], Awaitable[object]]) -> None:
        super().__init__(where, status_code=303)
        self._settled = settled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then answer."""
        await self._settled()
        await super().__call__(scope, receive, send)


async def folded(projector: Projector, position: int, seconds: float) -> bool:
    """Wait until a projector has folded a position, or folds in this process no more; False
    where it had not after so many seconds.

    Where another process folds, one look every 20 ms serves all who wait here.
    """
    done, bell = asyncio.Event(), _bell_of(asyncio.get_running_loop())
    if projector.when(position, bell.ringing(done)):
        return True
    with bell.listening(projector), suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), seconds)
    return done.is_set()


class _Bell:
    """Wakes a loop from another thread: however many it is rung for at once, once."""

    def __init__(self, loop: _Loop) -> None:
        self._loop = loop
        self._rung: deque[asyncio.Event] = deque()
        self._called = False
        self._guard = Lock()
        self._listening = 0
        self._looking: asyncio.Task[None] | None = None

    def ringing(self, done: asyncio.Event) -> Callable[[], None]:
        """What sets ``done`` in the loop."""
        return lambda: self._ring(done)

    @contextmanager
    def listening(self, projector: Projector) -> Iterator[None]:
        """Somebody waits for the block: what is folded elsewhere is looked for."""
        self._listening += 1
        if not projector.running and (self._looking is None or self._looking.done()):
            self._looking = self._loop.create_task(self._look(projector))
        try:
            yield
        finally:
            self._listening -= 1

    async def _look(self, projector: Projector) -> None:
        while self._listening and not projector.running:
            await asyncio.sleep(POLL_SECONDS)
            with suppress(StoreUnavailable):
                await run_in_threadpool(projector.look)

    def _ring(self, done: asyncio.Event) -> None:
        with self._guard:
            self._rung.append(done)
            called, self._called = self._called, True
        if not called:
            with suppress(RuntimeError):  # the loop has ended: nobody waits there
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        with self._guard:
            rung, self._rung, self._called = self._rung, deque(), False
        for done in rung:
            done.set()


_BELLS: Final[WeakKeyDictionary[_Loop, _Bell]] = WeakKeyDictionary()


def _bell_of(loop: _Loop) -> _Bell:
    bell = _BELLS.get(loop)
    if bell is None:
        bell = _BELLS[loop] = _Bell(loop)
    return bell
