"""Who came in, and what is still asked of them?"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec


class Factor(StrEnum):
    """What is asked beside the password."""

    NONE = "none"
    NEEDED = "needed"
    TO_ENROL = "to_enrol"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who came in. ``must_change``: by a one-time code, which :meth:`Gate.use_code` takes with
    a new password; no session may begin before that.
    """

    account: str
    must_change: bool
    factor: Factor


NeedsFactor = Callable[[str], bool]


def entry_of(row: Any, needs_factor: NeedsFactor | None, *, must_change: bool) -> Entry:
    """The entry of an account's row of credentials. ``needs_factor`` says which accounts must
    set up a second factor; one that has it is always asked.
    """
    if row.factor_sealed is not None:
        wanted = Factor.NEEDED
    elif needs_factor is not None and needs_factor(row.account):
        wanted = Factor.TO_ENROL
    else:
        wanted = Factor.NONE
    return Entry(account=row.account, must_change=must_change, factor=wanted)
