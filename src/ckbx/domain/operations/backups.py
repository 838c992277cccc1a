"""Which backups were made of the county's store?"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.operations.errors import BackupDayRefused
from ckbx.domain.operations.events import BackupKind, BackupMade
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id


class Backups(Aggregate):
    """All backups of one store; ``last`` is the one of the latest day (None: none yet)."""

    __slots__ = ("last", "outside")

    KIND: ClassVar[str] = "backups"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.last: BackupMade | None = None
        self.outside: set[date] = set()

    @staticmethod
    def stream(county: str) -> UUID:
        """The stream of a county's backups."""
        return stream_id(county, Backups.KIND)

    def made(self, ctx: CommandContext, position: int) -> None:
        """The program copied the store up to a position, and the copy was checked."""
        self.trigger_event(
            BackupMade, ctx, occurred_on=ctx.today, kind=BackupKind.SQLITE, position=position
        )

    def made_outside(self, ctx: CommandContext, *, on: date) -> None:
        """Somebody made one on a day with other tools; nothing when that day is recorded.

        Raises BackupDayRefused for a day to come.
        """
        if on > ctx.today:
            raise BackupDayRefused(on=on, today=ctx.today)
        if on not in self.outside:
            self.trigger_event(BackupMade, ctx, occurred_on=on, kind=BackupKind.OUTSIDE)

    def apply(self, event: Any) -> None:
        if event.kind is BackupKind.OUTSIDE:
            self.outside.add(event.occurred_on)
        if self.last is None or event.occurred_on >= self.last.occurred_on:
            self.last = event
