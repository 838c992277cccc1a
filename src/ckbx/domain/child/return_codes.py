"""Where is a child that dropped out, and how was one placed that came back? (domain §3, §6)"""

from __future__ import annotations

from enum import StrEnum


class Whereabouts(StrEnum):
    """去向 of a child that dropped out. What betrays a belief or a case is 其他 here."""

    AT_HOME = "at_home"
    WORK_IN_COUNTY = "work_in_county"
    WORK_OUTSIDE = "work_outside"
    WITH_PARENTS = "with_parents"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _WHEREABOUTS[self]


_WHEREABOUTS = {
    Whereabouts.AT_HOME: "在家",
    Whereabouts.WORK_IN_COUNTY: "县内务工",
    Whereabouts.WORK_OUTSIDE: "县外务工",
    Whereabouts.WITH_PARENTS: "随父母外出",
    Whereabouts.OTHER: "其他",
    Whereabouts.UNKNOWN: "去向不明",
}


class Placement(StrEnum):
    """How a child that came back was placed (安置方式)."""

    ORIGINAL_CLASS = "original_class"
    OTHER_CLASS = "other_class"
    SEPARATE_CLASS = "separate_class"
    VOCATIONAL = "vocational"
    OTHER_SCHOOL = "other_school"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _PLACEMENTS[self]


_PLACEMENTS = {
    Placement.ORIGINAL_CLASS: "原班",
    Placement.OTHER_CLASS: "插班",
    Placement.SEPARATE_CLASS: "单独编班",
    Placement.VOCATIONAL: "普职融合",
    Placement.OTHER_SCHOOL: "他校",
}
