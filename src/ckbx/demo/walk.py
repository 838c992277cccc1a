"""The clock of the demo county goes through its days; every command is carried out in its turn."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from uuid import UUID

from ckbx.application.intake import Lane
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock, local_instant
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext
from ckbx.imports.job import ImportJob
from ckbx.imports.summary import ImportSummary
from ckbx.store import Store

Import = Callable[..., ImportSummary]
Decide = Callable[[Unit], bytes | None]


class DemoFailed(CkbxError):
    """A step of the script was refused: the demo county is not what it promises."""

    code = "demo_failed"
    message = "示例县没有建成：{step} 被拒绝（{why}）。请把这句话告诉开发者"


class Walk:
    """A store and a clock that is put forward from step to step."""

    def __init__(self, store: Store, clock: FixedClock) -> None:
        self.store = store
        self.clock = clock
        self.lane = Lane(store.office)
        self._rng = Random(store.log.county)  # noqa: S311 - command ids need to differ, no more

    def go(self, day: date, at: time) -> None:
        """Wait for what is under way, then put the clock forward; it never goes back."""
        instant = local_instant(day, at, self.clock.zone)
        if instant > self.clock.at:
            self.lane.finish()
            self.clock.at = instant

    def context(self, actor: str) -> CommandContext:
        """Who acts, at the present instant of the walk."""
        return self.lane.office.context(actor, UUID(int=self._rng.getrandbits(128), version=4))

    def submit(self, step: str, actor: str, decide: Decide) -> None:
        """One command. Raises DemoFailed, at the latest with the next :meth:`go`."""

        def done(error: CkbxError | None) -> None:
            if error is not None:
                raise DemoFailed(step=step, why=error) from error

        self.lane.submit(self.context(actor), decide, done)

    def bring(
        self,
        step: str,
        import_: Import,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        effective: date | None = None,
    ) -> ImportSummary:
        """Hand in a file as a county would. Raises DemoFailed."""
        self.lane.finish()
        with tempfile.TemporaryDirectory(prefix="ckbx-demo-") as folder:
            path = Path(folder) / f"{step}.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(headings)
                writer.writerows(rows)
            job = ImportJob(office=self.store.office, vault=self.store.vault, actor="bureau")
            try:
                summary = import_(job, [path], effective=effective)
            except CkbxError as error:
                raise DemoFailed(step=step, why=error) from error
        if summary.refused:
            raise DemoFailed(step=step, why=summary.line())
        self.lane.office.forget_all()
        return summary

    def finish(self) -> None:
        """Wait for everything; the store's own office sees it."""
        self.lane.finish()
        self.store.office.forget_all()

    @property
    def now(self) -> datetime:
        """The present instant of the walk (UTC)."""
        return self.clock.at
