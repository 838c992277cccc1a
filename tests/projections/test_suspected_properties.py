"""Whatever is handed in and corrected: the ledger says what the domain says, then and later."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ckbx.domain.attendance.marks import Reason, Session, is_unexplained
from projections.scope import Scope
from projections.suspected import SuspectedRow, suspected
from tests.projections.kit_world import SCHOOLS, TODAY, World, sqlite_world, weekdays

CLASS = f"{SCHOOLS[0]}/2026/1"
CHILDREN = [UUID(int=n) for n in (1, 2)]
DAYS = weekdays(date(2026, 11, 2), date(2026, 11, 19))
U, N, S = Reason.UNEXPLAINED, Reason.UNVERIFIED, Reason.SICK

mark = st.sampled_from([None, S, N, U, U, U, U])
sheet = st.fixed_dictionaries(dict.fromkeys(CHILDREN, mark))
session = st.sampled_from([Session.FULL] * 6 + [Session.MORNING, Session.AFTERNOON])
first_round = st.lists(st.tuples(session, sheet), min_size=len(DAYS), max_size=len(DAYS))
correction = st.tuples(st.sampled_from(DAYS), session, sheet)
corrections = st.lists(correction, max_size=4)

Answer = list[SuspectedRow]


@settings(max_examples=12)
@given(first_round, corrections)
def test_the_ledger_agrees_with_the_domain_and_with_what_it_said_before(
    rounds: list[tuple[Session, dict[UUID, Reason | None]]],
    later: list[tuple[date, Session, dict[UUID, Reason | None]]],
) -> None:
    told = [(d, s, m) for d, (s, m) in zip(DAYS, rounds, strict=True)]
    with TemporaryDirectory() as folder:
        world = sqlite_world(Path(folder))
        try:
            world.found(size=2, schools=SCHOOLS[:1])
            said: list[tuple[int, Answer]] = []
            for number, (day, part, marks) in enumerate([*told, *later]):
                absent = {c: r for c, r in marks.items() if r is not None}
                world.hand_in(CLASS, day, absent, session=part, note=str(number))
                position = world.record()
                if number % 4 == 3:
                    said.append((position, ask(world, position)))
            position = world.record()
            assert_agrees(world, ask(world, position))
            assert all(ask(world, then) == answer for then, answer in said)
            assert world.projector.check("suspected").equal
        finally:
            world.close()


def ask(world: World, position: int, on: date = TODAY) -> Answer:
    with world.reading() as reading:
        return suspected(reading, Scope.county(), as_of=on, position=position)


def assert_agrees(world: World, rows: Answer) -> None:
    """The open episodes of the aggregates, with the days that the class roll counts."""
    by_child = {row.child: row for row in rows}
    open_ = {c.id: c for c in world.children.values() if c.episode is not None}
    assert by_child.keys() == open_.keys()
    roll = world.rolls[CLASS]
    for id_, child in open_.items():
        row, episode = by_child[id_], child.episode
        assert episode is not None
        marks = roll.marks.get(id_, {})
        counted = [
            d for d, r in marks.items() if d >= episode.first_absent_on and is_unexplained(r)
        ]
        assert row.suspected_on == child.suspected_on
        assert row.first_absent_on == date.fromordinal(episode.first_absent_on)
        assert row.unexplained_days == len(counted)
        lasting = [since for since, _, until in episode.spans if until is None]
        assert row.attending_since == (lasting[-1] if lasting else None)
        before = row.suspected_on - timedelta(days=1)
        assert id_ not in {r.child for r in ask(world, world.log.head(), before)}
