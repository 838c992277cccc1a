"""What must be told day by day: of who was away, of a class that said nothing (domain §4, §6).

Counted over the facts of the script: who stayed away without a word, which class reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from ckbx.bench.year.days import AUTUMN, SCHOOL, SPRING, WORKING
from ckbx.bench.year.fires import CALL, COUNTY, HEAD, VILLAGE, Fire, cls, d, kid, teacher
from ckbx.bench.year.script import Script
from ckbx.bench.year.world import Kid
from ckbx.domain.attendance.marks import Reason

STILL = "14:00"
"""When a class that says nothing is told further up."""
NOT_SEEN = {Kid(2020, 1): SCHOOL.of(d(12, 16), d(12, 21))}
"""Awaited in class, on no list and seen by nobody: the leave is over, the child not back."""
OFF_THE_ROLL = {Kid(2023, 1): SCHOOL.of(d(10, 13), d(10, 16))}
"""Away, and expected by no roll call: 辍学 was determined on 12 October, after the morning."""
NO_TEACHER = {(d(11, 11), 2026)}
"""The principal answers for the class."""
EARLY_WARNINGS = frozenset({"absence_run_3", "absence_5_in_20"})


def daily(told: Iterable[Fire]) -> Iterator[Fire]:
    """All of it; the village is told with the early warnings that are among ``told``."""
    script = Script()
    away = _away(script)
    for day, entry in {(day, who.entry) for who, days in away.items() for day in days}:
        yield Fire(day, CALL, "contact_same_day", cls(entry), teacher(entry))
    for who, days in away.items():
        yield from _visits(script, who, days)
    warned = {(fire.day, fire.subject) for fire in told if fire.rule in EARLY_WARNINGS}
    for day, subject in warned:
        yield Fire(day, CALL, "absence_warning_village", subject, VILLAGE)
    for (day, entry), until in script.silent.items():
        yield from _silence(day, entry, until)


def _away(script: Script) -> dict[Kid, set[date]]:
    """The days on which a class reported, and a child of it was away without a word."""
    found: dict[Kid, set[date]] = defaultdict(set)
    for day, absent in script.away.items():
        for who, why in absent.items():
            expected = day not in OFF_THE_ROLL.get(who, ())
            if why is Reason.UNEXPLAINED and expected and _reported(script, day, who):
                found[who].add(day)
    for who, days in NOT_SEEN.items():
        found[who].update(days)
    return found


def _reported(script: Script, day: date, who: Kid) -> bool:
    return script.silent.get((day, who.entry), "in the morning") is not None


def _visits(script: Script, who: Kid, away: set[date]) -> Iterator[Fire]:
    """On the second day in a row, once a run; on the first of a child on the focus list of whom
    nobody was reached that day, which then is the visit of the run, unless somebody was reached,
    or the visit made, before the second. A day without a report, or with a reason, neither counts nor ends a run;
    a term begins anew.
    """
    told = partial(Fire, subject=kid(who.entry, who.number), to=teacher(who.entry))
    for term in (AUTUMN, SPRING):
        run, first = 0, None
        for day in SCHOOL.of(*term):
            if day in away:
                run += 1
                if run == 1 and _nobody_reached(script, who, day):
                    first = day
                    yield told(day, CALL, "visit_focus_1")
                if run == 2 and (first is None or _reached_by_then(script, who, first, day)):
                    yield told(day, CALL, "visit_run_2")
            elif who not in script.away.get(day, {}) and _reported(script, day, who):
                run, first = 0, None


def _nobody_reached(script: Script, who: Kid, day: date) -> bool:
    since = script.listed.get(who)
    said = [call.reached for call in script.calls if (call.kid, call.day) == (who, day)]
    return since is not None and since <= day and said == [False]


def _reached_by_then(script: Script, who: Kid, absent_on: date, before: date) -> bool:
    called = any(
        call.reached and (call.kid, call.absent_on) == (who, absent_on) and call.day < before
        for call in script.calls
    )
    return called or any(child == who and absent_on <= day < before for child, day in script.visits)


def _silence(day: date, entry: int, until: str | None) -> Iterator[Fire]:
    """Up at 14:00 (the opening's first day has its noon for that), and to the county at the
    hour of the next working day.
    """
    first_days = {SCHOOL.of(*term)[0] for term in (AUTUMN, SPRING)}
    if day not in first_days and (until is None or until > STILL):
        up = COUNTY if (day, entry) in NO_TEACHER else HEAD
        yield Fire(day, STILL, "roll_call_silent_up", cls(entry), up)
    if until is None:
        next_day = WORKING.after(day, 1)
        yield Fire(next_day, CALL, "roll_call_silent_county", cls(entry), COUNTY)
