"""未报: which classes were to report a day and did not (domain §4, silence is a state)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts


def silent_days(facts: Facts) -> Iterator[Duty]:
    """One duty a class-day whose deadline has passed and that nobody has reported by now.

    A closure is no school day; one that a school tapped counts until the county confirmed
    it, which the calendar already says. In an unknown year no day is silent.
    """
    due_days = {school: _due_days(facts, school) for school in facts.schools}
    for each in facts.classes:
        if not each.pupils:
            continue
        told = facts.reported.get(each.class_key, frozenset())
        for day in due_days.get(each.school, ()):
            if day >= each.opened and day not in told:
                on = date.fromordinal(day)
                yield Duty(
                    kind="roll_call_silent",
                    rule="roll_call_silent",
                    subject=each.class_key,
                    on=on,
                    at=Scope(ScopeKind.CLASS, each.class_key),
                    school=each.school,
                    class_key=each.class_key,
                    due_on=on,
                )


def _due_days(facts: Facts, school: str) -> list[int]:
    """School days since the horizon whose roll-call deadline has passed."""
    days = facts.calendar(school).school_days(facts.horizon, facts.today)
    return [
        day.toordinal()
        for day in days
        if facts.passed(day, facts.rules.rules_on(day).pack.roll_call_due)
    ]
