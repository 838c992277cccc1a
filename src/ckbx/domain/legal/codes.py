"""The codes of the four legal steps: papers, who issues them, how they are served."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class PaperKind(StrEnum):
    """A paper of the four steps (domain §7, reference §3.2)."""

    PERSUASION_NOTICE = "persuasion_notice"
    PLEDGE = "pledge"
    ORDER_TO_ATTEND = "order_to_attend"
    ORDER_TO_RETURN = "order_to_return"
    FINE_NOTICE = "fine_notice"
    FINE_DECISION = "fine_decision"
    REMINDER = "reminder"
    ENFORCEMENT_APPLICATION = "enforcement_application"
    ENFORCEMENT_GRANTED = "enforcement_granted"
    ENFORCEMENT_DENIED = "enforcement_denied"
    ENFORCEMENT_NOTICE = "enforcement_notice"
    PROPERTY_ORDER = "property_order"
    DETENTION = "detention"
    COMPLAINT = "complaint"
    MEDIATION = "mediation"
    JUDGEMENT = "judgement"

    @property
    def label(self) -> str:
        """The title that stands on the paper."""
        return PAPERS[self].title

    @property
    def step(self) -> int:
        """1 to 4."""
        return PAPERS[self].step


class Body(StrEnum):
    """Who issues a paper."""

    SCHOOL = "school"
    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    COURT = "court"


SCHOOL_ROLES = ("class_teacher", "case_teacher", "grade_leader", "principal")
GOVERNMENT_ROLES = ("township_officer", "bureau_officer")
COUNTY_ROLES = ("bureau_officer", "bureau_leader")
STEP_ONE_ROLES = (*SCHOOL_ROLES, "village_officer", "township_officer")
ANSWER_ROLES = (*STEP_ONE_ROLES, "bureau_officer")

BODY_OF_ROLE = {
    **dict.fromkeys(SCHOOL_ROLES, Body.SCHOOL),
    "village_officer": Body.VILLAGE,
    "township_officer": Body.TOWNSHIP,
    "bureau_officer": Body.COUNTY,
    "bureau_leader": Body.COUNTY,
}
CODE_LENGTH = {Body.SCHOOL: 10, Body.VILLAGE: 12, Body.TOWNSHIP: 9, Body.COUNTY: 6}
"""Digits of the code that names the issuer; a court is named by the region it sits in (6)."""


class PaperInfo(NamedTuple):
    """What is known of a kind of paper. ``filed``: handed to the court, not to the guardian."""

    title: str
    step: int
    roles: tuple[str, ...]
    by_court: bool = False
    filed: bool = False
    due: str = ""  # notice: day within bounds; court: day or days; rule: the law's period


_K = PaperKind
PAPERS: dict[PaperKind, PaperInfo] = {
    _K.PERSUASION_NOTICE: PaperInfo("劝返通知书", 1, STEP_ONE_ROLES, due="short"),
    _K.PLEDGE: PaperInfo("承诺书", 1, STEP_ONE_ROLES),
    _K.ORDER_TO_ATTEND: PaperInfo(
        "责令送被监护人接受义务教育通知书", 2, GOVERNMENT_ROLES, due="notice"
    ),
    _K.ORDER_TO_RETURN: PaperInfo("限期复学通知书", 2, GOVERNMENT_ROLES, due="notice"),
    _K.FINE_NOTICE: PaperInfo("行政处罚事先告知书", 3, GOVERNMENT_ROLES, due="rule"),
    _K.FINE_DECISION: PaperInfo("行政处罚决定书", 3, GOVERNMENT_ROLES, due="open"),
    _K.REMINDER: PaperInfo("履行行政决定催告书", 4, GOVERNMENT_ROLES, due="rule"),
    _K.ENFORCEMENT_APPLICATION: PaperInfo("强制执行申请书", 4, GOVERNMENT_ROLES, filed=True),
    _K.ENFORCEMENT_GRANTED: PaperInfo("准予强制执行裁定书", 4, GOVERNMENT_ROLES, by_court=True),
    _K.ENFORCEMENT_DENIED: PaperInfo("不准予强制执行裁定书", 4, GOVERNMENT_ROLES, by_court=True),
    _K.ENFORCEMENT_NOTICE: PaperInfo("执行通知书", 4, GOVERNMENT_ROLES, by_court=True),
    _K.PROPERTY_ORDER: PaperInfo("报告财产令", 4, GOVERNMENT_ROLES, by_court=True),
    _K.DETENTION: PaperInfo("司法拘留决定书", 4, GOVERNMENT_ROLES, by_court=True),
    _K.COMPLAINT: PaperInfo("民事起诉状", 4, GOVERNMENT_ROLES, filed=True),
    _K.MEDIATION: PaperInfo("民事调解书", 4, GOVERNMENT_ROLES, by_court=True, due="open"),
    _K.JUDGEMENT: PaperInfo("民事判决书", 4, GOVERNMENT_ROLES, by_court=True, due="open"),
}

ORDERS = (_K.ORDER_TO_ATTEND, _K.ORDER_TO_RETURN)
RULINGS = (_K.ENFORCEMENT_GRANTED, _K.ENFORCEMENT_DENIED)
VERDICTS = (_K.MEDIATION, _K.JUDGEMENT)
EXECUTION = (_K.ENFORCEMENT_NOTICE, _K.PROPERTY_ORDER, _K.DETENTION)
STEP_TITLES = {1: "宣传教育", 2: "责令改正", 3: "行政处罚", 4: "申请强制执行或提起诉讼"}


class ServiceMode(StrEnum):
    """送达方式 (民事诉讼法 88-95, applied by 行政处罚法 61)."""

    DIRECT = "direct"
    HOUSEHOLD = "adult_household"
    LEFT = "left_with_witnesses"
    POSTED = "posted"
    PUBLIC = "public_notice"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _MODES[self]


_MODES = {
    ServiceMode.DIRECT: "直接送达",
    ServiceMode.HOUSEHOLD: "成年家属代收",
    ServiceMode.LEFT: "留置送达",
    ServiceMode.POSTED: "邮寄送达",
    ServiceMode.PUBLIC: "公告送达",
}


class Recipient(StrEnum):
    """Who took the paper, or refused it, as seen from the child."""

    FATHER = "father"
    MOTHER = "mother"
    GUARDIAN = "guardian"
    ADULT_RELATIVE = "adult_relative"
    AGENT = "agent"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _RECIPIENTS[self]


_RECIPIENTS = {
    Recipient.FATHER: "父亲",
    Recipient.MOTHER: "母亲",
    Recipient.GUARDIAN: "其他监护人",
    Recipient.ADULT_RELATIVE: "同住成年家属",
    Recipient.AGENT: "代理人",
}
GUARDIANS = (Recipient.FATHER, Recipient.MOTHER, Recipient.GUARDIAN, Recipient.AGENT)


class ServiceFailure(StrEnum):
    """Why a paper could not be served."""

    NOBODY_THERE = "nobody_there"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown"
    MAIL_RETURNED = "mail_returned"
    WRONG_ADDRESS = "wrong_address"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _FAILURES[self]


_FAILURES = {
    ServiceFailure.NOBODY_THERE: "没有人在家",
    ServiceFailure.WHEREABOUTS_UNKNOWN: "下落不明",
    ServiceFailure.MAIL_RETURNED: "邮件退回",
    ServiceFailure.WRONG_ADDRESS: "地址不对",
}


class CorrectionReason(StrEnum):
    """Why a service or a paper is put aside. ``other`` needs a text, as all do."""

    WRONG_PERSON = "wrong_person"
    WRONG_DATE = "wrong_date"
    WRONG_CASE = "wrong_case"
    NOT_SERVED = "not_served"
    CONTENT_WRONG = "content_wrong"
    UNLAWFUL = "unlawful"
    WITHDRAWN = "withdrawn"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _CORRECTIONS[self]


_CORRECTIONS = {
    CorrectionReason.WRONG_PERSON: "人写错或送错",
    CorrectionReason.WRONG_DATE: "日期登记错",
    CorrectionReason.WRONG_CASE: "登记到了别的个案",
    CorrectionReason.NOT_SERVED: "其实没有送达",
    CorrectionReason.CONTENT_WRONG: "文书内容有误",
    CorrectionReason.UNLAWFUL: "依据或程序不合法",
    CorrectionReason.WITHDRAWN: "出具机关收回",
    CorrectionReason.OTHER: "其他",
}
OF_SERVICE = (
    CorrectionReason.WRONG_PERSON,
    CorrectionReason.WRONG_DATE,
    CorrectionReason.WRONG_CASE,
    CorrectionReason.NOT_SERVED,
    CorrectionReason.OTHER,
)
"""Why what was recorded of a service is put aside; a paper is taken back for the others too,
but not because it was not served."""


class SkipReason(StrEnum):
    """Why a step is left out; which step a reason fits stands in :data:`SKIP_REASONS`."""

    UNREACHABLE = "guardian_unreachable"
    URGENT = "urgent"
    DONE_BEFORE = "done_in_earlier_case"
    NO_FINE_BASIS = "no_fine_basis"
    HARDSHIP = "hardship"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _SKIPS[self]


_SKIPS = {
    SkipReason.UNREACHABLE: "监护人下落不明，无法当面宣传教育",
    SkipReason.URGENT: "儿童人身安全或童工等紧急情形",
    SkipReason.DONE_BEFORE: "上一次的个案中已办过这一步",
    SkipReason.NO_FINE_BASIS: "本县没有处罚依据",
    SkipReason.HARDSHIP: "家庭困难，不宜罚款",
    SkipReason.OTHER: "其他",
}
SKIP_REASONS: dict[int, tuple[SkipReason, ...]] = {
    1: (SkipReason.UNREACHABLE, SkipReason.URGENT, SkipReason.DONE_BEFORE, SkipReason.OTHER),
    2: (SkipReason.URGENT, SkipReason.DONE_BEFORE, SkipReason.OTHER),
    3: (SkipReason.NO_FINE_BASIS, SkipReason.HARDSHIP, SkipReason.OTHER),
}


class Obeyed(StrEnum):
    """What the guardian has done."""

    ALL = "all"
    SCHOOL = "school"
    FINE = "fine"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _OBEYED[self]


_OBEYED = {Obeyed.ALL: "返校并缴清罚款", Obeyed.SCHOOL: "返校", Obeyed.FINE: "缴清罚款"}


class StatementKind(StrEnum):
    """What the guardian answers to the 告知书; a waiver is signed."""

    STATEMENT = "statement"
    HEARING = "hearing"
    WAIVED = "waived"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _STATEMENTS[self]


_STATEMENTS = {
    StatementKind.STATEMENT: "陈述申辩",
    StatementKind.HEARING: "要求听证",
    StatementKind.WAIVED: "书面放弃",
}


class AppealKind(StrEnum):
    """行政复议 or 行政诉讼 against the decision."""

    REVIEW = "review"
    LAWSUIT = "lawsuit"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return "行政复议" if self == AppealKind.REVIEW else "行政诉讼"


class AppealOutcome(StrEnum):
    """How an appeal ended. ``revoked``: the decision is no more."""

    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _OUTCOMES[self]


_OUTCOMES = {
    AppealOutcome.UPHELD: "维持",
    AppealOutcome.WITHDRAWN: "撤回",
    AppealOutcome.REVOKED: "撤销原决定",
}
