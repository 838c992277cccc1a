"""The cases whose deadlines a run looks at, from what the watch remembers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from ckbx.clock import from_micros, local_day
from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.case.case import Deed, FollowUp, Letter, Round
from ckbx.domain.case.codes import FollowUpKind, RoundOutcome, Tier
from ckbx.domain.case.deadlines import Attendance, CaseFacts
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.shared.ids import split_class_key
from ckbx.scheduling.facts import Reported, Stay
from ckbx.scheduling.packed import unpacked
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
from projections.kit_reading import Reading

CHUNK = 400


class _Row(NamedTuple):
    """A row of CASES."""

    case: UUID
    child: UUID
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


def watched_cases(reading: Reading, horizon: date) -> list[WatchedCase]:
    """Cases that were not over before the horizon, in order of their ids."""
    c = CASES.c
    query = select(*CASES.table.c).where(or_(c.over.is_(None), c.over >= horizon.toordinal()))
    rows = [_Row(*row) for row in reading.rows(query.order_by(c.case_id))]
    if not rows:
        return []
    return _Gathered(reading, rows).cases()


class _Gathered:
    """What the watch says of these cases, read in a few selects."""

    def __init__(self, reading: Reading, rows: Sequence[_Row]) -> None:
        self.rows = rows
        self.zone = reading.zone
        cases, children = [r.case for r in rows], {r.child for r in rows}
        self.deeds = _by_first(_select(reading, DEEDS, "case_id", cases))
        self.alarms = _by_first(_select(reading, ALARMS, "child", children))
        self.attending = _by_first(_select(reading, ATTENDING, "child", children))
        self.stays: dict[UUID, list[Stay]] = {
            child: [Stay(key, first, last, spans(away)) for key, first, last, away in found]
            for child, found in _by_first(_select(reading, STAYS, "child", children)).items()
        }
        for each in self.stays.values():
            each.sort(key=lambda stay: stay.first)
        self.reported = self._reported(reading)
        self.marks = self._marks(reading)

    def cases(self) -> list[WatchedCase]:
        return [self._case(row) for row in self.rows]

    def _classes(self, children: Collection[UUID]) -> list[str]:
        return sorted({stay.class_key for c in children for stay in self.stays.get(c, ())})

    def _reported(self, reading: Reading) -> Reported:
        """Days that the children's classes reported in full, from the first one asked about."""
        first = date.fromordinal(min(row.first_absent_on for row in self.rows)).replace(day=1)
        reported = Reported(first.toordinal())
        since = first.year * 12 + first.month - 1
        classes = self._classes({row.child for row in self.rows})
        for key, month, whole, am, pm in _select(reading, DAYS, "class_key", classes):
            if month >= since:
                begins = date(month // 12, month % 12 + 1, 1).toordinal()
                reported.add(key, begins, whole | (am & pm))
        return reported

    def _marks(self, reading: Reading) -> dict[bytes, dict[int, tuple[str, Reason]]]:
        """Marks of the children with persuasion rounds, by day: only they can come to a
        determination.
        """
        asked = {r.child: r for r in self.rows if any(d[1] == ROUND for d in self._of(r))}
        if not asked:
            return {}
        wanted = {child.bytes for child in asked}
        first = min(row.first_absent_on for row in asked.values())
        found: dict[bytes, dict[int, tuple[str, Reason]]] = defaultdict(dict)
        c, classes = MARKS.c, self._classes(asked)
        for start in range(0, len(classes), CHUNK):
            query = select(c.day, c.class_key, c.marks).where(
                c.day >= first, c.class_key.in_(classes[start : start + CHUNK])
            )
            for day, key, packed in reading.rows(query):
                for child, why in unpacked(packed).items():
                    if child in wanted and self._belongs(UUID(bytes=child), key, day):
                        found[child][day] = (key, why)
        return found

    def _belongs(self, child: UUID, class_key: str, day: int) -> bool:
        """Whether a mark was that class's to make; a roll left since does not unmake it."""
        return any(
            stay.class_key == class_key and stay.first <= day and (not stay.last or day < stay.last)
            for stay in self.stays.get(child, ())
        )

    def _of(self, row: _Row) -> Sequence[Any]:
        return self.deeds.get(row.case, ())

    def _case(self, row: _Row) -> WatchedCase:
        stays = self.stays.get(row.child, [])
        last = stays[-1].class_key if stays else None
        away = [
            date.fromordinal(day)
            for day, (key, why) in self.marks.get(row.child.bytes, {}).items()
            if day >= row.first_absent_on and is_unexplained(why) and self.reported.told(key, day)
        ]
        return WatchedCase(
            facts=self._facts(row),
            child=row.child,
            school=split_class_key(last)[0] if last else row.school,
            class_key=last,
            first_absent_on=date.fromordinal(row.first_absent_on),
            away=sorted(away) if stays else None,
            told=self._told(stays, row.returned),
            return_recorded=self._recorded(row),
        )

    def _recorded(self, row: _Row) -> tuple[date, str] | None:
        if row.returned_at is None:
            return None
        return local_day(from_micros(row.returned_at), self.zone), f"{row.case}:{row.returned_by}"

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
        deeds = self._of(row)
        since = row.returned
        alarms = sorted(day for day, _ in self.alarms.get(row.child, ()))
        return CaseFacts(
            case=row.case,
            source=SuspicionSource(row.source),
            suspected_on=date.fromordinal(row.suspected_on),
            rounds=[_round(row.case, each) for each in deeds if each[1] == ROUND],
            reports=list(_deeds(row.case, deeds, REPORT)),
            visits=list(_deeds(row.case, deeds, VISIT)),
            verified=list(_deeds(row.case, deeds, CHECK)),
            letters=[_letter(row.case, each) for each in deeds if each[1] == LETTER],
            follow_ups=[
                FollowUp(*_deed(row.case, each), FollowUpKind(each[3]))
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


def _select(reading: Reading, table: Any, column: str, values: Collection[Any]) -> Iterator[Any]:
    """The rows of a table with one of these values in a column, in order of the key."""
    wanted = sorted(values)
    of = table.table.c
    for start in range(0, len(wanted), CHUNK):
        query = select(*of).where(of[column].in_(wanted[start : start + CHUNK]))
        yield from reading.rows(query.order_by(*table.table.primary_key))


def _by_first(rows: Iterator[Any]) -> Mapping[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
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
