"""How do the facts about cases become their history?

Withdrawn, revised and taken back hold from the beginning: known later, what they take back
never was. Everything else holds from its own ``occurred_on``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.child.events import AbsenceWarned, AbsenceWarningWithdrawn
from ckbx.domain.child.relapse import RULE_ALARM
from ckbx.domain.legal import events as lg
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import encode_event
from ckbx.eventlog.ports import RecordedEvent
from projections.cases_stand_fold import stand
from projections.cases_tables import (
    ALARMS,
    CASES,
    FACTS,
    LEGAL,
    RELAPSED,
    SETTLED,
    STANDS,
    Kept,
)
from projections.kit.fold import Change, Fold, Values
from projections.kit.projection import Handler
from projections.kit.tables import AnyTable

_ALWAYS: Final = date.min.toordinal()


class CaseNotOpened(CkbxError):
    """ids: case, event."""

    code = "case_not_opened"
    message = "个案 {case} 没有建立记录，事件“{event}”无法计入台账；请运行 ckbx doctor 并报告管理员"


class LegalStreamUnknown(CkbxError):
    """ids: stream, event."""

    code = "legal_stream_unknown"
    message = "依法控辍步骤 {stream} 没有启动记录，事件“{event}”无法计入台账；请运行 ckbx doctor 并报告管理员"


def _opened(fold: Fold, event: ev.CaseOpened, position: int) -> None:
    key, on = event.originator_id.bytes, event.occurred_on.toordinal()
    opened = Kept(
        event.child.bytes,
        event.episode,
        event.school,
        on,
        event.first_absent_on.toordinal(),
        event.relapse_of.bytes if event.relapse_of else None,
    )
    fold[CASES].put(key, on, None, tuple(opened), position)
    _keep(fold, event, position)


def _revised(fold: Fold, event: ev.CaseRevised, position: int) -> None:
    key, rows = event.originator_id.bytes, fold[CASES]
    first = _standing(fold, event)
    on, before = event.occurred_on.toordinal(), Kept(*first).suspected_on
    if on < before:
        rows.put(key, on, before, first, position)
    else:
        rows.clear(key, before, on, position)
    dates = {"suspected_on": on, "first_absent_on": event.first_absent_on.toordinal()}
    rows.patch(key, _ALWAYS, None, _changed(**dates), position)
    _keep(fold, event, position)


def _withdrawn(fold: Fold, event: ev.CaseWithdrawn, position: int) -> None:
    _standing(fold, event)
    fold[CASES].clear(event.originator_id.bytes, _ALWAYS, None, position)
    _keep(fold, event, position)


def _determined(fold: Fold, event: oc.DropoutDetermined, position: int) -> None:
    _from_its_day(fold, event, position, determined_on=event.occurred_on.toordinal())


def _returned(fold: Fold, event: oc.ChildReturned, position: int) -> None:
    _from_its_day(fold, event, position, returned_on=event.occurred_on.toordinal())


def _settled(fold: Fold, event: oc.StabilityConfirmed, position: int) -> None:
    _over(fold, event, position, SETTLED)


def _concluded(fold: Fold, event: ev.CaseConcluded, position: int) -> None:
    _over(fold, event, position, event.how.value)


def _resumed(fold: Fold, event: ev.CaseResumed, position: int) -> None:
    _from_its_day(fold, event, position, over_on=None, how=None)


def _relapsed(fold: Fold, event: ev.CaseRelapsed, position: int) -> None:
    _over(fold, event, position, RELAPSED)


def _relapse_withdrawn(fold: Fold, event: ev.CaseRelapseWithdrawn, position: int) -> None:
    def change(old: Values | None) -> Values | None:
        if old is None or Kept(*old).how != RELAPSED:
            return old
        return tuple(Kept(*old)._replace(over_on=None, how=None))

    _standing(fold, event)
    fold[CASES].patch(event.originator_id.bytes, _ALWAYS, None, change, position)
    _keep(fold, event, position)


def _closed(fold: Fold, event: ev.CaseClosed, position: int) -> None:
    _from_its_day(fold, event, position, closed_on=event.occurred_on.toordinal())


def _reopened(fold: Fold, event: ev.CaseReopened, position: int) -> None:
    _from_its_day(fold, event, position, closed_on=None)


def _over(fold: Fold, event: DomainEvent, position: int, how: str) -> None:
    _from_its_day(fold, event, position, over_on=event.occurred_on.toordinal(), how=how)


def _from_its_day(fold: Fold, event: DomainEvent, position: int, **changes: Any) -> None:
    _standing(fold, event)
    key, on = event.originator_id.bytes, event.occurred_on.toordinal()
    fold[CASES].patch(key, on, None, _changed(**changes), position)
    _keep(fold, event, position)


def _changed(**changes: Any) -> Change:
    """To what is there; days on which the case was not are left alone."""
    return lambda old: None if old is None else tuple(Kept(*old)._replace(**changes))


def _standing(fold: Fold, event: DomainEvent) -> Values:
    """The first values of the case. Raises CaseNotOpened."""
    rows = fold[CASES].rows(event.originator_id.bytes)
    if not rows:
        raise CaseNotOpened(case=event.originator_id, event=event.TITLE)
    return rows[0].values


def _worked(fold: Fold, event: DomainEvent, position: int) -> None:
    _standing(fold, event)
    _keep(fold, event, position)


def _keep(fold: Fold, event: DomainEvent, position: int, case: bytes | None = None) -> None:
    key = case or event.originator_id.bytes
    fold[FACTS].put((key, position), (fold.recorded_at, event.TOPIC, encode_event(event)))
    stand(fold, event, position, key)


def _steps_opened(fold: Fold, event: lg.LegalStepsOpened, position: int) -> None:
    fold[LEGAL].put(event.originator_id.bytes, (event.case.bytes,))
    _keep(fold, event, position, event.case.bytes)


def _legal(fold: Fold, event: DomainEvent, position: int) -> None:
    known = fold[LEGAL].get(event.originator_id.bytes)
    if known is None:
        raise LegalStreamUnknown(stream=event.originator_id, event=event.TITLE)
    _keep(fold, event, position, known[0])


def _warned(fold: Fold, event: AbsenceWarned, position: int) -> None:
    if event.rule == RULE_ALARM:
        key = (event.originator_id.bytes, event.occurred_on.toordinal())
        fold[ALARMS].put(key, (event.rule_version,), position)


def _warning_withdrawn(fold: Fold, event: AbsenceWarningWithdrawn, position: int) -> None:
    if event.rule == RULE_ALARM:
        fold[ALARMS].drop((event.originator_id.bytes, event.occurred_on.toordinal()), position)


WORK: tuple[type[DomainEvent], ...] = (
    ev.CaseGroundChanged,
    wk.TeacherNamed,
    wk.TeacherReleased,
    wk.CauseRecorded,
    wk.RiskAssessed,
    wk.PlanMade,
    wk.SupportGiven,
    wk.GuardianContacted,
    wk.PersuasionHeld,
    wk.WrittenReportMade,
    wk.LiaisonVisited,
    wk.LetterSent,
    wk.LetterAnswered,
    oc.SuspicionVerified,
    oc.ReturnConfirmed,
    oc.FollowUpMade,
    oc.FollowUpGapExplained,
)
"""Facts that are kept and change nothing of what a list of cases asks."""
LEGAL_ACTS: tuple[type[DomainEvent], ...] = (
    lg.PaperIssued,
    lg.PaperRevoked,
    lg.PaperServed,
    lg.ServiceFailed,
    lg.ServiceVoided,
    lg.GuardianPromised,
    lg.GuardianComplied,
    lg.ComplianceCeased,
    lg.LapseNoted,
    lg.StatementReceived,
    lg.HearingHeld,
    lg.AppealFiled,
    lg.AppealEnded,
    lg.StepSkipped,
)
"""What is done in the four legal steps once they are opened."""
COURSE: Mapping[type[DomainEvent], Handler] = {
    ev.CaseOpened: _opened,
    ev.CaseRevised: _revised,
    ev.CaseWithdrawn: _withdrawn,
    ev.CaseConcluded: _concluded,
    ev.CaseResumed: _resumed,
    ev.CaseRelapsed: _relapsed,
    ev.CaseRelapseWithdrawn: _relapse_withdrawn,
    ev.CaseClosed: _closed,
    ev.CaseReopened: _reopened,
    oc.DropoutDetermined: _determined,
    oc.ChildReturned: _returned,
    oc.StabilityConfirmed: _settled,
}
HANDLERS: Mapping[type[DomainEvent], Handler] = {
    **COURSE,
    **dict.fromkeys(WORK, _worked),
    lg.LegalStepsOpened: _steps_opened,
    **dict.fromkeys(LEGAL_ACTS, _legal),
    AbsenceWarned: _warned,
    AbsenceWarningWithdrawn: _warning_withdrawn,
}


def keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """The cases, legal streams and children a batch speaks of."""
    cases: list[bytes] = []
    facts: list[tuple[bytes, int]] = []
    streams: list[bytes] = []
    children: list[bytes] = []
    for recorded in batch:
        event: Any = recorded.event
        stream = event.originator_id.bytes
        if type(event) in COURSE or type(event) in WORK:
            cases.append(stream)
            facts.append((stream, recorded.position))
        elif isinstance(event, AbsenceWarned | AbsenceWarningWithdrawn):
            if event.rule == RULE_ALARM:
                children.append(stream)
        elif type(event) in HANDLERS:
            streams.append(stream)
    return {CASES: cases, STANDS: cases, FACTS: facts, LEGAL: streams, ALARMS: children}


def school(fold: Fold, event: Any) -> str | None:
    """The school whose lists miss a parked case."""
    if isinstance(event, ev.CaseOpened):
        return event.school
    rows = fold[CASES].rows(event.originator_id.bytes)
    return Kept(*rows[0].values).school if rows else None
