"""Facts about an application. What was typed, and everything about health, is in the vault.

A ``*_ref`` names a note of the vault under the child's key; a document number is the number
printed on a paper. ``child`` stands in every fact, so that each can be read by itself.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.case.people import Attached
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.event import DomainEvent


class _OfChild(DomainEvent, frozen=True, kw_only=True):
    """What every fact of an application carries."""

    child: UUID


class LeaveApplied(_OfChild, frozen=True, kw_only=True):
    """The guardian's written application came in; ``received_by`` is the role that took it.

    ``number`` counts the child's applications from 1; ``wanted_from``/``wanted_until`` are
    the days asked for; ``after_suspicion`` marks 疑似后补办.
    """

    TOPIC = "ckbx.leave.LeaveApplied"
    TITLE = "申请休学、缓学、免学或送教上门"
    number: int
    kind: LeaveKind
    proof: Proof
    received_by: str
    wanted_from: date | None = None
    wanted_until: date | None = None
    after_suspicion: bool = False
    applicant_ref: UUID
    reason_ref: UUID
    attachments: list[Attached] = []


class SchoolOpinionGiven(_OfChild, frozen=True, kw_only=True):
    """What the school says of an application. It decides nothing (义务教育法 11)."""

    TOPIC = "ckbx.leave.SchoolOpinionGiven"
    TITLE = "学校签署意见"
    agrees: bool
    given_by: str
    opinion_ref: UUID | None = None


class HospitalPaperGiven(_OfChild, frozen=True, kw_only=True):
    """医院证明; the hospital and what it writes are in the vault. ``named``: the hospital is
    one that the county had named for 免学 by then.
    """

    TOPIC = "ckbx.leave.HospitalPaperGiven"
    TITLE = "收到医院证明"
    document: str
    named: bool
    hospital_ref: UUID
    paper_ref: UUID
    attachments: list[Attached] = []


class CommitteeOpinionGiven(_OfChild, frozen=True, kw_only=True):
    """The county's expert committee on this application: what it advises."""

    TOPIC = "ckbx.leave.CommitteeOpinionGiven"
    TITLE = "专家委员会意见"
    document: str
    advises: PlacementKind
    opinion_ref: UUID
    attachments: list[Attached] = []


class LeaveApproved(_OfChild, frozen=True, kw_only=True):
    """Township or county approved. ``decision`` is the id of the child's own fact."""

    TOPIC = "ckbx.leave.LeaveApproved"
    TITLE = "批准申请"
    kind: LeaveKind
    decided_by: str
    document: str
    effective_from: date
    until: date
    review_on: date | None = None
    decision: str


class LeaveRefused(_OfChild, frozen=True, kw_only=True):
    """Township or county refused, and why."""

    TOPIC = "ckbx.leave.LeaveRefused"
    TITLE = "不予批准"
    decided_by: str
    document: str | None = None
    reason_ref: UUID


class ApplicationWithdrawn(_OfChild, frozen=True, kw_only=True):
    """The guardian took the application back."""

    TOPIC = "ckbx.leave.ApplicationWithdrawn"
    TITLE = "撤回申请"
    recorded_by: str
    reason_ref: UUID | None = None


class LeaveProlonged(_OfChild, frozen=True, kw_only=True):
    """续办: a later last day. ``decision`` is the id of the child's own fact."""

    TOPIC = "ckbx.leave.LeaveProlonged"
    TITLE = "批准延期"
    decided_by: str
    document: str
    until: date
    review_on: date | None = None
    decision: str
    paper_ref: UUID
    attachments: list[Attached] = []


class LeaveReviewed(_OfChild, frozen=True, kw_only=True):
    """复核: the ground still holds; the next review."""

    TOPIC = "ckbx.leave.LeaveReviewed"
    TITLE = "复核"
    reviewed_by: str
    review_on: date | None = None
    note_ref: UUID


class LeaveEnded(_OfChild, frozen=True, kw_only=True):
    """The child is back at school. ``decision`` is the id of the child's own fact."""

    TOPIC = "ckbx.leave.LeaveEnded"
    TITLE = "复学或入学"
    decision: str
    paper_ref: UUID | None = None


class HospitalNamed(DomainEvent, frozen=True, kw_only=True):
    """The county names a hospital whose certificate it accepts for 免学."""

    TOPIC = "ckbx.leave.HospitalNamed"
    TITLE = "指定医院"
    hospital: str
    document: str


class HospitalDropped(DomainEvent, frozen=True, kw_only=True):
    """A hospital is no longer one of them; papers given before stay good."""

    TOPIC = "ckbx.leave.HospitalDropped"
    TITLE = "取消指定医院"
    hospital: str
