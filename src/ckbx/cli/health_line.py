"""What is a line of ``doctor``?"""

from __future__ import annotations

from typing import Final, NamedTuple

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"


class Check(NamedTuple):
    """One line: what was looked at, how it stands, and what to do (empty: nothing)."""

    name: str
    state: str
    detail: str
    mend: str = ""
