"""Facts about running the system. No path, no typed text."""

from __future__ import annotations

from enum import StrEnum

from ckbx.domain.shared.event import DomainEvent


class BackupKind(StrEnum):
    """How a backup was made."""

    SQLITE = "sqlite"
    OUTSIDE = "outside"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return "ckbx backup" if self is BackupKind.SQLITE else "用别的工具"


class BackupMade(DomainEvent, frozen=True, kw_only=True):
    """A backup of the store was made on ``occurred_on``.

    ``position``: the last one that it holds, where the program made it and looked; None for
    one made ``outside``, of which the program knows only that somebody says so.
    """

    TOPIC = "ckbx.operations.BackupMade"
    TITLE = "登记备份"
    kind: BackupKind
    position: int | None = None
