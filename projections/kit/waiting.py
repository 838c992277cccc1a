"""Who waits until the answers have folded a position, and who of them has waited long enough?"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

Call = Callable[[], object]


class Waiting:
    """Each is called once, when its own position has come: the others are left asleep."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Call]] = []
        self._order = count()
        self._guard = threading.Lock()

    def add(self, position: int, call: Call) -> None:
        """Wait for a position."""
        with self._guard:
            heapq.heappush(self._heap, (position, next(self._order), call))

    def take(self, position: int) -> list[Call]:
        """Those who wait for no more than a position; they wait no longer."""
        with self._guard:
            found = []
            while self._heap and self._heap[0][0] <= position:
                found.append(heapq.heappop(self._heap)[-1])
            return found

    def wake_all(self) -> None:
        """Nobody folds here any more: call everybody."""
        with self._guard:
            found, self._heap = self._heap, []
        for _, _, call in sorted(found):
            call()
