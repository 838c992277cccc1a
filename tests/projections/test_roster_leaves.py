"""Leaves beside suspicions and absences in the roster: from when to when does which stand?"""

from __future__ import annotations

from datetime import date, timedelta

from ckbx.domain.child import leaves
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import TrackingStatus
from projections import roster, school, suspected
from projections.scope import Scope
from tests.projections.kit_fixtures import world
from tests.projections.kit_world import BEGAN, TODAY, S, U, World, weekdays

__all__ = ["world"]

DAYS = weekdays(BEGAN, TODAY)


def grant(world: World, n: int, on: date, first: date, until: date) -> None:
    """休学 of one child, decided on a day, with its absence from the roll."""
    decision = LeaveDecision(
        occurred_on=on,
        effective_from=first,
        until=until,
        approver="township",
        approver_role="township_officer",
        document="d",
        evidence_ref="r",
    )
    child = world.child(n)
    leaves.suspend(child, world.context(), decision)
    world.registers[child.class_key or ""].away(
        world.context(),
        child=child.id,
        effective_from=first,
        until=until + timedelta(days=1),
        awaited=True,
    )
    world.record()


def statuses(world: World, n: int, *days: date) -> list[TrackingStatus]:
    child, head = world.child(n).id, world.log.head()
    with world.reading() as reading:
        return [
            roster.place_of(reading, Scope.county(), [child], as_of=day, position=head)[
                child
            ].status
            for day in days
        ]


def test_a_suspicion_stands_until_the_leave_was_decided_however_far_back_it_is_dated(
    world: World,
) -> None:
    world.found(size=2)
    key = world.child(1).class_key or ""
    for day in DAYS[:5]:
        world.hand_in(key, day, {world.child(1).id: U})
        world.record()
    grant(world, 1, DAYS[7], DAYS[2], DAYS[30])
    asked = (DAYS[1], DAYS[3], DAYS[4], DAYS[6], DAYS[7], DAYS[30], DAYS[31])
    assert statuses(world, 1, *asked) == [
        TrackingStatus.ABSENT,
        TrackingStatus.SUSPENDED,
        TrackingStatus.SUSPECTED,
        TrackingStatus.SUSPECTED,
        TrackingStatus.SUSPENDED,
        TrackingStatus.SUSPENDED,
        TrackingStatus.ABSENT,
    ]
    head = world.log.head()
    with world.reading() as reading:
        for day in asked:
            rows = suspected.suspected(reading, Scope.county(), as_of=day, position=head)
            assert bool(rows) is (day in (DAYS[4], DAYS[6]))


def test_a_child_whose_leave_is_over_counts_as_its_last_mark_says(world: World) -> None:
    world.found(size=2)
    key = world.child(1).class_key or ""
    grant(world, 1, DAYS[0], DAYS[0], DAYS[2])
    counted = []
    for day, reason in ((DAYS[2], None), (DAYS[3], S), (DAYS[4], U)):
        world.hand_in(key, day, {world.child(1).id: reason} if reason else {})
        world.record()
        with world.reading() as reading:
            found = school.roll_up(
                reading,
                Scope.county(),
                as_of=day,
                position=world.log.head(),
                instant=world.clock.now(),
            )
        row = next(r for r in found.rows if r.school_code == key.split("/")[0])
        counted.append((row.suspended, row.on_leave, row.absent, row.enrolled))
    assert counted == [(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)]
    head = world.log.head()
    with world.reading() as reading:
        places = roster.place_of(
            reading, Scope.county(), [world.child(1).id], as_of=DAYS[3], position=head
        )
    place = places[world.child(1).id]
    assert (place.status, place.reason, place.since) == (TrackingStatus.ABSENT, S, DAYS[3])
