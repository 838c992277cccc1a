"""What is applied for, what proves the ground, and where an application stands."""

from __future__ import annotations

from enum import StrEnum


class LeaveKind(StrEnum):
    """What is applied for; the values are those of the status that follows."""

    SUSPENSION = "suspended"
    DEFERRAL = "deferred"
    EXEMPTION = "exempted"
    HOME_TEACHING = "home_taught"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _KINDS[self]


_KINDS = {
    LeaveKind.SUSPENSION: "休学",
    LeaveKind.DEFERRAL: "缓学",
    LeaveKind.EXEMPTION: "免学",
    LeaveKind.HOME_TEACHING: "送教上门",
}


class Proof(StrEnum):
    """Whose paper proves the ground; the ground itself stands in the vault."""

    HOSPITAL = "hospital"
    COMMITTEE = "committee"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return "医院证明" if self is Proof.HOSPITAL else "专家委员会意见"


class Stage(StrEnum):
    """Where an application stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _STAGES[self]


_STAGES = {
    Stage.APPLIED: "待决定",
    Stage.APPROVED: "已批准",
    Stage.REFUSED: "不予批准",
    Stage.WITHDRAWN: "已撤回",
    Stage.ENDED: "已复学或入学",
}
