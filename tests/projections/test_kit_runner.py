"""Rows and position move together, poison parks one subject, a rebuild is beside and checked."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, Text, select

from ckbx.domain.child import events as e
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog import codec
from ckbx.eventlog.ports import RecordedEvent
from ckbx.eventlog.row_store import FollowerMoved, Place, RowWriter, Shape, catch_up
from projections import roster
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.rebuild import Rebuild
from projections.kit.runner import PACE_SECONDS, POLL_SECONDS, Projector
from projections.kit.tables import PlainTable, VersionedTable, child
from projections.registry import PROJECTIONS
from projections.scope import Scope
from tests.projections.kit_fixtures import any_world, world
from tests.projections.kit_world import BEGAN, TODAY, U, World, weekdays

__all__ = ["any_world", "world"]

COUNTS = PlainTable("tally_counts", key=(child(),), values=(Column("number", Integer),))
SEEN = VersionedTable("tally_seen", key=(child(),), values=(Column("reason", Text),))


def _count(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
    key = event.originator_id.bytes
    number = (fold[COUNTS].get(key) or (0,))[0]
    fold[COUNTS].put(key, (number + 1,))
    fold[SEEN].put(key, (event.reason.value,), position)


def tally(handler: Handler = _count, version: int = 1) -> Projection:
    """A small projection: how often was each child away, and why last."""
    return Projection("tally", version, (COUNTS, SEEN), {e.AbsenceRecorded: handler})


def counts(of: World) -> dict[int, int]:
    with of.answers.reading() as look:
        return {row.child.int: row.number for row in look.rows(select(COUNTS.table))}


def projector(of: World, projection: Projection) -> Projector:
    made = Projector(of.log, of.store, [projection])
    made.start()
    return made


def some_absences(of: World, days: int = 3, *children: int) -> None:
    of.found(schools=("2152939972",), size=3)
    key = next(iter(of.books))
    for day in weekdays(BEGAN, TODAY)[:days]:
        of.hand_in(key, day, {of.child(n).id: U for n in children or (1,)})
        of.record()


def test_a_batch_writes_rows_and_position_together(any_world: World) -> None:
    some_absences(any_world, 3, 1, 2)
    mine = projector(any_world, tally())
    mine.catch_up()
    assert counts(any_world) == {1: 3, 2: 3}
    (lag,) = mine.lag()
    assert (lag.position, lag.behind, lag.state) == (any_world.log.head(), 0, "live")


def test_an_error_while_writing_leaves_neither_rows_nor_position(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_absences(any_world)
    mine = projector(any_world, tally())

    def fail(*_args: Any) -> int:
        raise StoreUnavailable(why="磁盘已满")

    with monkeypatch.context() as patched:
        patched.setattr("projections.kit.runner.write_state", fail)
        with pytest.raises(StoreUnavailable):
            mine.step()
    assert counts(any_world) == {}
    assert mine.lag()[0].position == 0
    mine.catch_up()
    assert counts(any_world) == {1: 3}


def test_two_runners_never_fold_the_same_events_twice(any_world: World) -> None:
    some_absences(any_world)
    first, second = projector(any_world, tally()), projector(any_world, tally())
    place = Place(0, 1, 0)
    first.catch_up()
    with pytest.raises(FollowerMoved), any_world.store.transaction() as tx:
        tx.move("tally", place, 5)
    second.catch_up()
    any_world.hand_in(next(iter(any_world.books)), weekdays(BEGAN, TODAY)[3], {UUID(int=1): U})
    any_world.record()
    second.catch_up()
    first.catch_up()
    assert counts(any_world) == {1: 4}
    assert first.check("tally").equal


def test_events_folded_one_by_one_and_all_at_once_give_the_same(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_absences(any_world, 5, 1, 3)
    mine = projector(any_world, tally())
    mine._batch.limit = 1
    monkeypatch.setattr("projections.kit.runner.LARGEST_BATCH", 1)
    while mine.step():
        pass
    assert counts(any_world) == {1: 5, 3: 5}
    assert mine.check("tally").equal


def test_a_planted_wrong_fold_is_reported_with_its_table(any_world: World) -> None:
    some_absences(any_world, 3, 1, 2)
    planted = Projector(any_world.log, any_world.store, [tally()])
    planted.start()
    planted.catch_up()
    with any_world.store.transaction() as tx:
        tx.upsert(COUNTS.shape, [(UUID(int=2).bytes, 99)])
    report = planted.check("tally")
    assert not report.equal
    assert [table.table for table in report.tables if not table.equal] == ["tally_counts"]
    assert "不一致" in str(report)
    assert "tally_counts" in str(report)
    planted.rebuild(["tally"])
    assert planted.check("tally").equal


def test_a_wrong_live_fold_differs_from_the_right_one(world: World) -> None:
    some_absences(world, 3, 1)

    def wrong(fold: Fold, event: e.AbsenceRecorded, _position: int) -> None:
        fold[COUNTS].put(event.originator_id.bytes, (1,))

    projector(world, tally(wrong)).catch_up()
    report = projector(world, tally()).check("tally")
    assert [(t.table, t.only_live, t.only_anew) for t in report.tables] == [
        ("tally_counts", 1, 1),
        ("tally_seen", 0, 1),
    ]


def poisonous(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
    """Changes something, then fails, for the second absence of child 2."""
    _count(fold, event, position)
    if (
        event.originator_id.int == 2
        and (fold[COUNTS].get(event.originator_id.bytes) or (0,))[0] == 2
    ):
        msg = "planted"
        raise ValueError(msg)


def test_an_event_that_cannot_be_folded_parks_its_subject_only(any_world: World) -> None:
    some_absences(any_world, 4, 1, 2)
    mine = projector(any_world, tally(poisonous))
    mine.catch_up()
    assert counts(any_world) == {1: 4, 2: 1}
    with any_world.answers.reading() as look:
        (parked,) = look.parked("tally")
        assert look.parked("roster") == []
    assert (parked.subject, parked.topic, parked.later) == (
        str(UUID(int=2)),
        "ckbx.child.AbsenceRecorded",
        2,
    )
    assert parked.error == "ValueError: planted"
    assert mine.lag()[0].parked == 1


def test_what_is_parked_is_the_same_after_a_rebuild(any_world: World) -> None:
    some_absences(any_world, 4, 1, 2)
    mine = projector(any_world, tally(poisonous))
    mine.catch_up()
    with any_world.answers.reading() as look:
        live = look.parked("tally")
    assert mine.check("tally").equal
    mine.rebuild()
    with any_world.answers.reading() as look:
        assert look.parked("tally") == live
    assert counts(any_world) == {1: 4, 2: 1}


def test_a_rebuild_by_a_mended_fold_takes_parked_subjects_up_again(world: World) -> None:
    some_absences(world, 4, 1, 2)
    projector(world, tally(poisonous)).catch_up()
    mended = Projector(world.log, world.store, [tally(version=2)])
    assert mended.start() == ["tally"]
    mended.catch_up()
    assert counts(world) == {1: 4, 2: 4}
    with world.answers.reading() as look:
        assert look.parked("tally") == []


def test_stored_bytes_nobody_can_read_park_their_stream(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_absences(world, 2, 1, 2)
    bad = next(
        row
        for row in world.log.read_rows(0, 100)
        if row.topic == e.AbsenceRecorded.TOPIC and row.stream.int == 2
    )
    decode = codec.decode_event

    def damaged(topic: str, state: bytes) -> Any:
        if state == bad.state:
            raise codec.EventUnreadable(topic=topic, why="损坏")
        return decode(topic, state)

    for module in ("ckbx.eventlog.sqlite.read", "projections.kit.live"):
        monkeypatch.setattr(f"{module}.decode_event", damaged)
    mine = projector(world, tally())
    mine.catch_up()
    assert counts(world) == {1: 2}
    with world.answers.reading() as look:
        (parked,) = look.parked("tally")
    assert (parked.position, parked.later) == (bad.position, 1)
    assert mine.check("tally").equal


def test_a_changed_version_is_rebuilt_while_the_old_tables_serve(any_world: World) -> None:
    some_absences(any_world, 2, 1)
    projector(any_world, tally()).catch_up()

    def doubled(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
        _count(fold, event, position)
        _count(fold, event, position)

    newer = tally(doubled, version=2)
    served: list[dict[int, int]] = []
    Rebuild(any_world.log, any_world.store, [newer], lambda: served.append(counts(any_world))).run()
    assert served
    assert {1: 2} in served
    assert counts(any_world) == {1: 4}
    old = Projector(any_world.log, any_world.store, [tally()])
    assert old.start() == ["tally"]
    assert old.step() == 0, "a program of the old version leaves the new rows alone"


def test_facts_recorded_during_a_rebuild_are_in_it(any_world: World) -> None:
    some_absences(any_world, 2, 1)
    mine = projector(any_world, tally())
    mine.catch_up()
    key = next(iter(any_world.books))
    more = iter(weekdays(BEGAN, TODAY)[2:])

    def meanwhile() -> None:
        any_world.hand_in(key, next(more), {UUID(int=1): U})
        any_world.record()
        mine.step()

    Rebuild(any_world.log, any_world.store, [tally()], meanwhile).run()
    mine.catch_up()
    expected = sum(
        isinstance(each.event, e.AbsenceRecorded) for each in any_world.log.read(0, 10_000)
    )
    assert counts(any_world) == {1: expected}
    assert mine.check("tally").equal


def test_an_aborted_rebuild_leaves_the_live_answers_and_can_be_repeated(any_world: World) -> None:
    some_absences(any_world, 2, 1)
    mine = projector(any_world, tally())
    mine.catch_up()

    class Stopped(Exception):
        """The process ends here."""

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        Rebuild(any_world.log, any_world.store, [tally()], stop).run()
    assert counts(any_world) == {1: 2}
    mine.rebuild()
    mine.rebuild()
    assert counts(any_world) == {1: 2}
    assert mine.check("tally").equal


def test_a_store_far_behind_is_rebuilt_and_then_followed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_absences(world, 4, 1)
    monkeypatch.setattr("projections.kit.runner.FAR_BEHIND", 10)
    mine = Projector(world.log, world.store, [tally()])
    assert mine.start() == ["tally"]
    mine.catch_up()
    assert counts(world) == {1: 4}
    assert mine.stale() == []


def test_a_waiting_page_is_woken_by_its_own_write(world: World) -> None:
    some_absences(world, 1, 1)
    stop = threading.Event()
    runner = threading.Thread(target=world.projector.run, args=(stop,))
    runner.start()
    try:
        world.hand_in(next(iter(world.books)), weekdays(BEGAN, TODAY)[1], {UUID(int=2): U})
        position = world.record()
        assert world.projector.wait_for(position, 20)
        with world.answers.reading() as look:
            place = roster.place_of(
                look, Scope.county(), [UUID(int=2)], as_of=TODAY, position=position
            )
        assert place[UUID(int=2)].reason is U
    finally:
        stop.set()
        runner.join()


class Paced(threading.Event):
    """Told to stop after so many rests, whose lengths it keeps; no time passes in them."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.rests: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.rests.append(timeout)
        if len(self.rests) == self._most:
            self.set()
        return self.is_set()


def test_while_events_keep_coming_a_step_waits_for_more_to_fold_with_them(world: World) -> None:
    some_absences(world, 3, 1)
    world.record()
    stop = Paced(1)
    world.projector.run(stop)
    assert world.projector.lag()[0].position == world.log.head()
    assert [0 < rest <= PACE_SECONDS for rest in stop.rests] == [True]


def test_who_is_far_behind_does_not_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    some_absences(world, 3, 1)
    world.record()
    monkeypatch.setattr("projections.kit.runner.LIVE_BATCH", 1)
    asked: list[float] = []
    stop = Paced(1)

    def none_came(after: int, timeout: float) -> int:
        asked.append(timeout)
        stop.set()
        return after

    monkeypatch.setattr(world.log, "wait_for_change", none_came)
    world.projector.run(stop)
    assert world.projector.lag()[0].position == world.log.head()
    assert (stop.rests, len(asked)) == ([], 1)


def test_waiting_for_what_is_not_recorded_ends_in_time(world: World) -> None:
    some_absences(world, 1, 1)
    world.fold()
    assert not world.projector.wait_for(world.log.head() + 1, 0.05)


def test_known_at_is_the_last_position_recorded_by_then(world: World) -> None:
    before = world.clock.now()
    world.found()
    then = world.clock.now()
    head = world.log.head()
    world.hand_in(next(iter(world.books)), BEGAN, {})
    world.record()
    assert world.answers.resolve(before).position == 0
    assert world.answers.resolve(then).position == head
    assert world.answers.latest(world.clock.now() - timedelta(days=1)).instant == world.clock.now()


class Outbox:
    """Not a projection: the same reading loop serves it."""

    NAME = "outbox"
    HANDLES = (e.AbsenceRecorded,)
    SHAPE = Shape("tally_counts", ("child", "number"), ("uuid", "int4"), 1)

    def __init__(self, fail: bool = False) -> None:
        self.fail = fail

    def take(self, tx: RowWriter, batch: Sequence[RecordedEvent]) -> None:
        rows = {each.event.originator_id.bytes: (each.position,) for each in batch}
        tx.upsert(self.SHAPE, [(key, *values) for key, values in sorted(rows.items())])
        if self.fail:
            raise RuntimeError


def test_any_follower_moves_with_its_rows_by_the_same_loop(any_world: World) -> None:
    some_absences(any_world, 2, 1)
    projector(any_world, tally())
    with pytest.raises(RuntimeError):
        catch_up(any_world.log, any_world.store, Outbox(fail=True))
    assert counts(any_world) == {}
    head = any_world.log.head()
    assert catch_up(any_world.log, any_world.store, Outbox()) == head
    assert catch_up(any_world.log, any_world.store, Outbox()) == head
    with any_world.store.snapshot() as look:
        assert look.places()["outbox"].position == head
    assert set(counts(any_world)) == {1}


def test_every_projection_has_its_own_name_and_tables() -> None:
    names = [each.name for each in PROJECTIONS]
    tables = [table.name for each in PROJECTIONS for table in each.tables]
    assert len(set(names)) == len(names)
    assert len(set(tables)) == len(tables)
    with pytest.raises(ValueError, match="prefix"):
        dataclasses.replace(tally(), name="other")


def test_rows_kept_in_memory_are_dropped_when_another_runner_was_faster(world: World) -> None:
    some_absences(world, 2, 1)
    mine = projector(world, tally())
    mine.catch_up()
    rival = projector(world, tally())
    key = next(iter(world.books))
    world.hand_in(key, weekdays(BEGAN, TODAY)[2], {UUID(int=1): U})
    world.record()
    rival.catch_up()
    world.hand_in(key, weekdays(BEGAN, TODAY)[3], {UUID(int=1): U})
    world.record()
    mine.catch_up()
    assert counts(world) == {1: 4}


def test_many_who_wait_for_another_process_ask_the_store_as_one(world: World) -> None:
    projector, looks = world.projector, list[int]()
    refresh = projector._refresh

    def counted() -> None:
        looks.append(1)
        refresh()

    projector._refresh = counted  # type: ignore[method-assign]
    beyond = world.log.head() + 1
    with ThreadPoolExecutor(16) as pool:
        waited = list(pool.map(lambda _: projector.wait_for(beyond, 0.5), range(16)))
    assert waited == [False] * 16
    alone = 0.5 / POLL_SECONDS
    assert len(looks) <= 16 + 2 * alone  # each once at its end, and all together while they wait
