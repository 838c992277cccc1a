"""辍学学生台账（劝返复学）: who dropped out or was persuaded back, and what was done about it?

One row a case. Names, causes and words come from the vault at read time, by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import RiskLevel, RoundOutcome, Stage
from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.case.events import CaseClosed
from ckbx.domain.case.outcome_events import ChildReturned, DropoutDetermined
from ckbx.domain.case.spans import consolidation_end
from ckbx.domain.case.work_events import PersuasionHeld
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.legal.codes import PaperKind
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.answer import Holder
from projections import cases, deadlines
from projections.cases import CaseOnDay
from projections.kit.reading import Reading
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope


class LegalStand(msgspec.Struct, frozen=True, kw_only=True):
    """How far the four legal steps have come: the newest paper that was not taken back.

    ``served_on``: by its 送达回证.
    """

    step: int
    paper: PaperKind
    document: str
    issued_on: date
    served_on: date | None


class DropoutRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case on a day. Days are local.

    ``confirmed_on``: 认定辍学 by the county (None: persuaded back before); ``causes``: vault
    notes that hold a cause's code, each with whether it is the primary one; ``promised_on``:
    the last day promised; ``consolidation_until``: end of the 巩固期 (None: that term is not
    set); ``second_time``: 二次辍学, the child had come back in an earlier case; ``due_on``:
    the next open deadline.
    """

    child: UUID
    school_code: str | None
    class_key: str | None
    grade: int | None
    case_id: UUID
    episode: int
    stage: Stage
    suspected_on: date
    confirmed_on: date | None
    causes: list[tuple[UUID, bool]]
    whereabouts: Whereabouts | None
    risk: RiskLevel | None
    rounds: int
    last_round_on: date | None
    last_outcome: RoundOutcome | None
    promised_on: date | None
    legal: LegalStand | None
    returned_on: date | None
    placement: Placement | None
    consolidation_until: date | None
    follow_ups: int
    closed_on: date | None
    closed_by: str | None
    second_time: bool
    case_teacher: str | None
    case_teacher_id: UUID | None
    due_on: date | None


def dropout(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[DropoutRow]:
    """Cases in which the child was found to have dropped out or came back, by school, class
    and child, until they are closed. ``all_`` adds closed ones and those that go on in another.
    """
    which = cases.DROPPED_OUT if all_ else cases.DROPPED_OUT & cases.OPEN
    found = cases.cases_on(reading, scope, as_of=as_of, position=position, which=which)
    ledger = _Ledger(
        due=deadlines.of_cases(reading, found, as_of=as_of, position=position),
        teachers=cases.teachers(reading, scope, found, as_of=as_of, position=position),
        before=cases.returned_before(reading, found, as_of=as_of, position=position),
        lines=CountyLines.at(reading, position),
    )
    return [ledger.row(each) for each in found]


def legal_stand(steps: LegalSteps | None) -> LegalStand | None:
    """The newest paper that stands, None where there is none."""
    paper = steps.newest() if steps is not None else None
    if paper is None:
        return None
    return LegalStand(
        step=paper.step,
        paper=paper.kind,
        document=paper.document,
        issued_on=paper.issued_on,
        served_on=paper.service.served_on if paper.service else None,
    )


class _Ledger(msgspec.Struct, frozen=True):
    """What the rows of one answer share."""

    due: Mapping[UUID, list[Deadline]]
    teachers: Mapping[UUID, Holder]
    before: Collection[UUID]
    lines: CountyLines

    def row(self, found: CaseOnDay) -> DropoutRow:
        case, place = found.case, found.place
        determined, back = found.last(DropoutDetermined), found.last(ChildReturned)
        last = max(case.rounds, key=lambda held: (held.on, held.hour), default=None)
        teacher = self.teachers.get(case.child)
        return DropoutRow(
            child=case.child,
            school_code=place.school,
            class_key=place.class_key,
            grade=place.grade,
            case_id=case.id,
            episode=case.episode,
            stage=case.stage,
            suspected_on=case.suspected_on,
            confirmed_on=case.determined.on if case.determined else None,
            causes=list(case.causes),
            whereabouts=determined.whereabouts if determined else None,
            risk=case.risk,
            rounds=len(case.rounds),
            last_round_on=last.on if last else None,
            last_outcome=last.outcome if last else None,
            promised_on=_promised(found),
            legal=legal_stand(found.steps),
            returned_on=case.returned.on if case.returned else None,
            placement=back.placement if back else None,
            consolidation_until=self._until(case, place.school),
            follow_ups=len(case.follow_ups),
            closed_on=case.closed.on if case.closed else None,
            closed_by=found.last(CaseClosed).actor if case.closed else None,
            second_time=case.relapse_of is not None or case.id in self.before,
            case_teacher=(teacher.account or None) if teacher else None,
            case_teacher_id=teacher.subject if teacher else None,
            due_on=deadlines.next_open(self.due[case.id]),
        )

    def _until(self, case: Case, school: str | None) -> date | None:
        if case.returned is None:
            return None
        terms = self.lines.calendars.for_school(school).terms
        return consolidation_end(terms, case.returned.on)


def _promised(found: CaseOnDay) -> date | None:
    """The day promised in the latest round that had one."""
    held = [f.event for f in found.facts if isinstance(f.event, PersuasionHeld)]
    named = [each for each in held if each.promised_on is not None]
    last = max(named, key=lambda each: (each.occurred_on, each.hour), default=None)
    return last.promised_on if last else None
