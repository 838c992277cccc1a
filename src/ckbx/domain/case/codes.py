"""The code tables of a case (domain §7): what stands in events instead of words."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class _Code(StrEnum):
    """A code with the Chinese term shown to people."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        code = str.__new__(cls, value)
        code._value_ = value
        code.label = label
        return code


class Stage(_Code):
    """How far a case has come."""

    OPEN = "open", "待核实"
    VERIFIED = "verified", "已核实，待决定"
    PERSUADING = "persuading", "劝返中"
    DETERMINED = "determined", "已认定辍学，劝返中"
    RETURNED = "returned", "已返校，待确认"
    CONSOLIDATING = "consolidating", "巩固期"
    SETTLED = "settled", "复学稳定，待销号"
    CONCLUDED = "concluded", "已了结，待销号"
    CLOSED = "closed", "已销号"
    WITHDRAWN = "withdrawn", "已撤案"
    RELAPSED = "relapsed", "复辍，已转新案"


WORKING = frozenset(
    {
        Stage.OPEN,
        Stage.VERIFIED,
        Stage.PERSUADING,
        Stage.DETERMINED,
        Stage.RETURNED,
        Stage.CONSOLIDATING,
    }
)
"""Stages in which people work with the child."""
AWAY = frozenset({Stage.OPEN, Stage.VERIFIED, Stage.PERSUADING, Stage.DETERMINED})
"""Stages in which the child is not back."""


class CaseKind(_Code):
    """A child of a class that stays away, or one that never came."""

    DROPOUT = "dropout", "辍学"
    OUT_OF_SCHOOL = "out_of_school", "失学"


class RiskLevel(_Code):
    """风险等级."""

    BLUE = "blue", "蓝"
    YELLOW = "yellow", "黄"
    ORANGE = "orange", "橙"
    RED = "red", "红"


class Measure(_Code):
    """Support given (帮扶措施)."""

    FUNDING = "funding", "资助"
    STUDY = "study", "学业"
    COUNSELLING = "counselling", "心理辅导"
    LAW_TALK = "law_talk", "法治宣讲"
    HOME_VISIT = "home_visit", "家访"
    PERSONAL = "personal", "个性帮扶"
    PLACEMENT = "placement", "就学安置"


class Tier(_Code):
    """Who carries a persuasion round (校—村—乡镇)."""

    SCHOOL = "school", "学校"
    SCHOOL_VILLAGE = "school_village", "校村联合"
    TOWNSHIP = "township", "乡镇"


TIERS = (Tier.SCHOOL, Tier.SCHOOL_VILLAGE, Tier.TOWNSHIP)
"""In rising order: a higher one also counts for the lower ones."""


class Means(_Code):
    """How people were reached."""

    VISIT = "visit", "上门"
    CALL = "call", "电话"
    VIDEO = "video", "视频"
    OFFICE = "office", "约谈"


class Place(_Code):
    """Where a round took place."""

    HOME = "home", "家中"
    VILLAGE_OFFICE = "village_office", "村（社区）办公处"
    SCHOOL = "school", "学校"
    WORKPLACE = "workplace", "务工处"
    OTHER = "other", "其他地点"


class Met(_Code):
    """Who was met."""

    CHILD = "child", "学生本人"
    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    GUARDIAN = "guardian", "其他监护人"
    RELATIVE = "relative", "亲属"
    NOBODY = "nobody", "未见到人"


class RoundOutcome(_Code):
    """What came of a persuasion round."""

    PROMISED = "promised", "承诺返校"
    RETURNED = "returned", "已返校"
    WAVERING = "wavering", "仍在犹豫"
    REFUSED = "refused", "拒绝返校"
    NOT_MET = "not_met", "未见到人"


FAILED = frozenset({RoundOutcome.WAVERING, RoundOutcome.REFUSED, RoundOutcome.NOT_MET})
"""Outcomes after which the school reports in writing (未成年人保护法 28)."""


class FollowUpKind(_Code):
    """How a follow-up in the 巩固期 was made."""

    VISIT = "visit", "家访"
    TALK = "talk", "在校谈话"
    CALL = "call", "电话"


class FollowUpResult(_Code):
    """How the child that came back is doing."""

    STEADY = "steady", "稳定"
    UNSTEADY = "unsteady", "不稳定"
    AT_RISK = "at_risk", "有复辍风险"


class LetterAnswer(_Code):
    """What an answered 函 says."""

    STUDIES_THERE = "studies_there", "在该校就读"
    NOT_THERE = "not_there", "不在该校"
    WAS_THERE = "was_there", "曾就读，已离开"
    HELPS = "helps", "协助劝返"


class EvidenceKind(_Code):
    """On what a case is closed (销号依据): return evidence, or a terminal document."""

    RETURN = "return", "复学：巩固期内到校"
    CLEARED = "cleared", "核查结论佐证"
    LEAVE = "leave", "休学、缓学、免学批件"
    HOME_TEACHING = "home_teaching", "送教上门决定"
    TRANSFER = "transfer", "转入学校接收证明"
    ELSEWHERE = "elsewhere", "就读证明或函复"
    GRADUATION = "graduation", "毕业名册"
    DEATH = "death", "死亡或注销证明"
    ABROAD = "abroad", "出国（境）证件"
    MISSING = "missing", "公安报案回执"
    HOUSEHOLD = "household", "派出所或村（社区）证明"


CAUSE_CODES: dict[str, str] = {
    "01": "学习困难或厌学",
    "02": "外出务工",
    "03": "早婚早育",
    "04": "信教或宗教活动",
    "05": "家庭贫困",
    "06": "家庭变故或监护缺失",
    "07": "身体疾病",
    "08": "心理或精神",
    "09": "残疾",
    "10": "网瘾",
    "11": "同伴、欺凌或师生冲突",
    "12": "路远或寄宿",
    "13": "私塾、读经或在家教育",
    "14": "随迁失联",
    "15": "涉案或专门矫治",
    "99": "其他",
}
"""Reference §6.6. Some betray belief, health or a court case, so a cause's code stands in the
vault only; events refer to it.
"""
