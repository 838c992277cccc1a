"""Which event is it whose rows the store refuses? The batch is halved until it stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from ckbx.eventlog.ports import RecordedEvent
from ckbx.eventlog.row_store import RowUnwritable
from projections.kit.live import why_not


class Narrowing:
    """How many events a batch may hold, and by projection which positions are refused."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._refused: dict[str, dict[int, str]] = {}

    def refused(self, projection: str) -> dict[int, str]:
        """The positions whose rows cannot be written, with why."""
        return self._refused.get(projection, {})

    def narrow(self, projection: str, batch: Sequence[RecordedEvent], error: RowUnwritable) -> None:
        """A batch could not be written: try half of it, at last without its only event.

        Raises the error when even that did not help.
        """
        if len(batch) > 1:
            self.limit = len(batch) // 2
            return
        known = self._refused.setdefault(projection, {})
        if not batch or batch[0].position in known:
            raise error
        known[batch[0].position] = why_not(error)

    def written(self) -> None:
        """What was refused is parked now."""
        self._refused.clear()
