"""How are checked sheets recorded, many under way at once and each of them once?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from ckbx.application import roll_calls
from ckbx.application.intake import Lane
from ckbx.application.standing import RightsEnded
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import Submission
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.ports import RowWrite
from ckbx.imports.accounts import known_accounts
from ckbx.imports.job import Batch, ImportJob, text_subject
from ckbx.imports.problems import Problem
from ckbx.imports.roster_compare import chunks
from ckbx.imports.summary import ImportSummary, Written
from ckbx.imports.tables import At
from ckbx.vault.people import Identity, NewPerson

DONE = b"imported"
_TOLD_EVERY = 10
A_COMMAND = 400
"""Sheets recorded together at the most: two terms of a class, a morning and an afternoon."""


class Planned(NamedTuple):
    """A sheet that changes something; ``places``: the rows of the files it came from.

    ``amends``: something stood for the class and day; ``back``: it was handed in before.
    """

    submission: Submission
    at: At
    places: Sequence[At]
    amends: bool
    back: bool

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.places)

    @property
    def written(self) -> list[Written]:
        """What its rows do."""
        did = "更正点名" if self.amends else "点名"
        key, on = self.submission.class_key, self.submission.day
        about = f"{on} {self.submission.session.label}"
        return [Written(at, did, None, key, about) for at in self.places]


class Linked:
    """Classes with children in common: what the rule says of a child rests on all of its."""

    def __init__(self) -> None:
        self._home: dict[UUID, str] = {}
        self._root: dict[str, str] = {}

    def add(self, key: str, children: Iterable[UUID]) -> None:
        """Everybody who ever belonged to a class."""
        for child in children:
            other = self._home.setdefault(child, key)
            if other != key:
                one, two = sorted((self.root(key), self.root(other)))
                if one != two:
                    self._root[two] = one

    def root(self, key: str) -> str:
        """The same key for all classes that are linked."""
        while key in self._root:
            key = self._root[key]
        return key


class SheetWriter:
    """Carries out what was planned, between ImportStarted and ImportFinished: a command a
    class, and in each the rule is asked once.
    """

    def __init__(
        self,
        job: ImportJob,
        lane: Lane,
        batch: Batch,
        summary: ImportSummary,
        correct: str | None,
        linked: Linked,
    ) -> None:
        self.job, self.lane, self.batch = job, lane, batch
        self.summary, self.correct, self.linked = summary, correct, linked
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
        done = told = 0
        for plans in self._commands(planned):
            self._submit(plans, names)
            done += len(plans)
            if done - told >= _TOLD_EVERY:
                told = done
                self.job.progress(done, len(planned), "写入点名")
        self.lane.finish()
        if self.lane.stopped:
            self.summary.stopped = True
            return
        self._finish()
        self.job.progress(len(planned), len(planned), "写入点名")

    def _commands(self, planned: Sequence[Planned]) -> list[list[Planned]]:
        """Sheets that go into one append: those of a class, and of classes that have children
        in common, in the order given. What is of a school's first history goes before the
        rest of it: a school that is live has no first history any more.
        """
        unit = Unit(self.lane.office.map, self.lane.office.context(self.job.actor))
        groups: dict[tuple[bool, str], list[Planned]] = {}
        for plan in planned:
            later = not roll_calls.is_initial(self.lane.office, unit, plan.submission)
            key = later, self.linked.root(plan.submission.class_key)
            groups.setdefault(key, []).append(plan)
        first = [group for (later, _), group in groups.items() if not later]
        rest = [group for (later, _), group in groups.items() if later]
        return [part for group in (*first, *rest) for part in chunks(group, A_COMMAND)]

    def _submit(self, plans: Sequence[Planned], names: dict[str, str]) -> None:
        note = f"ref:{text_subject(self.job.vault, self.correct)}" if self.correct else None
        sheets = [
            replace(
                plan.submission,
                submitted_by=names.get(plan.submission.submitted_by, self.job.actor),
                correction_note=note if plan.amends or plan.back else None,
            )
            for plan in plans
        ]
        steps = [(s.class_key, s.day, s.session.value) for s in sheets]
        step = ("sheet", *steps[0]) if len(steps) == 1 else ("sheets", *steps)
        ctx = self.batch.context(self.job, self.county, self.run, *step)
        if len(sheets) == 1 and not sheets[0].correction_note and not plans[0].back:
            # Handed in by itself and with a file it is one command (domain §4).
            ctx = replace(ctx, command_id=roll_calls.command_id(self.county, sheets[0]))
        office = self.lane.office
        refused: dict[int, CkbxError] = {}

        def decide(unit: Unit) -> bytes | None:
            if len(sheets) == 1:  # refused as a whole: its first answer may be asked for
                return roll_calls.decide(office, unit, sheets[0])
            return roll_calls.decide_all(office, unit, sheets, refused)

        def done(error: CkbxError | None) -> None:
            if isinstance(error, RightsEnded):
                amended = sum(plan.rows for plan in plans if plan.amends)
                new = sum(plan.rows for plan in plans) - amended
                self.summary.leave(new=new, amended=amended)
                return
            for n, plan in enumerate(plans):
                why = error or refused.get(n)
                if why is not None:
                    self._refused_late(plan, why)

        self.lane.submit(ctx, decide, done)

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

    def _refused_late(self, plan: Planned, error: CkbxError) -> None:
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
        self.summary.not_written(plan.places)
        self.summary.late += plan.rows
        self.summary.refused += plan.rows
        if plan.amends:
            self.summary.amended -= plan.rows
        else:
            self.summary.applied -= plan.rows
