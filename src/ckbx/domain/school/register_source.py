"""Which body's list was compared with the rosters (domain §8, reference §6.1)?"""

from __future__ import annotations

from enum import StrEnum


class RegisterSource(StrEnum):
    """Whose list it is."""

    POLICE = "police"
    HEALTH = "health"
    CIVIL_AFFAIRS = "civil_affairs"
    DISABLED_FEDERATION = "disabled_federation"
    AGRICULTURE = "agriculture"
    VILLAGE = "village"
    SUPERIOR = "superior"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _LABELS[self]


_LABELS = {
    RegisterSource.POLICE: "公安户籍",
    RegisterSource.HEALTH: "卫健",
    RegisterSource.CIVIL_AFFAIRS: "民政",
    RegisterSource.DISABLED_FEDERATION: "残联",
    RegisterSource.AGRICULTURE: "农业农村（脱贫、监测户）",
    RegisterSource.VILLAGE: "村级摸排",
    RegisterSource.SUPERIOR: "上级下发",
    RegisterSource.OTHER: "其他",
}
