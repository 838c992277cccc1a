"""How a disabled child may be placed (残疾人教育条例; reference chapter on placements)."""

from __future__ import annotations

from enum import StrEnum


class PlacementKind(StrEnum):
    """The six placements; the last three are applied for."""

    INCLUSIVE = "inclusive"
    SPECIAL_CLASS = "special_class"
    SPECIAL_SCHOOL = "special_school"
    HOME_TAUGHT = "home_taught"
    DEFERRED = "deferred"
    EXEMPTED = "exempted"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _KINDS[self]


_KINDS = {
    PlacementKind.INCLUSIVE: "随班就读",
    PlacementKind.SPECIAL_CLASS: "特教班",
    PlacementKind.SPECIAL_SCHOOL: "特教学校",
    PlacementKind.HOME_TAUGHT: "送教上门",
    PlacementKind.DEFERRED: "缓学",
    PlacementKind.EXEMPTED: "免学",
}
AT_SCHOOL = frozenset(
    {PlacementKind.INCLUSIVE, PlacementKind.SPECIAL_CLASS, PlacementKind.SPECIAL_SCHOOL}
)
"""Placements in which the child learns at a school; its status does not change."""

DISABILITIES = {
    "1": "视力",
    "2": "听力",
    "3": "言语",
    "4": "肢体",
    "5": "智力",
    "6": "精神",
    "7": "多重",
}
"""类别, the 19th character of a 残疾证号."""
LEVELS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}
"""等级, the 20th."""
