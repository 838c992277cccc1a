"""Why does a school keep an eye on a child? Codes that say nothing of its health or its home."""

from __future__ import annotations

from enum import StrEnum


class FocusReason(StrEnum):
    """Why a child is on the focus list. What lies behind it is a note in the vault."""

    RETURNED = "returned"
    SUSPECTED_BEFORE = "suspected_before"
    OFTEN_ABSENT = "often_absent"
    SCHOOL = "school_decision"
    COUNTY = "county_decision"

    @property
    def label(self) -> str:
        """The Chinese term shown to people."""
        return _REASONS[self]


_REASONS = {
    FocusReason.RETURNED: "一年内劝返复学",
    FocusReason.SUSPECTED_BEFORE: "曾列入疑似辍学",
    FocusReason.OFTEN_ABSENT: "多次缺勤",
    FocusReason.SCHOOL: "学校研究决定",
    FocusReason.COUNTY: "县教育局决定",
}
