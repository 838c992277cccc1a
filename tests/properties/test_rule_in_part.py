"""The rule is asked of few children and walks few of their days; it says what a walk over
every day of every child would.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckbx.domain.attendance import book as books
from ckbx.domain.attendance.assess import (
    Assessment,
    AttendingSpan,
    ClassDays,
    assess,
    attending_spans,
    stays_below,
)
from ckbx.domain.attendance.book import ClassBook, History, Results, rejudge
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.attendance.thresholds import InForce, Schedule, Thresholds
from ckbx.domain.child import departures, leaves
from ckbx.domain.child.absences import Verdict, follow_rule
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import Finding
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.system_actors import ATTENDANCE_RULE, acting
from tests import school
from tests.dsl import an_id, context
from tests.projections import kit_world
from tests.projections.kit_histories import Op, Story, histories
from tests.projections.kit_world import sqlite_world
from tests.school import BEGAN, SmallClass

DAYS, KIDS = 24, 4
LATE = date(2027, 7, 1)
Judge = Callable[..., Results]


def in_full(
    book: ClassBook,
    ctx: CommandContext,
    children: Mapping[UUID, int],
    day: int,
    rules: Schedule,
    history: History,
    *,
    cause: str | None = None,
) -> dict[UUID, list[DomainEvent]]:
    """The reference: every child concerned, every day of it, on copies."""
    said = {}
    ruling = acting(ctx, ATTENDANCE_RULE, cause)
    for child in book.children.values():
        since = children.get(child.id)
        if since is None:
            if child.episode is None:
                continue
            since = day
        if not (
            child.episode is not None
            or any(d >= since for d in child.mark_events)
            or any(d >= since for _, d in child.warned)
            or any(d >= since for d in child.long_leave)
        ):
            continue
        days, marks = history.of(child, since)
        first = child.enrolled_on.toordinal() if child.enrolled_on else 0
        result = assess(marks, days, rules, first=first, resets=child.resets)
        one = copy.deepcopy(child)
        opening = partial(history.opening, one, rules)
        verdict = Verdict(result, marks, days.reported, since, rules, opening=opening)
        events = follow_rule(one, ruling, verdict)
        if events:
            said[child.id] = events
    return said


def check_book(book: ClassBook) -> None:
    """What the book has taken in step by step is what one made anew takes in at once."""
    fresh = ClassBook(book.register, book.rolls, book.children, book.since, book.calendar)
    assert book.days() == fresh.days()
    for id_ in book.children:
        assert book.marks(id_) == fresh.marks(id_)
        assert book.waits(id_) == fresh.waits(id_)
    for roll in book.rolls.values():
        check_roll(roll)


def check_roll(roll: ClassRoll) -> None:
    """What the roll derives from its standing sheets, a day at a time, and from all at once."""
    told = {day: sessions for day, sessions in roll.by_day.items() if sessions}
    full = {day for day, sessions in told.items() if Session.FULL in sessions or len(sessions) > 1}
    assert roll.reported == sorted(full)
    assert roll.partial == told.keys() - full
    assert roll.halved == {day for day, sessions in told.items() if len(sessions) > 1}
    named = [(c, day) for day in full for s in told[day].values() for c in s.absent]
    marks = {(c, day): roll.value(c, day) for c, day in named}
    assert {(c, day): mark for c, of in roll.marks.items() for day, mark in of.items()} == {
        each: mark for each, mark in marks.items() if mark is not None
    }
    seen = {(c, day) for day in told for s in told[day].values() for c in s.sheet.seen}
    assert {(c, day) for c, days in roll.seen_on.items() for day in days} == seen


@contextmanager
def compared() -> Iterator[list[int]]:
    """Every use of the rule is compared with the reference, and what a sheet changed must be
    told of; yields how many children the rule said something of.
    """
    real, told = books.judge, []

    def both(*args: Any, **more: Any) -> Results:
        expected = in_full(*args, **more)
        results = real(*args, **more)
        assert {child.id: events for child, events in results} == expected
        check_book(args[0])
        told.append(len(expected))
        return results

    def whole(book: ClassBook, *args: Any) -> Results | None:
        before = {id_: child.version for id_, child in book.children.items()}
        results = books.submit(book, *args)
        changed = {id_ for id_, child in book.children.items() if child.version > before[id_]}
        assert changed <= {child.id for child, _ in results or ()}
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "judge", both)
        for place in (school, kit_world):
            patch.setattr(place, "submit", whole)
        yield told


# A class over random sheets, corrections, closures, leaves, clearings and changes of the rules

_letters = st.text("uuuunsp....", min_size=KIDS, max_size=KIDS)
_day = st.integers(1, DAYS)
_session = st.sampled_from([Session.FULL] * 4 + [Session.MORNING, Session.AFTERNOON])
_numbers = st.builds(
    Thresholds,
    warn_run=st.integers(2, 4),
    warn_count=st.integers(2, 6),
    window=st.integers(4, 20),
    suspect_run=st.integers(3, 6),
    long_personal=st.integers(2, 5),
    long_excused=st.integers(3, 10),
    attending_from=st.integers(1, 4),
)
_step = st.one_of(
    st.tuples(st.just("next"), _letters),
    st.tuples(st.just("next"), _letters),
    st.tuples(st.just("run"), st.integers(1, KIDS), st.text("uuunsp", min_size=3, max_size=9)),
    st.tuples(st.just("run"), st.integers(1, KIDS), st.text("ppps", min_size=3, max_size=11)),
    st.tuples(st.just("sheet"), _day, _session, _letters),
    st.tuples(st.just("void"), _day, _session),
    st.tuples(st.just("close"), st.lists(_day, max_size=3)),
    st.tuples(st.just("suspend"), st.integers(1, KIDS), _day, st.integers(1, 6)),
    st.tuples(st.just("clear"), st.integers(1, KIDS), _day),
    st.tuples(st.just("move"), st.integers(1, KIDS), _day),
    st.tuples(st.just("rules"), _day, _numbers),
)


class Life:
    """Applies steps to a small class; what is refused does not happen."""

    def __init__(self) -> None:
        self.small = SmallClass(KIDS)
        self.next = 1
        self.parts = [InForce(1, Thresholds(), 0)]

    def apply(self, step: tuple[Any, ...]) -> None:
        with suppress(CkbxError):
            getattr(self, f"_{step[0]}")(*step[1:])
        self.small.collect()

    def _sheet(self, n: int, session: Session, letters: str) -> None:
        on_roll = self.small.register.roll(self.small.day(n).toordinal())
        away = {
            k: letter
            for k, letter in enumerate(letters, 1)
            if letter != "." and an_id(k) in on_roll
        }
        seen = [k for k in range(1, KIDS + 1) if k not in away and an_id(k) in on_roll]
        self.small.hand_in(n, away, session=session, seen=seen[::2], today=LATE, note="ref:1")

    def _next(self, letters: str) -> None:
        self._sheet(self.next, Session.FULL, letters)
        self.next += 1

    def _run(self, child: int, letters: str) -> None:
        for letter in letters:
            self._next("." * (child - 1) + letter + "." * (KIDS - child))

    def _void(self, n: int, session: Session) -> None:
        self.small.put_aside(n, session, today=LATE)

    def _close(self, days: list[int]) -> None:
        self.small.close(*days, today=LATE)

    def _suspend(self, number: int, n: int, length: int) -> None:
        child, first = self.small.child(number), self.small.day(n)
        until = self.small.day(n + length)
        decision = LeaveDecision(
            occurred_on=first,
            effective_from=first,
            until=until,
            approver="officer",
            approver_role="bureau_officer",
            document="d",
            evidence_ref="e",
        )
        leaves.suspend(child, context(LATE), decision)
        self.small.register.away(
            context(LATE), child=child.id, effective_from=first, until=until, awaited=True
        )

    def _clear(self, number: int, n: int) -> None:
        departures.clear_suspicion(
            self.small.child(number),
            context(LATE),
            on=self.small.day(n),
            finding=Finding.A,
            evidence_ref="e",
            role="principal",
        )

    def _move(self, number: int, n: int) -> None:
        self.small.register.leave(context(LATE), child=an_id(number), on=self.small.day(n))
        rejudge(self.small.book, context(LATE), BEGAN, self.small.rules, _all(self.small))

    def _rules(self, n: int, numbers: Thresholds) -> None:
        first = self.small.day(n).toordinal()
        self.parts.append(InForce(first, numbers, len(self.parts)))
        self.small.rules = Schedule(self.parts)
        rejudge(self.small.book, context(LATE), BEGAN, self.small.rules, _all(self.small))


def _all(small: SmallClass) -> History:
    return books.WholeBook(small.book)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_step, min_size=4, max_size=25))
def test_few_children_and_few_days_come_to_what_all_of_them_come_to(
    steps: list[tuple[Any, ...]],
) -> None:
    with compared():
        life = Life()
        for step in steps:
            life.apply(step)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_so_they_do_in_a_county_where_children_move_leave_and_come_back(history: list[Op]) -> None:
    with tempfile.TemporaryDirectory() as folder, compared():
        world = sqlite_world(Path(folder), projections=())
        try:
            story = Story(world)
            story.begin()
            for op in history:
                story.apply(op)
        finally:
            world.close()


def test_a_child_that_left_is_told_of_when_a_later_sheet_restates_its_days() -> None:
    small, gone = SmallClass(KIDS), an_id(1)
    with compared():
        for n in range(1, 7):
            small.hand_in(n)
        first, back, ctx = small.day(2), small.day(4), context(LATE)
        small.register.away(ctx, child=gone, effective_from=first, until=back, awaited=True)
        small.register.leave(context(LATE), child=gone, on=small.day(6))
        made = small.hand_in(7)
    assert [e.occurred_on for e in made if e.originator_id == gone] == [small.day(4), small.day(5)]


# The walk alone, over days and marks of any kind


@st.composite
def _walks(draw: st.DrawFn) -> tuple[dict[int, Reason], ClassDays, Schedule, list[int], int, int]:
    letters = draw(st.text("uuuuunsspp...--x", min_size=1, max_size=60))
    codes = {
        "u": Reason.UNEXPLAINED,
        "n": Reason.UNVERIFIED,
        "s": Reason.SICK,
        "p": Reason.PERSONAL,
    }
    at = {day: letter for day, letter in enumerate(letters, 1) if letter != "x"}
    reported = [day for day, letter in at.items() if letter != "-"]
    marks = {day: codes[at[day]] for day in draw(st.permutations(reported)) if at[day] != "."}
    inside = st.integers(1, len(letters))
    later = draw(st.lists(st.tuples(inside, _numbers), max_size=2))
    parts = [InForce(1, draw(st.one_of(st.just(Thresholds()), _numbers)), 0)]
    parts += [InForce(first, numbers, n) for n, (first, numbers) in enumerate(later, 1)]
    resets = sorted(draw(st.lists(inside, max_size=2)))
    return (
        marks,
        ClassDays(list(at), reported),
        Schedule(parts),
        resets,
        draw(st.one_of(st.just(0), inside)),
        draw(inside),
    )


def of_now(result: Assessment, since: int) -> tuple[Any, ...]:
    """What may be read of an assessment from a day on: see ``Verdict``."""
    return (
        [d for d in result.warned_run if d >= since],
        [d for d in result.warned_count if d >= since],
        [
            s
            for s in result.suspicions
            if s.suspected_on >= since or s.days[0] in result.run_days[:1]
        ],
        [x for x in result.long_leave if x.day >= since],
        result.run_days,
    )


def spans_day_by_day(
    marks: Mapping[int, Reason], reported: Sequence[int], suspected_on: int, rules: Schedule
) -> tuple[AttendingSpan, ...]:
    """The reference for the stretches in which a suspected child attends."""
    spans: list[AttendingSpan] = []
    since = counted_from = None
    row = 0
    for day in reported:
        if day <= suspected_on:
            continue
        if day in marks:
            if since is not None and counted_from is not None:
                spans.append(AttendingSpan(since, counted_from, day))
            since, counted_from, row = None, None, 0
            continue
        row += 1
        since = day if since is None else since
        if counted_from is None and row >= rules.on(day).thresholds.attending_from:
            counted_from = day
    if since is not None and counted_from is not None:
        spans.append(AttendingSpan(since, counted_from, None))
    return tuple(spans)


NONE: tuple[list[Any], ...] = ([], [], [], [])


@settings(max_examples=600, deadline=None)
@given(_walks())
def test_a_walk_from_a_day_on_says_of_it_what_the_whole_walk_says(
    walk: tuple[dict[int, Reason], ClassDays, Schedule, list[int], int, int],
) -> None:
    marks, days, rules, resets, first, since = walk
    whole = of_now(assess(marks, days, rules, first=first, resets=resets), since)
    part = assess(marks, days, rules, first=first, resets=resets, since=since)
    assert of_now(part, since) == whole
    if stays_below(marks, days, since, rules):
        assert whole[:4] == NONE


@settings(max_examples=300, deadline=None)
@given(_walks())
def test_the_stretches_attended_are_those_that_a_look_at_every_day_finds(
    walk: tuple[dict[int, Reason], ClassDays, Schedule, list[int], int, int],
) -> None:
    marks, days, rules, _, _, since = walk
    expected = spans_day_by_day(marks, days.reported, since, rules)
    assert attending_spans(marks, days.reported, since, rules) == expected


# Controls


def test_the_comparison_sees_a_rule_that_overlooks_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "stays_below", lambda *_args: True)
    with compared(), pytest.raises(AssertionError):
        SmallClass(KIDS).pattern(1, "uuuuu")


def test_the_comparison_sees_a_walk_that_begins_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(marks: Mapping[int, Reason], days: ClassDays, rules: Any, **more: Any) -> Assessment:
        last = sorted(marks)[-4:]
        return assess({d: marks[d] for d in last}, days, rules, **more)

    monkeypatch.setattr(books, "assess", short)
    with compared(), pytest.raises(AssertionError):
        SmallClass(KIDS).pattern(1, "uuuuu")


def test_the_comparison_is_not_about_nothing() -> None:
    with compared() as told:
        SmallClass(KIDS).pattern(1, "uuuuu...")
    assert sum(told) >= 3
