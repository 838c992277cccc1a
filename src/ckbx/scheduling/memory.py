"""What did a unit of the facts (a class, a case, an opening) come to when it was looked at last?

A look finds most of a county as the look before left it. What was made of a unit is taken again
where the ``basis`` it was made of is equal, value by value, to the one read now; else it is made
anew. Everything that it rests on besides (the day, the hours that have come, rules, calendars,
imports under way) is the *ground* of a look: with another ground nothing is known any more.

Nothing is ever patched, and no event is trusted to say what it touched: a basis is compared, not
followed. So a memory can be lost, or be another worker's, without a word: it saves time only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")
NOT_KEPT: Final = object()
"""The basis of what rests on more than can be said of it: made anew each time."""


class Part:
    """What is known of the units of one kind. Kept of a unit: what the last two looks asked."""

    def __init__(self) -> None:
        self._now: dict[Hashable, tuple[object, Any]] = {}
        self._before: dict[Hashable, tuple[object, Any]] = {}

    def made(self, key: Hashable, basis: object, make: Callable[[], T]) -> T:
        """What ``make`` gave of an equal basis, or gives now. It must read nothing that is
        neither in the basis nor in the ground, and what it gives must never be changed.
        """
        if basis is NOT_KEPT:
            return make()
        known = self._now.get(key) or self._before.get(key)
        if known is None or known[0] != basis:
            known = (basis, make())
        self._now[key] = known
        return cast("T", known[1])

    def turn(self) -> None:
        """A look is over: what it did not ask for is forgotten."""
        self._before, self._now = self._now, {}

    @property
    def units(self) -> int:
        """How many units it knows."""
        return len(self._now.keys() | self._before.keys())


class Memory:
    """What one process keeps between its looks. A new one knows nothing."""

    def __init__(self) -> None:
        self._ground: object = None
        self._parts: dict[str, Part] = {}
        self._free = threading.Lock()
        self.posts: Any = None
        """The posts as folded last (``directories``): they stand on the log, not on the ground."""

    @contextmanager
    def looking(self) -> Iterator[Memory]:
        """For one look at a time: a second one meanwhile gets a memory of its own."""
        if not self._free.acquire(blocking=False):
            yield Memory()
            return
        try:
            yield self
            for part in self._parts.values():
                part.turn()
        finally:
            self._free.release()

    def stand_on(self, ground: object) -> None:
        """Forget every unit, unless the ground is equal to that of the look before."""
        if self._ground != ground:
            self._parts.clear()
            self._ground = ground

    def part(self, name: str) -> Part:
        """The units of one kind."""
        return self._parts.setdefault(name, Part())

    @property
    def units(self) -> int:
        """How many units it knows, of all kinds."""
        return sum(part.units for part in self._parts.values())
