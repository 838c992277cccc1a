"""Facts about the work on a case. Typed words stand in the vault; ``…_ref`` names the note."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.case.codes import (
    LetterAnswer,
    Means,
    Measure,
    Met,
    Place,
    RiskLevel,
    RoundOutcome,
    Tier,
)
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.shared.event import ActedEvent


class TeacherNamed(ActedEvent, frozen=True, kw_only=True):
    """The one-to-one teacher (帮扶教师) from ``first_day`` on; the post stands in the chain.

    ``previous`` is the account of the one who handed over.
    """

    TOPIC = "ckbx.case.TeacherNamed"
    TITLE = "确定帮扶教师"
    account: str
    holder: UUID
    post: UUID
    first_day: date
    previous: str | None = None


class TeacherReleased(ActedEvent, frozen=True, kw_only=True):
    """The teacher's last day; until another is named the class teacher answers."""

    TOPIC = "ckbx.case.TeacherReleased"
    TITLE = "帮扶教师离任"
    account: str
    post: UUID
    last_day: date


class CauseRecorded(ActedEvent, frozen=True, kw_only=True):
    """A cause; its code (reference §6.6) is in the vault, because some betray a belief."""

    TOPIC = "ckbx.case.CauseRecorded"
    TITLE = "登记辍学原因"
    cause_ref: UUID
    primary: bool = False


class RiskAssessed(ActedEvent, frozen=True, kw_only=True):
    """风险等级."""

    TOPIC = "ckbx.case.RiskAssessed"
    TITLE = "评定风险等级"
    level: RiskLevel
    note_ref: UUID | None = None


class PlanMade(ActedEvent, frozen=True, kw_only=True):
    """一生一策: the plan (its words in the vault), the measures planned, when it is reviewed."""

    TOPIC = "ckbx.case.PlanMade"
    TITLE = "制定一生一策"
    plan_ref: UUID
    measures: list[Measure]
    review_on: date | None = None


class SupportGiven(ActedEvent, frozen=True, kw_only=True):
    """A measure was carried out."""

    TOPIC = "ckbx.case.SupportGiven"
    TITLE = "落实帮扶措施"
    measure: Measure
    note_ref: UUID | None = None
    attachments: list[Attached] = []


class GuardianContacted(ActedEvent, frozen=True, kw_only=True):
    """Somebody rang or saw the family, which is no persuasion round yet."""

    TOPIC = "ckbx.case.GuardianContacted"
    TITLE = "联系监护人"
    means: Means
    met: list[Met]
    note_ref: UUID | None = None


class PersuasionHeld(ActedEvent, frozen=True, kw_only=True):
    """A persuasion round (劝返): the hour (local, HH:MM), who from which line, whom they met,
    what came of it, the promised day, the guardian's words (in the vault).
    """

    TOPIC = "ckbx.case.PersuasionHeld"
    TITLE = "劝返"
    number: int
    tier: Tier
    hour: str
    place: Place
    means: Means
    participants: list[Participant]
    met: list[Met]
    outcome: RoundOutcome
    promised_on: date | None = None
    words_ref: UUID | None = None
    attachments: list[Attached] = []


class WrittenReportMade(ActedEvent, frozen=True, kw_only=True):
    """The school's signed report to township and county (未成年人保护法 28)."""

    TOPIC = "ckbx.case.WrittenReportMade"
    TITLE = "学校书面报告"
    document: str
    note_ref: UUID | None = None
    attachments: list[Attached] = []


class LiaisonVisited(ActedEvent, frozen=True, kw_only=True):
    """联络员 or village officer looked after the child at home."""

    TOPIC = "ckbx.case.LiaisonVisited"
    TITLE = "联络员走访"
    participants: list[Participant]
    met: list[Met]
    note_ref: UUID | None = None
    attachments: list[Attached] = []


class LetterSent(ActedEvent, frozen=True, kw_only=True):
    """函 to a school or an authority outside: where to (region code), until when to answer.

    Who it is addressed to stands in the vault.
    """

    TOPIC = "ckbx.case.LetterSent"
    TITLE = "发函"
    number: int
    document: str
    region: str
    reply_by: date
    addressee_ref: UUID


class LetterAnswered(ActedEvent, frozen=True, kw_only=True):
    """复函 to the letter of that number."""

    TOPIC = "ckbx.case.LetterAnswered"
    TITLE = "收到复函"
    number: int
    answer: LetterAnswer
    document: str | None = None
    note_ref: UUID | None = None
    attachments: list[Attached] = []


class FilesAttached(ActedEvent, frozen=True, kw_only=True):
    """附件 brought later. ``fact``: the number (version) of the fact they belong to, None: the
    case itself. Their content stands in the vault under the child's key.
    """

    TOPIC = "ckbx.case.FilesAttached"
    TITLE = "补充附件"
    fact: int | None = None
    attachments: list[Attached]
    note_ref: UUID | None = None
