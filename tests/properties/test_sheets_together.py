"""Sheets of one command are judged together: in the end it is as if one by one, without what
only held between two of them.
"""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckbx.application import roll_calls
from ckbx.domain.attendance.book import Entry, Submission, WholeBook, conclude, record
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from tests.dsl import an_id, context
from tests.properties.test_order_of_sheets import (
    KIDS,
    LATE,
    Sheet,
    _session,
    _sheet,
    a_class,
    day_by_day,
    hand_in,
    said,
)
from tests.scheduling.due_kit import AUTUMN, A, B, World, alerts
from tests.school import CODES, KEY, SmallClass
from tests.support.county import opened

SHORT = 12
_several = st.lists(
    st.tuples(st.integers(1, SHORT), _session, _sheet), min_size=1, max_size=15
).map(lambda steps: sorted(steps, key=lambda s: (s[0], s[1].value)))
ALL_REASONS = (Reason.UNEXPLAINED, Reason.UNEXPLAINED, Reason.UNVERIFIED, Reason.SICK, None, None)


def together(small: SmallClass, steps: list[tuple[int, Session, Sheet]]) -> list[Any]:
    """Record all, then ask the rule once."""
    recorded = []
    for n, session, sheet in steps:
        day = small.day(n)
        marks = {an_id(c): CODES[letter] for c, letter in sheet.absent}
        expected = len(small.register.roll(day.toordinal()))
        submission = Submission(
            class_key=KEY,
            class_name="一年级1班",
            day=day,
            session=session,
            expected=expected,
            present=expected - len(marks),
            absent=marks,
            seen=frozenset(map(an_id, sheet.seen)),
            submitted_by="ct0",
            correction_note="ref:1",
        )
        found = record(small.book, context(LATE), small.roll, submission, Entry("live", 0))
        if found is not None:
            recorded.append(found)
    if recorded:
        conclude(small.book, context(LATE), recorded, small.rules, WholeBook(small.book))
    return small.collect()


@settings(max_examples=120, deadline=None)
@given(_several, _several)
def test_together_comes_to_the_same_as_one_by_one(
    before: list[tuple[int, Session, Sheet]], corrections: list[tuple[int, Session, Sheet]]
) -> None:
    singly, jointly = a_class(), a_class()
    for small in (singly, jointly):
        for n, session, sheet in before:
            hand_in(small, n, session, sheet)
    for n, session, sheet in corrections:
        hand_in(singly, n, session, sheet)
    stood = {n: set(jointly.child(n).warned) for n in KIDS}
    made = together(jointly, corrections)
    for n in KIDS:
        assert said(jointly, n) == said(singly, n)
        assert day_by_day(jointly, n) == day_by_day(singly, n)
        mine = [event for event in made if event.originator_id == an_id(n)]
        gone = {
            (x.rule, x.occurred_on.toordinal())
            for x in mine
            if isinstance(x, e.AbsenceWarningWithdrawn)
        }
        assert gone == stood[n] - jointly.child(n).warned, "only what stood, and holds no more"


# In a store, with alerts, cases, and children of two classes


class Pair:
    """Two classes; one child of the first moves to the second."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.add(A, on=AUTUMN[2])
        world.add(B, on=AUTUMN[2])
        self.days = world.days()[:16]
        world.move(world.children[A][2], B, self.days[8])

    def roll(self, key: str, day: date) -> list[UUID]:
        mover = self.world.children[A][2]
        late = day >= self.days[8]
        if key == A:
            return [c for c in self.world.children[A] if c != mover or not late]
        return [*self.world.children[B], *([mover] if late else [])]

    def sheet(self, dice: random.Random, key: str, day: date) -> Submission:
        roll = self.roll(key, day)
        marks = {c: dice.choice(ALL_REASONS) for c in roll}
        absent = {c: reason for c, reason in marks.items() if reason is not None}
        expected = len(roll) + (dice.random() < 0.1)
        return Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=Session.FULL,
            expected=expected,
            present=expected - len(absent),
            absent=absent,
            submitted_by="ct0",
            correction_note="ref:1",
        )

    def take(self, sheets: list[Submission], *, jointly: bool) -> None:
        office = self.world.office
        if jointly:
            refused: dict[int, Any] = {}
            office.run(
                office.context("ct0"),
                lambda unit: roll_calls.decide_all(office, unit, sheets, refused),
            )
            assert refused == {}
            return
        for sheet in sheets:
            roll_calls.hand_in(office, office.context("ct0"), sheet)

    def state(self) -> dict[UUID, Any]:
        found = {}
        for child in (*self.world.children[A], *self.world.children[B]):
            of = self.world.child(child)
            episode = of.episode
            found[child] = (
                {d: what for d, (_, what) in of.said.items() if d in of.mark_events},
                of.warned,
                {d: rule for d, rule in of.long_leave.items() if rule != "corrected_withdrawal"},
                of.base,
                (episode.suspected_on, episode.first_absent_on, episode.spans) if episode else None,
            )
        return found

    def alerts(self) -> set[tuple[str, ...]]:
        return {
            (a.kind, a.rule, a.subject, str(a.day))
            for a in alerts(self.world.store).values()
            if a.state == "open" and a.rule != "corrected_withdrawal"
        }


@pytest.mark.parametrize("seed", range(6))
def test_the_alerts_that_are_open_in_the_end_are_the_same(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    found = []
    with (
        opened(f"sqlite:///{tmp_path / 'one.db'}", tmp_path / "one") as one,
        opened(f"sqlite:///{tmp_path / 'two.db'}", tmp_path / "two") as two,
    ):
        singly, jointly = (Pair(World(store, terms=[AUTUMN])) for store in (one, two))
        every = [(day, key) for day in singly.days for key in (A, B)]
        history = [singly.sheet(dice, key, day) for day, key in every if dice.random() < 0.9]
        corrections = [singly.sheet(dice, key, day) for day, key in every if dice.random() < 0.7]
        for pair in (singly, jointly):
            pair.take(history, jointly=False)
        before = jointly.alerts()
        raised = len(alerts(two))
        singly.take(corrections, jointly=False)
        jointly.take(corrections, jointly=True)
        found = [(pair.state(), pair.alerts()) for pair in (singly, jointly)]
        assert found[0] == found[1]
        came = list(alerts(two).values())[raised:]
        passing = [
            a
            for a in came
            if a.state == "withdrawn" and (a.kind, a.rule, a.subject, str(a.day)) not in before
        ]
        assert passing == [], "nothing is raised that does not hold"


def test_a_sheet_that_is_refused_leaves_the_others_alone(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'one.db'}", tmp_path / "one") as store:
        pair = Pair(World(store, terms=[AUTUMN]))
        dice = random.Random(1)
        good = [pair.sheet(dice, A, day) for day in pair.days[:3]]
        bad = pair.sheet(dice, "2152939972/1999/9", pair.days[0])
        refused: dict[int, Any] = {9: None}
        office = pair.world.office
        office.run(
            office.context("ct0"),
            lambda unit: roll_calls.decide_all(office, unit, [good[0], bad, *good[1:]], refused),
        )
        assert {n: error.code for n, error in refused.items()} == {1: "class_unknown"}
        office.forget_all()
        again = office.run(
            office.context("ct0"), lambda unit: roll_calls.decide_all(office, unit, [bad], refused)
        )
        assert again.replayed, "nothing is stored"


def test_one_by_one_says_what_only_held_between_two_sheets() -> None:
    """The control: the same corrections, one after another, raise and withdraw a warning."""
    corrections = [
        (2, Session.FULL, Sheet(((1, "u"),), ())),
        (3, Session.FULL, Sheet((), ())),
    ]
    singly, jointly = a_class(), a_class()
    for small in (singly, jointly):
        small.pattern(1, "..uu")
    one_by_one = [
        event for n, session, sheet in corrections for event in _handed(singly, n, session, sheet)
    ]
    passing = (e.AbsenceWarned, e.AbsenceWarningWithdrawn)
    assert [type(x) for x in one_by_one if isinstance(x, passing)] == list(passing)
    assert [x for x in together(jointly, corrections) if isinstance(x, passing)] == []
    assert said(jointly, 1) == said(singly, 1)


def _handed(small: SmallClass, n: int, session: Session, sheet: Sheet) -> list[Any]:
    before = len(small.events)
    hand_in(small, n, session, sheet)
    return small.events[before:]
