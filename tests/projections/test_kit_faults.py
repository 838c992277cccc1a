"""A store that is away is waited for and parks nobody; a row it refuses parks its subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, Text, select

from ckbx.domain.child import events as e
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres.row_store import PostgresRowStore
from ckbx.eventlog.row_store import RowUnwritable
from ckbx.eventlog.sqlite.row_store import SQLiteRowStore
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.runner import Projector
from projections.kit.tables import AnyTable, HistoryTable, PlainTable, VersionedTable, child
from tests.eventlog.postgres.proxy import CuttingProxy
from tests.projections.kit_fixtures import any_world, world
from tests.projections.kit_world import BEGAN, TODAY, U, World, postgres_world, weekdays
from tests.support.postgres import PgDatabase

__all__ = ["any_world", "world"]

COUNTS = PlainTable("tally_counts", key=(child(),), values=(Column("number", Integer),))
SEEN = VersionedTable("tally_seen", key=(child(),), values=(Column("text", Text, nullable=False),))
STAYS = HistoryTable(
    "tally_stays",
    key=(child(),),
    values=(Column("number", Integer), Column("text", Text)),
    indexes=(("text",),),
)


def tally(handler: Handler, version: int = 1) -> Projection:
    return Projection("tally", version, (COUNTS, SEEN, STAYS), {e.AbsenceRecorded: handler})


def count(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
    key = event.originator_id.bytes
    number = (fold[COUNTS].get(key) or (0,))[0] + 1
    fold[COUNTS].put(key, (number,))
    fold[SEEN].put(key, (f"day {number}",), position)


def counts(of: World) -> dict[int, int]:
    with of.answers.reading() as look:
        return {row.child.int: row.number for row in look.rows(select(COUNTS.table))}


def absences(of: World, days: int, *children: int) -> None:
    of.found(schools=("2152939972",), size=3)
    key = next(iter(of.books))
    for day in weekdays(BEGAN, TODAY)[:days]:
        of.hand_in(key, day, {of.child(n).id: U for n in children})
        of.record()


def projector(of: World, handler: Handler) -> Projector:
    made = Projector(of.log, of.store, [tally(handler)])
    made.start()
    return made


def parked_of(of: World) -> list[tuple[int, str, int]]:
    with of.answers.reading() as look:
        return [(UUID(p.subject).int, p.error, p.later) for p in look.parked("tally")]


# The store is away.


@pytest.fixture
def proxy(pg_database: PgDatabase) -> Iterator[CuttingProxy]:
    made = CuttingProxy(pg_database.socket_dir / ".s.PGSQL.5432")
    yield made
    made.close()


@pytest.fixture
def far_world(pg_database: PgDatabase, proxy: CuttingProxy) -> Iterator[World]:
    """The log is near, the answers' store is reached through the proxy."""
    made = postgres_world(pg_database.url())
    made.store.close()
    url = f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/{quote(pg_database.name)}"
    made.store = PostgresRowStore(url)
    yield made
    made.close()


LOADING = re.compile(rb"JOIN tally_counts")


@pytest.mark.parametrize("toward", ["server", "client"])
def test_a_connection_cut_inside_a_live_fold_parks_nobody(
    far_world: World, proxy: CuttingProxy, toward: str
) -> None:
    absences(far_world, 3, 1, 2)
    mine = projector(far_world, count)
    # What comes back for a load names no table: any answer to the first load will do.
    proxy.arm(toward, LOADING if toward == "server" else re.compile(rb"SELECT 0"))
    with pytest.raises(StoreUnavailable):
        mine.catch_up()
    assert proxy.cut == 1
    assert (parked_of(far_world), mine.lag()[0].position) == ([], 0)
    mine.catch_up()
    assert (counts(far_world), parked_of(far_world)) == ({1: 3, 2: 3}, [])
    assert mine.check("tally").equal


def test_a_connection_cut_while_a_rebuild_catches_up_parks_nobody(
    far_world: World, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    absences(far_world, 3, 1, 2)
    mine = projector(far_world, count)
    # Everything is recorded "meanwhile": the rebuild folds it from the shadow tables.
    with monkeypatch.context() as patched:
        patched.setattr(type(far_world.log), "head", lambda _log: 0)
        proxy.arm("server", re.compile(rb"JOIN tally_counts__g1"))
        with pytest.raises(StoreUnavailable):
            mine.rebuild()
        assert proxy.cut == 1
        mine.rebuild()
    assert (counts(far_world), parked_of(far_world)) == ({1: 3, 2: 3}, [])
    assert mine.check("tally").equal


def test_a_runner_goes_on_by_itself_after_a_cut(
    far_world: World, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.kit.runner.RETRY_SECONDS", 0.0)
    absences(far_world, 2, 1)
    mine = projector(far_world, count)
    proxy.arm("server", LOADING)

    class UntilFolded:
        """Stands for the event that ends the runner."""

        def is_set(self) -> bool:
            return counts(far_world) == {1: 2}

        def wait(self, _seconds: float) -> None:
            pass

    mine.run(cast("Any", UntilFolded()))
    assert (proxy.cut, parked_of(far_world)) == (1, [])


def test_an_error_of_sqlite_inside_a_fold_parks_nobody(world: World) -> None:
    absences(world, 3, 1, 2)
    broken: list[Any] = []

    def handler(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
        if not broken:
            broken.append(cast("Any", world.store)._connection)
            broken[0].set_progress_handler(lambda: 1, 1)  # every statement ends at once
        count(fold, event, position)

    mine = projector(world, handler)
    with pytest.raises(StoreUnavailable, match="interrupt"):
        mine.catch_up()
    assert (len(broken), parked_of(world)) == (1, [])
    mine.catch_up()
    assert counts(world) == {1: 3, 2: 3}


def test_running_out_of_memory_parks_nobody(any_world: World) -> None:
    absences(any_world, 2, 1)

    def handler(_fold: Fold, _event: Any, _position: int) -> None:
        raise MemoryError

    mine = projector(any_world, handler)
    for work in (mine.catch_up, mine.rebuild):
        with pytest.raises(MemoryError):
            work()
    assert parked_of(any_world) == []


# The store refuses a row.


def spoilt(name: str) -> Handler:
    """Child 2's second absence makes a row that no store takes, in one way or another."""

    def handler(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
        count(fold, event, position)
        key, day = event.originator_id.bytes, event.occurred_on.toordinal()
        if event.originator_id.int != 2 or (fold[COUNTS].get(key) or (0,))[0] < 2:
            return
        match name:
            case "plain number":
                fold[COUNTS].put(key, (2**70,))
            case "number of a stretch":
                fold[STAYS].put(key, day, None, (2**70, ""), position)
            case "missing":
                fold[SEEN].put(key, (None,), position)
            case "half a character":
                fold[SEEN].put(key, ("\ud800",), position)
            case "key":
                fold[STAYS].put(b"short", 2**70, None, (1, ""), position)

    return handler


BAD = ["plain number", "number of a stretch", "missing", "half a character", "key"]


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_cannot_be_written_parks_its_subject_only(any_world: World, name: str) -> None:
    absences(any_world, 5, 1, 2, 3)
    mine = projector(any_world, spoilt(name))
    mine.catch_up()
    assert mine.lag()[0].behind == 0
    assert counts(any_world) == {1: 5, 2: 1, 3: 5}
    ((subject, error, later),) = parked_of(any_world)
    assert (subject, later) == (2, 3)
    assert error.startswith("RowUnwritable: ")
    assert mine.check("tally").equal


@pytest.mark.parametrize("name", BAD)
def test_a_rebuild_parks_the_same_subjects_for_their_rows(any_world: World, name: str) -> None:
    absences(any_world, 4, 1, 2)
    mine = projector(any_world, spoilt(name))
    mine.catch_up()
    live = parked_of(any_world)
    mine.rebuild()
    assert parked_of(any_world) == live
    assert counts(any_world) == {1: 4, 2: 1}
    assert mine.check("tally").equal


@pytest.mark.parametrize("bad", [2**40, -(2**40)])
def test_postgres_never_cuts_a_number_off(pg_url: str, bad: int) -> None:
    made = postgres_world(pg_url)
    try:
        absences(made, 2, 1, 2)

        def handler(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
            key, day = event.originator_id.bytes, event.occurred_on.toordinal()
            number = bad if event.originator_id.int == 2 else 1
            fold[STAYS].put(key, day, None, (number, ""), position)

        mine = projector(made, handler)
        mine.catch_up()
        with made.answers.reading() as look:
            assert {row.number for row in look.rows(select(STAYS.table))} == {1}
        assert [subject for subject, _, _ in parked_of(made)] == [2]
    finally:
        made.close()


def test_a_text_too_long_for_its_index_parks_its_subject(pg_url: str) -> None:
    made = postgres_world(pg_url)
    try:
        absences(made, 2, 1, 2)

        def handler(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
            count(fold, event, position)
            if event.originator_id.int == 2:
                long = "".join(map(chr, range(0x4E00, 0x9000)))  # does not compress
                day = event.occurred_on.toordinal()
                fold[STAYS].put(event.originator_id.bytes, day, None, (1, long), position)

        mine = projector(made, handler)
        for work in (mine.catch_up, mine.rebuild):
            work()
            assert counts(made) == {1: 2}
            assert [subject for subject, _, _ in parked_of(made)] == [2]
        assert mine.check("tally").equal
    finally:
        made.close()


def test_a_key_that_cannot_even_be_asked_for_parks_its_subject(any_world: World) -> None:
    absences(any_world, 3, 1, 2)

    def handler(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
        count(fold, event, position)
        if event.originator_id.int == 2:
            fold[COUNTS].get(2**70)

    wanted: dict[AnyTable, list[Any]] = {COUNTS: [2**70, b"1" * 16]}
    projection = Projection(
        "tally",
        1,
        (COUNTS, SEEN, STAYS),
        {e.AbsenceRecorded: handler},
        keys=lambda _batch: wanted,
    )
    mine = Projector(any_world.log, any_world.store, [projection])
    mine.start()
    mine.catch_up()
    assert counts(any_world) == {1: 3}
    assert [subject for subject, _, _ in parked_of(any_world)] == [2]
    assert mine.check("tally").equal


def test_what_an_error_says_is_kept_as_text_that_can_be_stored(any_world: World) -> None:
    absences(any_world, 2, 1)

    def handler(_fold: Fold, _event: Any, _position: int) -> None:
        raise ValueError("a\0b\ud800" + "c" * 10_000)

    mine = projector(any_world, handler)
    mine.catch_up()
    ((subject, error, _),) = parked_of(any_world)
    assert (subject, error[:17]) == (1, "ValueError: ab?cc")
    assert len(error) == 2_000


def test_a_refused_row_in_the_parked_list_itself_is_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halving ends: what no parking mends is raised, not tried for ever."""
    absences(world, 2, 1)
    mine = projector(world, count)

    def refuse(*_args: Any) -> None:
        raise RowUnwritable(why="planted")

    monkeypatch.setattr("projections.kit.runner.write_state", refuse)
    with pytest.raises(RowUnwritable):
        mine.catch_up()


# What an older program left.


def test_the_first_start_after_an_upgrade_drops_tables_with_other_columns(
    any_world: World,
) -> None:
    absences(any_world, 2, 1)
    older = PlainTable(
        "tally_counts",
        key=(Column("who", Text), Column("day", Integer)),
        values=(Column("many", Integer),),
    )

    def before(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
        fold[older].put((str(event.originator_id), position), (1,))

    old = Projector(
        any_world.log,
        any_world.store,
        [Projection("tally", 1, (older,), {e.AbsenceRecorded: before})],
    )
    old.start()
    old.catch_up()
    newer = Projector(any_world.log, any_world.store, [tally(count, version=2)])
    assert newer.start() == ["tally"]
    newer.catch_up()
    assert counts(any_world) == {1: 2}
    with any_world.store.snapshot() as look:
        assert not look.exists("tally_counts__old")


def test_an_old_table_without_a_key_is_dropped_too(world: World) -> None:
    assert isinstance(world.store, SQLiteRowStore)
    with world.store.transaction() as tx:
        tx.execute("CREATE TABLE tally_counts__old (x INTEGER)")
        tx.execute("INSERT INTO tally_counts__old VALUES (1)")
    mine = projector(world, count)
    mine.rebuild()
    with world.store.snapshot() as look:
        assert not look.exists("tally_counts__old")
