"""春秋两季开学: every child is checked one by one (domain §11), per school where terms differ.

T is the school's first school day of the term; T−14 and T−7 are calendar days before it, days
1, 3, 5, 7 its school days, "close" 18:00. 报到 is a positive fact; a child whose class has
not reported is 待核, and silence alerts the class, never the child.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts, Unseen

LEAVES_BEFORE, CHAINS_BEFORE = 14, 7
NOMINAL = {"autumn": (9, 1), "spring": (2, 20)}
SPAN = timedelta(days=60)


class Opening:
    """One school's opening of one term: its days, cut to those that have come."""

    def __init__(self, facts: Facts, school: str, term: Term) -> None:
        self.facts = facts
        self.school = school
        self.term = term
        self.key = f"{term.school_year}-{2 if term.name == 'spring' else 1}"
        self.calendar = facts.calendar(school)

    def day(self, n: int) -> date | None:
        """The n-th school day of the term; None when it cannot be known yet."""
        try:
            return self.calendar.nth_from(self.term.first_day, n)
        except CalendarRefusal:
            return None

    def closed(self, n: int) -> bool:
        """Whether the close (18:00) of the n-th day has come."""
        day = self.day(n)
        pack = self.facts.rules.rules_on(self.term.first_day).pack
        return day is not None and self.facts.passed(day, pack.opening_close_at)

    def unseen(self, n: int) -> list[Unseen]:
        """Children not seen by the close of the n-th day though their class reported."""
        days = [day.toordinal() for k in range(1, n + 1) if (day := self.day(k))]
        return self.facts.unseen_by(self.school, self.key, days)


def openings(facts: Facts) -> Iterator[Opening]:
    """Every opening that is under way or was within the last 60 days."""
    for school in facts.schools:
        for term in facts.calendar(school).terms:
            first = term.first_day
            if first - timedelta(days=LEAVES_BEFORE) <= facts.today <= first + SPAN:
                yield Opening(facts, school, term)


def programme(facts: Facts) -> Iterator[Duty]:
    """The alerts of the opening programme that need no case."""
    yield from calendars_unset(facts)
    for opening in openings(facts):
        first = opening.day(1)
        if first is None:
            continue
        yield from _before(opening, first)
        yield from _silent_on_day_one(opening, first)
        yield from _not_checked_in(opening, 1, ScopeKind.CLASS)
        yield from _not_checked_in(opening, 3, ScopeKind.SCHOOL)
        yield from _report(opening)


def _before(opening: Opening, first: date) -> Iterator[Duty]:
    facts, school = opening.facts, opening.school
    early = first - timedelta(days=LEAVES_BEFORE)
    if early <= facts.today:
        for spell in facts.spells:
            stood = spell.began <= early.toordinal() and (
                spell.ended is None or spell.ended > early.toordinal()
            )
            if spell.school != school or not stood:
                continue
            is_leave = spell.kind == "leave"
            if is_leave and spell.until > first.toordinal():
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
                over=spell.ended is not None and spell.ended <= facts.today.toordinal(),
            )
    week = first - timedelta(days=CHAINS_BEFORE)
    if week <= facts.today:
        classes = [c.class_key for c in facts.classes if c.school == school]
        unset = facts.directory.unset_of_school(school, classes, week)
        if unset:
            yield Duty(
                kind="post_vacant",
                rule="chain_unset",
                subject=school,
                on=week,
                at=Scope(ScopeKind.SCHOOL, school),
                school=school,
                due_on=first,
                detail={"unset": len(unset)},
            )


def _silent_on_day_one(opening: Opening, first: date) -> Iterator[Duty]:
    facts = opening.facts
    if not facts.passed(first, facts.rules.rules_on(first).pack.opening_silent_at):
        return
    for each in facts.classes:
        if each.school != opening.school or not each.pupils or each.opened > first.toordinal():
            continue
        if first.toordinal() not in facts.reported.get(each.class_key, frozenset()):
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


def _not_checked_in(opening: Opening, n: int, whose: ScopeKind) -> Iterator[Duty]:
    day = opening.day(n)
    if day is None or not opening.closed(n):
        return
    for child in opening.unseen(n):
        code = child.class_key if whose is ScopeKind.CLASS else child.school
        yield Duty(
            kind="not_checked_in",
            rule=f"opening_close_{n}",
            subject=str(child.child),
            on=day,
            at=Scope(whose, code),
            child=child.child,
            school=child.school,
            class_key=child.class_key,
            due_on=opening.day(n + 2),
        )


def _report(opening: Opening) -> Iterator[Duty]:
    day = opening.day(7)
    if day is not None and opening.closed(7):
        yield Duty(
            kind="report_due",
            rule="opening_report_7",
            subject=opening.school,
            on=day,
            at=Scope(ScopeKind.SCHOOL, opening.school),
            school=opening.school,
            due_on=day,
        )


def calendars_unset(facts: Facts) -> Iterator[Duty]:
    """A week before the usual opening no term has been entered for it: the county is asked."""
    if not facts.schools:
        return
    terms = facts.calendar(None).terms
    for name, (month, day) in NOMINAL.items():
        usual = date(facts.today.year, month, day)
        on = usual - timedelta(days=CHAINS_BEFORE)
        near = any(t.name == name and abs((t.first_day - usual).days) <= 45 for t in terms)
        if on <= facts.today <= usual + SPAN and not near:
            yield Duty(
                kind="calendar_missing",
                rule="calendar_unset",
                subject=f"{facts.today.year}-{name}",
                on=on,
                at=Scope(ScopeKind.COUNTY, facts.county),
                due_on=usual,
            )


def suspects(facts: Facts) -> Iterator[tuple[Opening, Unseen, date, date]]:
    """Children to be suspected: not seen by the close of day 5; with day 5 and day 1."""
    for opening in openings(facts):
        first = opening.day(1)
        if first is None:
            continue
        n = facts.rules.rules_on(first).pack.opening_suspect_day
        last = opening.day(n)
        if last is not None and opening.closed(n):
            for child in opening.unseen(n):
                yield opening, child, last, first
