"""Facts about the four legal steps of one case. Names and texts stand in the vault only.

A ``*_ref`` is the opaque id of a vault row or an attachment; servers are account names or
vault refs; a document number is the number printed on a paper. A paper is named in its
stream by ``paper``, counted from 1.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.legal.codes import (
    AppealKind,
    AppealOutcome,
    Body,
    CorrectionReason,
    Obeyed,
    PaperKind,
    Recipient,
    ServiceFailure,
    ServiceMode,
    SkipReason,
    StatementKind,
)
from ckbx.domain.shared.event import ActedEvent


class LegalStepsOpened(ActedEvent, frozen=True, kw_only=True):
    """The first legal act of a case: its own stream begins."""

    TOPIC = "ckbx.legal.LegalStepsOpened"
    TITLE = "启动依法控辍步骤"
    case: UUID
    child: UUID


class PaperIssued(ActedEvent, frozen=True, kw_only=True):
    """A paper was issued (or, ``filed``, handed to the court) on ``occurred_on``.

    The guardian's term is ``due_on`` or ``due_days`` after service; a decision also has
    ``amount`` (yuan), ``pay_by`` and the county's recorded ``basis``. ``issuer`` is the code
    of the school, village, township or county, a court's is that of its region.
    """

    TOPIC = "ckbx.legal.PaperIssued"
    TITLE = "出具文书"
    paper: int
    step: int
    kind: PaperKind
    document: str
    body: Body
    issuer: str
    due_on: date | None = None
    due_days: int | None = None
    amount: int | None = None
    pay_by: date | None = None
    basis: str | None = None
    file_ref: str | None = None
    rule_version: int


class PaperRevoked(ActedEvent, frozen=True, kw_only=True):
    """The issuer took a paper back; what was served stays recorded."""

    TOPIC = "ckbx.legal.PaperRevoked"
    TITLE = "撤销文书"
    paper: int
    reason: CorrectionReason
    document: str | None = None
    text_ref: str


class PaperServed(ActedEvent, frozen=True, kw_only=True):
    """送达回证. ``effective_on``: the day the law counts from (receipt of mail, end of notice)."""

    TOPIC = "ckbx.legal.PaperServed"
    TITLE = "送达文书"
    paper: int
    mode: ServiceMode
    effective_on: date
    place: str
    at: str | None = None
    recipient: Recipient | None = None
    recipient_ref: str | None = None
    servers: list[str] = []
    witnesses: list[str] = []
    refused: bool = False
    evidence_ref: str


class ServiceFailed(ActedEvent, frozen=True, kw_only=True):
    """An attempt to serve a paper came to nothing."""

    TOPIC = "ckbx.legal.ServiceFailed"
    TITLE = "送达未成"
    paper: int
    reason: ServiceFailure
    place: str
    servers: list[str] = []
    evidence_ref: str


class ServiceVoided(ActedEvent, frozen=True, kw_only=True):
    """A service was recorded by mistake; ``service`` is the id of the event corrected."""

    TOPIC = "ckbx.legal.ServiceVoided"
    TITLE = "更正送达登记"
    paper: int
    service: str
    reason: CorrectionReason
    text_ref: str


class GuardianPromised(ActedEvent, frozen=True, kw_only=True):
    """承诺书: the guardian promises to send the child by a day."""

    TOPIC = "ckbx.legal.GuardianPromised"
    TITLE = "监护人承诺"
    paper: int
    promised_on: date
    document: str | None = None
    evidence_ref: str


class GuardianComplied(ActedEvent, frozen=True, kw_only=True):
    """The guardian did what a paper asked: sent the child, paid the fine, or both."""

    TOPIC = "ckbx.legal.GuardianComplied"
    TITLE = "监护人履行"
    paper: int
    scope: Obeyed
    evidence_ref: str


class ComplianceCeased(ActedEvent, frozen=True, kw_only=True):
    """The child was taken out again; or (``mistake``) what ``scope`` names had not been done."""

    TOPIC = "ckbx.legal.ComplianceCeased"
    TITLE = "履行后再次离校"
    scope: Obeyed
    mistake: bool
    text_ref: str


class LapseNoted(ActedEvent, frozen=True, kw_only=True):
    """A term ended without compliance; what may follow is computed from the dates themselves."""

    TOPIC = "ckbx.legal.LapseNoted"
    TITLE = "逾期未履行"
    paper: int
    last_day: date


class StatementReceived(ActedEvent, frozen=True, kw_only=True):
    """陈述申辩: what the guardian answered to the 告知书."""

    TOPIC = "ckbx.legal.StatementReceived"
    TITLE = "陈述申辩"
    paper: int
    answer: StatementKind
    text_ref: str


class HearingHeld(ActedEvent, frozen=True, kw_only=True):
    """The hearing that was asked for took place."""

    TOPIC = "ckbx.legal.HearingHeld"
    TITLE = "举行听证"
    paper: int
    evidence_ref: str


class AppealFiled(ActedEvent, frozen=True, kw_only=True):
    """The guardian went against the decision; ``late``: accepted after the period."""

    TOPIC = "ckbx.legal.AppealFiled"
    TITLE = "申请复议或提起行政诉讼"
    paper: int
    kind: AppealKind
    document: str
    late: bool = False


class AppealEnded(ActedEvent, frozen=True, kw_only=True):
    """What became of it."""

    TOPIC = "ckbx.legal.AppealEnded"
    TITLE = "复议或诉讼结果"
    paper: int
    kind: AppealKind
    outcome: AppealOutcome
    document: str


class StepSkipped(ActedEvent, frozen=True, kw_only=True):
    """The county approved that a step is left out."""

    TOPIC = "ckbx.legal.StepSkipped"
    TITLE = "跳过步骤"
    step: int
    reason: SkipReason
    approver: str
    document: str
    text_ref: str
