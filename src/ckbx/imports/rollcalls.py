"""How do roll calls come in in bulk: every sheet checked first, then recorded in order?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ckbx.application.books import open_book, term_key
from ckbx.application.intake import Lane
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import ClassBook, Submission, check
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.calendar.book import Term
from ckbx.domain.class_roll import errors
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.domain.shared.ids import class_key, entry_year_of
from ckbx.imports import grade_values
from ckbx.imports.job import Batch, ImportJob, judge_problems
from ckbx.imports.job_errors import SchoolOfOthers, StoreUnnamed
from ckbx.imports.rollcall_apply import Linked, Planned, SheetWriter
from ckbx.imports.rollcall_rows import ORDER, Mark, RawSheet, SheetReader, Where
from ckbx.imports.roster_compare import chunks
from ckbx.imports.sources import Handed, read_sources
from ckbx.imports.summary import ImportSummary
from ckbx.imports.tables import Intake
from ckbx.imports.workbook_sheets import Cell

_CLASSES = 100
UNNAMED = (
    "{label} {day} 没有列为缺勤、却还没有逐名报到的学生有 {count} 名（本学期新到本班或假满），"
    "暂按“未核”计缺勤，会触发预警和疑似辍学；到了的请在点名表里每人加一行、原因填“到校”，"
    "或用 ckbx check-in 学籍号 --on 日期、ckbx import checkin 报到表"
)


class PlaceRefused(InputRefused):
    """A class or a day of a row that cannot be; ``column`` is where it is written."""

    code = "place_refused"
    message = "{what}"

    def __init__(self, error: CkbxError, column: str) -> None:
        self.column = column
        self.what = getattr(error, "what", str(error))
        self.mend = getattr(error, "mend", "请改正后重新导入")
        super().__init__(what=self.what)
        self.__dict__["code"] = error.code


def import_rollcalls(
    job: ImportJob,
    paths: Sequence[Handed],
    *,
    effective: date | None = None,  # noqa: ARG001 - a roll call names its own day
    dry_run: bool = False,
    accept_valid: bool = False,
    correct: str | None = None,
) -> ImportSummary:
    """Record roll calls. A sheet handed in before changes nothing; another is an amendment.

    ``correct``: the reason for going back to an earlier sheet. Raises ImportRefused with
    every bad row, StoreUnnamed, a FileRefused.
    """
    if not job.office.log.county:
        raise StoreUnnamed(kind="点名")
    warnings: list[str] = []
    sources = read_sources(paths, warnings)
    batch = Batch.of("rollcalls", sources, None, correct)
    intake = Intake(sources, "rollcalls", job.progress)
    intake.warnings = warnings
    checker = _Checker(job, intake, correct=bool(correct))
    sheets = checker.check()
    good = sum(len(sheet.rows) for sheet in sheets if not sheet.bad)
    judge_problems(intake.problems, accept_valid=accept_valid, good=good)
    planned = sorted(
        checker.planned,
        key=lambda p: (p.submission.day, p.submission.class_key, ORDER[p.submission.session]),
    )
    applied = sum(p.rows for p in planned if not p.amends)
    amended = sum(p.rows for p in planned if p.amends)
    summary = ImportSummary(
        kind="rollcalls",
        batch=batch.id,
        files=[source.name for source in sources],
        rows=intake.rows_read,
        applied=applied,
        unchanged=good - applied - amended,
        amended=amended,
        refused=intake.bad_rows,
        warnings=intake.all_warnings(),
        problems=list(intake.problems),
        dry_run=dry_run,
    )
    if job.lists_rows:
        summary.written = [each for plan in planned for each in plan.written]
    if not dry_run:
        schools = sorted({p.submission.class_key.split("/", 1)[0] for p in planned})
        writer = SheetWriter(job, checker.lane, batch, summary, correct, checker.linked)
        writer.write(planned, schools)
        job.office.forget_all()
    return summary


class _Resolved(NamedTuple):
    sheet: RawSheet
    children: dict[UUID, Mark]


class _Checker:
    """The first pass: nothing is written. ``planned`` holds what would change something."""

    def __init__(self, job: ImportJob, intake: Intake, *, correct: bool) -> None:
        self.job, self.intake, self.correct = job, intake, correct
        self.lane = Lane(job.office)
        self.office = self.lane.office
        self.unit = Unit(self.office.map, self.office.context(job.actor))
        self.today = job.today()
        self.planned: list[Planned] = []
        self.linked = Linked()
        self._numbers: dict[str, tuple[UUID, ...]] = {}

    def check(self) -> list[RawSheet]:
        """All sheets, the bad ones marked; every row of a bad sheet is refused."""
        reader = SheetReader(self.intake, self._place, self.office.clock.zone)
        sheets = reader.sheets(self.intake.rows())
        for part in chunks(sorted({n for s in sheets for n in s.marks})):
            self._numbers.update(self.job.vault.find_many("student_no", part))
        by_class: dict[str, list[RawSheet]] = {}
        for sheet in sheets:
            by_class.setdefault(sheet.where.key, []).append(sheet)
        for done, part in enumerate(chunks(sorted(by_class), _CLASSES)):
            self._check_classes({key: by_class[key] for key in part})
            self.job.progress(done * _CLASSES + len(part), len(by_class), "核对班级")
        for sheet in sheets:
            if sheet.bad:
                for at in sheet.rows:
                    self.intake.drop(at)
        return sheets

    # One row's class and day

    def _place(self, school: str, grade_cell: Cell, class_cell: Cell, day: date) -> Where:
        column = "学校标识码"
        try:
            if not self.job.may_take(school):
                raise SchoolOfOthers
            column = "日期"
            term = self._term(school, day)
            column = "年级"
            grade = grade_values.parse_grade(
                grade_cell, school_year=term.school_year, school_code=school
            )
            column = "班级"
            number = grade_values.parse_class(class_cell, grade=grade)
            record = self.office.school(self.unit, school)
            label = f"{record.name or school} {grade}年级{number}班"
            key = class_key(school, entry_year_of(grade, term.school_year), number)
            if not record.classes:
                column = "学校标识码"
                raise errors.SchoolUnknown(school=school)
            if key not in record.classes:
                raise errors.ClassUnknown(class_name=label)
            column = "日期"
            self._check_day(school, day, label)
        except CkbxError as error:
            raise PlaceRefused(error, column) from error
        return Where(key, label)

    def _term(self, school: str, day: date) -> Term:
        if day > self.today:
            raise errors.FutureDay(day=day, today=self.today)
        term = self.office.calendars(self.unit, school).for_school(school).term_of(day)
        if term is None:
            raise errors.OutsideTerms(day=day)
        return term

    def _check_day(self, school: str, day: date, label: str) -> None:
        calendar = self.office.calendars(self.unit, school).for_school(school)
        if calendar.is_school_day(day) is False:
            kind = calendar.kind_of(day).label
            raise errors.NotATeachingDay(day=day, class_name=label, kind=kind)

    # A class with its sheets

    def _check_classes(self, by_class: dict[str, list[RawSheet]]) -> None:
        county = self.office.county
        registers = {key: ClassRegister.stream(county, key) for key in by_class}
        terms: dict[tuple[str, str], UUID] = {}
        for key, sheets in by_class.items():
            for sheet in sheets:
                term = term_key(self._term(sheet.school, sheet.day))
                terms.setdefault((key, term), ClassRoll.stream(county, key, term))
        loaded = self.lane.log.load([*registers.values(), *terms.values()])
        for key, sheets in by_class.items():
            stream = registers[key]
            register = ClassRegister(stream).replay(loaded.get(stream, []))
            rolls = {
                term: ClassRoll(id_).replay(loaded.get(id_, []))
                for (of, term), id_ in terms.items()
                if of == key
            }
            handed = [
                (sheet, submission)
                for sheet in sheets
                if not sheet.bad and (submission := self._check_sheet(register, rolls, sheet))
            ]
            self.linked.add(key, register.stays)
            if handed and register.awaited():
                self._tell_unnamed(key, handed)

    def _tell_unnamed(self, key: str, handed: Sequence[tuple[RawSheet, Submission]]) -> None:
        """Whether the last sheet counts children as present whom nobody has named 到校 yet."""
        sheet, last = max(handed, key=lambda h: (h[0].day, ORDER[h[0].session]))
        calendar = self.office.calendars(self.unit, sheet.school).for_school(sheet.school)
        book = open_book(self.office, self.unit, key, calendar, sheet.day)
        named = {child for _, each in handed for child in each.seen}
        left = set(book.awaited_on(sheet.day.toordinal())) - named - last.absent.keys()
        if left:
            what = UNNAMED.format(label=sheet.where.label, day=sheet.day, count=len(left))
            self.intake.warn(sheet.at, what)

    def _check_sheet(
        self, register: ClassRegister, rolls: dict[str, ClassRoll], sheet: RawSheet
    ) -> Submission | None:
        """What the sheet hands in; None when it is refused."""
        resolved = self._children(register, sheet)
        if resolved is None:
            sheet.bad = True
            return None
        submission = self._submission(resolved)
        on_roll = register.roll(sheet.day.toordinal())
        try:
            check(ClassBook(register, {}, {}, 0), submission, on_roll)
        except CkbxError as error:
            sheet.bad = True
            self.intake.refuse(sheet.at, error, "应到", f"{sheet.expected}/{sheet.present}")
            return None
        if submission.expected != len(on_roll):
            what = "应到与名册人数不符，已照收并记为核对发现"
            self.intake.warn(sheet.at, what)
        term = term_key(self._term(sheet.school, sheet.day))
        self._plan(rolls[term], sheet, submission)
        return submission

    def _plan(self, roll: ClassRoll, sheet: RawSheet, submission: Submission) -> None:
        day = sheet.day.toordinal()
        standing = roll.current(day, sheet.session)
        if standing == submission.sheet:
            return
        back = roll.was_handed_in(day, sheet.session, submission.sheet)
        if back and not self.correct:
            what = "与早前报过、后来已更正或撤销的内容相同，没有改动；确要改回请加 --correct 原因"
            self.intake.warn(sheet.at, what)
            return
        amends = bool(roll.by_day.get(day))
        self.planned.append(Planned(submission, sheet.at, sheet.rows, amends=amends, back=back))

    def _children(self, register: ClassRegister, sheet: RawSheet) -> _Resolved | None:
        """The children of a sheet; None when one is unknown or not on the roll that day."""
        day = sheet.day.toordinal()
        found: dict[UUID, Mark] = {}
        good = True
        for number, mark in sheet.marks.items():
            known = self._numbers.get(number, ())
            if len(known) == 1 and register.on_roll(known[0], day) and known[0] not in found:
                found[known[0]] = mark
                continue
            good = False
            self._say_who(sheet, number, mark, known, twice=bool(known) and known[0] in found)
        return _Resolved(sheet, found) if good else None

    def _say_who(
        self, sheet: RawSheet, number: str, mark: Mark, known: Sequence[UUID], *, twice: bool
    ) -> None:
        column = "缺勤学籍号"
        if not known:
            what, mend = "名册里没有这个学籍号", "请核对学籍号，或先导入该校花名册"
            self.intake.say(mark.at, column, what, mend, "student_unknown", number)
        elif len(known) > 1:
            what, mend = "这个学籍号登记在几名学生名下", "请先由学籍管理员核对"
            self.intake.say(mark.at, column, what, mend, "child_ambiguous", number)
        elif twice:
            what, mend = "同一份点名里这名学生出现两次（新旧两个学籍号）", "请只留一行"
            self.intake.say(mark.at, column, what, mend, "child_twice", number)
        else:
            what = f"这名学生 {sheet.day} 不在{sheet.where.label}的点名册上"
            mend = "请核对班级；刚转入、调班的请先导入花名册"
            self.intake.say(mark.at, column, what, mend, "absentee_not_on_roll", number)

    def _submission(self, resolved: _Resolved) -> Submission:
        sheet = resolved.sheet
        return Submission(
            class_key=sheet.where.key,
            class_name=sheet.where.label,
            day=sheet.day,
            session=sheet.session,
            expected=sheet.expected,
            present=sheet.present,
            absent=dict(_absent(resolved.children)),
            seen=frozenset(c for c, mark in resolved.children.items() if mark.reason is None),
            submitted_by=sheet.submitted_by,
            claimed_at=sheet.claimed_at,
        )


def _absent(children: dict[UUID, Mark]) -> Iterator[tuple[UUID, Reason]]:
    for child, mark in children.items():
        if mark.reason is not None:
            yield child, mark.reason
