"""How does a 校历 come into the store, and name the county of a store that has none?

All lines are tried on a copy of the calendars first. They are stored in one append; then the
rule is applied again to the classes whose days changed, and only then the batch is finished,
so that an import killed in between does the rest when it is run again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from ckbx.application import roll_calls
from ckbx.application.office import Office
from ckbx.application.standing import RightsEnded, SeatedContext
from ckbx.application.unit import IdentityMap, Unit
from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.lines import CalendarLine, calendar_commands
from ckbx.domain.calendar.review import calendar_warnings
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.school.school import County
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.ports import Append, EventLog, RowDelete, RowWrite
from ckbx.imports import date_values, values
from ckbx.imports.job import Batch, ImportJob, judge_problems, text_subject
from ckbx.imports.job_errors import KindOfCounty
from ckbx.imports.problems import ImportRefused, Problem
from ckbx.imports.sources import Handed, read_sources
from ckbx.imports.summary import ImportSummary, Written
from ckbx.imports.tables import At, Intake
from ckbx.imports.workbook_sheets import Cell
from ckbx.vault.people import NewPerson

_TRIES = 5
_REGION = re.compile(r"\d{6}", re.ASCII)
_COLUMN_OF = {"calendar_line_incomplete": "missing", "calendar_unknown_word": "column"}
_LINE_CODES = {
    "term_ends_before_start": "结束",
    "term_outside_school_year": "开始",
    "term_overlaps": "开始",
    "day_outside_school_year": "日期",
    "year_confirmed_by_county_only": "适用",
    "calendar_year_not_named": "日期",
}


class _Row(NamedTuple):
    at: At
    cells: Mapping[str, Cell]
    note: str


class _Plan(NamedTuple):
    """What the files would change: events by row, on copies of the calendars."""

    calendars: CountyCalendars
    events: list[DomainEvent]
    lines: list[CalendarLine]
    changed: list[CalendarLine]
    places: list[At]
    notes: dict[UUID, str]
    unchanged: int


def import_calendar(
    job: ImportJob,
    paths: Sequence[Handed],
    *,
    effective: date | None = None,  # noqa: ARG001 - a calendar names its own days
    dry_run: bool = False,
    accept_valid: bool = False,
) -> ImportSummary:
    """Bring calendars in. On an unnamed store the 6-digit code in 适用 names the county.

    Raises ImportRefused with every bad row, KindOfCounty, a FileRefused.
    """
    if job.schools is not None:
        raise KindOfCounty(kind="校历")
    warnings: list[str] = []
    sources = read_sources(paths, warnings)
    batch = Batch.of("calendar", sources, None, None)
    intake = Intake(sources, "calendar", job.progress)
    intake.warnings = warnings
    rows = [_Row(at, cells, values.text(cells.get("说明"))) for at, cells in intake.rows()]
    county = job.office.log.county or _county_named(rows, intake)
    importer = _Calendar(job, county, batch, rows, intake)
    plan = importer.plan()
    good = len(plan.changed) + plan.unchanged
    judge_problems(intake.problems, accept_valid=accept_valid, good=good)
    told = [w.message for w in calendar_warnings(plan.calendars, since=job.today())]
    summary = ImportSummary(
        kind="calendar",
        batch=batch.id,
        files=[source.name for source in sources],
        rows=intake.rows_read,
        applied=len(plan.changed),
        unchanged=plan.unchanged,
        refused=intake.bad_rows,
        warnings=intake.all_warnings() + told,
        problems=list(intake.problems),
        dry_run=dry_run,
    )
    if job.lists_rows:
        told_by_row = zip(plan.places, plan.changed, strict=True)
        summary.written = [Written(at, "登记校历", about=_about(line)) for at, line in told_by_row]
    if not dry_run:
        importer.write(plan, summary)
        job.office.forget_all()
    return summary


_KINDS_ZH = {"closure": "停课", "holiday": "放假", "make_up": "补课", "confirmed": "年度已核定"}


def _about(line: CalendarLine) -> str:
    """What a line sets, and for whom."""
    said = [f"学校 {line.school}" if line.school else "全县"]
    if line.first_day and line.last_day:
        said.append(f"学期 {line.first_day} 至 {line.last_day}")
    if line.day and line.kind:
        said.append(f"{line.day} {_KINDS_ZH[line.kind]}")
    return " ".join(said)


def _county_named(rows: Sequence[_Row], intake: Intake) -> str:
    """The one 6-digit code that 适用 names. Raises ImportRefused."""
    codes: dict[str, At] = {}
    for row in rows:
        written = values.plain(row.cells.get("适用"))
        if _REGION.fullmatch(written):
            codes.setdefault(written, row.at)
    if len(codes) == 1:
        return next(iter(codes))
    for code, at in codes.items():
        what = f"“适用”里有 {len(codes)} 个不同的县（区）代码"
        intake.say(
            at, "适用", what, "一个库只属于一个县（区），请只留本县的", "counties_differ", code
        )
    if not codes:
        problem = Problem(
            file=rows[0].at.file if rows else "校历",
            column="适用",
            what="这个库还没有指定县（区），而“适用”列里没有 6 位县（区）代码",
            mend="请至少有一行的“适用”写本县代码，或先运行 ckbx init --county 代码 --name 名称",
            code="county_not_named",
        )
        intake.problems.add(problem)
    raise ImportRefused(intake.problems)


class _Calendar:
    def __init__(
        self, job: ImportJob, county: str, batch: Batch, rows: Sequence[_Row], intake: Intake
    ) -> None:
        self.job, self.county, self.batch = job, county, batch
        self.rows, self.intake = rows, intake
        self.log: EventLog = job.office.log
        self.stream = ImportBatch.stream(county, batch.id)

    def plan(self, ctx: CommandContext | None = None) -> _Plan:
        """Every line tried on a copy; the events bear ``ctx``."""
        ctx = ctx or self.job.office.context(self.job.actor)
        calendars = CountyCalendars(self.county, national_holidays())
        lines = self._lines()
        schools = {line.school for _, line in lines if line.school}
        if self.log.county:
            for events in self.log.load(calendars.streams(sorted(schools))).values():
                calendars.replay(events)
        plan = _Plan(calendars, [], [], [], [], {}, 0)
        unchanged = 0
        for row, line in lines:
            try:
                events = calendar_commands(calendars, line, ctx)
            except CkbxError as error:
                self._refuse(row, error)
                continue
            plan.lines.append(line)
            if events:
                plan.events.extend(events)
                plan.changed.append(line)
                plan.places.append(row.at)
                if line.note_ref:
                    plan.notes[text_subject(self.job.vault, row.note)] = row.note
            else:
                unchanged += 1
        return plan._replace(unchanged=unchanged)

    def _lines(self) -> list[tuple[_Row, CalendarLine]]:
        found = []
        seen: dict[tuple[object, ...], tuple[_Row, CalendarLine]] = {}
        for row in self.rows:
            line = self._line(row)
            if line is None:
                continue
            key = (
                (line.school, "term", line.school_year, line.term)
                if line.day is None and line.kind is None
                else (line.school, "day", line.day, line.kind == "confirmed")
            )
            first = seen.setdefault(key, (row, line))
            if first[0] is not row and _content(first[1]) != _content(line):
                self._contradict(first[0], row)
            found.append((row, line))
        return [(row, line) for row, line in found if not self.intake.is_bad(row.at)]

    def _contradict(self, one: _Row, two: _Row) -> None:
        for here, there in ((one, two), (two, one)):
            if not self.intake.is_bad(here.at):
                what = f"与{there.at.name(here.at)}说的是同一学期或同一天，内容却不同"
                self.intake.say(here.at, "", what, "请只留正确的一行", "lines_contradict")

    def _line(self, row: _Row) -> CalendarLine | None:
        cells = row.cells
        column = ""
        try:
            days: dict[str, date | None] = {}
            for column in ("开始", "结束", "日期"):
                written = values.text(cells.get(column))
                days[column] = (
                    date_values.parse_date(cells.get(column), column) if written else None
                )
            column = "适用"
            return calendar_line(
                county=self.county,
                school_year=values.plain(cells.get("学年")),
                term=values.plain(cells.get("学期")),
                first_day=days["开始"],
                last_day=days["结束"],
                applies_to=values.plain(cells.get("适用")),
                day=days["日期"],
                kind=values.plain(cells.get("类型")),
                note_ref=f"ref:{text_subject(self.job.vault, row.note)}" if row.note else None,
            )
        except CkbxError as error:
            self._refuse(row, error, column)
            return None

    def _refuse(self, row: _Row, error: CkbxError, column: str = "") -> None:
        if self.intake.is_bad(row.at):
            return
        named = _COLUMN_OF.get(error.code)
        found = str(error.ids[named]) if named else _LINE_CODES.get(error.code, column)
        self.intake.refuse(row.at, error, found, row.cells.get(found))

    # The second pass

    def write(self, plan: _Plan, summary: ImportSummary) -> None:
        """Lines in one append, then the rule again, then the end of the batch."""
        if not self.log.county:
            name_county(self.log, self.county)
        record = self._record()
        if not plan.events and not record.is_open:
            return
        resumed = record.is_open
        run = record.runs if resumed else record.runs + 1
        changed = plan.changed
        if plan.events:
            changed = self._append(run, summary)
        try:
            self._reassess(plan.lines if resumed else changed, run)
        except RightsEnded:  # the lines stand; the batch stays open until it is done
            summary.stopped = True
            summary.warnings.append("校历已经写入，但还有班没有按新校历重新核对")
            return
        ctx = self._context(run, "finish")
        record = self._record()
        record.finish(ctx, batch=self.batch.id, applied=len(changed), refused=summary.refused)
        self._store(ctx, record.collect_events(), [])

    def _record(self) -> ImportBatch:
        return ImportBatch(self.stream).replay(self.log.load([self.stream]).get(self.stream, []))

    def _context(self, run: int, *step: object) -> CommandContext:
        return self.batch.context(self.job, self.county, run, *step)

    def _append(self, run: int, summary: ImportSummary) -> list[CalendarLine]:
        ctx = self._context(run, "lines")
        for attempt in range(_TRIES):
            plan = self.plan(ctx)
            record = self._record()
            record.start(
                ctx,
                batch=self.batch.id,
                kind="calendar",
                digest=self.batch.digest,
                rows=summary.rows,
                schools=sorted({line.school for line in plan.lines if line.school}),
                effective=None,
            )
            county = County(County.stream(self.county))
            county.replay(self.log.load([county.id]).get(county.id, []))
            if not county.name:
                county.call(ctx, code=self.county, name=self.county)
            events = [*record.collect_events(), *county.collect_events(), *plan.events]
            try:
                self._store(ctx, events, self._notes(plan))
            except ConcurrencyConflict:
                if attempt == _TRIES - 1:
                    raise
            else:
                return plan.changed
        raise AssertionError

    def _store(
        self,
        ctx: CommandContext,
        events: list[DomainEvent],
        writes: list[RowWrite | RowDelete],
    ) -> None:
        if events:
            self.log.append(
                Append(
                    command_id=ctx.command_id,
                    events=events,
                    expect=self._expected(ctx, events),
                    writes=writes,
                    reply=b"imported",
                )
            )

    def _expected(self, ctx: CommandContext, events: list[DomainEvent]) -> Any:
        """The streams by which the actor was let in, as they are now. Raises RightsEnded."""
        unit = Unit(IdentityMap(self.log), ctx)
        if isinstance(ctx, SeatedContext):
            ctx.standing.require(unit, self.county)
        written = {event.originator_id for event in events}
        return {stream: at for stream, at in unit.collect()[1].items() if stream not in written}

    def _notes(self, plan: _Plan) -> list[RowWrite | RowDelete]:
        """What a person typed goes to the vault; ``note_ref`` names the subject."""
        people = [
            NewPerson(subject=id_, kind="staff", notes={id_: text})
            for id_, text in plan.notes.items()
        ]
        return list(self.job.vault.prepare_many(people)) if people else []

    def _reassess(self, lines: Sequence[CalendarLine], run: int) -> None:
        """Apply the rule again to the classes of the schools whose days changed."""
        days = [day for line in lines for day in (line.first_day, line.day) if day is not None]
        if not days or min(days) > self.job.today():
            return
        office = Office(self.log, self.job.office.clock)
        unit = Unit(office.map, self._context(run))
        everywhere = any(line.school is None for line in lines)
        named = {line.school for line in lines if line.school}
        schools = office.county_of(unit).schools
        affected = [school for school in schools if everywhere or school in named]
        keys = roll_calls.classes_of(office, unit, affected)
        for number, key in enumerate(keys, 1):
            roll_calls.reassess(office, self._context(run, "reassess", key), key, min(days))
            self.job.progress(number, len(keys), "按新校历重新核对")


def name_county(log: EventLog, county: str) -> None:
    """Give a store its county, once."""
    log_: Any = log
    log_.name_county(county)


def _content(line: CalendarLine) -> tuple[object, ...]:
    return (line.first_day, line.last_day, line.kind, line.timetable_of)
