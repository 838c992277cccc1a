"""A case as the clock's run knows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.deadlines import CaseFacts
from ckbx.domain.legal.legal_steps import LegalSteps


class WatchedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the clock knows it: its facts, and where the child learns.

    ``away`` are the child's unexplained days since its first one, ``told`` the days since its
    return that its class reported: both in order, not yet sifted by the calendar. ``away`` is
    None for a child that never belonged to a class. ``legal`` are its legal steps by the
    instant asked about (None: none begun). ``return_recorded``: the local day on which somebody
    recorded that the child is back, and the id of that fact.
    """

    facts: CaseFacts
    child: UUID
    school: str | None
    class_key: str | None
    first_absent_on: date
    away: Sequence[date] | None = ()
    told: Sequence[date] = ()
    return_recorded: tuple[date, str] | None = None
    legal: LegalSteps | None = None
