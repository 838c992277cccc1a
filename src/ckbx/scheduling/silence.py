"""未报: which classes were to report a day and did not (domain §4, silence is a state)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts, WatchedClass


def silent_days(facts: Facts) -> Iterator[Duty]:
    """One duty a class-day whose deadline has passed and that nobody has reported by now.

    A closure is no school day; one that a school tapped counts until the county confirmed
    it, which the calendar already says. In an unknown year no day is silent. A class was to
    report the days on which it had pupils, until the end of its ninth grade.
    """
    due: dict[int, int] = {}
    for school in facts.schools:
        calendar = id(facts.calendar(school))
        if calendar not in due:
            due[calendar] = _due_days(facts, school)
        for each in facts.classes.get(school, ()):
            silent = due[calendar] & _expected(facts, each)
            silent &= ~facts.reported.bits.get(each.class_key, 0)
            for day in facts.reported.days(silent):
                yield _silent(each, date.fromordinal(day))


def _due_days(facts: Facts, school: str) -> int:
    """School days since the horizon whose roll-call deadline has passed, a bit each."""
    days = facts.calendar(school).school_days(facts.horizon, facts.today)
    base = facts.reported.base
    passed = [d for d in days if facts.passed(d, facts.rules.rules_on(d).pack.roll_call_due)]
    return sum(1 << (day.toordinal() - base) for day in passed)


def _expected(facts: Facts, each: WatchedClass) -> int:
    """The days on which the class was open and had pupils, a bit each."""
    end, bits = min(facts.today.toordinal() + 1, each.finished), 0
    for first, last in each.filled:
        bits |= facts.reported.mask(
            max(first, each.opened), end if last is None else min(last, end)
        )
    return bits


def _silent(each: WatchedClass, on: date) -> Duty:
    return Duty(
        kind="roll_call_silent",
        rule="roll_call_silent",
        subject=each.class_key,
        on=on,
        at=Scope(ScopeKind.CLASS, each.class_key),
        school=each.school,
        class_key=each.class_key,
        due_on=on,
    )
