"""采用规则: a changed rule pack holds from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ckbx.application.office import Office
from ckbx.application.roll_calls import classes_of, reassess, rule_book
from ckbx.application.standing import another
from ckbx.application.unit import Unit
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook
from ckbx.domain.shared.event import CommandContext


def adopt_rules(
    office: Office, ctx: CommandContext, changes: Mapping[str, Any], effective: date
) -> AdoptedRules | None:
    """Adopt a changed pack from a day on; None when it changes nothing.

    Where it begins today, the classes that have handed in today are judged again. Raises
    RulePackDatedBack and the refusals of ``make_rule_pack``.
    """

    def decide(unit: Unit) -> bytes | None:
        events = unit.get(RuleBook.of(office.county).id, RuleBook).adopt(changes, effective, ctx)
        unit.add(events)
        return b"adopted" if events else None

    done = office.run(ctx, decide)
    if not done.position:
        return None
    unit = Unit(office.map, ctx)
    if effective <= office.today():
        for key in classes_of(office, unit, office.county_of(unit).schools):
            reassess(office, another(ctx), key, effective)
    return rule_book(office, unit).adopted[-1]
