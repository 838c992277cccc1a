"""春秋两季开学: every child is checked one by one (domain §11), per school where terms differ.

T is the school's first school day of the term; T−14 and T−7 are calendar days before it, days
1, 3, 5, 7 its school days, "close" 18:00. Silence alerts the class, never the child.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from ckbx.domain.attendance.opening import LAST_DAY
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.report.months import month_of
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import LEAVES_BEFORE, Facts
from ckbx.scheduling.silence import taught_until
from ckbx.scheduling.unit import Unit
from ckbx.scheduling.unseen import TOLD_ON, Opening, Unseen, who_is_unseen

CHAINS_BEFORE = timedelta(days=7)
NOMINAL = {"autumn": (9, 1), "spring": (2, 20)}
NEAR, NAMED = 45, 10


def openings(facts: Facts) -> Iterator[Opening]:
    """Every opening that a run looks at: one window for what is raised and what is taken back."""
    for school in facts.schools:
        for term in facts.terms(school):
            yield Opening(facts, school, term)


def programme(facts: Facts) -> Iterator[Duty]:
    """The alerts of the opening programme that need no case."""
    yield from calendars_unset(facts)
    summaries: set[date] = set()
    for opening in openings(facts):
        first = opening.day(1)
        if first is None:
            continue
        yield from _leaves_before(opening, first)
        yield from _chains_known(opening, first)
        yield from _silent_on_day_one(opening, first)
        last = opening.day(LAST_DAY)
        if last is not None and facts.closed(last) and _was_held(opening, first, last):
            yield _report(facts, opening.school, last)
            summaries.add(last)
    yield from (_summary(facts, day) for day in sorted(summaries))


def _leaves_before(opening: Opening, first: date) -> Iterator[Duty]:
    facts, school = opening.facts, opening.school
    early = first - LEAVES_BEFORE
    for spell in facts.spells:
        if spell.kind not in ("leave", "transfer"):
            continue
        if spell.school != school or not spell.stood(early):
            continue
        is_leave = spell.kind == "leave"
        if is_leave and spell.until >= first.toordinal():
            continue
        yield Duty(
            kind="leave_expiring" if is_leave else "transfer_unconfirmed",
            rule="opening_t14",
            subject=str(spell.child),
            on=early,
            at=Scope(ScopeKind.SCHOOL, school),
            child=spell.child,
            school=school,
            due_on=first,
            over_on=spell.over_on(facts.today),
            events=[spell.event],
        )


def _chains_known(opening: Opening, first: date) -> Sequence[Duty]:
    facts, school = opening.facts, opening.school
    basis = (facts.directory, first, facts.classes.get(school))
    return facts.memory.part("chains").made(
        (school, opening.key), basis, lambda: list(_chains_before(opening, first))
    )


def _chains_before(opening: Opening, first: date) -> Iterator[Duty]:
    """A week before: which scopes will have nobody on the first day? Closed once all are set."""
    facts, school, day = opening.facts, opening.school, first.toordinal()
    classes = [
        each.class_key
        for each in facts.classes.get(school, ())
        if each.opened <= day and each.has_pupils(day)
    ]
    unset = facts.directory.unset_of_school(school, classes, first)
    if unset:
        set_on = facts.directory.all_set_on(unset)
        over = set_on is not None and set_on <= facts.today
        yield Duty(
            kind="post_vacant",
            rule="chain_unset",
            subject=school,
            on=first - CHAINS_BEFORE,
            at=Scope(ScopeKind.SCHOOL, school),
            school=school,
            due_on=first,
            over_on=set_on if over else None,
            detail={"unset": len(unset), "scopes": "、".join(s.code for s in unset[:NAMED])},
        )


def _silent_on_day_one(opening: Opening, first: date) -> Iterator[Duty]:
    facts, day = opening.facts, first.toordinal()
    if not facts.passed(first, facts.rules.rules_on(first).pack.opening_silent_at):
        return
    for each in facts.classes.get(opening.school, ()):
        if not each.has_pupils(day) or not each.opened <= day < taught_until(facts, each):
            continue
        if not facts.reported.told(each.class_key, day):
            yield Duty(
                kind="roll_call_silent",
                rule="opening_silent",
                subject=each.class_key,
                on=first,
                at=Scope(ScopeKind.SCHOOL, opening.school),
                school=opening.school,
                class_key=each.class_key,
                due_on=first,
            )


def units(facts: Facts) -> Iterator[Unit]:
    """Who was not checked in at each opening whose first day is known."""
    for opening in openings(facts):
        if opening.day(1) is None:
            continue
        unseen = who_is_unseen(opening)
        if any(unseen.values()):
            key = (opening.school, opening.key)
            yield Unit("opening", key, unseen, partial(_not_checked_in, opening, unseen))


def _not_checked_in(opening: Opening, unseen: Mapping[int, Sequence[Unseen]]) -> Iterator[Duty]:
    """Day 1 to the class teacher, day 3 to principal and village, day 5 to township and county.

    The number in a rule's id is its name; which day holds stands in the rule pack.
    """
    county = Scope(ScopeKind.COUNTY, opening.facts.county)
    check, tell = TOLD_ON
    for each in unseen[check]:
        own = Scope(ScopeKind.CLASS, each.class_key)
        yield _missed(opening, each, "opening_close_1", at=own)
    for each in unseen[tell]:
        own = Scope(ScopeKind.SCHOOL, each.school)
        yield _missed(opening, each, "opening_close_3", at=own)
        yield _missed(opening, each, "opening_close_3_village", region=ScopeKind.VILLAGE)
    for each in unseen[opening.suspect_day]:
        yield _missed(opening, each, "opening_close_5_township", region=ScopeKind.TOWNSHIP)
        yield _missed(opening, each, "opening_close_5_county", at=county, line=Line.GOVERNMENT)


def _missed(
    opening: Opening,
    each: Unseen,
    rule: str,
    *,
    at: Scope | None = None,
    line: Line = Line.EDUCATION,
    region: ScopeKind | None = None,
) -> Duty:
    return Duty(
        kind="not_checked_in",
        rule=rule,
        subject=str(each.child),
        on=each.on,
        at=at,
        line=Line.GOVERNMENT if region else line,
        region=region,
        child=each.child,
        school=each.school,
        class_key=each.class_key,
        due_on=_after(opening, each.on, 2),
        days=each.days,
    )


def _after(opening: Opening, day: date, n: int) -> date | None:
    try:
        return opening.calendar.add_school_days(day, n)
    except CalendarRefusal:
        return None


def _was_held(opening: Opening, first: date, last: date) -> bool:
    """Whether the school had a class with pupils then: one that came later owes no summary."""
    days = [first.toordinal(), last.toordinal()]
    return any(
        each.opened <= day and each.has_pupils(day)
        for each in opening.facts.classes.get(opening.school, ())
        for day in days
    )


def _report(facts: Facts, school: str, day: date) -> Duty:
    """学校汇总: over when the school's report of that month is signed (or closed by hand)."""
    return Duty(
        kind="report_due",
        rule="opening_report_7",
        subject=school,
        on=day,
        at=Scope(ScopeKind.SCHOOL, school),
        school=school,
        due_on=day,
        over_on=_signed(facts, school, day),
    )


def _signed(facts: Facts, school: str, day: date) -> date | None:
    """When the report (of the county: ``""``) of the month of a day was signed."""
    signed = facts.signed.get((school, month_of(day).key))
    return None if signed is None else max(signed, day)


def _summary(facts: Facts, day: date) -> Duty:
    """县级汇总: one a day on which schools end their opening; over when the county's summary of
    that month is signed (or closed by hand).
    """
    return Duty(
        kind="opening_report",
        rule="opening_report_7_county",
        subject=facts.county,
        on=day,
        at=facts.whole_county,
        line=Line.GOVERNMENT,
        due_on=day,
        over_on=_signed(facts, "", day),
    )


def calendars_unset(facts: Facts) -> Iterator[Duty]:
    """A week before the usual opening no term has been entered for it: the county is asked.

    Not for openings before the county's first term: nobody was to enter those.
    """
    terms = facts.calendar(None).terms
    if not facts.schools or not terms:
        return
    began = min(term.first_day for term in terms) - timedelta(days=NEAR)
    for year in range(facts.horizon.year, facts.today.year + 1):
        for name, (month, day) in NOMINAL.items():
            usual = date(year, month, day)
            if usual < began or any(
                t.name == name and abs((t.first_day - usual).days) <= NEAR for t in terms
            ):
                continue
            yield Duty(
                kind="calendar_missing",
                rule="calendar_unset",
                subject=f"{year}-{name}",
                on=usual - CHAINS_BEFORE,
                at=facts.whole_county,
                due_on=usual,
            )


def suspects(facts: Facts) -> Iterator[tuple[Opening, Unseen]]:
    """Children to be suspected: not seen by the close of their day 5."""
    for opening in openings(facts):
        for each in who_is_unseen(opening)[opening.suspect_day]:
            if each.on >= facts.horizon:
                yield opening, each
