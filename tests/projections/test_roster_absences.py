"""How long was each child away, and what did the answers say of it when?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ckbx.domain.child import departures, enrolment, leaves
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import Finding, TrackingStatus
from projections import roster
from projections.scope import Scope
from tests.projections.kit_fixtures import world
from tests.projections.kit_world import BEGAN, SCHOOLS, TODAY, N, S, World

__all__ = ["world"]

from tests.projections.roster_helps import COUNTY, DAY, DAYS, away, decision, place, status

_S = TrackingStatus


def spells(of: World) -> int:
    of.fold()
    with of.store.snapshot() as look:
        return sum(1 for _ in look.scan(roster.PROJECTION.tables[1].shape))


def test_a_spell_is_one_row_from_its_first_day_to_the_return(world: World) -> None:
    world.found(size=2)
    away(world, 1, 0, 3, S)
    found = place(world, 1, DAYS[2])
    assert (found.status, found.reason, found.since) == (_S.ABSENT, S, DAYS[0])
    open_until = world.log.head()
    world.hand_in(world.child(1).class_key or "", DAYS[3], {})
    world.record()
    assert spells(world) == 1
    assert status(world, 1, DAYS[3]) is _S.ENROLLED
    assert status(world, 1, DAYS[3], open_until) is _S.ABSENT
    assert status(world, 2, DAYS[2]) is _S.ENROLLED


def test_a_changed_reason_keeps_the_first_day_of_the_absence(world: World) -> None:
    world.found(size=2)
    away(world, 1, 0, 2, S)
    away(world, 1, 2, 2, N)
    found = place(world, 1, DAYS[3])
    assert (found.reason, found.since) == (N, DAYS[0])
    assert place(world, 1, DAYS[1]).reason is S


def test_a_late_roll_call_speaks_up_to_the_next_reported_day(world: World) -> None:
    world.found(size=2)
    key = world.child(1).class_key or ""
    world.hand_in(key, DAYS[0], {})
    world.hand_in(key, DAYS[3], {})
    world.record()
    world.hand_in(key, DAYS[1], {world.child(1).id: S})
    world.record()
    assert [status(world, 1, d) for d in DAYS[:4]] == [
        _S.ENROLLED,
        _S.ABSENT,
        _S.ABSENT,
        _S.ENROLLED,
    ]


def test_a_corrected_reason_and_a_voided_absence_hold_for_their_day(world: World) -> None:
    world.found(size=2)
    away(world, 1, 0, 3, N)
    key = world.child(1).class_key or ""
    world.hand_in(key, DAYS[1], {world.child(1).id: S}, note="病假条")
    world.record()
    assert [place(world, 1, d).reason for d in DAYS[:3]] == [N, S, N]
    world.hand_in(key, DAYS[1], {}, note="到校")
    world.record()
    assert [status(world, 1, d) for d in DAYS[:3]] == [_S.ABSENT, _S.ENROLLED, _S.ABSENT]


def test_an_absence_stays_with_the_class_it_was_reported_in(world: World) -> None:
    world.found(size=2, classes=2)
    away(world, 1, 0, 2, S)
    other = f"{SCHOOLS[0]}/2026/2"
    enrolment.change_class(world.child(1), world.context(), on=DAYS[3], class_key=other, grade=1)
    world.record()
    assert status(world, 1, DAYS[2]) is _S.ABSENT
    assert status(world, 1, DAYS[3]) is _S.ENROLLED


def on_leave(of: World, n: int, first: date, until: date) -> None:
    """A suspension, in the child's own stream and in the register of its class."""
    leaves.suspend(of.child(n), of.context(), decision(first, until))
    of.registers[of.child(n).class_key or ""].away(
        of.context(),
        child=of.child(n).id,
        effective_from=first,
        until=until + timedelta(days=1),
        awaited=True,
    )
    of.record()


def test_a_child_seen_after_its_leave_is_enrolled_from_that_day(world: World) -> None:
    world.found(size=2)
    key, child = world.child(1).class_key or "", world.child(1).id
    on_leave(world, 1, DAYS[1], DAYS[3])
    for day in DAYS[:6]:
        world.hand_in(key, day)
        world.record()
    assert [status(world, 1, d) for d in (DAYS[3], DAYS[4], DAYS[5])] == [
        _S.SUSPENDED,
        _S.ABSENT,
        _S.ABSENT,
    ]
    before = world.log.head()
    world.hand_in(key, DAYS[8], seen=[child])
    world.record()
    assert place(world, 1, DAYS[8]).status is _S.ENROLLED
    assert place(world, 1, TODAY).since == DAYS[8]
    assert status(world, 1, DAYS[7]) is _S.ABSENT
    assert status(world, 1, DAYS[8], before) is _S.ABSENT
    world.hand_in(key, DAYS[6], seen=[child])
    world.record()
    assert [status(world, 1, d) for d in (DAYS[5], DAYS[6], TODAY)] == [
        _S.ABSENT,
        _S.ENROLLED,
        _S.ENROLLED,
    ]
    assert place(world, 1, TODAY).since == DAYS[6]
    assert status(world, 2, DAYS[5]) is _S.ENROLLED


def test_a_day_set_aside_is_bridged_by_the_absence_before(world: World) -> None:
    world.found(size=2)
    away(world, 1, 0, 2, S)
    key = world.child(1).class_key or ""
    world.hand_in(key, DAYS[2], {world.child(2).id: S})
    before = world.record()
    assert [status(world, n, DAYS[2]) for n in (1, 2)] == [_S.ENROLLED, _S.ABSENT]
    world.void(key, DAYS[2])
    made = [type(each) for each in world.child(1)._pending + world.child(2)._pending]
    assert made.count(e.AbsenceSetAside) == 2
    world.record()
    assert [status(world, n, DAYS[2]) for n in (1, 2)] == [_S.ABSENT, _S.ENROLLED]
    assert place(world, 1, DAYS[2]).since == DAYS[0]
    assert [status(world, n, DAYS[2], before) for n in (1, 2)] == [_S.ENROLLED, _S.ABSENT]


def test_a_leave_granted_before_takes_over_from_a_suspicion(world: World) -> None:
    world.found(size=2)
    first, until = DAYS[8], DAYS[20]
    granted = decision(first, until, occurred_on=DAYS[0])
    leaves.suspend(world.child(1), world.context(), granted)
    world.record()
    away(world, 1, 0, 5)
    away(world, 2, 5, 5)
    assert status(world, 1, DAYS[4]) is _S.SUSPECTED
    assert status(world, 1, first) is _S.SUSPENDED
    assert e.SuspicionOvertaken in [type(r.event) for r in world.log.read(0, 1000)]
    assert status(world, 1, DAYS[7]) is _S.SUSPECTED
    assert status(world, 1, until) is _S.SUSPENDED
    assert status(world, 1, until + timedelta(days=1)) is _S.ABSENT
    assert status(world, 2, first) is not _S.SUSPENDED


# Questions


def test_a_scope_sees_its_own_children(world: World) -> None:
    world.found(size=2)
    head = world.log.head()
    with world.reading() as look:
        at: dict[str, Any] = {"as_of": DAY, "position": head}
        mine = Scope.schools([SCHOOLS[0]])
        assert {p.child.int for p in roster.children_of(look, mine, **at)} == {1, 2}
        assert roster.children_of(look, Scope.nothing(), **at) == []
        assert roster.counts_by_school(look, Scope.nothing(), **at) == {}
        assert set(roster.counts_by_school(look, mine, **at)) == {SCHOOLS[0]}
        third = world.child(3).id
        assert roster.place_of(look, mine, [third], **at) == {}
        assert roster.status_history(look, mine, third, **at) == []
        assert len(roster.children_of(look, Scope.villages(["522629100"]), **at)) == 4
        assert len(roster.children_of(look, Scope.classes([f"{SCHOOLS[1]}/2026/1"]), **at)) == 2


def test_children_in_a_terminal_status_are_listed_on_demand(world: World) -> None:
    world.found(size=2)
    departures.end(world.child(1), world.context(), lv.WentAbroad, on=DAY, evidence_ref="p")
    world.record()
    head = world.log.head()
    with world.reading() as look:
        at: dict[str, Any] = {"as_of": TODAY, "position": head}
        assert len(roster.children_of(look, COUNTY, **at)) == 3
        assert len(roster.children_of(look, COUNTY, **at, all_=True)) == 4
        abroad = roster.children_of(look, COUNTY, **at, all_=True, statuses=[_S.ABROAD])
        assert [p.child.int for p in abroad] == [1]


def test_the_history_of_one_child_reads_in_order(world: World) -> None:
    world.found(size=2)
    away(world, 1, 1, 5)
    departures.clear_suspicion(
        world.child(1),
        world.context(),
        on=DAYS[6],
        finding=Finding.A,
        evidence_ref="p",
        role="principal",
    )
    world.record()
    world.hand_in(world.child(1).class_key or "", DAYS[7], {})
    world.record()
    with world.reading() as look:
        history = roster.status_history(
            look, COUNTY, world.child(1).id, as_of=TODAY, position=world.log.head()
        )
    assert [(h.first, h.status) for h in history] == [
        (BEGAN, _S.ENROLLED),
        (DAYS[1], _S.ABSENT),
        (DAYS[5], _S.SUSPECTED),
        (DAYS[6], _S.ABSENT),
        (DAYS[7], _S.ENROLLED),
    ]
    assert [h.until for h in history[:-1]] == [h.first for h in history[1:]]
    assert history[-1].until is None
