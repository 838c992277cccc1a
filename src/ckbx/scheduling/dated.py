"""Duties with a date of their own: leaves that end, transfers, vacant posts, calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.responsibility.post import Line, Post, Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts, Spell

ONE_DAY = timedelta(days=1)
OVER = 1
"""The first day after a leave, counted from its last one."""
YEAR_TASK_MONTH = 12


def leaves(facts: Facts) -> Iterator[Duty]:
    """Warnings at −30, −10, 0, +5 calendar days of the last day of a leave (domain §6), and
    on the day after it, when it is over (domain §3, ``LeaveExpired``).
    """
    for spell in facts.spells:
        if spell.kind != "leave":
            continue
        until = date.fromordinal(spell.until)
        offsets = facts.rules.rules_on(until).pack.leave_warn
        for offset in sorted({*offsets, OVER}):
            on = until + timedelta(days=offset)
            if spell.stood(on):
                rule = "leave_expired" if offset >= OVER else "leave_expiring"
                yield _of_child(facts, spell, rule, rule, on, until)


def transfers(facts: Facts) -> Iterator[Duty]:
    """A transfer that the receiving school has not confirmed in time (domain §3)."""
    for spell in facts.spells:
        on = date.fromordinal(spell.until) + ONE_DAY
        if spell.kind == "transfer" and spell.stood(on):
            yield _of_child(facts, spell, "transfer_unconfirmed", "transfer_step_10", on, on)


def _of_child(facts: Facts, spell: Spell, kind: str, rule: str, on: date, due_on: date) -> Duty:
    return Duty(
        kind=kind,
        rule=rule,
        subject=str(spell.child),
        on=on,
        at=Scope(ScopeKind.SCHOOL, spell.school) if spell.school else None,
        child=spell.child,
        school=spell.school or None,
        due_on=due_on,
        over_on=spell.over_on(facts.today),
        events=[spell.event],
    )


def vacant_posts(facts: Facts) -> Iterator[Duty]:
    """空岗: posts that had a holder and had none from a day on (domain §2)."""
    for post in facts.directory.posts.values():
        child = UUID(post.scope.code) if post.scope.kind is ScopeKind.STUDENT else None
        for since, filled, ended_by in gaps(post):
            yield Duty(
                kind="post_vacant",
                rule="post_vacant",
                subject=str(post.id),
                on=since,
                at=None if child else post.scope,
                line=post.line,
                child=child,
                school=facts.home_schools.get(child) if child else _school_of(post),
                due_on=since,
                over_on=filled if filled is not None and filled <= facts.today else None,
                events=[ended_by] if ended_by else [],
                detail={"title": post.title, "scope": post.scope.code},
            )


def gaps(post: Post) -> list[tuple[date, date | None, str]]:
    """Stretches without a holder after the first: first day, first day held again, and the
    event that ended the last tenure before it.
    """
    found: list[tuple[date, date | None, str]] = []
    reach: date | None = None
    ended_by = ""
    for tenure in sorted(post.tenures, key=lambda t: t.first_day):
        if reach is not None and tenure.first_day > reach + ONE_DAY:
            found.append((reach + ONE_DAY, tenure.first_day, ended_by))
        last = tenure.last_day or date.max
        if reach is None or last > reach:
            reach, ended_by = last, tenure.ended_by
    if reach is not None and reach != date.max:
        found.append((reach + ONE_DAY, None, ended_by))
    return [gap for gap in found if post.stands(gap[0])]


def _school_of(post: Post) -> str | None:
    if post.scope.kind in (ScopeKind.SCHOOL, ScopeKind.GRADE, ScopeKind.CLASS):
        return post.scope.code.split("/")[0]
    return None


def closures(facts: Facts) -> Iterator[Duty]:
    """停课 that a school tapped and the county has not answered in time (domain §4)."""
    for school in facts.schools:
        calendar = facts.calendar(school)
        for day in facts.calendars.awaiting_county(school):
            days = facts.rules.rules_on(day).pack.closure_confirm_days
            try:
                due = calendar.add_school_days(day, days)
            except CalendarRefusal:
                due = day
            yield Duty(
                kind="closure_unconfirmed",
                rule="closure_unconfirmed",
                subject=school,
                on=due,
                at=facts.whole_county,
                school=school,
                due_on=due,
                detail={"day": day.isoformat()},
            )


def unknown_years(facts: Facts) -> Iterator[Duty]:
    """A term reaches into a year whose holidays nobody has made known: ask in December."""
    calendar = facts.calendar(None)
    years = {day.year for term in calendar.terms for day in (term.first_day, term.last_day)}
    for year in sorted(year for year in years if calendar.is_unknown_year(year)):
        yield Duty(
            kind="calendar_year_unknown",
            rule="calendar_year_unknown",
            subject=str(year),
            on=date(year - 1, YEAR_TASK_MONTH, 1),
            at=facts.whole_county,
            line=Line.EDUCATION,
            due_on=date(year - 1, 12, 31),
        )
