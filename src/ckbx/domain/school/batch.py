"""What became of one import: begun, finished, undone; a batch undone may be run again."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.school.events import ImportFinished, ImportStarted, ImportUndone
from ckbx.domain.school.register_source import RegisterSource
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id


class ImportBatch(Aggregate):
    """One batch of files of one kind. ``runs`` counts how often it was begun."""

    __slots__ = (
        "digest",
        "effective",
        "is_open",
        "kind",
        "rows",
        "runs",
        "schools",
        "source",
        "undone",
    )

    KIND: ClassVar[str] = "import"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.kind = ""
        self.digest = ""
        self.rows = 0
        self.schools: list[str] = []
        self.effective: date | None = None
        self.source: RegisterSource | None = None
        self.runs = 0
        self.is_open = False
        self.undone = False

    @staticmethod
    def stream(county: str, batch: str) -> UUID:
        """The stream of a batch."""
        return stream_id(county, "import", batch)

    @property
    def exists(self) -> bool:
        return self.runs > 0

    def start(
        self,
        ctx: CommandContext,
        *,
        batch: str,
        kind: str,
        digest: str,
        rows: int,
        schools: list[str],
        effective: date | None,
        source: RegisterSource | None = None,
    ) -> None:
        """Begin a run; nothing when one that was interrupted is still open."""
        if not self.is_open:
            self.trigger_event(
                ImportStarted,
                ctx,
                occurred_on=ctx.today,
                batch=batch,
                kind=kind,
                digest=digest,
                rows=rows,
                schools=schools,
                effective=effective,
                source=source,
            )

    def finish(self, ctx: CommandContext, *, batch: str, applied: int, refused: int) -> None:
        """The open run is through; nothing when none is open."""
        if self.is_open:
            self.trigger_event(
                ImportFinished,
                ctx,
                occurred_on=ctx.today,
                batch=batch,
                kind=self.kind,
                applied=applied,
                refused=refused,
            )

    def undo(self, ctx: CommandContext, *, batch: str) -> None:
        """Everything the batch did was corrected; nothing when it was before."""
        if self.exists and not self.undone:
            self.trigger_event(ImportUndone, ctx, occurred_on=ctx.today, batch=batch)

    def apply(self, event: Any) -> None:
        match event:
            case ImportStarted():
                self.kind, self.digest, self.rows = event.kind, event.digest, event.rows
                self.schools, self.effective = event.schools, event.effective
                self.source = event.source
                self.runs += 1
                self.is_open, self.undone = True, False
            case ImportFinished():
                self.is_open = False
            case ImportUndone():
                self.is_open, self.undone = False, True
