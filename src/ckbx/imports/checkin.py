"""How does a 报到表 come in: children seen by name at the opening of a term (domain §11)?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ckbx.application import check_in
from ckbx.application.intake import Lane
from ckbx.application.standing import RightsEnded
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import parse_school_code, parse_student_number
from ckbx.domain.shared.ids import class_key, entry_year_of, split_class_key
from ckbx.imports import date_values, grade_values, identity_values, value_errors, values
from ckbx.imports.job import Batch, ImportJob, judge_problems
from ckbx.imports.job_errors import SchoolOfOthers, StoreUnnamed
from ckbx.imports.problems import Problem
from ckbx.imports.roster_compare import chunks
from ckbx.imports.sources import Handed, read_sources
from ckbx.imports.summary import ImportSummary, Written
from ckbx.imports.tables import At, Intake
from ckbx.imports.workbook_sheets import Cell

_PLACE = ("学校标识码", "年级", "班级")


class _Row(NamedTuple):
    at: At
    number: str
    day: date
    cells: Mapping[str, Cell]


class _Arrival(NamedTuple):
    at: At
    child: UUID
    day: date
    key: str


def import_checkin(
    job: ImportJob,
    paths: Sequence[Handed],
    *,
    on: date | None = None,
    dry_run: bool = False,
    accept_valid: bool = False,
) -> ImportSummary:
    """Record 报到 by name. ``on``: the local day of rows without a date (default: today).

    A child recorded for that day of the term, or an earlier one, is unchanged. Raises
    ImportRefused with every bad row, StoreUnnamed, a FileRefused.
    """
    if not job.office.log.county:
        raise StoreUnnamed(kind="报到")
    warnings: list[str] = []
    sources = read_sources(paths, warnings)
    intake = Intake(sources, "checkin", job.progress)
    intake.warnings = warnings
    checker = _Checker(job, intake, on or job.today())
    new, known = checker.check()
    judge_problems(intake.problems, accept_valid=accept_valid, good=len(new) + known)
    summary = ImportSummary(
        kind="checkin",
        batch="",
        files=[source.name for source in sources],
        rows=intake.rows_read,
        applied=len(new),
        unchanged=known,
        refused=intake.bad_rows,
        warnings=intake.all_warnings(),
        problems=list(intake.problems),
        dry_run=dry_run,
    )
    if job.lists_rows:
        summary.written = [Written(a.at, "报到", a.child, a.key, a.day.isoformat()) for a in new]
    if not dry_run:
        _write(job, Batch.of("checkin", sources, on, None), new, summary)
        job.office.forget_all()
    return summary


class _Checker:
    """The first pass: nothing is written."""

    def __init__(self, job: ImportJob, intake: Intake, on: date) -> None:
        self.job, self.intake, self.on = job, intake, on
        self.office = Lane(job.office).office
        self.unit = Unit(self.office.map, self.office.context(job.actor))

    def check(self) -> tuple[list[_Arrival], int]:
        """What is new, and how many rows were recorded before."""
        rows = [row for at, cells in self.intake.rows() if (row := self._read(at, cells))]
        new: list[_Arrival] = []
        known = 0
        seen: dict[UUID, At] = {}
        for part in chunks(rows):
            found = self.job.vault.find_many("student_no", [row.number for row in part])
            ids = {id_ for each in found.values() for id_ in each}
            children = self.unit.get_many(dict.fromkeys(ids, Child))
            for row in part:
                child = self._child(row, found.get(row.number, ()), children, seen)
                if child is None:
                    continue
                if not self.job.may_take(child.school or ""):
                    self.intake.refuse(row.at, SchoolOfOthers(), "学籍号", row.number)
                    continue
                try:
                    fresh = check_in.check_in_child(self.office, self.unit, child, row.day)
                    key = child.class_on(row.day.toordinal()) or ""
                    self._check_place(row, key)
                except CkbxError as error:
                    column = getattr(error, "column", "学籍号")
                    self.intake.refuse(row.at, error, column, row.cells.get(column))
                    continue
                if fresh:
                    new.append(_Arrival(row.at, child.id, row.day, key))
                else:
                    known += 1
        return new, known

    def _read(self, at: At, cells: Mapping[str, Cell]) -> _Row | None:
        column = "学籍号"
        try:
            number = parse_student_number(identity_values.identity_text(cells["学籍号"])).number
            column = "日期"
            day = (
                date_values.parse_date(cells["日期"]) if values.text(cells.get("日期")) else self.on
            )
        except CkbxError as error:
            self.intake.refuse(at, error, column, cells.get(column))
            return None
        return _Row(at, number, day, cells)

    def _child(
        self,
        row: _Row,
        ids: Sequence[UUID],
        children: Mapping[UUID, Child],
        seen: dict[UUID, At],
    ) -> Child | None:
        if len(ids) != 1:
            what, mend = "名册里没有这个学籍号", "请核对学籍号，或先导入该校花名册"
            code = "student_unknown"
            if ids:
                what, mend = "这个学籍号登记在几名学生名下", "请先由学籍管理员核对"
                code = "child_ambiguous"
            self.intake.say(row.at, "学籍号", what, mend, code, row.number)
            return None
        other = seen.setdefault(ids[0], row.at)
        if other != row.at:
            what = f"这名学生已在{other.name(row.at)}出现"
            self.intake.say(row.at, "学籍号", what, "请只留一行", "child_twice", row.number)
            return None
        return children[ids[0]]

    def _check_place(self, row: _Row, key: str) -> None:
        """Where a row names a class, the child must belong to it that day."""
        if not any(values.text(row.cells.get(column)) for column in _PLACE):
            return
        school = split_class_key(key)[0]
        cell = row.cells.get("学校标识码")
        if values.text(cell):
            school = parse_school_code(values.text(cell))
        named = key
        if values.text(row.cells.get("年级")) and values.text(row.cells.get("班级")):
            term = self.office.calendars(self.unit, school).for_school(school).term_of(row.day)
            year = term.school_year if term else row.day.year
            grade = grade_values.parse_grade(
                row.cells.get("年级"), school_year=year, school_code=school
            )
            number = grade_values.parse_class(row.cells.get("班级"), grade=grade)
            named = class_key(school, entry_year_of(grade, year), number)
        if named != key or school != split_class_key(key)[0]:
            what = f"这名学生 {row.day} 不在这个班的名册上"
            raise NotInThisClass(what, "请核对班级；刚转入、调班的请先导入花名册")


class NotInThisClass(value_errors.ValueRefused):
    code = "not_in_this_class"
    column = "班级"


def _write(job: ImportJob, batch: Batch, new: Sequence[_Arrival], summary: ImportSummary) -> None:
    """A command a class; the rule is applied anew in each."""
    lane = Lane(job.office)
    by_class: dict[str, list[_Arrival]] = {}
    for arrival in new:
        by_class.setdefault(arrival.key, []).append(arrival)
    for key, arrivals in sorted(by_class.items()):
        days = {arrival.child: arrival.day for arrival in arrivals}
        ctx = batch.context(job, lane.office.county, 1, key, *sorted(map(str, days.items())))
        lane.submit(ctx, _decision(lane, days), _late(summary, arrivals))
    lane.finish()
    if lane.stopped:
        summary.stopped = True


def _decision(lane: Lane, days: Mapping[UUID, date]) -> Callable[[Unit], bytes | None]:
    return lambda unit: check_in.decide(lane.office, unit, days)


def _late(
    summary: ImportSummary, arrivals: Sequence[_Arrival]
) -> Callable[[CkbxError | None], None]:
    def done(error: CkbxError | None) -> None:
        if error is None:
            return
        if isinstance(error, RightsEnded):
            summary.leave(new=len(arrivals))
            return
        at = arrivals[0].at
        summary.problems.append(
            Problem(
                file=at.file,
                sheet=at.sheet,
                row=at.row,
                what=f"核对之后有人改动了相关记录，这个班 {len(arrivals)} 行没有采纳：{error}",
                mend="请核对后重新导入同一文件，其余各行不会重复",
                code=error.code,
            )
        )
        summary.not_written(arrival.at for arrival in arrivals)
        summary.late += len(arrivals)
        summary.refused += len(arrivals)
        summary.applied -= len(arrivals)

    return done
