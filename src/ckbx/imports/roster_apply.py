"""How are the steps of a roster carried out, class by class, so that a kill loses nothing?

Each command is a few whole classes (parts of at most 60 children) and holds their events and
vault rows. What was stored before a kill is "unchanged" when the import runs again. A child
that somebody else registered meanwhile is taken for what it is by then: a known child.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby
from typing import ClassVar, NamedTuple
from uuid import UUID

from ckbx.application import enrolment
from ckbx.application.enrolment import NewPupil
from ckbx.application.intake import Lane
from ckbx.application.intake_corrections import rejudge
from ckbx.application.roster_findings import LISTED, note_finding, settle_finding
from ckbx.application.standing import RightsEnded
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import IdentityAmended, ResidenceChanged
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.imports.job import Batch, ImportJob
from ckbx.imports.problems import Problem
from ckbx.imports.roster_compare import MISSING, Kind, Step, chunks
from ckbx.imports.roster_dates import RosterDates
from ckbx.imports.roster_rows import RosterRow
from ckbx.imports.summary import ImportSummary, RosterFinding, Written
from ckbx.imports.tables import At
from ckbx.vault.errors import NumberErased, NumberRefused
from ckbx.vault.people import NewPerson

A_CLASS = 60
A_COMMAND = 200  # children: enough to pay for the selects around each command
DONE = b"imported"
_PASSES = 5


class ChangedMeanwhile(InputRefused):
    code = "changed_meanwhile"
    message = "这名学生的记录在导入过程中被他人修改，本行没有采纳"
    mend: ClassVar[str] = "请重新导入同一文件，其余各行不会重复"


class NumberHeld(InputRefused):
    code = "number_taken"
    message = "更正后的号码已登记在另一名学生名下，本行没有采纳"
    mend: ClassVar[str] = "请核对是否同一人；不是同一人的，请先更正写错的号码"


class HolderErased(InputRefused):
    code = "child_erased"
    message = "这个号码的持有人的个人信息已依法删除，本行没有采纳"
    mend: ClassVar[str] = "请从名册中去掉这一行；确需重新登记的，请持书面依据报县教育局"


class Replanned(NamedTuple):
    """What rows mean when they are looked at again, and what there is to say about them."""

    steps: list[Step]
    problems: list[Problem]
    warnings: list[str]
    findings: list[RosterFinding]


Replan = Callable[[Sequence[RosterRow]], Replanned]


def row_written(step: Step) -> Written:
    """What a row of a roster does."""
    return Written(step.row.at, step.did, step.child, step.row.place.key)


class RosterWriter:
    """Carries out steps that were checked. Counts what a concurrent change refused."""

    def __init__(
        self,
        job: ImportJob,
        lane: Lane,
        batch: Batch,
        dates: RosterDates,
        summary: ImportSummary,
        replan: Replan,
    ) -> None:
        self.replan = replan
        self.late: dict[At, RosterRow] = {}
        self.listed: set[UUID] = set()
        self.job, self.lane, self.batch = job, lane, batch
        self.dates, self.summary = dates, summary
        self.office = lane.office
        self.stream = ImportBatch.stream(self.office.county, batch.id)
        self.run = 0
        self.done = 0
        self.total = 0
        self.began: date | None = None

    def write(
        self,
        steps: Sequence[Step],
        missing: Sequence[tuple[str, Child]],
        names: dict[str, str],
    ) -> None:
        """All steps, between ImportStarted and ImportFinished; nothing when there are none."""
        record = ImportBatch(self.stream).replay(
            self.lane.log.load([self.stream]).get(self.stream, [])
        )
        if not (steps or missing or names or record.is_open):
            return
        self.run = record.runs if record.is_open else record.runs + 1
        self.total = len(steps) + len(missing)
        self._start(steps)
        for school, name in sorted(names.items()):
            self._rename(school, name)
        self._carry_out(steps)
        self.lane.finish()
        for _ in range(_PASSES):
            if self.late and not self.lane.stopped:
                self._take_as_known()
        for row in self.late.values():
            self._refuse(row.at, ChangedMeanwhile())
            self.summary.applied -= 1
        if self._has_stopped():
            return
        for absent in chunks([m for m in missing if m[1].id not in self.listed], A_CLASS):
            self._note_missing(absent)
        self.lane.finish()
        if not self._has_stopped():
            self._finish()

    def _has_stopped(self) -> bool:
        """Whether who imports may not any more: the batch stays open."""
        if self.lane.stopped:
            self.summary.stopped = True
        return bool(self.lane.stopped)

    def _carry_out(self, steps: Sequence[Step]) -> None:
        waiting: list[Step] = []
        for kind, key, part in _commands(steps):
            if kind is not Kind.NEW:
                self._change(kind, key, part)
                continue
            waiting += part
            if len(waiting) >= A_COMMAND:
                self._admit(waiting)
                waiting = []
        if waiting:
            self._admit(waiting)

    def _take_as_known(self) -> None:
        """Rows whose children were registered by somebody else since they were checked."""
        rows, self.late = list(self.late.values()), {}
        self.office.forget_all()
        steps, problems, warnings, findings = self.replan(rows)
        self.listed.update(step.child for step in steps)
        changed = [step for step in steps if step.changes]
        entered = sum(step.enters for step in changed)
        amended = sum(not step.enters and step.amends for step in changed)
        summary = self.summary
        summary.not_written(row.at for row in rows)
        if self.job.lists_rows:
            summary.written += [row_written(step) for step in changed]
        summary.applied -= len(rows) - entered
        summary.unchanged += len(steps) - entered - amended
        summary.amended += amended
        summary.late += len(rows) - len(steps)
        summary.refused += len(rows) - len(steps)
        summary.problems += problems
        summary.warnings += warnings
        summary.findings += findings
        self._carry_out(changed)
        self.lane.finish()

    def _start(self, steps: Sequence[Step]) -> None:
        schools = sorted({step.row.place.school for step in steps})
        new = [step for step in steps if step.kind is Kind.NEW]

        def decide(unit: Unit) -> bytes:
            unit.get(self.stream, ImportBatch).start(
                unit.ctx,
                batch=self.batch.id,
                kind="roster",
                digest=self.batch.digest,
                rows=self.summary.rows,
                schools=schools,
                effective=min((step.on for step in steps), default=None),
            )
            county = self.office.county_of(unit)
            if new:
                first = min(self.dates.term_first_day(s.row.place.school, s.on) for s in new)
                county.begin_roster(unit.ctx, first_day=first)
            self.began = county.began
            return DONE

        self.lane.run(self._context("start"), decide)

    def _finish(self) -> None:
        def decide(unit: Unit) -> bytes:
            unit.get(self.stream, ImportBatch).finish(
                unit.ctx,
                batch=self.batch.id,
                applied=self.summary.applied + self.summary.amended,
                refused=self.summary.refused,
            )
            return DONE

        self.lane.run(self._context("finish"), decide)
        self.job.progress(self.total, self.total, "写入")

    def _context(self, *step: object) -> CommandContext:
        return self.batch.context(self.job, self.office.county, self.run, *step)

    def _rename(self, school: str, name: str) -> None:
        def decide(unit: Unit) -> bytes:
            self.office.school(unit, school).call(unit.ctx, school=school, name=name)
            return DONE

        self.lane.submit(self._context("name", school, name), decide, self._settled([]))

    def _awaited(self, step: Step) -> bool:
        """From the store's second term on a child new to its class is awaited (domain §4)."""
        first = self.dates.term_first_day(step.row.place.school, step.on)
        return self.began is not None and first > self.began

    def _admit(self, steps: list[Step]) -> None:
        """New children of one or several whole classes, in one command."""

        def decide(unit: Unit) -> bytes | None:
            good = self._file(unit, steps, _new_person)
            if not good:
                return None
            unit.get_many({step.child: Child for step in good})
            for (key, on, awaited), part in groupby(good, self._entry):
                pupils = list(part)
                place = pupils[0].row.place
                enrolment.admit(
                    self.office,
                    unit,
                    key,
                    [_pupil(step) for step in pupils],
                    grade=place.grade,
                    on=on,
                    school_name=place.school_name,
                    awaited=awaited,
                    batch=self.batch.id,
                )
            return DONE

        self.lane.log.fresh.update(step.child for step in steps)
        ctx = self._context("new", *(step.row.at for step in steps))
        self.lane.submit(ctx, decide, self._settled(steps))

    def _entry(self, step: Step) -> tuple[str, date, bool]:
        """What the children of one joining have in common."""
        return step.row.place.key, step.on, self._awaited(step)

    def _file(
        self, unit: Unit, steps: Sequence[Step], person: Callable[[Step], NewPerson]
    ) -> list[Step]:
        """Put what is new about people among the writes; without those whose number is gone.

        A new child whose number somebody holds by now is known: its row is looked at again.
        """
        good = list(steps)
        for step in steps:
            self.late.pop(step.row.at, None)
        while True:
            people = [person(step) for step in good if step.kind is Kind.NEW or step.groups]
            try:
                unit.writes.extend(self.job.vault.prepare_many(people))
            except NumberRefused as error:
                refused = {refusal.ids["subject"]: refusal for refusal in error.refusals}
                for step in good:
                    if step.child in refused:
                        self._number_gone(step, refused[step.child])
                good = [step for step in good if step.child not in refused]
            else:
                return good

    def _number_gone(self, step: Step, refusal: NumberRefused) -> None:
        if isinstance(refusal, NumberErased):
            self._refuse_late(step, HolderErased())
        elif step.kind is Kind.NEW:
            self.late[step.row.at] = step.row
        else:
            self._refuse_late(step, NumberHeld())

    def _change(self, kind: Kind, key: str, steps: list[Step]) -> None:
        def decide(unit: Unit) -> bytes | None:
            children = unit.get_many({step.child: Child for step in steps})
            good = []
            for step in steps:
                if children[step.child].version == step.version:
                    good.append(step)
                else:
                    self._refuse_late(step)
            good = self._file(unit, good, _changed_person)
            if not good:
                return None
            self._place(unit, kind, key, good)
            for step in good:
                self._amend(unit, children[step.child], step)
            return DONE

        ctx = self._context(kind.value, key, *((s.row.at, s.version) for s in steps))
        self.lane.submit(ctx, decide, self._settled(steps))

    def _place(self, unit: Unit, kind: Kind, key: str, steps: Sequence[Step]) -> None:
        place = steps[0].row.place
        if kind is Kind.AGAIN:
            for step in steps:
                enrolment.enrol_again(
                    self.office,
                    unit,
                    key,
                    [step.child],
                    grade=place.grade,
                    on=step.on,
                    awaited=self._awaited(step),
                    batch=self.batch.id,
                )
        elif kind is Kind.MOVE:
            self._move(unit, key, steps)

    def _move(self, unit: Unit, key: str, steps: Sequence[Step]) -> None:
        left: dict[str, date] = {}
        for step in steps:
            child = unit.get(step.child, Child)
            old = child.class_key
            enrolment.change_class(
                self.office,
                unit,
                step.child,
                key,
                grade=step.row.place.grade,
                on=step.on,
                awaited=self._awaited(step),
                batch=self.batch.id,
            )
            for other in filter(None, (old, key)):
                left[other] = min(left.get(other, step.on), step.on)
        for other, since in sorted(left.items()):
            if since < unit.ctx.today:
                rejudge(self.office, unit, other, since)

    def _amend(self, unit: Unit, child: Child, step: Step) -> None:
        today = unit.ctx.today
        school = step.row.place.school
        if step.kind is Kind.FINDING:
            note_finding(self.office, unit, child, step.finding, school, batch=self.batch.id)
        if step.listed_again:
            settle_finding(
                self.office, unit, child, MISSING, school, reason=LISTED, batch=self.batch.id
            )
        if step.moved_home:
            child.trigger_event(
                ResidenceChanged,
                unit.ctx,
                occurred_on=today,
                village=step.row.village,
                residence=step.row.residence,
            )
        if step.groups:
            child.trigger_event(
                IdentityAmended,
                unit.ctx,
                occurred_on=today,
                groups=step.groups,
                batch=self.batch.id,
            )

    def _note_missing(self, part: Sequence[tuple[str, Child]]) -> None:
        def decide(unit: Unit) -> bytes:
            children = unit.get_many({child.id: Child for _, child in part})
            for key, child in part:
                if children[child.id].class_key == key:
                    school, known = key.split("/")[0], children[child.id]
                    note_finding(self.office, unit, known, MISSING, school, batch=self.batch.id)
            return DONE

        ctx = self._context(MISSING, *(child.id for _, child in part))
        self.lane.submit(ctx, decide, self._settled([]))
        self.done += len(part)

    def _settled(self, steps: Sequence[Step]) -> Callable[[CkbxError | None], None]:
        def done(error: CkbxError | None) -> None:
            if isinstance(error, RightsEnded):
                self._leave(steps)
            elif error is not None:
                for step in steps:
                    self._refuse_late(step, error)
            self.done += len(steps)
            self.job.progress(self.done, self.total, "写入")

        return done

    def _leave(self, steps: Sequence[Step]) -> None:
        new = sum(step.enters for step in steps)
        amended = sum(not step.enters and step.amends for step in steps)
        self.summary.leave(new=new, amended=amended, unchanged=len(steps) - new - amended)

    def _refuse_late(self, step: Step, error: CkbxError | None = None) -> None:
        if not self._refuse(step.row.at, error or ChangedMeanwhile()):
            return
        if step.enters:
            self.summary.applied -= 1
        elif step.amends:
            self.summary.amended -= 1
        else:
            self.summary.unchanged -= 1

    def _refuse(self, at: At, error: CkbxError) -> bool:
        """List a row that is not taken over; whether it was not listed before."""
        self.summary.not_written([at])
        problem = Problem(
            file=at.file,
            sheet=at.sheet,
            row=at.row,
            what=str(error),
            mend=getattr(error, "mend", ChangedMeanwhile.mend),
            code=error.code,
        )
        if problem in self.summary.problems:
            return False
        self.summary.problems.append(problem)
        self.summary.late += 1
        self.summary.refused += 1
        return True


def _commands(steps: Sequence[Step]) -> list[tuple[Kind, str, list[Step]]]:
    """Steps by kind and class, at most a class at a time, in the order of the rows."""
    grouped: dict[tuple[Kind, str], list[Step]] = {}
    for step in steps:
        grouped.setdefault((step.kind, step.row.place.key), []).append(step)
    return [
        (kind, key, part)
        for (kind, key), found in grouped.items()
        for part in chunks(sorted(found, key=lambda s: s.on), A_CLASS)
    ]


def _pupil(step: Step) -> NewPupil:
    row = step.row
    return NewPupil(
        child=step.child,
        sex=row.sex,
        cohort=row.cohort,
        village=row.village,
        residence=row.residence,
    )


def _lookups(id_number: str, student_no: str) -> dict[str, str]:
    found = {"id_number": id_number, "student_no": student_no}
    return {kind: value for kind, value in found.items() if value}


def _new_person(step: Step) -> NewPerson:
    row = step.row
    return NewPerson(
        subject=step.child,
        kind="child",
        identity=row.identity,
        contact=row.contact,
        marks=row.marks if row.marks and row.marks.entries else None,
        lookups=_lookups(row.identity.id_number, row.identity.student_no),
    )


def _changed_person(step: Step) -> NewPerson:
    identity = step.identity
    return NewPerson(
        subject=step.child,
        kind="child",
        identity=identity,
        contact=step.contact,
        marks=step.marks,
        lookups=_lookups(identity.id_number, identity.student_no) if identity else {},
        given_up=step.given_up,
    )
