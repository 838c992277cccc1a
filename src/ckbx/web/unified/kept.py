"""A document of the provider: asked for by one for all who wait, and kept for an hour."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from ckbx.web.unified.errors import ProviderDown

_T = TypeVar("_T")
FRESH: Final = 3600.0
REST: Final = 10.0
"""Seconds after a failure in which nobody asks again."""
ANEW: Final = 60.0
"""Seconds between two times it is asked for before its hour is over."""
PATIENCE: Final = 1.0
Ticks = Callable[[], float]


class Kept(Generic[_T]):
    """``fetch`` asks for it and raises ProviderDown. ``ticks``: a monotonic clock, seconds."""

    def __init__(self, fetch: Callable[[], _T], ticks: Ticks = time.monotonic) -> None:
        self._fetch = fetch
        self._ticks = ticks
        self._lock = threading.Lock()
        self._held: tuple[float, _T] | None = None
        self._failed: tuple[float, str] | None = None

    def get(self) -> _T:
        """As it was within the hour. Raises ProviderDown."""
        return self._younger_than(FRESH)

    def anew(self) -> _T:
        """As it is now, or was within the minute. Raises ProviderDown."""
        return self._younger_than(ANEW)

    def _younger_than(self, seconds: float) -> _T:
        held = self._held
        if held is not None and self._ticks() - held[0] < seconds:
            return held[1]
        if not self._lock.acquire(timeout=PATIENCE):
            raise ProviderDown(why="它答复太慢，正在等的人太多")
        try:
            return self._asked(seconds)
        finally:
            self._lock.release()

    def _asked(self, seconds: float) -> _T:
        now = self._ticks()
        if self._held is not None and now - self._held[0] < seconds:
            return self._held[1]  # another one has asked meanwhile
        if self._failed is not None and now - self._failed[0] < REST:
            raise ProviderDown(why=self._failed[1])
        try:
            made = self._fetch()
        except ProviderDown as error:
            self._failed = (self._ticks(), str(error.ids["why"]))
            raise
        self._held, self._failed = (self._ticks(), made), None
        return made
