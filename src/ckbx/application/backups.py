"""备份: that a backup of the store was made is recorded, so that the next one can fall due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.operations.backups import Backups
from ckbx.domain.operations.events import BackupMade
from ckbx.domain.shared.event import CommandContext


def record_backup(office: Office, ctx: CommandContext, position: int) -> None:
    """The program made one that reaches a position. Raises StoreUnavailable."""
    _record(office, ctx, lambda backups: backups.made(ctx, position))


def record_outside(office: Office, ctx: CommandContext, on: date) -> bool:
    """Somebody made one on a day with other tools; False where that was recorded before.

    Raises BackupDayRefused, StoreUnavailable.
    """
    return _record(office, ctx, lambda backups: backups.made_outside(ctx, on=on))


def last_backup(office: Office) -> BackupMade | None:
    """The one of the latest day; None where there is none."""
    stream = Backups.stream(office.county)
    return Backups(stream).replay(office.log.load([stream]).get(stream, [])).last


def _record(office: Office, ctx: CommandContext, make: Callable[[Backups], None]) -> bool:
    def decide(unit: Unit) -> bytes | None:
        backups = unit.get(Backups.stream(office.county), Backups)
        make(backups)
        return b"backup" if backups.has_pending else None

    return bool(office.run(ctx, decide).position)
