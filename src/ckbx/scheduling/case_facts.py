"""The cases whose deadlines a run looks at, from what the watch remembers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, bindparam, or_, select

from ckbx.clock import from_micros, local_day
from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.case.case import Deed, FollowUp, Letter, Round
from ckbx.domain.case.codes import FollowUpKind, RoundOutcome, Tier
from ckbx.domain.case.deadlines import Attendance, CaseFacts
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.selects import Prepared, among
from ckbx.scheduling.facts import Reported, Stay
from ckbx.scheduling.memory import Memory, Part
from ckbx.scheduling.packed import reason_of
from ckbx.scheduling.watch_cases import (
    ALARMS,
    ATTENDING,
    CASES,
    CHECK,
    DEEDS,
    FOLLOW_UP,
    LETTER,
    REPORT,
    ROUND,
    VISIT,
)
from ckbx.scheduling.watch_classes import spans
from ckbx.scheduling.watch_tables import DAYS, MARKS, STAYS
from ckbx.scheduling.watched_case import WatchedCase
from ckbx.vault.tables import SubjectId
from projections.kit.reading import Reading
from projections.kit.tables import PlainTable, as_stored, as_uuid

_Id = bytes | UUID
"""An id as the database gives it."""


class _Row(NamedTuple):
    """A row of CASES."""

    case: _Id
    child: _Id
    episode: int
    source: str
    school: str | None
    suspected_on: int
    first_absent_on: int
    determined: int | None
    returned: int | None
    confirmed: int | None
    over: int | None
    cleared: int | None
    returned_at: int | None
    returned_by: int | None


_OPEN = or_(CASES.c.over.is_(None), CASES.c.over >= bindparam("horizon", None, type_=Integer()))


def _all_of(table: PlainTable, where: Any, *order: Any) -> Prepared:
    """The rows with their ids as they are stored."""
    ids = (as_stored(c) if isinstance(c.type, SubjectId) else c for c in table.table.c)
    return Prepared(select(*ids).where(where).order_by(*order or table.table.primary_key))


_PUPILS = select(CASES.c.pupil).where(_OPEN)
_CASES = _all_of(CASES, _OPEN)
_DEEDS = _all_of(DEEDS, DEEDS.c.case_id.in_(select(CASES.c.case_id).where(_OPEN)))
_ALARMS = _all_of(ALARMS, ALARMS.c.child.in_(_PUPILS))
_ATTENDING = _all_of(ATTENDING, ATTENDING.c.child.in_(_PUPILS))
_STAYS = _all_of(STAYS, STAYS.c.child.in_(_PUPILS), STAYS.c.child, STAYS.c.first, STAYS.c.class_key)
_SINCE = bindparam("since", None, type_=Integer())
_DAYS = Prepared(select(*DAYS.table.c).where(DAYS.c.month >= _SINCE, among(DAYS.c.class_key)))
_MARKS = Prepared(
    select(MARKS.c.class_key, MARKS.c.day, MARKS.c.marks)
    .where(MARKS.c.day >= _SINCE, among(MARKS.c.class_key))
    .order_by(MARKS.c.class_key, MARKS.c.day)
)


def watched_cases(reading: Reading, horizon: date, memory: Memory) -> list[WatchedCase]:
    """Cases that were not over before the horizon, in order of their ids."""
    rows = [_Row(*row) for row in reading.ask(_CASES, horizon=horizon.toordinal())]
    if not rows:
        return []
    return _Gathered(reading, rows, horizon.toordinal()).cases(memory.part("cases"))


class _Gathered:
    """What the watch says of these cases, read in a few selects."""

    def __init__(self, reading: Reading, rows: Sequence[_Row], horizon: int) -> None:
        self.rows = rows
        self.zone = reading.zone
        self.deeds = _by_first(reading.ask(_DEEDS, horizon=horizon))
        self.alarms = _by_first(reading.ask(_ALARMS, horizon=horizon))
        self.attending = _by_first(reading.ask(_ATTENDING, horizon=horizon))
        self.stays = _by_first(reading.ask(_STAYS, horizon=horizon))
        self.asked = {r.child for r in rows if any(deed[1] == ROUND for deed in self._of(r))}
        """With persuasion rounds: only these can come to a determination."""
        self.reported = self._reported(reading)
        self.marks = self._marks(reading)

    def cases(self, part: Part) -> list[WatchedCase]:
        return [
            part.made(row.case, self._basis(row), partial(self._case, row)) for row in self.rows
        ]

    def _basis(self, row: _Row) -> object:
        """Everything that is read of one case here."""
        stays, told = self.stays.get(row.child, ()), self.reported.bits
        return (
            row,
            self.deeds.get(row.case),
            self.alarms.get(row.child),
            self.attending.get(row.child),
            stays,
            self.reported.base,
            [told.get(stay[0]) for stay in stays],
            [self.marks.get(stay[0]) for stay in stays] if row.child in self.asked else None,
        )

    def _classes(self, children: Collection[_Id]) -> list[str]:
        return sorted({stay[0] for c in children for stay in self.stays.get(c, ())})

    def _reported(self, reading: Reading) -> Reported:
        """Days that the children's classes reported in full, from the first one asked about."""
        first = date.fromordinal(min(row.first_absent_on for row in self.rows)).replace(day=1)
        reported = Reported(first.toordinal())
        since = first.year * 12 + first.month - 1
        classes = self._classes({row.child for row in self.rows})
        for key, month, whole, am, pm in reading.ask(_DAYS, among=classes, since=since):
            begins = date(month // 12, month % 12 + 1, 1).toordinal()
            reported.add(key, begins, whole | (am & pm))
        return reported

    def _marks(self, reading: Reading) -> dict[str, list[tuple[int, bytes]]]:
        """Marks of the classes of the children asked about, in order of days."""
        if not self.asked:
            return {}
        first = min(row.first_absent_on for row in self.rows if row.child in self.asked)
        classes = self._classes(self.asked)
        found: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for key, day, packed in reading.ask(_MARKS, among=classes, since=first):
            found[key].append((day, packed))
        return found

    def _absent(self, row: _Row, stays: Sequence[Stay]) -> set[int]:
        """The child's unexplained days that its class reported in full. A mark was the class's to
        make while the child belonged to it; a roll left since does not unmake it.
        """
        if row.child not in self.asked:
            return set()
        child = as_uuid(row.child).bytes
        marked: dict[int, tuple[str, Reason]] = {}
        for key in sorted({stay.class_key for stay in stays}):
            for day, packed in self.marks.get(key, ()):
                why = reason_of(packed, child)
                if why is not None and any(_belongs(stay, key, day) for stay in stays):
                    marked[day] = (key, why)
        return {
            day
            for day, (key, why) in marked.items()
            if day >= row.first_absent_on and is_unexplained(why) and self.reported.told(key, day)
        }

    def _of(self, row: _Row) -> Sequence[Any]:
        return self.deeds.get(row.case, ())

    def _case(self, row: _Row) -> WatchedCase:
        stays = [
            Stay(key, first, last, spans(away))
            for key, first, last, away in self.stays.get(row.child, ())
        ]
        last = stays[-1].class_key if stays else None
        away = [date.fromordinal(day) for day in sorted(self._absent(row, stays))]
        return WatchedCase(
            facts=self._facts(row),
            child=as_uuid(row.child),
            school=split_class_key(last)[0] if last else row.school,
            class_key=last,
            first_absent_on=date.fromordinal(row.first_absent_on),
            away=away if stays else None,
            told=self._told(stays, row.returned),
            return_recorded=self._recorded(row),
        )

    def _recorded(self, row: _Row) -> tuple[date, str] | None:
        if row.returned_at is None:
            return None
        return local_day(
            from_micros(row.returned_at), self.zone
        ), f"{as_uuid(row.case)}:{row.returned_by}"

    def _told(self, stays: Sequence[Stay], returned: int | None) -> list[date]:
        if returned is None:
            return []
        days = {
            day
            for stay in stays
            for day in self.reported.days(self.reported.bits.get(stay.class_key, 0))
            if day >= returned and stay.on_roll(day)
        }
        return [date.fromordinal(day) for day in sorted(days)]

    def _facts(self, row: _Row) -> CaseFacts:
        deeds, case = self._of(row), as_uuid(row.case)
        since = row.returned
        alarms = sorted(day for day, _ in self.alarms.get(row.child, ()))
        return CaseFacts(
            case=case,
            source=SuspicionSource(row.source),
            suspected_on=date.fromordinal(row.suspected_on),
            rounds=[_round(case, each) for each in deeds if each[1] == ROUND],
            reports=list(_deeds(case, deeds, REPORT)),
            visits=list(_deeds(case, deeds, VISIT)),
            verified=list(_deeds(case, deeds, CHECK)),
            letters=[_letter(case, each) for each in deeds if each[1] == LETTER],
            follow_ups=[
                FollowUp(*_deed(case, each), FollowUpKind(each[3]))
                for each in deeds
                if each[1] == FOLLOW_UP
            ],
            determined=_on(row.determined),
            returned=_on(row.returned),
            confirmed=_on(row.confirmed),
            over=_on(row.over),
            cleared=_on(row.cleared),
            attendance=Attendance(
                alarms=[date.fromordinal(d) for d in alarms if since is not None and d >= since],
                attending=[
                    (date.fromordinal(counted), date.fromordinal(until) if until else None)
                    for episode, _, counted, until in self.attending.get(row.child, ())
                    if episode == row.episode
                ],
            ),
        )


def _belongs(stay: Stay, class_key: str, day: int) -> bool:
    return stay.class_key == class_key and stay.first <= day and (not stay.last or day < stay.last)


def _by_first(rows: Iterable[Any]) -> Mapping[_Id, list[Any]]:
    found: dict[_Id, list[Any]] = defaultdict(list)
    for first, *rest in rows:
        found[first].append(tuple(rest))
    return found


def _on(day: int | None) -> Deed | None:
    return Deed(date.fromordinal(day), "") if day is not None else None


def _deed(case: UUID, row: Any) -> Deed:
    version, _kind, day, *_ = row
    return Deed(date.fromordinal(day), f"{case}:{version}")


def _deeds(case: UUID, rows: Sequence[Any], kind: str) -> Iterator[Deed]:
    return (_deed(case, row) for row in rows if row[1] == kind)


def _round(case: UUID, row: Any) -> Round:
    tier, outcome, means = row[3].split()
    on, event = _deed(case, row)
    return Round(on, event, row[0], Tier(tier), "", RoundOutcome(outcome), means == "visit")


def _letter(case: UUID, row: Any) -> Letter:
    return Letter(_deed(case, row), date.fromordinal(row[4]), _on(row[5]))
