"""A look makes many objects, nearly all of which live until it ends: nothing to collect before.

Collecting all the same walks everything the process holds again and again, in a large county
for nearly half the time of a look.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _Uncollected:
    """How many are at it. Where nobody collected before, nothing is begun after them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            counted = self._held > 0 or gc.isenabled()
            self._held += counted
            if counted:
                gc.disable()
        try:
            yield
        finally:
            with self._lock:
                self._held -= counted
                if counted and not self._held:
                    gc.enable()


uncollected = _Uncollected()
"""Until the last one that began leaves, no thread of the process collects cycles."""
