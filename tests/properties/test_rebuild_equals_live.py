"""Do the answers depend on the facts alone, not on when and in which steps they were folded?"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings

from ckbx.domain.child.status import TrackingStatus
from projections import leave, roll_call_completeness, roster, school, transfers
from projections.roster_counts import Standing, homes_on, standing_of
from projections.scope import Scope
from tests.projections.kit_histories import WEEKDAYS, Op, Story, histories
from tests.projections.kit_world import TODAY, S, U, World, postgres_world, sqlite_world
from tests.support.postgres import PgServer

_S = TrackingStatus
COUNTY = Scope.county()
ASKED = (*WEEKDAYS[1:25:7], date(2026, 10, 3), TODAY)


def answers(world: World, position: int, instant: datetime) -> dict[date, Any]:
    """Everything the county's answers say of some days, as known at a position."""
    said = {}
    with world.answers.reading() as look:
        for day in ASKED:
            at: dict[str, Any] = {"as_of": day, "position": position}
            said[day] = (
                roster.children_of(look, COUNTY, **at, all_=True),
                school.roll_up(look, COUNTY, **at, instant=instant),
                roll_call_completeness.class_days(look, COUNTY, **at, instant=instant),
                leave.leave(look, COUNTY, **at, all_=True),
                leave.placement(look, COUNTY, **at, all_=True),
                transfers.transfers(look, COUNTY, **at, all_=True),
            )
    return said


def check_homes(world: World) -> None:
    """The sums of who lives where, and of each school, are those of the children counted one
    by one.
    """
    with world.answers.reading() as look:
        for day in (*ASKED, *WEEKDAYS[:6]):
            position = world.log.head()
            children = roster.children_of(look, COUNTY, as_of=day, position=position)
            counted = Counter(map(_home, children))
            assert {each[:3]: each.children for each in homes_on(look, day)} == counted, day
            by_school = roster.counts_by_school(look, COUNTY, as_of=day, position=position)
            schools = Scope.schools(by_school)
            assert by_school == roster.counts_by_school(
                look, schools, as_of=day, position=position
            ), day


def _home(place: roster.Place) -> tuple[str, str, Standing]:
    codes = place.village or "", place.residence or ""
    attending = place.attending_since is not None
    standing = standing_of(place.status.value, attending=attending)
    return codes[0][:9], codes[1][:9], standing


def check_against_the_domain(world: World, story: Story) -> None:
    """Each child's status today is what its own aggregate says."""
    with world.answers.reading() as look:
        places = roster.place_of(
            look, COUNTY, world.children, as_of=TODAY, position=world.log.head()
        )
    for child in world.children.values():
        place = places[child.id]
        expected = child.status_on(TODAY)
        if child.base is _S.TRANSFERRING:
            expected = child.base  # a leave that ended before does not hide the transfer
        if expected is _S.ENROLLED and child.id not in story.decided:
            book = world.books[child.class_key or ""]
            last = book.day_before(TODAY.toordinal() + 1)
            if last is not None and book.value(child.id, last) is not None:
                expected = _S.ABSENT
        elif expected is _S.ENROLLED and place.reason is not None:
            expected = _S.ABSENT
        assert place.status is expected, child.id


def play(world: World, history: list[Op]) -> None:
    """Live folding in the steps of the history; then everything is asked again."""
    story = Story(world)
    story.begin()
    seen: list[tuple[int, datetime, dict[date, Any]]] = []
    for op in history:
        story.apply(op)
        if op == ("fold",):
            world.fold()
            check_homes(world)
            at = (world.log.head(), world.clock.now())
            seen.append((*at, answers(world, *at)))
    world.fold()
    for projection in world.projector.projections:
        report = world.projector.check(projection.name)
        assert report.equal, str(report)
    assert [lag.parked for lag in world.projector.lag()] == [0] * len(world.projector.projections)
    check_against_the_domain(world, story)
    for position, instant, said in seen:
        assert answers(world, position, instant) == said, f"as known at {position}"
    now = (world.log.head(), world.clock.now())
    before = answers(world, *now)
    check_homes(world)
    world.projector.rebuild()
    assert answers(world, *now) == before
    check_homes(world)


LONG: list[Op] = [
    ("absent", 1, 0, 9, "unexplained"),
    ("fold",),
    ("decide", "clear", 1, 12),
    ("absent", 4, 3, 7, "sick"),
    ("decide", "suspend", 5, 2),
    ("fold",),
    ("decide", "extend", 5, 8),
    ("day", 0, 4, [2, 3], "personal", "am"),
    ("day", 0, 4, [2], "personal", "pm"),
    ("decide", "transfer", 6, 3),
    ("fold",),
    ("decide", "confirm", 6, 9),
    ("absent", 1, 1, 2, "sick"),
    ("decide", "move", 2, 11),
    ("absent", 2, 12, 4, "unverified"),
    ("fold",),
    ("decide", "undo", 3, 0),
    ("decide", "lapse", 6, 0),
    ("decide", "residence", 2, 6),
    ("fold",),
    ("decide", "abroad", 4, 13),
]


OUT: list[Op] = [
    ("suspected", 1, 0, "drop"),
    ("fold",),
    ("day", 0, 1, [], "unexplained", "full"),
    ("fold",),
    ("decide", "back", 1, 14),
    ("absent", 1, 15, 4, "unexplained"),
    ("fold",),
    ("day", 0, 16, [], "unexplained", "full"),
    ("suspected", 4, 2, "relapse"),
    ("decide", "suspend", 4, 15),
    ("suspected", 5, 0, "back"),
    ("decide", "suspend", 5, 10),
    ("fold",),
    ("suspected", 2, 4, "drop"),
    ("decide", "transfer", 2, 14),
    ("suspected", 6, 0, "back"),
    ("decide", "settle", 6, 20),
]


def enums(history: list[Op]) -> list[Op]:
    """Histories written by hand use the codes."""
    from ckbx.domain.attendance.marks import Reason, Session

    codes: dict[Any, Any] = {each.value: each for each in (*Reason, *Session)}
    return [tuple(codes.get(x, x) if isinstance(x, str) else x for x in op) for op in history]


@given(histories)
@example([("absent", 1, 0, 9, U), ("fold",), ("absent", 1, 0, 2, S)])
@example(enums(LONG))
@example(enums(OUT))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rebuilt_answers_equal_live_ones_and_the_past_stays_as_it_was_known(
    history: list[Op],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = sqlite_world(Path(folder))
        try:
            play(world, history)
        finally:
            world.close()


@pytest.fixture
def pg_world(pg_server: PgServer) -> Any:
    database = pg_server.create()
    world = postgres_world(database.url())
    yield world
    world.close()
    pg_server.drop(database)


def test_rebuilt_answers_equal_live_ones_on_postgresql(pg_world: World) -> None:
    play(pg_world, enums([*LONG, *OUT]))


@pytest.mark.long
@given(histories)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rebuilt_answers_equal_live_ones_after_two_hundred_random_histories(
    history: list[Op],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = sqlite_world(Path(folder))
        try:
            play(world, history)
        finally:
            world.close()


@pytest.mark.long
@given(histories)
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_rebuilt_answers_equal_live_ones_after_two_hundred_random_histories_on_postgresql(
    pg_server: PgServer, history: list[Op]
) -> None:
    database = pg_server.create()
    world = postgres_world(database.url())
    try:
        play(world, history)
    finally:
        world.close()
        pg_server.drop(database)
