"""Who was seen since the term began, by the roll calls alone? On both stores."""

from __future__ import annotations

from datetime import date

from ckbx.domain.child.events import CheckedIn
from projections import arrivals
from projections.arrivals import Arrived
from projections.scope import Scope
from tests.projections.kit_fixtures import any_world
from tests.projections.kit_world import BEGAN, SCHOOLS, TERM, N, S, U, World
from tests.projections.roster_helps import COUNTY, DAYS

__all__ = ["any_world"]


def states(
    of: World, day: date, scope: Scope = COUNTY, position: int | None = None
) -> dict[int, Arrived]:
    """By the child's number, of those of the first class."""
    with of.reading() as look:
        at = of.log.head() if position is None else position
        found = arrivals.arrivals(look, scope, BEGAN, as_of=day, position=at)
    by_child = {each.place.child: each.state for each in found}
    numbers = ((n, of.child(n).id) for n in range(1, 5))
    return {n: by_child[id_] for n, id_ in numbers if id_ in by_child}


def test_a_child_is_seen_when_its_class_reported_and_did_not_list_it(any_world: World) -> None:
    world = any_world
    world.found(size=4)
    key = world.child(1).class_key or ""
    assert set(states(world, DAYS[0]).values()) == {Arrived.OPEN}
    world.hand_in(key, DAYS[0], {world.child(1).id: U, world.child(2).id: S})
    world.record()
    assert states(world, DAYS[0]) == {
        1: Arrived.UNSEEN,
        2: Arrived.EXCUSED,
        3: Arrived.SEEN,
        4: Arrived.SEEN,
    }
    before = world.log.head()
    world.hand_in(key, DAYS[1], {world.child(2).id: N, world.child(3).id: U})
    world.record()
    assert states(world, DAYS[1]) == {
        1: Arrived.SEEN,
        2: Arrived.UNSEEN,
        3: Arrived.SEEN,
        4: Arrived.SEEN,
    }
    assert states(world, DAYS[1], position=before)[1] is Arrived.UNSEEN


def test_silence_after_an_absence_is_no_arrival(any_world: World) -> None:
    world = any_world
    world.found(size=4)
    key = world.child(1).class_key or ""
    world.hand_in(key, DAYS[0], {world.child(1).id: U})
    world.record()
    assert states(world, DAYS[3])[1] is Arrived.UNSEEN


def test_a_scope_sees_its_own_children_alone(any_world: World) -> None:
    world = any_world
    world.found(size=4)
    own = world.child(1).class_key or ""
    assert set(states(world, DAYS[0], Scope.classes([own]))) == {
        n for n in range(1, 5) if world.child(n).class_key == own
    }
    assert states(world, DAYS[0], Scope.nothing()) == {}
    other = next(code for code in SCHOOLS if not own.startswith(code))
    assert states(world, DAYS[0], Scope.schools([other])) == {
        n: Arrived.OPEN for n in range(1, 5) if (world.child(n).class_key or "").startswith(other)
    }


def test_who_was_checked_in_by_name_is_known_from_the_first_such_day_on(any_world: World) -> None:
    world = any_world
    world.found(size=4)
    one, two = world.child(1), world.child(2)
    for child, on, term in ((one, DAYS[2], TERM), (one, DAYS[1], TERM), (two, DAYS[0], "2025-2")):
        child.trigger_event(CheckedIn, world.context(), occurred_on=on, term=term)
    world.record()
    with world.reading() as look:
        assert [
            arrivals.checked_in(look, [one.id, two.id], TERM, as_of=day) for day in DAYS[:3]
        ] == [set(), {one.id}, {one.id}]
