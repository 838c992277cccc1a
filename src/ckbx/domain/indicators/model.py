"""What is an indicator: a named, versioned counting rule, and what it came to?"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

import msgspec

_CENT = Decimal("0.01")


class Stage(StrEnum):
    """For which children an indicator is worked out (六三制: grades 1-6, 7-9, all)."""

    PRIMARY = "primary"
    JUNIOR = "junior"
    ALL = "all"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _STAGES[self]


_STAGES = {Stage.PRIMARY: "小学", Stage.JUNIOR: "初中", Stage.ALL: "义务教育"}


class Unit(StrEnum):
    """In what the value is given: per cent, or calendar days a child."""

    PERCENT = "percent"
    DAYS = "days"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return "百分比" if self is Unit.PERCENT else "天"


class Caliber(msgspec.Struct, frozen=True, kw_only=True):
    """A counting rule. ``id`` is its name for ever; ``version`` changes with its meaning.

    ``formula`` says numerator and denominator in words.
    """

    id: str
    name: str
    formula: str
    unit: Unit = Unit.PERCENT
    version: str = "2026.1"

    @property
    def code(self) -> str:
        """The 口径 id that stands beside every figure."""
        return f"{self.id}-{self.version}"


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """What a counting rule came to.

    Numerator and denominator are children, classes, deadlines or (numerator) days; either is
    None when the facts for it are not recorded: 无数据, and ``note`` says why. ``base_day``
    is the local day of the denominator, ``post`` the post that the figure is about.
    """

    caliber: Caliber
    stage: Stage = Stage.ALL
    numerator: int | None
    denominator: int | None
    note: str = ""
    base_day: date | None = None
    post: str | None = None

    @property
    def id(self) -> str:
        """The name of the rule."""
        return self.caliber.id

    @property
    def version(self) -> str:
        """The version of the rule."""
        return self.caliber.version

    @property
    def unit(self) -> Unit:
        """The unit of the value."""
        return self.caliber.unit

    @property
    def has_data(self) -> bool:
        """Whether both sides are known."""
        return self.numerator is not None and self.denominator is not None

    @property
    def value(self) -> float | None:
        """Per cent or days to two places, halves away from zero; None where nothing can be
        divided: no data, or a denominator that is not positive.
        """
        if self.numerator is None or self.denominator is None or self.denominator <= 0:
            return None
        times = 100 if self.unit is Unit.PERCENT else 1
        exact = Decimal(self.numerator) * times / Decimal(self.denominator)
        return float(exact.quantize(_CENT, ROUND_HALF_UP))


def no_data(
    caliber: Caliber,
    reason: str,
    *,
    stage: Stage = Stage.ALL,
    numerator: int | None = None,
    base_day: date | None = None,
    note: str = "",
) -> Indicator:
    """无数据: never a nought. A numerator that is known is still shown."""
    return Indicator(
        caliber=caliber,
        stage=stage,
        numerator=numerator,
        denominator=None,
        note="。".join(part for part in (f"无数据：{reason}", note) if part),
        base_day=base_day,
    )
