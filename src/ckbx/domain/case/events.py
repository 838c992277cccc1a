"""Facts about a case as a whole: opened, revised, withdrawn, concluded, closed, reopened.

``occurred_on`` of what follows the child's suspicion is that of the child's own fact.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ckbx.domain.case.codes import CaseKind, EvidenceKind
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.shared.event import ActedEvent


class CaseOpened(ActedEvent, frozen=True, kw_only=True):
    """A suspicion was recorded, and its case opened in the same append.

    ``relapse_of`` is the case whose 巩固期 the relapse ended.
    """

    TOPIC = "ckbx.case.CaseOpened"
    TITLE = "个案建立"
    child: UUID
    episode: int
    kind: CaseKind
    source: SuspicionSource
    first_absent_on: date
    rule: str
    rule_version: int
    school: str | None = None
    class_key: str | None = None
    relapse_of: UUID | None = None


class CaseRevised(ActedEvent, frozen=True, kw_only=True):
    """The suspicion holds with other dates; the case stays.

    ``source`` and ``rule``: where it rests on another ground now; None: as before.
    """

    TOPIC = "ckbx.case.CaseRevised"
    VERSION = 2
    TITLE = "个案日期更正"
    first_absent_on: date
    was_suspected_on: date
    source: SuspicionSource | None = None
    rule: str | None = None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Before, source and rule always stayed what they were: what None says now."""
        return data


class CaseWithdrawn(ActedEvent, frozen=True, kw_only=True):
    """The suspicion never was, and neither was its case (撤案)."""

    TOPIC = "ckbx.case.CaseWithdrawn"
    TITLE = "撤案"


class CaseGroundChanged(ActedEvent, frozen=True, kw_only=True):
    """依据已变: the ground fell away after a person had acted; a person decides."""

    TOPIC = "ckbx.case.CaseGroundChanged"
    TITLE = "个案依据已变"


class CaseConcluded(ActedEvent, frozen=True, kw_only=True):
    """A decision on the child ended the episode otherwise: what it is now, by which fact."""

    TOPIC = "ckbx.case.CaseConcluded"
    TITLE = "个案了结"
    how: TrackingStatus
    because: str
    finding: Finding | None = None


class CaseResumed(ActedEvent, frozen=True, kw_only=True):
    """The transfer that had ended the work was cancelled: it goes on where it stood."""

    TOPIC = "ckbx.case.CaseResumed"
    TITLE = "转出取消，个案恢复办理"
    because: str


class CaseRelapsed(ActedEvent, frozen=True, kw_only=True):
    """The child stayed away again in the 巩固期; ``next_case`` goes on."""

    TOPIC = "ckbx.case.CaseRelapsed"
    TITLE = "复辍，转入新案"
    next_case: UUID


class CaseRelapseWithdrawn(ActedEvent, frozen=True, kw_only=True):
    """After a correction the relapse never was: the 巩固期 goes on."""

    TOPIC = "ckbx.case.CaseRelapseWithdrawn"
    TITLE = "复辍撤销，恢复巩固期"
    next_case: UUID


class CaseClosed(ActedEvent, frozen=True, kw_only=True):
    """销号, approved by the actor, on this evidence (``evidence_ref``: a paper in the vault, or
    the id of the fact that proves the return).
    """

    TOPIC = "ckbx.case.CaseClosed"
    TITLE = "销号"
    evidence: EvidenceKind
    evidence_ref: str
    approver_role: str
    note_ref: UUID | None = None


class CaseReopened(ActedEvent, frozen=True, kw_only=True):
    """The closing was wrong; the reason stands in the vault."""

    TOPIC = "ckbx.case.CaseReopened"
    TITLE = "撤销销号"
    reason_ref: UUID
