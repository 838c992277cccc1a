"""What do people call a counting rule (口径)? JSON keeps its id."""

from __future__ import annotations

from typing import Final

from ckbx.domain.indicators.calibers import CALIBERS

_NAMES: Final = {
    "school": "学校汇总",
    "month": "月报",
    "month-deadlines": "月报期限",
    "month-roll-call": "月报点名",
    **{each.id: each.name for each in CALIBERS},
}
"""What a rule counts, where several stand together; the others carry their ledger's name."""


def caliber_words(code: str) -> str:
    """Which rule and its version, 学校汇总 2026.1 版, of ``school-2026.1``."""
    name, _, version = code.rpartition("-")
    return " ".join(filter(None, (_NAMES.get(name, ""), version, "版")))


def caliber_version(code: str) -> str:
    """The version alone, beside the name of the rule."""
    return f"{code.rpartition('-')[2]} 版"
