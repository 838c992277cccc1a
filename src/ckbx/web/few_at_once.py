"""How do many short requests not hold each other up? Few of them are worked on at a time.

An interpreter works on one thread at a time. Forty that each need a few milliseconds take turns
at every look into the database, and the turns cost more than the work: measured, a fifth more
work and twice the longest wait. Whoever waits here waits in the loop and costs nothing. Only for
what is short: a file that is made for seconds takes one of the forty places of all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Final
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

AT_ONCE: Final = 3
"""In a process, of a kind: one is worked on, the others wait for the disk."""
OVER_A_LINE: Final = 10
"""… where every look into the database waits for another process (PostgreSQL)."""
_Kinds = dict[str, CapacityLimiter]
_PLACES: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Kinds]] = WeakKeyDictionary()


def few_at_once(
    handler: Callable[..., Any], kind: str, at_once: int = AT_ONCE
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The handler of a route, run in a thread; so many of its kind are at a time. Kinds do not
    wait for each other.
    """

    @wraps(handler)
    async def in_turn(*args: Any, **kwargs: Any) -> Any:
        return await run_sync(partial(handler, *args, **kwargs), limiter=_places(kind, at_once))

    return in_turn


def _places(kind: str, at_once: int) -> CapacityLimiter:
    kinds = _PLACES.setdefault(asyncio.get_running_loop(), {})
    if kind not in kinds:
        kinds[kind] = CapacityLimiter(at_once)
    return kinds[kind]
