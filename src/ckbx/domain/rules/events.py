"""Which facts say what rules a county works by?"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from ckbx.domain.shared.event import DomainEvent

RuleValue = int | str | list[int]


class RulePackAdopted(DomainEvent, frozen=True, kw_only=True):
    """All rules from a local day on. ``rules``: every field of RulePack by its name.

    Every value is written out, defaults too, so that a later default changes no past day.
    """

    TOPIC: ClassVar[str] = "ckbx.rules.RulePackAdopted"
    TITLE: ClassVar[str] = "规则包已采用"

    version: int
    effective_from: date
    rules: dict[str, RuleValue]
