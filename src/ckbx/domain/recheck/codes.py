"""What a re-check can find."""

from __future__ import annotations

from enum import StrEnum


class Result(StrEnum):
    """Whether what the county found agrees with what was decided."""

    AGREES = "agrees"
    DISAGREES = "disagrees"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return "相符" if self is Result.AGREES else "不符"
