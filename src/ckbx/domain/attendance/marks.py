"""Which marks exist, and what one child's day comes to when it has several sessions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why a child was not there (缺勤原因)."""

    SICK = "sick"
    PERSONAL = "personal"
    UNEXPLAINED = "unexplained"
    UNVERIFIED = "unverified"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _LABELS[self]


_LABELS = {
    Reason.SICK: "病假",
    Reason.PERSONAL: "事假",
    Reason.UNEXPLAINED: "无故",
    Reason.UNVERIFIED: "未核",
}


class Session(StrEnum):
    """Which part of the school day a roll call covers (时段)."""

    FULL = "full"
    MORNING = "am"
    AFTERNOON = "pm"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return {"full": "全天", "am": "上午", "pm": "下午"}[self.value]


def is_unexplained(reason: Reason | None) -> bool:
    """无故 and 未核 count for the rule; 病假 and 事假 do not (domain §4)."""
    return reason is Reason.UNEXPLAINED or reason is Reason.UNVERIFIED


class Tally(NamedTuple):
    """Everybody expected (应到) is in one of the other numbers: ``present`` 实到, ``absent`` 缺勤
    (无故), ``on_leave`` 请假 (病假, 事假), ``unverified`` 未核.
    """

    expected: int
    present: int
    absent: int
    on_leave: int
    unverified: int

    @classmethod
    def of(cls, expected: int, reasons: Iterable[Reason], unnamed: int = 0) -> Tally:
        """Of those listed with these reasons; ``unnamed``: on no list, and still to be named
        到校 (domain §4, the roll), which is 未核 as well.
        """
        listed = list(reasons)
        unverified = listed.count(Reason.UNVERIFIED) + unnamed
        absent = listed.count(Reason.UNEXPLAINED)
        on_leave = len(listed) + unnamed - unverified - absent
        return cls(expected, expected - len(listed) - unnamed, absent, on_leave, unverified)


def day_value(sessions: Iterable[Reason | None]) -> Reason | None:
    """A child's day from its reported sessions (None = present).

    Present if any session is present; unexplained if every one is 无故/未核; else excused,
    with the first excused reason (domain §4, half days).
    """
    first: Reason | None = None
    excused: Reason | None = None
    for reason in sessions:
        if reason is None:
            return None
        first = first or reason
        if excused is None and not is_unexplained(reason):
            excused = reason
    return excused or first
