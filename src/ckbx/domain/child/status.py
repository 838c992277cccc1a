"""The codes of both status axes (学籍状态, 就学状态) and of what may stand beside them."""

from __future__ import annotations

from enum import StrEnum


class TrackingStatus(StrEnum):
    """就学状态: what was seen (domain §3). ``absent`` is an open spell of an enrolled child."""

    NOT_ENROLLED = "not_enrolled"
    ENROLLED = "enrolled"
    ABSENT = "absent"
    SUSPECTED = "suspected"
    DROPPED_OUT = "dropped_out"
    PERSUADED_BACK = "persuaded_back"
    SUSPENDED = "suspended"
    DEFERRED = "deferred"
    EXEMPTED = "exempted"
    HOME_TAUGHT = "home_taught"
    TRANSFERRING = "transferring"
    ENROLLED_ELSEWHERE = "enrolled_elsewhere"
    TRANSFERRED = "transferred"
    GRADUATED = "graduated"
    DECEASED = "deceased"
    ABROAD = "abroad"
    DEREGISTERED = "deregistered"
    MISSING = "missing"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _TRACKING[self]


_TRACKING = {
    TrackingStatus.NOT_ENROLLED: "应入学未入学",
    TrackingStatus.ENROLLED: "在读",
    TrackingStatus.ABSENT: "缺勤",
    TrackingStatus.SUSPECTED: "疑似辍学",
    TrackingStatus.DROPPED_OUT: "辍学",
    TrackingStatus.PERSUADED_BACK: "劝返复学",
    TrackingStatus.SUSPENDED: "休学",
    TrackingStatus.DEFERRED: "缓学",
    TrackingStatus.EXEMPTED: "免学",
    TrackingStatus.HOME_TAUGHT: "送教上门",
    TrackingStatus.TRANSFERRING: "转出在途",
    TrackingStatus.ENROLLED_ELSEWHERE: "外地就读(已核实)",
    TrackingStatus.TRANSFERRED: "已转出",
    TrackingStatus.GRADUATED: "毕业",
    TrackingStatus.DECEASED: "死亡",
    TrackingStatus.ABROAD: "出国（境）",
    TrackingStatus.DEREGISTERED: "户籍问题",
    TrackingStatus.MISSING: "失联",
}

ON_ROLL = frozenset(
    {
        TrackingStatus.ENROLLED,
        TrackingStatus.ABSENT,
        TrackingStatus.SUSPECTED,
        TrackingStatus.PERSUADED_BACK,
        TrackingStatus.TRANSFERRING,
    }
)
"""Statuses in which a child is expected at the roll call (domain §4, the roll)."""

ON_LEAVE = frozenset(
    {
        TrackingStatus.SUSPENDED,
        TrackingStatus.DEFERRED,
        TrackingStatus.EXEMPTED,
        TrackingStatus.HOME_TAUGHT,
    }
)
TO_GRADUATE = frozenset(
    {TrackingStatus.ENROLLED, TrackingStatus.ABSENT, TrackingStatus.PERSUADED_BACK}
)
"""Statuses that end with 毕业 at the end of grade 9; no other is closed by age alone."""

TERMINAL = frozenset(
    {
        TrackingStatus.TRANSFERRED,
        TrackingStatus.GRADUATED,
        TrackingStatus.DECEASED,
        TrackingStatus.ABROAD,
        TrackingStatus.DEREGISTERED,
    }
)


class RegisterStatus(StrEnum):
    """学籍状态: what the national register says."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    TRANSFERRING = "transferring"
    TRANSFERRED = "transferred"
    GRADUATED = "graduated"
    DECEASED = "deceased"
    MISSING = "missing"
    ABROAD = "abroad"
    OTHER_LEFT = "other_left"
    UNREGISTERED = "unregistered"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _REGISTER[self]


_REGISTER = {
    RegisterStatus.REGISTERED: "在籍",
    RegisterStatus.SUSPENDED: "休学",
    RegisterStatus.TRANSFERRING: "转出在途",
    RegisterStatus.TRANSFERRED: "已转出",
    RegisterStatus.GRADUATED: "毕业",
    RegisterStatus.DECEASED: "死亡",
    RegisterStatus.MISSING: "失踪",
    RegisterStatus.ABROAD: "出国（境）",
    RegisterStatus.OTHER_LEFT: "其他离校",
    RegisterStatus.UNREGISTERED: "无学籍",
}


class SuspicionSource(StrEnum):
    """Where a suspicion came from (domain §3, §4, §11)."""

    ABSENCE = "absence"
    OPENING = "opening"
    REGISTER = "register"
    PERSON = "person"
    LONG_LEAVE = "long_leave"
    TRANSFER_LAPSED = "transfer_lapsed"
    RELAPSE = "relapse"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _SOURCES[self]


_SOURCES = {
    SuspicionSource.ABSENCE: "考勤",
    SuspicionSource.OPENING: "开学未报到",
    SuspicionSource.REGISTER: "学籍比对",
    SuspicionSource.PERSON: "人工登记",
    SuspicionSource.LONG_LEAVE: "长期请假未核",
    SuspicionSource.TRANSFER_LAPSED: "转出未确认",
    SuspicionSource.RELAPSE: "巩固期内复辍",
}


class Finding(StrEnum):
    """Result classes of checking a suspicion (reference §6.4); K leads to a dropout."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741 - the national letter
    J = "J"
    K = "K"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _FINDINGS[self]


_FINDINGS = {
    Finding.A: "在校有学籍",
    Finding.B: "在校无学籍",
    Finding.C: "信息错误",
    Finding.D: "户籍问题",
    Finding.E: "死亡",
    Finding.F: "缓学、免学、休学",
    Finding.G: "送教、特教、随班就读",
    Finding.H: "超龄离校或已毕业",
    Finding.I: "出国（境）",
    Finding.J: "失联",
    Finding.K: "真辍学",
}

PRINCIPAL_FINDINGS = frozenset({Finding.A, Finding.B, Finding.C})
"""Findings a principal may close; the county decides the others (domain §3)."""

CLOSED_BY = {
    Finding.D: "由县教育局办理户籍问题销号",
    Finding.E: "由县教育局登记死亡",
    Finding.F: "由乡镇或县教育局批准休学、缓学或免学",
    Finding.H: "由学校办理毕业；超龄离校的由县教育局按户籍信息核实后销号",
    Finding.I: "由县教育局登记出国（境）",
    Finding.J: "由县教育局登记失联",
}
"""Findings that are no clearing by themselves: the decision that closes the suspicion."""
