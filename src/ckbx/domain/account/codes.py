"""Which roles are granted to an account, over what, and why is an account disabled?

The roles of the responsibility chain are no grants: they follow from the posts of the day
asked (domain §2).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ckbx.domain.responsibility.post import ScopeKind


class GrantedRole(StrEnum):
    """The roles that a person in charge grants (domain §1)."""

    BUREAU_LEADER = "bureau_leader"
    BUREAU_OFFICER = "bureau_officer"
    REGISTRAR = "registrar"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The Chinese name shown to people."""
        return _LABELS[self]

    @property
    def sees_children(self) -> bool:
        """Whether the role opens minors' data; such a role ends on a day (domain §13)."""
        return self is not GrantedRole.ADMINISTRATOR


_LABELS: Final = {
    GrantedRole.BUREAU_LEADER: "包学校局领导",
    GrantedRole.BUREAU_OFFICER: "县教育局控辍保学专干",
    GrantedRole.REGISTRAR: "学籍管理员",
    GrantedRole.INSPECTOR: "督导",
    GrantedRole.ADMINISTRATOR: "系统管理员",
}
_COUNTY: Final = frozenset({ScopeKind.COUNTY})
GRANTED_OVER: Final = {
    GrantedRole.BUREAU_LEADER: frozenset({ScopeKind.COUNTY, ScopeKind.SCHOOL}),
    GrantedRole.BUREAU_OFFICER: _COUNTY,
    GrantedRole.REGISTRAR: frozenset({ScopeKind.SCHOOL}),
    GrantedRole.INSPECTOR: _COUNTY,
    GrantedRole.ADMINISTRATOR: _COUNTY,
}
"""What each role may be granted over (domain §1, column "Sees")."""
LONGEST_GRANT_DAYS: Final = 366
"""A grant that opens minors' data is decided anew at least once a year."""


class DisableReason(StrEnum):
    """Why an account is disabled."""

    LEFT = "left"
    MOVED = "moved"
    MISUSED = "misused"
    AT_RISK = "at_risk"
    ASKED = "asked"

    @property
    def label(self) -> str:
        """The Chinese words shown to people."""
        return _REASONS[self]


_REASONS: Final = {
    DisableReason.LEFT: "离职",
    DisableReason.MOVED: "调岗",
    DisableReason.MISUSED: "违规使用",
    DisableReason.AT_RISK: "疑似被盗用",
    DisableReason.ASKED: "本人申请",
}
