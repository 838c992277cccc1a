"""Who has to be looked for again, and who was received and did not arrive?

失联 and 外地就读 are checked again each term (domain §3): the village is told ten days before,
the county on the day, and from the day after a check that nobody made is told to the next up,
in copy to the township. A transfer confirmed by a school of the county is through only when
the child is enrolled there. All stay until somebody does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.domain.rules.rule_ids import COPIED, RISEN
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts, Spell

ONE_DAY = timedelta(days=1)
TOLD_BEFORE = timedelta(days=10)
MISSING, ELSEWHERE, ARRIVAL = "missing", "elsewhere", "arrival"
"""Kinds of spells beside leaves and transfers."""
_RULES = {MISSING: "missing_review", ELSEWHERE: "elsewhere_review"}
VILLAGE = "_village"
ARRIVES = "arrival_10"


def due(facts: Facts) -> Iterator[Duty]:
    """Every duty of these, over again or not."""
    for spell in facts.spells:
        if spell.kind in _RULES:
            yield from _review(facts, spell, _RULES[spell.kind])
        elif spell.kind == ARRIVAL and spell.status in facts.schools:
            yield from _arrival(facts, spell)


def _review(facts: Facts, spell: Spell, rule: str) -> Iterator[Duty]:
    by = date.fromordinal(spell.until)
    county = facts.whole_county
    kind = f"{rule}_due"
    village = _duty(facts, spell, kind, rule + VILLAGE, by - TOLD_BEFORE, by)
    told = _duty(facts, spell, kind, rule, by, by)
    risen = _duty(facts, spell, kind, rule + RISEN, by + ONE_DAY, by)
    copied = _duty(facts, spell, kind, rule + COPIED, by + ONE_DAY, by)
    there = _at_home(village, ScopeKind.VILLAGE), _at_home(copied, ScopeKind.TOWNSHIP)
    here = _at(told, county), msgspec.structs.replace(_at(risen, county), up=True)
    yield from (duty for duty in (*there, *here) if spell.stood(duty.on))


def _arrival(facts: Facts, spell: Spell) -> Iterator[Duty]:
    """Due as long after the confirmation as any step of a transfer (working days)."""
    began, school = date.fromordinal(spell.began), spell.status
    days = facts.rules.rules_on(began).pack.transfer_step
    try:
        by = facts.calendars.add_working_days(began, days)
    except CalendarRefusal:
        return
    own = Scope(ScopeKind.SCHOOL, school)
    told = _at(_duty(facts, spell, "arrival_due", ARRIVES, by, by), own)
    risen = _at(_duty(facts, spell, "arrival_due", ARRIVES + RISEN, by + ONE_DAY, by), own)
    copied = _duty(facts, spell, "arrival_due", ARRIVES + COPIED, by + ONE_DAY, by)
    found = told, msgspec.structs.replace(risen, up=True), _at_home(copied, ScopeKind.TOWNSHIP)
    for duty in found:
        if spell.stood(duty.on):
            yield msgspec.structs.replace(duty, school=school)


def _duty(facts: Facts, spell: Spell, kind: str, rule: str, on: date, due_on: date) -> Duty:
    return Duty(
        kind=kind,
        rule=rule,
        subject=str(spell.child),
        on=on,
        child=spell.child,
        school=spell.school or None,
        due_on=due_on,
        over_on=spell.over_on(facts.today),
        events=[spell.event],
    )


def _at(duty: Duty, scope: Scope) -> Duty:
    return msgspec.structs.replace(duty, at=scope)


def _at_home(duty: Duty, region: ScopeKind) -> Duty:
    return msgspec.structs.replace(duty, line=Line.GOVERNMENT, region=region)
