"""How does a 花名册 come into the store: checked as a whole, then class by class?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID, uuid4

from ckbx.application.books import term_key
from ckbx.application.intake import Lane
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.eventlog.codec import EventUnreadable
from ckbx.eventlog.readable import read_readable, unreadable
from ckbx.imports.job import Batch, ImportJob, judge_problems
from ckbx.imports.job_errors import CalendarFirst, SchoolOfOthers, StoreUnnamed
from ckbx.imports.roster_apply import Replanned, RosterWriter, row_written
from ckbx.imports.roster_compare import (
    CHUNK,
    MISSING,
    Comparer,
    Kind,
    Step,
    chunks,
    match,
    refuse_twins,
)
from ckbx.imports.roster_dates import RosterDates
from ckbx.imports.roster_findings import Found, found_in, name_findings
from ckbx.imports.roster_rows import RosterReader, RosterRow, refuse_persons_for_schools
from ckbx.imports.sources import Handed, read_sources
from ckbx.imports.summary import ImportSummary, RosterFinding
from ckbx.imports.tables import At, Intake


def import_roster(
    job: ImportJob,
    paths: Sequence[Handed],
    *,
    effective: date | None = None,
    dry_run: bool = False,
    accept_valid: bool = False,
) -> ImportSummary:
    """Bring rosters in: new children, class changes, findings, changed personal data.

    ``effective``: the local day they count from (default: the first day of the running
    term; a column 编班日期 goes before it). Nothing is removed. Raises ImportRefused with
    every bad row, StoreUnnamed, CalendarFirst, TermsNotBegun, EffectiveInFuture,
    EffectiveBeforeTerms, a FileRefused.
    """
    if not job.office.log.county:
        raise StoreUnnamed(kind="花名册")
    return _Roster(job, effective).run(paths, dry_run=dry_run, accept_valid=accept_valid)


_UNREADABLE = "这名学生的记录有无法读出的事件，本行没有核对；请运行 ckbx doctor 并报告管理员，其余各行不受影响"


class _Roster:
    def __init__(self, job: ImportJob, effective: date | None) -> None:
        self.job = job
        self.effective = effective
        self.lane = Lane(job.office)
        self.office = self.lane.office
        self.today = job.today()
        self.ctx = self.office.context(job.actor)
        self.unit = Unit(self.office.map, self.ctx)
        self.dates = RosterDates(self.office, self.unit, effective, self.today)
        self.taken: dict[UUID, At] = {}

    def run(self, paths: Sequence[Handed], *, dry_run: bool, accept_valid: bool) -> ImportSummary:
        warnings: list[str] = []
        sources = read_sources(paths, warnings)
        batch = Batch.of("roster", sources, self.effective, None)
        intake = Intake(sources, "roster", self.job.progress)
        intake.warnings = warnings
        steps = self._plan(intake)
        judge_problems(intake.problems, accept_valid=accept_valid, good=len(steps))
        intake.warnings += self.dates.warnings
        missing = self._missing(steps, intake)
        changed = [step for step in steps if step.changes]
        summary = ImportSummary(
            kind="roster",
            batch=batch.id,
            files=[source.name for source in sources],
            rows=intake.rows_read,
            applied=sum(step.enters for step in changed),
            unchanged=sum(not step.enters and not step.amends for step in steps),
            amended=sum(not step.enters and step.amends for step in changed),
            refused=intake.bad_rows,
            warnings=intake.all_warnings(),
            problems=list(intake.problems),
            dry_run=dry_run,
        )
        if self.job.lists_rows:
            summary.written = [row_written(step) for step in changed]
        self._tell(summary, steps, missing)
        if not dry_run:
            writer = RosterWriter(
                self.job,
                self.lane,
                batch,
                self.dates,
                summary,
                lambda rows: self._again(rows, intake),
            )
            new = [(key, child) for key, child in missing if not _noted(key, child)]
            writer.write(changed, new, self._school_names(steps))
            self.job.office.forget_all()
        return summary

    def _plan(self, intake: Intake) -> list[Step]:
        """The step of every row that can be taken over."""
        reader = RosterReader(intake, self.dates.of, self.today)
        rows = [row for at, cells in intake.rows() if (row := reader.read(at, cells))]
        self._refuse_others(rows, intake)
        for row in rows:
            dates = self.dates.of(row.place.school)
            if row.joined is None and dates.base is None:
                raise CalendarFirst(why=dates.why)
        refuse_persons_for_schools(rows, intake)
        refuse_twins(rows, intake)
        return self._steps(rows, intake)

    def _refuse_others(self, rows: Sequence[RosterRow], intake: Intake) -> None:
        for row in rows:
            if not self.job.may_take(row.place.school):
                intake.refuse(row.at, SchoolOfOthers(), "学校标识码", row.place.school)

    def _steps(self, rows: Sequence[RosterRow], intake: Intake) -> list[Step]:
        """The step of every row, as the store knows the children now."""
        access = self.job.access("roster")
        fresh: list[Step] = []
        known: list[tuple[RosterRow, UUID]] = []
        rows = [row for row in rows if not intake.is_bad(row.at)]
        for row, child in match(rows, self.job.vault, access, intake, self.taken):
            if intake.is_bad(row.at):
                continue
            if child is None:
                on = row.joined or self.dates.of(row.place.school).base
                fresh.append(Step(row=row, kind=Kind.NEW, on=on or self.today, child=uuid4()))
            else:
                known.append((row, child))
        comparer = Comparer(
            self.lane.log.load, self.job.vault, access, intake, self.dates.of, self._move_day
        )
        steps = fresh
        for part in chunks(known):
            steps.extend(map(self._own_only, self._compared(comparer, part, intake)))
            self.job.progress(len(steps), len(rows), "核对")
        return [step for step in steps if not intake.is_bad(step.row.at)]

    def _own_only(self, step: Step) -> Step:
        """Of a child that stands elsewhere nothing but the finding, where another school's rows
        are not for whoever imports.
        """
        if step.finding and self.job.schools is not None:
            step.identity = step.contact = step.marks = None
            step.moved_home, step.given_up = False, {}
        return step

    def _again(self, rows: Sequence[RosterRow], intake: Intake) -> Replanned:
        """What rows of new children mean now that somebody else registered the children."""
        problems, told = len(intake.problems), intake.all_warnings()
        steps = self._steps(rows, intake)
        warnings = [said for said in intake.all_warnings() if said not in told]
        found = found_in(steps, [])
        return Replanned(
            steps,
            intake.problems.items[problems:],
            warnings + _told(found, 0, dry_run=False),
            self._named(found, dry_run=False),
        )

    def _compared(
        self, comparer: Comparer, part: list[tuple[RosterRow, UUID]], intake: Intake
    ) -> list[Step]:
        """The steps of known children. One whose events cannot be read is passed over and said:
        it does not keep the others out.
        """
        try:
            return comparer.steps(part)
        except EventUnreadable:
            broken = unreadable(self.job.office.log, [child for _, child in part])
        for row, child in part:
            if child in broken:
                intake.drop(row.at)
                intake.warn(row.at, _UNREADABLE)
        return comparer.steps([(row, child) for row, child in part if child not in broken])

    def _move_day(self, class_key: str) -> date | None:
        """Today when the class has handed in roll calls this term, else nobody knows better."""
        school = class_key.split("/", maxsplit=1)[0]
        calendar = self.office.calendars(self.unit, school).for_school(school)
        term = calendar.term_of(self.today)
        if term is None:
            return self.today
        stream = ClassRoll.stream(self.office.county, class_key, term_key(term))
        return self.today if self.lane.log.load([stream]).get(stream) else None

    def _missing(self, steps: Sequence[Step], intake: Intake) -> list[tuple[str, Child]]:
        """Children of the classes in the files whom no row names: 在籍不在册."""
        if intake.bad_rows:
            intake.warnings.append("有未采纳的行，本次没有核对“在籍不在册”；改正后请重新导入")
            return []
        listed = {step.child for step in steps}
        keys = sorted({step.row.place.key for step in steps})
        found = [
            (key, child)
            for part in chunks(keys, 100)
            for key, child in self._unlisted(part, listed)
        ]
        self._tell_uncovered(keys, intake)
        return found

    def _unlisted(self, keys: Sequence[str], listed: set[UUID]) -> Iterator[tuple[str, Child]]:
        streams = {ClassRegister.stream(self.office.county, key): key for key in keys}
        loaded = self.lane.log.load(list(streams))
        day = self.today.toordinal()
        unlisted: dict[UUID, str] = {}
        for stream, key in streams.items():
            register = ClassRegister(stream).replay(loaded.get(stream, []))
            for child in sorted(register.stays):
                if child not in listed and register.belongs(child, day):
                    unlisted[child] = key
        for part in chunks(unlisted, CHUNK):
            found = read_readable(self.job.office.log, part)
            events: dict[UUID, list[DomainEvent]] = {}
            for recorded in found.events:
                events.setdefault(recorded.event.originator_id, []).append(recorded.event)
            for id_ in part:
                if id_ in found.broken:
                    continue
                child_ = Child(id_).replay(events.get(id_, []))
                if child_.erased:  # no row can name it any more
                    continue
                if child_.class_key == unlisted[id_]:
                    yield unlisted[id_], child_

    def _tell_uncovered(self, keys: Sequence[str], intake: Intake) -> None:
        covered = set(keys)
        for school in sorted({key.split("/")[0] for key in keys}):
            record = self.office.school(self.unit, school)
            others = [key for key in record.classes if key not in covered]
            if others:
                intake.warnings.append(
                    f"{record.name or school} 另有 {len(others)} 个班不在本次名册中，没有核对这些班"
                )

    def _tell(
        self, summary: ImportSummary, steps: Sequence[Step], missing: Sequence[tuple[str, Child]]
    ) -> None:
        """What a person must look into: found now, or still open from before."""
        found = found_in(steps, missing)
        again = sum(step.listed_again for step in steps)
        summary.warnings += _told(found, again, dry_run=summary.dry_run)
        summary.findings = self._named(found, dry_run=summary.dry_run)

    def _named(self, found: Sequence[Found], *, dry_run: bool) -> list[RosterFinding]:
        return name_findings(self.job, found, self._class_name, self._school_name, dry_run=dry_run)

    def _school_name(self, school: str) -> str:
        return self.office.school(self.unit, school).name or school

    def _class_name(self, key: str) -> str:
        school, entry_year, number = split_class_key(key)
        grade = grade_of(entry_year, school_year_of(self.today))
        return f"{self._school_name(school)} {grade}年级{number}班"

    def _school_names(self, steps: Sequence[Step]) -> dict[str, str]:
        """Names of schools that are known under another name; the last row's counts."""
        names = {step.row.place.school: step.row.place.school_name for step in steps}
        return {
            school: name
            for school, name in names.items()
            if (known := self.office.school(self.unit, school)).version and known.name != name
        }


def _noted(key: str, child: Child) -> bool:
    """Whether it was noted before that the child is missing."""
    return (MISSING, key.split("/", maxsplit=1)[0]) in child.findings


def _told(found: Sequence[Found], again: int, *, dry_run: bool) -> list[str]:
    """How many children must be looked into, and how many need not be any more."""
    said = []
    if found:
        new = sum(not each.known for each in found)
        doing = "将新记" if dry_run else "新记"
        said.append(
            f"名册核对发现 {len(found)} 名（{doing} {new} 名），没有移除任何人，学籍也没有改动，请人工核对；"
            "未了结的列在待办的“花名册核对”里"
        )
    if again:
        said.append(f"{again} 名学生重新在册，“在籍不在册”{'将' if dry_run else '已'}了结")
    return said
