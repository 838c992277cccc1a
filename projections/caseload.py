"""How many cases does each teacher carry, and what is overdue in them (帮扶教师工作量)?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.responsibility.answer import Holder
from projections import cases, deadlines
from projections.deadlines import Due
from projections.deadlines_facts import Days
from projections.kit.reading import Reading
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope

SOON_DAYS: Final = 3
"""A deadline is due soon up to so many school days ahead."""


class LoadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A teacher's cases at one school. ``account`` None: nobody answers for these cases.

    ``open_cases``: the work goes on; ``overdue``: of these with a deadline missed and not made
    up; ``due_soon``: with one that ends within :data:`SOON_DAYS`; ``next_due_on``: the first
    that ends; ``relapses``: that follow a return; ``to_close``: over, 销号 is awaited.
    """

    school_code: str | None
    account: str | None
    teacher: UUID | None
    open_cases: int
    overdue: int
    due_soon: int
    next_due_on: date | None
    relapses: int
    to_close: int


class _Load:
    """Being counted."""

    __slots__ = ("due_soon", "next_due_on", "open_cases", "overdue", "relapses", "to_close")

    def __init__(self) -> None:
        self.open_cases = self.overdue = self.due_soon = self.relapses = self.to_close = 0
        self.next_due_on: date | None = None

    def add(self, other: _Load) -> None:
        """Count those of another, too."""
        self.open_cases += other.open_cases
        self.overdue += other.overdue
        self.due_soon += other.due_soon
        self.relapses += other.relapses
        self.to_close += other.to_close
        self.ends(other.next_due_on)

    def ends(self, on: date | None) -> None:
        """A deadline that may be the first."""
        if on is not None and (self.next_due_on is None or on < self.next_due_on):
            self.next_due_on = on


def caseload(reading: Reading, scope: Scope, *, as_of: date, position: int) -> list[LoadRow]:
    """The load of everybody who has an open case on the day, by school and account."""
    found = cases.stands_on(reading, scope, as_of=as_of, position=position, which=cases.OPEN)
    worked = [each for each in found if each.case.over is None]
    due = iter(deadlines.due_of(reading, worked, as_of=as_of, position=position))
    soon = _soon(Days.at(reading, CountyLines.at(reading, position)), as_of)
    teachers = cases.teachers(reading, scope, found, as_of=as_of, position=position)
    nobody = Holder("", None)
    by_holder: dict[tuple[str | None, int], tuple[Holder, _Load]] = {}
    for each in found:
        held = teachers.get(each.case.child, nobody)
        key = each.place.school, id(held)
        if key not in by_holder:
            by_holder[key] = held, _Load()
        load = by_holder[key][1]
        if each.case.over is not None:
            load.to_close += 1
            continue
        load.open_cases += 1
        load.relapses += each.case.relapse_of is not None
        _count(load, next(due), soon(each.place.school))
    loads: dict[tuple[str | None, str, UUID | None], _Load] = {}
    for (school, _), (held, load) in by_holder.items():
        loads.setdefault((school, held.account, held.subject), _Load()).add(load)
    return [
        LoadRow(
            school_code=school,
            account=account or None,
            teacher=subject,
            open_cases=load.open_cases,
            overdue=load.overdue,
            due_soon=load.due_soon,
            next_due_on=load.next_due_on,
            relapses=load.relapses,
            to_close=load.to_close,
        )
        for (school, account, subject), load in sorted(loads.items(), key=_order)
    ]


def _count(load: _Load, due: Due, soon: date) -> None:
    load.overdue += due.overdue
    if due.ends is not None:
        load.due_soon += due.ends <= soon
        load.ends(due.ends)


def _soon(days: Days, as_of: date) -> Callable[[str | None], date]:
    """The last day that is soon at a school; calendar days where its calendar does not say."""

    def last(school: str | None) -> date:
        try:
            return days.of(school).add_school_days(as_of, SOON_DAYS)
        except CalendarRefusal:
            return as_of + timedelta(days=SOON_DAYS)

    return cache(last)


def _order(
    item: tuple[tuple[str | None, str, UUID | None], _Load],
) -> tuple[str, str, int]:
    school, account, subject = item[0]
    return school or "", account, subject.int if subject else 0
