"""How does a 比对名单 come in: which children of school age stand in no school's roster?

户籍∖学籍 (domain §8): a child of school age whom the county does not know is registered, and is
suspected until somebody has looked (疑似失学, to be checked within the working days of the rule
pack). A child known and not enrolled is suspected, too. Of everybody else nothing is recorded,
and nobody's data is changed by such a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import msgspec

from ckbx.application.decisions import carry_out
from ckbx.application.intake import Lane
from ckbx.application.standing import RightsEnded
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child import departures, enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import SuspicionCleared
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.school.register_source import RegisterSource
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import LAST_GRADE
from ckbx.imports.job import Batch, ImportJob, judge_problems
from ckbx.imports.job_errors import KindOfCounty, RosterFirst, StoreUnnamed
from ckbx.imports.problems import Problem
from ckbx.imports.register_rows import RegisterReader
from ckbx.imports.roster_compare import chunks, match, refuse_twins
from ckbx.imports.roster_rows import RosterRow
from ckbx.imports.sources import Handed, read_sources
from ckbx.imports.summary import ImportSummary, Written
from ckbx.imports.tables import At, Intake
from ckbx.vault.people import Identity, NewPerson

KIND: Final = "register"
RULE: Final = "register_finding"
_TITLE: Final = "比对名单"
_A_COMMAND: Final = 20
DONE: Final = b"imported"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A child that no school has: ``new`` where the county did not know it at all."""

    row: RosterRow
    child: UUID
    new: bool


def import_register(
    job: ImportJob,
    paths: Sequence[Handed],
    *,
    source: RegisterSource | None = None,
    dry_run: bool = False,
    accept_valid: bool = False,
) -> ImportSummary:
    """Compare lists of other bodies with the children the county knows. ``source``: whose they
    are; it stands in the event that the suspicions name as their evidence.

    ``applied``: children newly registered and suspected; ``amended``: known ones suspected;
    ``unchanged``: everybody else. Raises ImportRefused with every bad row, StoreUnnamed,
    KindOfCounty, RosterFirst, a FileRefused.
    """
    if not job.office.log.county:
        raise StoreUnnamed(kind=_TITLE)
    if job.schools is not None:
        raise KindOfCounty(kind=_TITLE)
    warnings: list[str] = []
    sources = read_sources(paths, warnings)
    batch = Batch.of(KIND, sources, None, source)
    intake = Intake(sources, KIND, job.progress)
    intake.warnings = warnings
    comparison = _Comparison(job, intake)
    found = comparison.run()
    judge_problems(intake.problems, accept_valid=accept_valid, good=len(found) + comparison.met)
    new = sum(each.new for each in found)
    summary = ImportSummary(
        kind=KIND,
        batch=batch.id,
        files=[source.name for source in sources],
        rows=intake.rows_read,
        applied=new,
        amended=len(found) - new,
        unchanged=comparison.met,
        refused=intake.bad_rows,
        warnings=[*intake.all_warnings(), *_told(found, comparison, dry_run=dry_run)],
        problems=list(intake.problems),
        dry_run=dry_run,
    )
    if job.lists_rows:
        summary.written = [_written(each) for each in found]
    if not dry_run:
        _Writer(job, comparison.lane, batch, summary, source).write(found)
        job.office.forget_all()
    return summary


def _told(found: Sequence[Finding], by: _Comparison, *, dry_run: bool) -> list[str]:
    said = []
    if found:
        will = "将列为" if dry_run else "已列为"
        said.append(
            f"{len(found)} 名适龄儿童不在任何学校的名册里，{will}疑似失学，等待核实；"
            "列入是线索，不是结论，可用 ckbx ledger suspected 查到"
        )
    if by.out_of_age:
        said.append(f"{by.out_of_age} 名不在义务教育年龄段，没有比对")
    return said


def _written(found: Finding) -> Written:
    did = "登记并列为疑似失学" if found.new else "列为疑似失学"
    return Written(found.row.at, did, found.child)


class _Comparison:
    """The first pass: nothing is written."""

    def __init__(self, job: ImportJob, intake: Intake) -> None:
        self.job, self.intake = job, intake
        self.lane = Lane(job.office)
        self.office = self.lane.office
        self.today = job.today()
        self.year = school_year_of(self.today)
        self.unit = Unit(self.office.map, self.office.context(job.actor))
        self.access = job.access(KIND)
        self.met = 0
        self.out_of_age = 0

    def run(self) -> list[Finding]:
        """The children that no school has; the others are counted."""
        if self.office.county_of(self.unit).began is None:
            raise RosterFirst(kind=_TITLE)
        reader = RegisterReader(self.intake, self.today)
        rows = [row for at, cells in self.intake.rows() if (row := reader.read(at, cells))]
        refuse_twins(rows, self.intake)
        of_age = []
        for row in rows:
            if self.intake.is_bad(row.at):
                continue
            if row.cohort <= self.year < row.cohort + LAST_GRADE:
                of_age.append(row)
            else:
                self.out_of_age += 1
        self.met += self.out_of_age
        return self._found(of_age)

    def _found(self, rows: Sequence[RosterRow]) -> list[Finding]:
        taken: dict[UUID, At] = {}
        unknown: list[RosterRow] = []
        known: list[tuple[RosterRow, UUID]] = []
        for row, child in match(rows, self.job.vault, self.access, self.intake, taken):
            if child is None:
                unknown.append(row)
            else:
                known.append((row, child))
        found = []
        for part in chunks(known):
            children = self.unit.get_many({child: Child for _, child in part})
            for row, id_ in part:
                if self.intake.is_bad(row.at):
                    continue
                if self._is_nowhere(children[id_]):
                    found.append(Finding(row=row, child=id_, new=False))
                else:
                    self.met += 1
            self.job.progress(self.met + len(found), len(rows), "核对")
        found += [Finding(row=row, child=uuid4(), new=True) for row in unknown if self._is_new(row)]
        return sorted(found, key=lambda each: each.row.at)

    def _is_nowhere(self, child: Child) -> bool:
        """Not enrolled, not suspected, and not cleared in this school year: what was looked into
        is asked about again by the list of the next year.
        """
        if not _is_nowhere(child, self.today):
            return False
        if child.ended is None:
            return True
        events = self.lane.log.load([child.id]).get(child.id, [])
        return not any(
            isinstance(event, SuspicionCleared) and school_year_of(event.occurred_on) == self.year
            for event in events
        )

    def _is_new(self, row: RosterRow) -> bool:
        """Whether nobody known may be meant. Of one name and birth date a person decides, where
        a number is missing that would tell them apart; with two numbers it is said.
        """
        who = self.job.vault.search(row.identity.name) or ()
        people = self.job.vault.read(who, ("identity",), self.access) if who else {}
        alike = [
            known
            for person in people.values()
            if (known := person.identity)
            and (known.name, known.birth_date) == (row.identity.name, row.identity.birth_date)
        ]
        if any(not _told_apart(known, row.identity) for known in alike):
            what = "与一名已登记的学生同名、同出生日期，缺少可以区分的身份证件号"
            mend = "请核对是否同一人：是同一人的，请先在学校花名册里补上身份证件号；不是的，请补上本行的号码"
            self.intake.say(row.at, "姓名", what, mend, "child_alike", row.identity.name)
            return False
        if alike:
            self.intake.warn(
                row.at,
                "与一名已登记的学生同名、同出生日期，但身份证件号不同，请先核对是否抄错号码",
            )
        return True


def _told_apart(one: Identity, two: Identity) -> bool:
    return bool(one.id_number and two.id_number and one.id_number != two.id_number)


def _is_nowhere(child: Child, today: date) -> bool:
    """Known, not enrolled, and not yet looked into."""
    status = child.status_on(today)
    return not child.erased and child.episode is None and status is TrackingStatus.NOT_ENROLLED


class _Writer:
    """A few children a command; the rule is applied anew in each."""

    def __init__(
        self,
        job: ImportJob,
        lane: Lane,
        batch: Batch,
        summary: ImportSummary,
        source: RegisterSource | None,
    ) -> None:
        self.job, self.lane, self.batch, self.summary = job, lane, batch, summary
        self.source = source
        self.office = lane.office
        self.stream = ImportBatch.stream(self.office.county, batch.id)
        self.run = 0
        self.evidence: list[str] = []

    def write(self, found: Sequence[Finding]) -> None:
        """All findings, between ImportStarted and ImportFinished; nothing when there are none."""
        record = ImportBatch(self.stream).replay(
            self.lane.log.load([self.stream]).get(self.stream, [])
        )
        if not (found or record.is_open):
            self.summary.batch = ""
            return
        self.run = record.runs if record.is_open else record.runs + 1
        self.lane.run(self._context("start"), self._start)
        begun = ImportBatch(self.stream).replay(
            self.lane.log.load([self.stream]).get(self.stream, [])
        )
        self.evidence = [f"{self.stream}:{begun.version}"]
        done = 0
        for part in chunks(found, _A_COMMAND):
            self.lane.log.fresh.update(each.child for each in part if each.new)
            ctx = self._context(*(each.row.at for each in part))
            self.lane.submit(ctx, self._decision(part), self._late(part))
            done += len(part)
            self.job.progress(done, len(found), "写入")
        self.lane.finish()
        if self.lane.stopped:
            self.summary.stopped = True
        else:
            self.lane.run(self._context("finish"), self._finish)

    def _start(self, unit: Unit) -> bytes:
        unit.get(self.stream, ImportBatch).start(
            unit.ctx,
            batch=self.batch.id,
            kind=KIND,
            digest=self.batch.digest,
            rows=self.summary.rows,
            schools=[],
            effective=None,
            source=self.source,
        )
        return DONE

    def _finish(self, unit: Unit) -> bytes:
        unit.get(self.stream, ImportBatch).finish(
            unit.ctx,
            batch=self.batch.id,
            applied=self.summary.applied + self.summary.amended,
            refused=self.summary.refused,
        )
        return DONE

    def _decision(self, part: Sequence[Finding]) -> Callable[[Unit], bytes | None]:
        def decide(unit: Unit) -> bytes:
            people = [_person(each) for each in part if each.new]
            unit.writes.extend(self.job.vault.prepare_many(people))
            children = unit.get_many({each.child: Child for each in part})
            for each in part:
                self._suspect(unit, children[each.child], each)
            return DONE

        return decide

    def _suspect(self, unit: Unit, child: Child, found: Finding) -> None:
        today, row = unit.ctx.today, found.row
        if found.new:
            enrolment.register(
                child,
                unit.ctx,
                on=today,
                sex=row.sex,
                cohort=row.cohort,
                village=row.village,
                residence=row.residence,
                batch=self.batch.id,
            )
        if not _is_nowhere(child, today):  # somebody was quicker
            return
        version = self.office.rules(unit, today).version

        def suspected(child: Child, ctx: CommandContext) -> None:
            departures.suspect(
                child,
                ctx,
                on=today,
                source=SuspicionSource.REGISTER,
                first_absent_on=today,
                rule=RULE,
                rule_version=version,
                evidence=self.evidence,
            )

        carry_out(self.office, unit, child, suspected)

    def _late(self, part: Sequence[Finding]) -> Callable[[CkbxError | None], None]:
        def done(error: CkbxError | None) -> None:
            if error is None:
                return
            new = sum(each.new for each in part)
            if isinstance(error, RightsEnded):
                self.summary.leave(new=new, amended=len(part) - new)
                return
            for each in part:
                at = each.row.at
                self.summary.problems.append(
                    Problem(
                        file=at.file,
                        sheet=at.sheet,
                        row=at.row,
                        what="核对之后有人登记或改动了相关的儿童，本行没有采纳",
                        mend="请重新导入同一文件，其余各行不会重复",
                        code=error.code,
                    )
                )
            self.summary.not_written(each.row.at for each in part)
            self.summary.applied -= new
            self.summary.amended -= len(part) - new
            self.summary.late += len(part)
            self.summary.refused += len(part)

        return done

    def _context(self, *step: object) -> CommandContext:
        return self.batch.context(self.job, self.office.county, self.run, *step)


def _person(found: Finding) -> NewPerson:
    row = found.row
    numbers = {"id_number": row.identity.id_number, "student_no": row.identity.student_no}
    return NewPerson(
        subject=found.child,
        kind="child",
        identity=row.identity,
        contact=row.contact,
        marks=row.marks if row.marks and row.marks.entries else None,
        lookups={kind: number for kind, number in numbers.items() if number},
    )
