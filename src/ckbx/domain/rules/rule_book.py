"""Which rules hold on a day?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

from ckbx.domain.rules.errors import RulePackDatedBack
from ckbx.domain.rules.events import RulePackAdopted
from ckbx.domain.rules.rule_pack import (
    DEFAULT_RULES,
    RulePack,
    make_rule_pack,
    rules_as_map,
    rules_from_map,
)
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import stream_id


class AdoptedRules(msgspec.Struct, frozen=True):
    """A version of the rules; version 0 is the default pack, in force from the beginning."""

    version: int
    effective_from: date
    pack: RulePack


DEFAULT_ADOPTED = AdoptedRules(0, date.min, DEFAULT_RULES)


class RuleBook(Aggregate):
    """All rule packs a county has adopted, in order of adoption."""

    __slots__ = ("adopted",)

    KIND: ClassVar[str] = "rules"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.adopted: list[AdoptedRules] = [DEFAULT_ADOPTED]

    @classmethod
    def of(cls, county: str) -> Self:
        """The county's rule book, before any event."""
        return cls(rules_stream(county))

    def apply(self, event: DomainEvent) -> None:
        """Fold one event. Raises TypeError for an event that is none of the rules'."""
        if not isinstance(event, RulePackAdopted):
            msg = f"{type(event).__name__} is no event of a rule book"
            raise TypeError(msg)
        pack = rules_from_map(event.rules)
        self.adopted.append(AdoptedRules(event.version, event.effective_from, pack))

    def rules_on(self, day: date) -> AdoptedRules:
        """The rules in force on a local day.

        Of the packs effective by then the one that begins last; of two that begin on the
        same day the one adopted last.
        """
        if len(self.adopted) == 1:  # asked for every duty of a run
            return self.adopted[0]
        started = [rules for rules in self.adopted if rules.effective_from <= day]
        return max(started, key=lambda rules: (rules.effective_from, rules.version))

    def adopt(
        self, changes: Mapping[str, Any], effective_from: date, ctx: CommandContext
    ) -> list[DomainEvent]:
        """Adopt the rules in force on ``effective_from`` with these changes.

        A pack that would change nothing yields no event. Raises RulePackDatedBack and the
        refusals of :func:`make_rule_pack`.
        """
        if effective_from < ctx.today:
            raise RulePackDatedBack(effective_from=effective_from, today=ctx.today)
        current = self.rules_on(effective_from)
        pack = make_rule_pack(changes, current.pack)
        if pack == current.pack:
            return []
        self.trigger_event(
            RulePackAdopted,
            ctx,
            occurred_on=ctx.today,
            version=self.adopted[-1].version + 1,
            effective_from=effective_from,
            rules=rules_as_map(pack),
        )
        return self.collect_events()


def rules_stream(county: str) -> UUID:
    """The stream of a county's rule packs."""
    return stream_id(county, RuleBook.KIND)
