"""Facts about leaves, transfers and endings. All carry a decision paper, never free text.

``effective_from`` is the first day of a leave, ``until`` its last day, both included;
``document`` is a document number, ``evidence_ref`` names a paper kept in the vault.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ckbx.domain.shared.event import DomainEvent


class _Leave(DomainEvent, frozen=True, kw_only=True):
    """What every leave decision carries. ``after_suspicion`` marks 疑似后补办."""

    effective_from: date
    until: date
    approver: str
    document: str
    evidence_ref: str
    committee_ref: str | None = None
    after_suspicion: bool = False


class SuspensionGranted(_Leave, frozen=True, kw_only=True):
    """休学, decided by the township or the county (义务教育法 11)."""

    TOPIC = "ckbx.child.SuspensionGranted"
    TITLE = "批准休学"


class DeferralGranted(_Leave, frozen=True, kw_only=True):
    """缓学 (延缓入学), decided by the township or the county (义务教育法 11)."""

    TOPIC = "ckbx.child.DeferralGranted"
    TITLE = "批准缓学"


class ExemptionGranted(_Leave, frozen=True, kw_only=True):
    """免学; needs the county's recorded legal basis and, for a disability, the committee."""

    TOPIC = "ckbx.child.ExemptionGranted"
    TITLE = "批准免学"
    legal_basis: str


class HomeTeachingArranged(_Leave, frozen=True, kw_only=True):
    """送教上门, decided by the county after the expert committee."""

    TOPIC = "ckbx.child.HomeTeachingArranged"
    TITLE = "安排送教上门"
    visits_per_month: int
    lessons_per_visit: int


class LeaveExtended(DomainEvent, frozen=True, kw_only=True):
    """A leave gets a later last day (``until``, included)."""

    TOPIC = "ckbx.child.LeaveExtended"
    TITLE = "延长期限"
    until: date
    approver: str
    document: str
    evidence_ref: str


class LeaveExpired(DomainEvent, frozen=True, kw_only=True):
    """The clock's run noticed that a leave was over, from the day after ``until`` (its last
    day) on, which is ``occurred_on``; as-of uses ``until`` itself.
    """

    TOPIC = "ckbx.child.LeaveExpired"
    TITLE = "期满未复学"
    until: date


class StudyResumed(DomainEvent, frozen=True, kw_only=True):
    """复学 after 休学."""

    TOPIC = "ckbx.child.StudyResumed"
    TITLE = "复学"
    class_key: str
    grade: int
    fit_paper_ref: str | None = None


class StudyElsewhereVerified(DomainEvent, frozen=True, kw_only=True):
    """外地就读(已核实); verified again each term."""

    TOPIC = "ckbx.child.StudyElsewhereVerified"
    TITLE = "核实外地就读"
    region: str | None = None
    document: str | None = None
    evidence_ref: str
    review_by: date


class TransferStarted(DomainEvent, frozen=True, kw_only=True):
    """转出: started, not counted as gone until the receiver confirms. ``confirm_by``: domain §3;
    ``receiving_name``: what a school beyond the county is called, where that is known.
    """

    TOPIC = "ckbx.child.TransferStarted"
    VERSION = 2
    TITLE = "办理转出"
    receiving_school: str
    document: str
    confirm_by: date | None
    receiving_name: str = ""

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Before, nobody was asked for the name: what the empty name says now."""
        return data


class TransferConfirmed(DomainEvent, frozen=True, kw_only=True):
    """The receiving school confirmed."""

    TOPIC = "ckbx.child.TransferConfirmed"
    TITLE = "转入校确认"
    receiving_school: str
    evidence_ref: str


class TransferCancelled(DomainEvent, frozen=True, kw_only=True):
    """The transfer will not take place; the child is where it was."""

    TOPIC = "ckbx.child.TransferCancelled"
    TITLE = "取消转出"


class TransferLapsed(DomainEvent, frozen=True, kw_only=True):
    """The clock's run noticed that nobody confirmed in time; a suspicion follows."""

    TOPIC = "ckbx.child.TransferLapsed"
    TITLE = "转出逾期未确认"


class _Ending(DomainEvent, frozen=True, kw_only=True):
    """What every ending decided by the county carries."""

    evidence_ref: str
    document: str | None = None


class DeathRecorded(_Ending, frozen=True, kw_only=True):
    """死亡: death certificate or 户籍注销."""

    TOPIC = "ckbx.child.DeathRecorded"
    TITLE = "死亡"


class WentAbroad(_Ending, frozen=True, kw_only=True):
    """出国（境）: exit documents."""

    TOPIC = "ckbx.child.WentAbroad"
    TITLE = "出国（境）"


class WentMissing(_Ending, frozen=True, kw_only=True):
    """失联: police receipt; re-checked every term."""

    TOPIC = "ckbx.child.WentMissing"
    TITLE = "失联"
    review_by: date


class Deregistered(_Ending, frozen=True, kw_only=True):
    """户籍问题: police or village certificate."""

    TOPIC = "ckbx.child.Deregistered"
    TITLE = "户籍问题销号"


class Graduated(DomainEvent, frozen=True, kw_only=True):
    """毕业, at the end of grade 9."""

    TOPIC = "ckbx.child.Graduated"
    TITLE = "毕业"


class Promoted(DomainEvent, frozen=True, kw_only=True):
    """升级: the next grade. Changes no status."""

    TOPIC = "ckbx.child.Promoted"
    TITLE = "升级"
    class_key: str
    grade: int


class GradeRepeated(DomainEvent, frozen=True, kw_only=True):
    """留级. Changes no status."""

    TOPIC = "ckbx.child.GradeRepeated"
    TITLE = "留级"
    class_key: str
    grade: int


class PersonErased(DomainEvent, frozen=True, kw_only=True):
    """The child's personal data was erased; counts and proofs stay (domain §13)."""

    TOPIC = "ckbx.child.PersonErased"
    TITLE = "个人信息依法删除"
    ground: str
    approver: str
