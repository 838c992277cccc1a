"""Which sheets do the rows of roll call files make up, and do they contradict each other?

One row an absentee; rows of one class, day and session in one file are one sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import parse_school_code, parse_student_number
from ckbx.imports import choice_values, date_values, identity_values, value_errors, values
from ckbx.imports.tables import At, Intake
from ckbx.imports.workbook_sheets import Cell

SEEN: Final = "到校"
_REASONS: Final = {reason.label: reason for reason in Reason}
_SESSIONS: Final = {session.label: session for session in Session}
ORDER: Final = {session: n for n, session in enumerate(Session)}


class Where(NamedTuple):
    """The class a row speaks of, on that day: its key and its name for messages."""

    key: str
    label: str


class Mark(NamedTuple):
    """What a row says of one child; ``reason`` None: 到校."""

    reason: Reason | None
    at: At


class RawSheet(msgspec.Struct, kw_only=True):
    """One sheet as the rows have it; children still by 学籍号."""

    at: At
    where: Where
    day: date
    session: Session
    expected: int
    present: int
    submitted_by: str
    claimed_at: str | None
    marks: dict[str, Mark]
    rows: list[At]
    bad: bool = False

    @property
    def key(self) -> tuple[date, str, Session]:
        """What only one sheet may speak of."""
        return self.day, self.where.key, self.session

    @property
    def school(self) -> str:
        """The school's code."""
        return self.where.key.split("/", 1)[0]

    @property
    def content(self) -> tuple[int, int, frozenset[tuple[str, Reason | None]]]:
        """What is compared between files."""
        said = frozenset((child, mark.reason) for child, mark in self.marks.items())
        return self.expected, self.present, said


Place = Callable[[str, Cell, Cell, date], Where]
"""(school code, 年级 cell, 班级 cell, day) to the class; raises a refusal that may name its
``column``."""


class SheetReader:
    """Collects rows into sheets, file by file."""

    def __init__(self, intake: Intake, place: Place, zone: ZoneInfo) -> None:
        self._intake = intake
        self._place = place
        self._zone = zone
        self._sheets: dict[tuple[str, date, str, Session], RawSheet] = {}
        self._days: dict[Cell, date | CkbxError] = {}
        self._counts: dict[tuple[str, Cell], int | CkbxError] = {}
        self._places: dict[tuple[Cell, Cell, Cell, date], Where | tuple[str, CkbxError]] = {}

    def sheets(self, rows: Iterable[tuple[At, Mapping[str, Cell]]]) -> list[RawSheet]:
        """All sheets in the order of date, class, session; equal ones of two files once."""
        for at, cells in rows:
            self._read(at, cells)
        merged: dict[tuple[date, str, Session], RawSheet] = {}
        for sheet in self._sheets.values():
            first = merged.setdefault(sheet.key, sheet)
            if first is not sheet:
                self._same(first, sheet)
        self._refuse_mixed(merged.values())
        return sorted(merged.values(), key=lambda s: (s.day, s.where.key, ORDER[s.session]))

    def _read(self, at: At, cells: Mapping[str, Cell]) -> None:
        wrong: list[tuple[str, CkbxError]] = []
        day = self._day(wrong, cells["日期"])
        where = self._where(wrong, cells, day) if day else None
        session = self._session(wrong, cells)
        expected = self._count(wrong, "应到", cells)
        present = self._count(wrong, "实到", cells)
        number, mark = self._mark(wrong, at, cells)
        claimed = self._claimed(wrong, cells)
        for column, error in wrong:
            self._intake.refuse(at, error, column, cells.get(column))
        if day is None or where is None or session is None:
            return
        key = (at.file, day, where.key, session)
        sheet = self._sheets.get(key)
        if sheet is None:
            sheet = self._sheets[key] = RawSheet(
                at=at,
                where=where,
                day=day,
                session=session,
                expected=expected or 0,
                present=present or 0,
                submitted_by=values.text(cells.get("提交人")),
                claimed_at=claimed,
                marks={},
                rows=[],
            )
        elif not wrong and not sheet.bad and (sheet.expected, sheet.present) != (expected, present):
            what = f"与{sheet.at.name(at)}是同一份点名，应到、实到却不同"
            self._intake.say(at, "应到", what, "请改成一致", "counts_differ")
            wrong.append(("应到", CkbxError()))
        sheet.rows.append(at)
        sheet.bad = sheet.bad or bool(wrong)
        if number and mark is not None:
            self._add(sheet, number, mark, cells)

    def _add(self, sheet: RawSheet, number: str, mark: Mark, cells: Mapping[str, Cell]) -> None:
        first = sheet.marks.setdefault(number, mark)
        if first is not mark:
            sheet.bad = True
            what, code = f"同一份点名里这名学生已在{first.at.name(mark.at)}出现", "child_twice"
            if (first.reason is None) is not (mark.reason is None):
                what += "，一行写到校，一行写缺勤"
                code = "child_seen_and_absent"
            value = cells["缺勤学籍号"]
            self._intake.say(mark.at, "缺勤学籍号", what, "请只留一行", code, value)

    def _day(self, wrong: list[tuple[str, CkbxError]], cell: Cell) -> date | None:
        found = self._days.get(cell)
        if found is None:
            try:
                found = date_values.parse_date(cell)
            except CkbxError as error:
                found = error
            self._days[cell] = found
        if isinstance(found, date):
            return found
        wrong.append(("日期", found))
        return None

    def _count(
        self, wrong: list[tuple[str, CkbxError]], column: str, cells: Mapping[str, Cell]
    ) -> int | None:
        cell = cells[column]
        found = self._counts.get((column, cell))
        if found is None:
            try:
                found = values.parse_count(cell, column)
            except CkbxError as error:
                found = error
            self._counts[column, cell] = found
        if isinstance(found, int):
            return found
        wrong.append((column, found))
        return None

    def _where(
        self, wrong: list[tuple[str, CkbxError]], cells: Mapping[str, Cell], day: date
    ) -> Where | None:
        key = (cells["学校标识码"], cells["年级"], cells["班级"], day)
        found = self._places.get(key)
        if found is None:
            try:
                school = parse_school_code(values.text(cells["学校标识码"]))
                found = self._place(school, cells["年级"], cells["班级"], day)
            except CkbxError as error:
                found = (getattr(error, "column", "学校标识码"), error)
            self._places[key] = found
        if isinstance(found, Where):
            return found
        wrong.append(found)
        return None

    def _session(
        self, wrong: list[tuple[str, CkbxError]], cells: Mapping[str, Cell]
    ) -> Session | None:
        cell = cells.get("时段")
        known = _SESSIONS.get(cell) if isinstance(cell, str) else None
        if known is not None:
            return known
        try:
            return _SESSIONS[choice_values.parse_session(cell)]
        except CkbxError as error:
            wrong.append(("时段", error))
            return None

    def _mark(
        self, wrong: list[tuple[str, CkbxError]], at: At, cells: Mapping[str, Cell]
    ) -> tuple[str, Mark | None]:
        cell = cells["缺勤学籍号"]
        if cell == "":
            if values.text(cells["原因"]):
                what, mend = "有原因，却没有缺勤学籍号", "请补填学籍号，或删去原因"
                wrong.append(("缺勤学籍号", value_errors.ValueMissing(what, mend)))
            return "", None
        try:
            number = parse_student_number(identity_values.identity_text(cell)).number
        except CkbxError as error:
            wrong.append(("缺勤学籍号", error))
            number = ""
        written = cells["原因"]
        reason = _REASONS.get(written) if isinstance(written, str) else None
        if reason is None:
            try:
                reason = _REASONS.get(choice_values.parse_reason(written))
            except CkbxError as error:
                wrong.append(("原因", error))
        return number, Mark(reason, at)

    def _claimed(self, wrong: list[tuple[str, CkbxError]], cells: Mapping[str, Cell]) -> str | None:
        """提交时间 as a local time to the minute: a claim, nothing is decided by it."""
        cell = cells.get("提交时间")
        if cell is None or cell == "":
            return None
        try:
            instant = date_values.parse_instant(cell, self._zone, "提交时间")
        except CkbxError as error:
            wrong.append(("提交时间", error))
            return None
        return instant.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")

    # Sheets against each other

    def _same(self, first: RawSheet, sheet: RawSheet) -> None:
        """Two files with one class, day and session: equal content or a refusal of both."""
        if first.content == sheet.content and not (first.bad or sheet.bad):
            first.rows.extend(sheet.rows)
            return
        for here, there in ((first, sheet), (sheet, first)):
            what = f"与{there.at.name(here.at)}是同一班、同一天、同一时段，内容却不同"
            self._intake.say(here.at, "", what, "请只留正确的一份", "sheets_contradict")
            here.bad = True
        first.rows.extend(sheet.rows)

    def _refuse_mixed(self, sheets: Iterable[RawSheet]) -> None:
        """全天 and a half day of one class and day cannot both be meant."""
        full: dict[tuple[date, str], RawSheet] = {}
        halves: list[RawSheet] = []
        for sheet in sheets:
            if sheet.session is Session.FULL:
                full[sheet.day, sheet.where.key] = sheet
            else:
                halves.append(sheet)
        for half in halves:
            whole = full.get((half.day, half.where.key))
            if whole is None:
                continue
            for here, there in ((whole, half), (half, whole)):
                what = f"与{there.at.name(here.at)}是同一班同一天，一份写全天，一份写半天"
                self._intake.say(here.at, "时段", what, "请只留一种", "sessions_contradict")
                here.bad = True
