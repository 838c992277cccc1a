"""How does an answer wait until the ledgers show what was written, and hold no thread meanwhile?"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from projections.kit_runner import Projector

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


async def folded(projector: Projector, position: int, seconds: float) -> None:
    """Wait until a projector that runs in this process has folded a position, or has ended; no
    longer than so many seconds.
    """
    done = asyncio.Event()
    if projector.when(position, _bell_of(asyncio.get_running_loop()).ringing(done)):
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), seconds)


class _Bell:
    """Wakes a loop from another thread: however many it is rung for at once, once."""

    def __init__(self, loop: _Loop) -> None:
        self._loop = loop
        self._rung: deque[asyncio.Event] = deque()
        self._called = False
        self._guard = Lock()

    def ringing(self, done: asyncio.Event) -> Callable[[], None]:
        """What sets ``done`` in the loop."""
        return lambda: self._ring(done)

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
