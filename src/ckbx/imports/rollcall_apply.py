"""How are checked sheets recorded, many under way at once and each of them once?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from ckbx.application import roll_calls
from ckbx.application.intake import Lane
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import Submission
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.ports import RowWrite
from ckbx.imports.accounts import known_accounts
from ckbx.imports.job import Batch, ImportJob, ImportSummary, text_subject
from ckbx.imports.problems import Problem
from ckbx.imports.tables import At
from ckbx.vault.people import Identity, NewPerson

DONE = b"imported"
_TOLD_EVERY = 10


class Planned(NamedTuple):
    """A sheet that changes something; ``rows`` of the files it came from.

    ``amends``: something stood for the class and day; ``back``: it was handed in before.
    """

    submission: Submission
    at: At
    rows: int
    amends: bool
    back: bool


class SheetWriter:
    """Carries out what was planned, between ImportStarted and ImportFinished."""

    def __init__(
        self,
        job: ImportJob,
        lane: Lane,
        batch: Batch,
        summary: ImportSummary,
        correct: str | None,
    ) -> None:
        self.job, self.lane, self.batch = job, lane, batch
        self.summary, self.correct = summary, correct
        self.county = lane.office.county
        self.stream = ImportBatch.stream(self.county, batch.id)
        self.run = 0

    def write(self, planned: Sequence[Planned], schools: list[str]) -> None:
        """All sheets in the order given; nothing is stored when there are none."""
        record = ImportBatch(self.stream).replay(
            self.lane.log.load([self.stream]).get(self.stream, [])
        )
        if not planned and not record.is_open:
            return
        self.run = record.runs if record.is_open else record.runs + 1
        names = self._submitters(planned, schools)
        self._start(schools, names)
        note = f"ref:{text_subject(self.job.vault, self.correct)}" if self.correct else None
        for number, plan in enumerate(planned, 1):
            sheet = replace(
                plan.submission,
                submitted_by=names.get(plan.submission.submitted_by, self.job.actor),
                correction_note=note if plan.amends or plan.back else None,
            )
            self._submit(sheet, plan)
            if number % _TOLD_EVERY == 0:
                self.job.progress(number, len(planned), "写入点名")
        self.lane.finish()
        self._finish()
        self.job.progress(len(planned), len(planned), "写入点名")

    def _submit(self, sheet: Submission, plan: Planned) -> None:
        step = ("sheet", sheet.class_key, sheet.day, sheet.session.value)
        ctx = self.batch.context(self.job, self.county, self.run, *step)
        if not sheet.correction_note and not plan.back:
            own = roll_calls.command_id(self.county, sheet)
            ctx = replace(ctx, command_id=own)
        office = self.lane.office
        self.lane.submit(ctx, lambda unit: roll_calls.decide(office, unit, sheet), self._late(plan))

    def _submitters(self, planned: Sequence[Planned], schools: list[str]) -> dict[str, str]:
        """提交人 as it stands in events: a known account, else a reference to the vault."""
        written = {plan.submission.submitted_by for plan in planned} - {""}
        accounts = known_accounts(self.lane.log, self.county, schools)
        return {
            text: text
            if text in accounts or text == "cli"
            else f"ref:{text_subject(self.job.vault, text)}"
            for text in sorted(written)
        }

    def _texts(self, names: dict[str, str]) -> list[RowWrite]:
        """Names of 提交人 and the reason of a correction that the vault does not hold yet."""
        vault = self.job.vault
        unknown = [text for text, name in names.items() if name.startswith("ref:")]
        held = vault.find_many("submitter", unknown) if unknown else {}
        people = [
            NewPerson(
                subject=text_subject(vault, text),
                kind="staff",
                identity=Identity(name=text),
                lookups={"submitter": text},
            )
            for text in unknown
            if not held[text]
        ]
        if self.correct:
            subject = text_subject(vault, self.correct)
            people.append(NewPerson(subject=subject, kind="staff", notes={subject: self.correct}))
        return vault.prepare_many(people) if people else []

    def _start(self, schools: list[str], names: dict[str, str]) -> None:
        def decide(unit: Unit) -> bytes | None:
            batch = unit.get(self.stream, ImportBatch)
            if batch.is_open:
                return None
            unit.writes.extend(self._texts(names))
            batch.start(
                unit.ctx,
                batch=self.batch.id,
                kind="rollcalls",
                digest=self.batch.digest,
                rows=self.summary.rows,
                schools=schools,
                effective=None,
            )
            return DONE

        ctx = self.batch.context(self.job, self.county, self.run, "start")
        self.lane.run(ctx, decide)

    def _finish(self) -> None:
        def decide(unit: Unit) -> bytes:
            unit.get(self.stream, ImportBatch).finish(
                unit.ctx,
                batch=self.batch.id,
                applied=self.summary.applied + self.summary.amended,
                refused=self.summary.refused,
            )
            return DONE

        ctx = self.batch.context(self.job, self.county, self.run, "finish")
        self.lane.run(ctx, decide)

    def _late(self, plan: Planned) -> Callable[[CkbxError | None], None]:
        def done(error: CkbxError | None) -> None:
            if error is None:
                return
            at = plan.at
            self.summary.problems.append(
                Problem(
                    file=at.file,
                    sheet=at.sheet,
                    row=at.row,
                    what=f"核对之后有人改动了相关记录：{error}",
                    mend="请核对后重新导入同一文件，其余各份不会重复",
                    code=error.code,
                )
            )
            self.summary.late += plan.rows
            self.summary.refused += plan.rows
            if plan.amends:
                self.summary.amended -= plan.rows
            else:
                self.summary.applied -= plan.rows

        return done
