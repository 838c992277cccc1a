"""Which figures does a monthly report carry, by which counting rule, and how are they sealed?

Every figure is a numerator over a denominator under a named, versioned 口径 (domain §3); a
county's figure is the sum of its schools' numerators over the sum of their denominators.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import msgspec

STOCK: Final = "school-2026.1"
"""Counted as in the 学校汇总 ledger, on the as-of day."""
MONTH: Final = "month-2026.1"
"""Counted over the days from the first of the month to the as-of day, both included."""
DEADLINES: Final = "month-deadlines-2026.1"
ROLL_CALLS: Final = "month-roll-call-2026.1"
SEAL: Final = "ckbx-report-1"
"""Names the canonical form that is hashed: JSON, UTF-8, in the order of :func:`digest_of`."""
_CENT: Final = Decimal("0.01")


class FigureKind(msgspec.Struct, frozen=True):
    """A figure by its id for ever: what people call it, what it is divided by, its 口径."""

    id: str
    title: str
    over: str
    caliber: str


_TABLE: Final = (
    # id, title, denominator in words, caliber
    ("attending", "在校", "应入学", STOCK),
    ("not_enrolled", "未入学", "应入学", STOCK),
    ("on_leave", "请假", "应入学", STOCK),
    ("absent", "无故缺勤未返校", "应入学", STOCK),
    ("suspected", "疑似辍学", "应入学", STOCK),
    ("suspected_attending", "疑似中已恢复到校", "疑似辍学", STOCK),
    ("dropped_out", "辍学", "应入学", STOCK),
    ("persuaded_back", "劝返复学（巩固期）", "应入学", STOCK),
    ("suspended", "休学", "应入学", STOCK),
    ("deferred", "缓学", "应入学", STOCK),
    ("exempted", "免学", "应入学", STOCK),
    ("home_taught", "送教上门", "应入学", STOCK),
    ("transferring", "转出在途", "应入学", STOCK),
    ("missing", "失联", "应入学", STOCK),
    ("suspected_new", "本月新增疑似", "应入学", MONTH),
    ("determined_new", "本月认定辍学", "应入学", MONTH),
    ("returned_new", "本月劝返复学", "本月劝返复学＋截至日仍辍学", MONTH),
    ("relapsed_new", "本月复辍", "本月复辍＋截至日巩固期", MONTH),
    ("closed_new", "本月销号", "本月销号＋截至日未销号个案", MONTH),
    ("cases_worked", "本月劝返过的个案", "本月在办个案", MONTH),
    ("deadlines_kept", "本月期限按期办结", "本月到期的期限", DEADLINES),
    ("silent_class_days", "未报点名班次", "应报班次", ROLL_CALLS),
)
FIGURES: Final[dict[str, FigureKind]] = {row[0]: FigureKind(*row) for row in _TABLE}
"""In the order in which a report lists them."""
ZERO: Final = ("dropped_out", "determined_new")
"""A report in which all of these are nought is a 零报告."""
BESIDE: Final = (
    "absent",
    "suspected",
    "transferring",
    "missing",
    "suspected_new",
    "silent_class_days",
)
"""What stands beside its noughts: whoever reads them sees what was open in the same month."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a report: children, cases, deadlines or class-days."""

    id: str
    caliber: str
    numerator: int
    denominator: int

    @property
    def title(self) -> str:
        """What people call it; the id of one that this program does not know."""
        kind = FIGURES.get(self.id)
        return kind.title if kind else self.id

    @property
    def percent(self) -> float | None:
        """To two places, halves away from zero; None where the denominator is not positive."""
        if self.denominator <= 0:
            return None
        exact = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        return float(exact.quantize(_CENT, ROUND_HALF_UP))


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures miss, and how many: ``parked`` subjects, ``ungraduated`` children, and in
    a county's summary children of ``no_school``, who are in no school's report.
    """

    code: str
    count: int


GAPS: Final = {
    "parked": "有 {count} 个对象的事件无法计入，不完整",
    "ungraduated": "有 {count} 名九年级学生还没有登记毕业，仍计入应入学",
    "no_school": "有 {count} 名应入学儿童不在任何学校，各校月报和汇总数都不含",
}


def gap_sentence(gap: Gap) -> str:
    """What people read."""
    return GAPS.get(gap.code, "不完整（" + gap.code + "，{count}）").format(count=gap.count)


def make_figures(counts: Mapping[str, tuple[int, int]]) -> list[Figure]:
    """Every figure in order from (numerator, denominator) by id. Raises KeyError."""
    return [
        Figure(id=kind.id, caliber=kind.caliber, numerator=over[0], denominator=over[1])
        for kind in FIGURES.values()
        for over in (counts[kind.id],)
    ]


def total(reports: Iterable[Sequence[Figure]]) -> list[Figure]:
    """The sums of several reports, figure by figure; those of different 口径 stay apart."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for report in reports:
        for each in report:
            key = (each.id, each.caliber)
            above, below = found.get(key, (0, 0))
            found[key] = (above + each.numerator, below + each.denominator)
    order = {id_: n for n, id_ in enumerate(FIGURES)}
    return [
        Figure(id=id_, caliber=caliber, numerator=above, denominator=below)
        for (id_, caliber), (above, below) in sorted(
            found.items(), key=lambda each: (order.get(each[0][0], len(order)), each[0])
        )
    ]


def is_zero(figures: Iterable[Figure]) -> bool:
    """Whether these make a 零报告."""
    return not any(each.numerator for each in figures if each.id in ZERO)


def beside(figures: Iterable[Figure]) -> list[Figure]:
    """What is open beside the noughts of a 零报告; empty where nothing is."""
    return [each for each in figures if each.id in BESIDE and each.numerator]


def digest_of(
    *,
    of: str,
    month: str,
    as_of: date,
    figures: Sequence[Figure],
    gaps: Sequence[Gap] = (),
    parts: Sequence[Any] = (),
) -> str:
    """SHA-256 (hexadecimal) of the canonical figures of a school (10 digits) or county (6).

    The canonical form is compact JSON of a list: the name of the form, whose it is, month,
    as-of day, figures as ``[id, caliber, numerator, denominator]``, what they miss as ``[code,
    count]``, and for a county its ``parts`` as lists of numbers and text.
    """
    rows = [[f.id, f.caliber, f.numerator, f.denominator] for f in figures]
    missing = [[gap.code, gap.count] for gap in gaps]
    whole = [SEAL, of, month, as_of.isoformat(), rows, missing, list(parts)]
    sealed = msgspec.json.encode(whole)
    return hashlib.sha256(sealed).hexdigest()
