"""One class on one day: who should have sat there, who was reported absent, by whom, when?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from ckbx.clock import from_micros
from ckbx.domain.attendance.marks import Reason, Session, Tally
from ckbx.domain.calendar.holidays import DayKind
from ckbx.domain.child.status import ON_ROLL
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.actors import Actors
from ckbx.ledgers.question import Look
from ckbx.ledgers.to_be_named import to_be_named
from ckbx.vault import Person
from projections import roll_call_completeness, roster
from projections.roll_call_completeness import ClassDay, CountyLines, Submission
from projections.roster import Place
from projections.scope import Scope

ANSWERS: Final = ("roster", "roll_call_completeness", "school", "responsibility")
PRESENT, NOT_CALLED, NOT_REPORTED = "到校", "不点名", "未报"
UNNAMED: Final = "没有确认到校"
UNSURE, UNSURE_YET = f"{UNNAMED}，按未核计", f"{UNNAMED}（这一天还没有判定）"
"""Of a child that had to be named 到校 and was not: the sheet says nothing of it (domain §4). It
counts once the whole day is reported; before, nobody knows.
"""
CLOSED, OFF = "停课", "不是教学日"
"""Why a day that was reported does not count after all."""
ENTRIES: Final = {"live": "", "late": "补录", "initial": "初始导入"}


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One roll call as it was handed in. ``absent``: name and reason, as reported then;
    ``told_late``: how long after the day, in words; ``standing``: not put aside by another by
    the instant asked about; ``unnamed``: how many it neither lists nor names, who had to be named.
    """

    session: str
    recorded_at: datetime
    position: int
    submitted_by: str
    recorded_by: str
    told_late: str
    standing: bool
    tally: Tally
    roll: int
    absent: Sequence[tuple[UUID, str, Reason]]
    note: bool
    unnamed: int


class Pupil(msgspec.Struct, frozen=True, kw_only=True):
    """One child that belonged to the class on the day, and what was said of it. ``unsure``: it
    had to be named 到校 and was not.
    """

    child: UUID
    name: str
    student_no: str
    status: str
    called: bool
    said: str
    reason: Reason | None
    unsure: bool


class ClassDayView(msgspec.Struct, frozen=True, kw_only=True):
    """The class on the day. ``others``: reported absent, and not in the class by the register
    as it is known. ``annulled``: why the day does not count, whatever was reported; else empty.
    """

    day: ClassDay | None
    pupils: Sequence[Pupil]
    versions: Sequence[Version]
    others: Sequence[tuple[UUID, str, Reason]]
    annulled: str

    @property
    def called(self) -> int:
        """How many should have sat there."""
        return sum(each.called for each in self.pupils)


def class_day(look: Look, class_key: str) -> ClassDayView:
    """The class on the look's as-of day; names are read once."""
    q = look.question
    scope = Scope.classes([class_key])
    days = roll_call_completeness.class_days(look.reading, scope, instant=look.instant, **look.at)
    places = [
        place
        for place in roster.children_of(look.reading, scope, **look.at)
        if place.class_key == class_key
    ]
    handed_in = roll_call_completeness.submissions(
        look.reading, scope, class_key, day=q.as_of, position=look.position
    )
    facts = {
        fact.position: fact for fact in look.log.at_positions([each.position for each in handed_in])
    }
    sheets = [(each, facts[each.position]) for each in handed_in]
    actors = Actors(look, (who for sub, fact in sheets for who in _handed_in_by(sub, fact)))
    named = [*(place.child for place in places), *_named_in(sheets), *actors.subjects]
    people = look.people(named)
    standing = {sub.session: _sheet(fact) for sub, fact in sheets if sub.standing}
    here = {place.child for place in places}
    away = _away(look, here)
    unnamed = to_be_named(look, class_key) & here if standing else frozenset()
    annulled = _annulled(look, class_key)
    versions = [_version(sub, fact, people, actors, unnamed) for sub, fact in sheets]
    return ClassDayView(
        day=days[0] if days else None,
        pupils=[
            _pupil(
                place,
                people[place.child],
                standing,
                unnamed=place.child in unnamed,
                judged=place.child in away and _is_whole(standing),
                annulled=annulled,
            )
            for place in places
        ],
        versions=versions,
        others=[
            each
            for version in versions
            if version.standing
            for each in version.absent
            if each[0] not in here
        ],
        annulled=annulled if standing else "",
    )


def _annulled(look: Look, class_key: str) -> str:
    """Why the look's day is none to count by the calendar as known then; empty where it is."""
    school, _, _ = split_class_key(class_key)
    calendar = CountyLines.at(look.reading, look.position).calendar(school)
    kind = calendar.kind_of(look.question.as_of)
    if kind.has_lessons is not False:
        return ""
    return CLOSED if kind is DayKind.CLOSURE else OFF


def _away(look: Look, children: Collection[UUID]) -> set[UUID]:
    """Who counts as absent on the look's day, whatever a sheet says of it."""
    day = look.question.as_of.toordinal()
    spells = roster.absences(look.reading, children, **look.at)
    return {
        child
        for child, found in spells.items()
        if any(first <= day and (end is None or day < end) for first, end, _ in found)
    }


def _sheet(fact: RecordedEvent) -> RollCallSubmitted:
    event = fact.event
    if not isinstance(event, RollCallSubmitted):
        msg = f"position {fact.position} is no roll call"
        raise TypeError(msg)
    return event


def _named_in(sheets: Sequence[tuple[Submission, RecordedEvent]]) -> Iterator[UUID]:
    for _, fact in sheets:
        yield from _sheet(fact).absent


def _handed_in_by(sub: Submission, fact: RecordedEvent) -> tuple[str, str]:
    """Who called the roll, and who entered it."""
    return sub.submitted_by, _sheet(fact).actor


def _version(
    sub: Submission,
    fact: RecordedEvent,
    people: Mapping[UUID, Person],
    actors: Actors,
    unnamed: Collection[UUID],
) -> Version:
    sheet = _sheet(fact)
    unsure = sum(child not in sheet.absent for child in unnamed) if sub.standing else 0
    return Version(
        session=sheet.session.label,
        recorded_at=from_micros(fact.recorded_at),
        position=fact.position,
        submitted_by=actors.said(sheet.submitted_by, people),
        recorded_by=actors.said(sheet.actor, people),
        told_late=_told_late(sheet),
        standing=sub.standing,
        tally=Tally.of(sheet.expected, sheet.absent.values(), unsure),
        roll=sheet.roll,
        absent=[(child, people[child].name, why) for child, why in sheet.absent.items()],
        note=sheet.correction_note is not None,
        unnamed=unsure,
    )


def _told_late(sheet: RollCallSubmitted) -> str:
    """How it was entered and how many days after, where not on the day itself; else empty."""
    entered = ENTRIES.get(sheet.entry, sheet.entry)
    if sheet.entry == "live" and sheet.replaces is not None and sheet.lag_days:
        entered = "更正"
    after = f"晚 {sheet.lag_days} 天" if sheet.lag_days else ""
    return "，".join(part for part in (entered, after) if part)


def _is_whole(standing: Collection[Session]) -> bool:
    """Whether these sessions are the whole day; of half a day the rule says nothing."""
    return Session.FULL in standing or len(standing) > 1


def _pupil(
    place: Place,
    person: Person,
    standing: Mapping[Session, RollCallSubmitted],
    *,
    unnamed: bool,
    judged: bool,
    annulled: str,
) -> Pupil:
    called = place.status in ON_ROLL
    marks = {session: sheet.absent.get(place.child) for session, sheet in standing.items()}
    reason = next((why for why in marks.values() if why is not None), None)
    unsure = called and unnamed and None in marks.values()
    if unsure and reason is None:
        said = f"{UNNAMED}（{annulled}，这一天不计）" if annulled else UNSURE_YET
        if judged and not annulled:
            said, reason = UNSURE, Reason.UNVERIFIED
    else:
        said = _said(marks, UNNAMED if unsure else PRESENT)
    return Pupil(
        child=place.child,
        name=person.name,
        student_no=person.identity.student_no if person.identity else "",
        status=place.status.label,
        called=called,
        said=said if called else NOT_CALLED,
        reason=reason if called else None,
        unsure=unsure,
    )


def _said(marks: Mapping[Session, Reason | None], unlisted: str) -> str:
    """What stands reported of a child: its reason, else ``unlisted``."""
    if not marks:
        return NOT_REPORTED
    said = {session: why.label if why else unlisted for session, why in marks.items()}
    if list(said) == [Session.FULL]:
        return said[Session.FULL]
    return "，".join(f"{session.label}{word}" for session, word in said.items())


def classes_on(look: Look, school: str) -> list[ClassDay]:
    """The classes of a school on the look's as-of day, by grade and number.

    Only those that the look's scope sees.
    """
    scope = look.question.scope.narrowed([school])
    found = roll_call_completeness.class_days(look.reading, scope, instant=look.instant, **look.at)
    return sorted(found, key=lambda day: _by_grade(day.class_key))


def _by_grade(class_key: str) -> tuple[int, int]:
    _, entry_year, number = split_class_key(class_key)
    return -entry_year, number
