"""销号: only on return evidence or the terminal document of what the case came to (domain §3)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.case import events as ev
from ckbx.domain.case.case import Case, Conclusion
from ckbx.domain.case.codes import EvidenceKind, Stage
from ckbx.domain.case.errors import (
    EvidenceMissing,
    NotGoneYet,
    RoleRefused,
    WordsMissing,
    WrongEvidence,
)
from ckbx.domain.case.steps import COUNTY, check, titles
from ckbx.domain.child.status import PRINCIPAL_FINDINGS, TrackingStatus
from ckbx.domain.shared.event import CommandContext

_S, _E = TrackingStatus, EvidenceKind
EVIDENCE_OF: dict[TrackingStatus, EvidenceKind] = {
    _S.ENROLLED: _E.CLEARED,
    _S.NOT_ENROLLED: _E.CLEARED,
    _S.SUSPENDED: _E.LEAVE,
    _S.DEFERRED: _E.LEAVE,
    _S.EXEMPTED: _E.LEAVE,
    _S.HOME_TAUGHT: _E.HOME_TEACHING,
    _S.TRANSFERRED: _E.TRANSFER,
    _S.ENROLLED_ELSEWHERE: _E.ELSEWHERE,
    _S.GRADUATED: _E.GRADUATION,
    _S.DECEASED: _E.DEATH,
    _S.ABROAD: _E.ABROAD,
    _S.MISSING: _E.MISSING,
    _S.DEREGISTERED: _E.HOUSEHOLD,
}
"""What proves each way a case was concluded."""


def close(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    evidence: EvidenceKind,
    evidence_ref: str,
    status: TrackingStatus,
    note: UUID | None = None,
) -> None:
    """销号. ``status``: the child's now. The principal may close what A, B or C cleared, the
    county everything. A settled return proves itself by the fact of its confirmation.

    Raises RoleRefused, WrongEvidence, EvidenceMissing, NotGoneYet, and those of ``check``.
    """
    check(case, ctx, "close", role=role, on=on)
    found = case.concluded
    if role not in COUNTY and not _principal_may(case):
        raise RoleRefused(action="销号", who=titles(COUNTY))
    if case.stage is Stage.SETTLED or found is None:
        how, wanted = "复学稳定", EvidenceKind.RETURN
        evidence_ref = case.confirmed.event if case.confirmed else ""
    else:
        how, wanted = found.how.label, _wanted(found, status)
    if wanted is not evidence:
        raise WrongEvidence(how=how, wanted=wanted.label, given=evidence.label)
    if not evidence_ref:
        raise EvidenceMissing(action="销号", what=evidence.label, who="县教育局")
    case.trigger_event(
        ev.CaseClosed,
        ctx,
        occurred_on=on,
        evidence=evidence,
        evidence_ref=evidence_ref,
        approver_role=str(role),
        note_ref=note,
    )


def _principal_may(case: Case) -> bool:
    found = case.concluded
    cleared = case.stage is Stage.CONCLUDED and found is not None
    return cleared and found is not None and found.finding in PRINCIPAL_FINDINGS


def _wanted(found: Conclusion, status: TrackingStatus) -> EvidenceKind:
    """A transfer is proved by what came of it: not before the receiver has confirmed."""
    if found.how is not TrackingStatus.TRANSFERRING:
        return EVIDENCE_OF[found.how]
    wanted = EVIDENCE_OF.get(status)
    if wanted is None or status is TrackingStatus.TRANSFERRING:
        raise NotGoneYet(status=status.label, who="转入学校", what="确认转入")
    return wanted


def reopen(case: Case, ctx: CommandContext, *, role: str, on: date, reason: UUID | None) -> None:
    """The closing was wrong. Raises WordsMissing where no reason is given."""
    check(case, ctx, "reopen", role=role, on=on)
    if reason is None:
        raise WordsMissing(action="撤销销号", what="理由", who="县教育局")
    case.trigger_event(ev.CaseReopened, ctx, occurred_on=on, reason_ref=reason)
