"""Facts about what was found and decided: checked, determined, back, followed up, settled."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.case.codes import FollowUpKind, FollowUpResult
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding
from ckbx.domain.shared.event import ActedEvent


class SuspicionVerified(ActedEvent, frozen=True, kw_only=True):
    """核查: one of the outcomes A-K (reference §6.4) with the evidence of that outcome."""

    TOPIC = "ckbx.case.SuspicionVerified"
    TITLE = "核查结论"
    finding: Finding
    evidence_ref: str
    participants: list[Participant] = []
    note_ref: UUID | None = None
    attachments: list[Attached] = []


class DropoutDetermined(ActedEvent, frozen=True, kw_only=True):
    """The county confirmed 辍学 (the child's own fact stands beside it)."""

    TOPIC = "ckbx.case.DropoutDetermined"
    TITLE = "个案认定辍学"
    unexplained_days: int
    rounds: int
    whereabouts: Whereabouts


class ChildReturned(ActedEvent, frozen=True, kw_only=True):
    """The child came back: where it was placed. Confirmed only by days attended."""

    TOPIC = "ckbx.case.ChildReturned"
    TITLE = "返校"
    placement: Placement
    class_key: str


class ReturnConfirmed(ActedEvent, frozen=True, kw_only=True):
    """The roll calls show the child there on these school days in a row."""

    TOPIC = "ckbx.case.ReturnConfirmed"
    TITLE = "返校确认"
    attended: list[date]


class FollowUpMade(ActedEvent, frozen=True, kw_only=True):
    """A person looked after the child in the 巩固期."""

    TOPIC = "ckbx.case.FollowUpMade"
    TITLE = "巩固期回访"
    kind: FollowUpKind
    result: FollowUpResult
    note_ref: UUID | None = None


class FollowUpGapExplained(ActedEvent, frozen=True, kw_only=True):
    """The county says why follow-ups due on these days were not made."""

    TOPIC = "ckbx.case.FollowUpGapExplained"
    TITLE = "缺访说明"
    due_on: list[date]
    reason_ref: UUID


class StabilityConfirmed(ActedEvent, frozen=True, kw_only=True):
    """The 巩固期 is over (the child's own fact stands beside it)."""

    TOPIC = "ckbx.case.StabilityConfirmed"
    TITLE = "个案巩固期满"
