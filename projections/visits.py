"""家访劝返流水: who went to or spoke with which family, when, and what came of it?

One row an act, in the order of its day and hour. What was said stands in the vault.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from ckbx.clock import from_micros
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.people import Participant
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections import cases
from projections.cases import CaseOnDay
from projections.kit.reading import Reading
from projections.scope import Scope

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
"""What the ledger lists, by the kind its rows name."""


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act. ``hour`` is local (HH:MM) where one was recorded; ``outcome`` is the code of
    the round, of the follow-up or of the answer; ``measure`` of support; ``document`` of a
    letter or report; ``attachments``: how many files; ``note``: whether words are kept.
    """

    child: UUID
    school_code: str | None
    class_key: str | None
    grade: int | None
    case_id: UUID
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
    """The acts of a day and before in the cases open on it, by school, day and hour.

    ``all_`` adds those of closed cases and of cases that go on in another.
    """
    which = None if all_ else cases.OPEN
    found = cases.cases_on(reading, scope, as_of=as_of, position=position, which=which)
    rows = [_row(each, fact) for each in found for fact in each.facts if type(fact.event) in ACTS]
    return sorted(rows, key=_order)


def _row(of: CaseOnDay, fact: RecordedEvent) -> VisitRow:
    event: Any = fact.event

    def said(*names: str) -> Any:
        return next((v for n in names if (v := getattr(event, n, None)) is not None), None)

    return VisitRow(
        child=of.case.child,
        school_code=of.place.school,
        class_key=of.place.class_key,
        grade=of.place.grade,
        case_id=of.case.id,
        kind=ACTS[type(event)],
        on=event.occurred_on,
        hour=said("hour"),
        number=said("number"),
        tier=_code(said("tier")),
        means=_code(said("means")) or _code(said("kind")),
        place=_code(said("place")),
        participants=list(said("participants") or ()),
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


def _code(value: Any) -> str | None:
    return None if value is None else str(value.value)


def _order(row: VisitRow) -> tuple[str, date, str, int]:
    return row.school_code or "", row.on, row.hour or "", row.position
