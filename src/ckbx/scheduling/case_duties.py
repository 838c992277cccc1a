"""What the clock owes about cases: the deadline come to its day, and the deadline missed.

On the last day those answerable are told, where nothing was done by then. From the day after,
a missed deadline is told to the next post up on its own line, and in copy to the other line,
each in an alert of its own (domain §7). All rest on :func:`ckbx.domain.case.deadlines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import msgspec

from ckbx.domain.case.deadlines import Attendance, Deadline, Outcome, SchoolDays, deadlines
from ckbx.domain.case.spans import consolidation_end
from ckbx.domain.legal.deadlines import Course, legal_deadlines
from ckbx.domain.legal.periods import Law
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.rules.rule_ids import COPIED, RISEN, RULES
from ckbx.scheduling.case_rules import TOLD_BY_ROLL_CALL
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.memory import NOT_KEPT
from ckbx.scheduling.returned import told
from ckbx.scheduling.unit import Unit
from ckbx.scheduling.watched_case import WatchedCase

ONE_DAY = timedelta(days=1)
COPY_TO = {
    Role.CASE_TEACHER: (Line.GOVERNMENT, Role.VILLAGE_OFFICER),
    Role.CLASS_TEACHER: (Line.GOVERNMENT, Role.VILLAGE_OFFICER),
    Role.PRINCIPAL: (Line.GOVERNMENT, Role.TOWNSHIP_OFFICER),
    Role.VILLAGE_OFFICER: (Line.EDUCATION, Role.PRINCIPAL),
    Role.TOWNSHIP_OFFICER: (Line.EDUCATION, Role.BUREAU_OFFICER),
    Role.BUREAU_OFFICER: (Line.GOVERNMENT, Role.BUREAU_OFFICER),
}
"""Who stands on the other line where the one who missed it stands on its own."""
TOLD_WHEN_OPEN = frozenset({"determine", "legal_remind", "legal_apply"})
"""What takes days to make ready is told on the first day on which it may be done."""
_REGION = {
    Role.VILLAGE_OFFICER: ScopeKind.VILLAGE,
    Role.TOWNSHIP_OFFICER: ScopeKind.TOWNSHIP,
}


def units(facts: Facts) -> Iterator[Unit]:
    """The duties of every case looked at, and the return of its child, which is told once.

    Legal steps are read anew each time, and such a case is not remembered.
    """
    bits = facts.reported.bits
    for case in facts.cases:
        basis = (case, bits.get(case.class_key or "")) if case.legal is None else NOT_KEPT
        yield Unit("case", case.facts.case.bytes, basis, partial(_due, facts, case))


def _due(facts: Facts, case: WatchedCase) -> Iterator[Duty]:
    """Two deadlines that one alert would speak of (letters to be answered on the same day) are
    over when both are.
    """
    found: dict[tuple[str, date], Duty] = {}
    for duty in _of_case(facts, case):
        key = (duty.rule, duty.on)
        found[key] = _both(found[key], duty) if key in found else duty
    yield from found.values()
    yield from told(facts, case)


def _both(one: Duty, other: Duty) -> Duty:
    over = [one.over_on, other.over_on]
    days = [day for day in over if day is not None]
    return msgspec.structs.replace(one, over_on=max(days) if len(days) == len(over) else None)


def _of_case(facts: Facts, case: WatchedCase) -> Iterator[Duty]:
    silent: list[Deadline] = []
    for deadline in (*deadlines_of(facts, case), *legal_deadlines_of(facts, case)):
        if deadline.kind == "follow_daily":
            if _is_silent(facts, case, deadline):
                silent.append(deadline)
                continue
            yield from _unseen(facts, case, silent)
            silent = []
        yield from _come(facts, case, deadline)
        yield from _missed(facts, case, deadline)
    yield from _unseen(facts, case, silent)


def _is_silent(facts: Facts, case: WatchedCase, deadline: Deadline) -> bool:
    """Whether nobody saw the child on a day of the daily follow-up because its class said
    nothing; a class that reported without the child on its roll has said something.
    """
    missed, key = deadline.outcome is Outcome.MISSED, case.class_key
    return missed and key is not None and not facts.reported.told(key, deadline.on.toordinal())


def _unseen(facts: Facts, case: WatchedCase, silent: list[Deadline]) -> Iterator[Duty]:
    """A stretch of such days. The teacher is told of the class itself, once a day; that a child
    of the 巩固期 is among those nobody sees is told once a stretch, to the next post up.
    """
    if silent:
        risen, *_copy = _missed(facts, case, silent[0])
        yield msgspec.structs.replace(risen, over_on=_over(silent[-1], risen.on))


def _over(deadline: Deadline, on: date) -> date | None:
    return max(deadline.over_on, on) if deadline.over_on is not None else None


def deadlines_of(facts: Facts, case: WatchedCase) -> list[Deadline]:
    """Those of the case by the instant, by the calendar of the school where the child learns."""
    calendar = facts.calendar(case.school)
    first, today = case.first_absent_on, facts.today
    school_days = set(calendar.school_days(first, today)) if first <= today else set()
    away = sorted(school_days) if case.away is None else case.away
    known = case.facts.attendance
    attendance = Attendance(
        unexplained=[day for day in away if day in school_days],
        reported=case.told,
        alarms=known.alarms,
        attending=known.attending,
    )
    days = SchoolDays(
        calendar.add_school_days,
        facts.calendars.add_working_days,
        lambda back_on: consolidation_end(calendar.terms, back_on),
    )
    known_facts = msgspec.structs.replace(case.facts, attendance=attendance)
    return deadlines(known_facts, days, facts.rules, today)


def legal_deadlines_of(facts: Facts, case: WatchedCase) -> list[Deadline]:
    """Those of the papers of its legal steps by the instant."""
    if case.legal is None:
        return []
    law = Law(facts.rules.rules_on, facts.calendars.add_working_days)
    course = Course(case.facts.returned, case.facts.over)
    return legal_deadlines(case.legal, law, course, facts.today)


def _come(facts: Facts, case: WatchedCase, deadline: Deadline) -> Iterator[Duty]:
    """Told on its last day; a determination, what goes to the court and the reminder before it
    when they can be made; what arises and falls due on
    one day (the class's report) when it was not done; nothing the roll call has told of.
    """
    if deadline.rule in TOLD_BY_ROLL_CALL or deadline.due_on is None:
        return
    on = deadline.due_on
    if deadline.kind in TOLD_WHEN_OPEN:
        on = deadline.on
    elif on == deadline.on:
        if deadline.outcome is not Outcome.MISSED:
            return
        on += ONE_DAY
    if on <= facts.today and (deadline.over_on is None or deadline.over_on >= on):
        line = Line.EDUCATION if deadline.role not in _REGION else Line.GOVERNMENT
        yield _duty(facts, case, deadline, deadline.rule, on, line, deadline.role)


def _missed(facts: Facts, case: WatchedCase, deadline: Deadline) -> Iterator[Duty]:
    """To the next post up, and in copy to the other line, from the day after."""
    if deadline.outcome is not Outcome.MISSED or deadline.due_on is None:
        return
    on, role = deadline.due_on + ONE_DAY, deadline.role
    own = Line.GOVERNMENT if role in _REGION else Line.EDUCATION
    risen = _duty(facts, case, deadline, deadline.rule + RISEN, on, own, role)
    yield msgspec.structs.replace(risen, up=True)
    other, peer = COPY_TO[role]
    yield _duty(facts, case, deadline, deadline.rule + COPIED, on, other, peer)


def _duty(
    facts: Facts,
    case: WatchedCase,
    deadline: Deadline,
    rule: str,
    on: date,
    line: Line,
    role: Role,
) -> Duty:
    return Duty(
        kind=RULES[rule].kind,
        rule=rule,
        subject=str(deadline.case),
        on=on,
        at=_at(facts, case, role),
        line=line,
        region=_REGION.get(role),
        child=case.child,
        school=case.school,
        class_key=case.class_key,
        due_on=deadline.due_on,
        over_on=_over(deadline, on),
    )


def _at(facts: Facts, case: WatchedCase, role: Role) -> Scope | None:
    """A scope of its own for the school and the county; the child's place for the others."""
    if role is Role.BUREAU_OFFICER:
        return facts.whole_county
    if role is Role.PRINCIPAL and case.school:
        return Scope(ScopeKind.SCHOOL, case.school)
    return None
