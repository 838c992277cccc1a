"""家访劝返流水: who went to or spoke with which family, when, and what came of it?

One row an act, in the order of its day and hour. What was said stands in the vault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from ckbx.clock import from_micros
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.case import Case
from ckbx.domain.case.people import Participant
from ckbx.domain.child.visit_events import HomeVisited
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections import cases, roster
from projections.cases import CaseOnDay
from projections.kit.reading import Reading
from projections.scope import Scope
from projections.visits_before import visits_before

ACTS: Mapping[type[DomainEvent], str] = {
    wk.GuardianContacted: "contact",
    wk.PersuasionHeld: "round",
    wk.LiaisonVisited: "liaison_visit",
    oc.FollowUpMade: "follow_up",
    wk.SupportGiven: "support",
    wk.WrittenReportMade: "written_report",
    wk.LetterSent: "letter",
    wk.LetterAnswered: "letter_answer",
}
"""What the ledger lists of a case, by the kind its rows name."""
BEFORE = "home_visit"
"""A visit before there was a case."""


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act. ``case_id`` None: a visit that led to no case; ``hour`` is local (HH:MM) where
    one was recorded; ``outcome`` is the code of the round, of the follow-up or of the answer;
    ``measure`` of support; ``document`` of a letter or report; ``attachments``: how many files;
    ``note``: whether words are kept.
    """

    child: UUID
    school_code: str | None
    class_key: str | None
    grade: int | None
    case_id: UUID | None
    kind: str
    on: date
    hour: str | None
    number: int | None
    tier: str | None
    means: str | None
    place: str | None
    participants: list[Participant]
    met: list[str]
    measure: str | None
    outcome: str | None
    promised_on: date | None
    document: str | None
    attachments: int
    note: bool
    recorded_by: str
    recorded_at: datetime
    position: int


def visits(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[VisitRow]:
    """The acts of a day and before in the cases open on it, by school, day and hour; with the
    visits before each, and those of the running school year that led to no case.

    ``all_`` adds those of closed cases and of cases that go on in another, and the visits of
    earlier years.
    """
    which = None if all_ else cases.OPEN
    found = cases.cases_on(reading, scope, as_of=as_of, position=position, which=which)
    rows = [
        _row(each.place, each.case.id, fact)
        for each in found
        for fact in each.facts
        if type(fact.event) in ACTS
    ]
    rows += _before(reading, scope, found, as_of=as_of, position=position, all_=all_)
    return sorted(rows, key=_order)


def _before(
    reading: Reading,
    scope: Scope,
    listed: Sequence[CaseOnDay],
    *,
    as_of: date,
    position: int,
    all_: bool,
) -> Iterator[VisitRow]:
    made = visits_before(reading, scope, as_of=as_of, position=position)
    children = {each.place.child for each in made}
    every = cases.cases_on(reading, scope, as_of=as_of, position=position, children=children)
    shown = {each.case.id for each in listed}
    for place, fact in made:
        case = next((each.case for each in every if _led_to(each.case, fact)), None)
        if case is None:
            year = school_year_of(as_of)
            if all_ or school_year_of(fact.event.occurred_on) == year:
                yield _row(place, None, fact)
        elif case.id in shown:
            yield _row(place, case.id, fact)


def _led_to(case: Case, fact: RecordedEvent) -> bool:
    event: Any = fact.event
    if case.child != event.originator_id:
        return False
    return bool(case.first_absent_on <= event.absent_on <= case.suspected_on)


def _row(place: roster.Place, case_id: UUID | None, fact: RecordedEvent) -> VisitRow:
    event: Any = fact.event

    def said(*names: str) -> Any:
        return next((v for n in names if (v := getattr(event, n, None)) is not None), None)

    return VisitRow(
        child=place.child,
        school_code=place.school,
        class_key=place.class_key,
        grade=place.grade,
        case_id=case_id,
        kind=ACTS.get(type(event), BEFORE),
        on=event.occurred_on,
        hour=said("hour"),
        number=said("number"),
        tier=_code(said("tier")),
        means=_code(said("means")) or _code(said("kind")),
        place=_code(said("place")),
        participants=list(said("participants") or _who_went(event)),
        met=[each.value for each in said("met") or ()],
        measure=_code(said("measure")),
        outcome=_code(said("outcome", "result", "answer")),
        promised_on=said("promised_on"),
        document=said("document"),
        attachments=len(said("attachments") or ()),
        note=said("note_ref", "words_ref") is not None,
        recorded_by=event.actor,
        recorded_at=from_micros(fact.recorded_at),
        position=fact.position,
    )


def _who_went(event: Any) -> list[Participant]:
    if not isinstance(event, HomeVisited):
        return []
    role = Role(event.visited_by)
    return [Participant(line=Line.EDUCATION, role=role, account=event.actor)]


def _code(value: Any) -> str | None:
    return None if value is None else str(value.value)


def _order(row: VisitRow) -> tuple[str, date, str, int]:
    return row.school_code or "", row.on, row.hour or "", row.position
