"""What every event log must do, whatever database stands behind it.

A store plugs in with a class derived from :class:`LogContract` and a fixture ``kit``.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from ckbx.clock import Clock, FixedClock, micros
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.ports import RECORDED_AT, Append, Appended, EventLog, RowDelete, RowWrite
from ckbx.eventlog.prepared import ForbiddenWrite
from tests.eventlog.sample import COUNTY, NOON, Noted, clock, named, note

SECOND = timedelta(seconds=1)


class FullLog(EventLog, Protocol):
    """The port and what both stores add to it."""

    def append_many(self, requests: list[Append]) -> list[Appended | CkbxError]: ...

    def wait_for_change(self, after: int, timeout: float) -> int: ...


class StoreKit(Protocol):
    """One fresh store of :data:`COUNTY`.

    It has a table ``vault_note(key TEXT PRIMARY KEY, text TEXT, recorded_at BIGINT)``.
    """

    def open(self, clock: Clock) -> FullLog:
        """Another log on the same store, closed at the end of the test."""

    def vault_notes(self) -> list[tuple[Any, ...]]:
        """The rows (key, text, recorded_at) of ``vault_note``, by key."""


def vault_row(key: str, text: str = "x") -> RowWrite:
    """A vault row with the instant of its append."""
    return RowWrite("vault_note", ("key", "text", "recorded_at"), [(key, text, RECORDED_AT)])


def numbers(log: EventLog, stream: UUID) -> list[int]:
    """The numbers noted in a stream."""
    found = log.load([stream])[stream]
    assert [event.originator_version for event in found] == list(range(1, len(found) + 1))
    return [event.number for event in found if isinstance(event, Noted)]


class LogContract:
    """Tests to inherit."""

    @pytest.fixture
    def log(self, kit: StoreKit) -> FullLog:
        return kit.open(clock())

    def test_an_append_stores_its_events_in_order(self, log: FullLog) -> None:
        done = log.append(note(named("a"), 1, 7, 8, 9, reply=b"done"))
        rows = log.read_rows(0, 10)
        assert [(row.stream, row.version, row.topic) for row in rows] == [
            (named("a"), version, Noted.TOPIC) for version in (1, 2, 3)
        ]
        assert [row.recorded_at for row in rows] == [micros(NOON)] * 3
        assert sorted({row.position for row in rows}) == [row.position for row in rows]
        assert (done.position, done.recorded_at, done.reply) == (rows[-1].position, NOON, b"done")
        assert not done.replayed
        assert log.head() == done.position
        assert log.county == COUNTY

    def test_a_repeated_command_gets_the_first_reply_and_stores_nothing(
        self, log: FullLog, kit: StoreKit
    ) -> None:
        command = uuid4()
        first = log.append(note(named("a"), 1, 1, command=command, reply=b"first"))
        again = log.append(note(named("a"), 1, 1, command=command, reply=b"second"))
        reloaded = log.append(note(named("a"), 2, 1, command=command, writes=[vault_row("k")]))
        assert (again, reloaded) == (
            Appended(first.position, first.recorded_at, b"first", replayed=True),
        ) * 2
        assert numbers(log, named("a")) == [1]
        assert kit.vault_notes() == []

    def test_a_command_without_events_is_remembered_too(self, log: FullLog) -> None:
        command = uuid4()
        assert log.append(Append(command_id=command, reply=b"same")).position == 0
        assert log.append(Append(command_id=command, reply=b"else")).replayed
        found = log.find_command(command)
        assert found is not None
        assert (found.reply, found.position, found.replayed) == (b"same", 0, True)
        assert log.find_command(uuid4()) is None
        assert log.head() == 0

    @pytest.mark.parametrize("version", [1, 3], ids=["taken", "gap"])
    def test_a_version_that_does_not_follow_the_head_is_a_conflict(
        self, log: FullLog, version: int
    ) -> None:
        log.append(note(named("a"), 1, 1))
        with pytest.raises(ConcurrencyConflict):
            log.append(note(named("a"), version, 2))
        assert numbers(log, named("a")) == [1]

    def test_versions_that_do_not_follow_each_other_are_a_conflict(self, log: FullLog) -> None:
        one, other = note(named("a"), 1), note(named("a"), 3)
        with pytest.raises(ConcurrencyConflict):
            log.append(Append(command_id=uuid4(), events=[*one.events, *other.events]))
        assert log.head() == 0

    @pytest.mark.parametrize("seen", [0, 2], ids=["before", "after"])
    def test_a_read_stream_that_moved_is_a_conflict_and_leaves_nothing(
        self, log: FullLog, kit: StoreKit, seen: int
    ) -> None:
        log.append(note(named("read"), 1, 1))
        command = uuid4()
        request = note(
            named("a"),
            1,
            command=command,
            expect={named("read"): seen},
            writes=[vault_row("k")],
            reply=b"no",
        )
        with pytest.raises(ConcurrencyConflict):
            log.append(request)
        assert numbers(log, named("a")) == []
        assert log.find_command(command) is None
        assert kit.vault_notes() == []
        log.append(note(named("a"), 1, 5, command=command, expect={named("read"): 1}))
        assert numbers(log, named("a")) == [5]

    def test_expecting_an_empty_stream_is_possible(self, log: FullLog) -> None:
        log.append(note(named("a"), 1, 1, expect={named("none"): 0}))
        with pytest.raises(ConcurrencyConflict):
            log.append(note(named("b"), 1, 1, expect={named("a"): 0}))

    def test_a_vault_row_stands_in_the_same_transaction_with_its_instant(
        self, log: FullLog, kit: StoreKit
    ) -> None:
        done = log.append(note(named("a"), 1, writes=[vault_row("k1"), vault_row("k2")]))
        at = micros(done.recorded_at)
        assert kit.vault_notes() == [("k1", "x", at), ("k2", "x", at)]
        log.append(note(named("a"), 2, writes=[RowDelete("vault_note", "key", ["k1", "none"])]))
        assert kit.vault_notes() == [("k2", "x", at)]

    @pytest.mark.parametrize(
        "write",
        [
            RowWrite("events", ("position",), [(1,)]),
            RowWrite("vault_note; DROP TABLE events", ("key",), [("k",)]),
            RowWrite("vault_note", ("key) --",), [("k",)]),
            RowDelete("commands", "command_id", [b""]),
        ],
    )
    def test_only_the_vaults_tables_may_be_written(
        self, log: FullLog, write: RowWrite | RowDelete
    ) -> None:
        with pytest.raises(ForbiddenWrite):
            log.append(note(named("a"), 1, writes=[write]))
        assert log.head() == 0

    def test_a_refused_vault_row_leaves_nothing_of_its_command(
        self, log: FullLog, kit: StoreKit
    ) -> None:
        log.append(note(named("a"), 1, 1, writes=[vault_row("k")]))
        with pytest.raises(CkbxError):
            log.append(note(named("a"), 2, 2, writes=[vault_row("new"), vault_row("k")]))
        assert numbers(log, named("a")) == [1]
        assert [row[0] for row in kit.vault_notes()] == ["k"]
        log.append(note(named("a"), 2, 3))
        assert numbers(log, named("a")) == [1, 3]

    def test_recorded_at_never_decreases_when_the_clock_goes_back(self, kit: StoreKit) -> None:
        moving = FixedClock(NOON)
        log = kit.open(moving)
        log.append(note(named("a"), 1))
        moving.at = NOON - timedelta(hours=2)
        assert log.append(note(named("a"), 2)).recorded_at == NOON
        assert kit.open(moving).append(note(named("a"), 3)).recorded_at == NOON
        moving.at = NOON + SECOND
        assert log.append(note(named("a"), 4)).recorded_at == NOON + SECOND
        found = [row.recorded_at for row in log.read_rows(0, 10)]
        assert found == [micros(NOON)] * 3 + [micros(NOON + SECOND)]

    def test_many_appends_in_one_call_fail_one_by_one(self, log: FullLog) -> None:
        twice = uuid4()
        outcomes = log.append_many(
            [
                note(named("a"), 1, 1),
                note(named("a"), 1, 2),
                note(named("a"), 2, 3, command=twice, reply=b"r"),
                note(named("a"), 2, 3, command=twice),
                note(named("b"), 1, 4, expect={named("a"): 2}),
                Append(command_id=uuid4(), events=[*note(named("c"), 2).events]),
            ]
        )
        assert [type(outcome) for outcome in outcomes] == [
            *(Appended, ConcurrencyConflict, Appended, Appended, Appended, ConcurrencyConflict),
        ]
        assert [o.replayed for o in outcomes if isinstance(o, Appended)] == [
            *(False, False, True, False),
        ]
        assert (numbers(log, named("a")), numbers(log, named("b"))) == ([1, 3], [4])
        assert log.append_many([]) == []

    def test_a_refused_row_in_many_appends_fails_alone(self, log: FullLog, kit: StoreKit) -> None:
        outcomes = log.append_many(
            [
                note(named("a"), 1, 1, writes=[vault_row("k")]),
                note(named("b"), 1, 2, writes=[vault_row("k")]),
                note(named("c"), 1, 3, writes=[vault_row("k3")]),
            ]
        )
        assert [isinstance(outcome, Appended) for outcome in outcomes] == [True, False, True]
        assert numbers(log, named("b")) == []
        assert [row[0] for row in kit.vault_notes()] == ["k", "k3"]

    def test_a_bulk_append_takes_more_streams_than_one_select(self, log: FullLog) -> None:
        outcomes = log.append_many([note(named(i), 1, i, i) for i in range(1201)])
        assert all(isinstance(outcome, Appended) for outcome in outcomes)
        found = log.load([*map(named, range(1201)), named("none")])
        assert [len(found[named(i)]) for i in (0, 500, 1200)] == [2, 2, 2]
        assert found[named("none")] == []
        assert sum(map(len, found.values())) == 2402

    def test_pages_follow_each_other_without_loss(self, log: FullLog) -> None:
        for version in range(1, 8):
            log.append(note(named("a"), version, version))
        seen, after = [], 0
        while page := log.read(after, 3):
            seen += page
            after = page[-1].position
        assert [e.event.originator_version for e in seen] == [1, 2, 3, 4, 5, 6, 7]
        assert {e.recorded_at for e in seen} == {micros(NOON)}

    def test_streams_are_read_together_up_to_a_position(self, log: FullLog) -> None:
        log.append(note(named("a"), 1, 1))
        cut = log.append(note(named("b"), 1, 2)).position
        log.append(note(named("c"), 1, 3))
        log.append(note(named("a"), 2, 4))
        both = [named("b"), named("a"), named("a")]
        assert [e.event.originator_id for e in log.read_streams(both)] == [
            *(named("a"), named("b"), named("a")),
        ]
        assert len(log.read_streams(both, up_to=cut)) == 2

    def test_events_are_found_by_position(self, log: FullLog) -> None:
        places = [log.append(note(named("a"), v, v)).position for v in (1, 2, 3)]
        found = log.at_positions([places[2], places[0], places[0], places[2] + 99])
        assert [e.position for e in found] == [places[0], places[2]]

    def test_an_instant_is_a_position_and_back(self, kit: StoreKit) -> None:
        moving = FixedClock(NOON)
        log = kit.open(moving)
        places = []
        for step in range(9):
            moving.at = NOON + step // 3 * SECOND
            places.append(log.append(note(named("a"), step + 1)).position)
        assert log.position_at(NOON - timedelta(microseconds=1)) == 0
        assert log.position_at(NOON) == places[2]
        assert log.position_at(NOON + SECOND / 2) == places[2]
        assert log.position_at(NOON + SECOND) == places[5]
        assert log.position_at(NOON + 9 * SECOND) == places[8]
        assert log.recorded_at(places[3]) == NOON + SECOND
        assert log.recorded_at(places[8] + 50) == NOON + 2 * SECOND
        assert log.recorded_at(0) is None

    def test_an_empty_log_answers(self, log: FullLog) -> None:
        assert (log.head(), log.read(0, 5), log.load([]), log.at_positions([])) == (0, [], {}, [])
        assert log.position_at(NOON) == 0
        assert log.wait_for_change(0, timeout=0) == 0

    def test_a_remembered_head_is_dropped_when_another_log_wrote(self, kit: StoreKit) -> None:
        one, other = kit.open(clock()), kit.open(clock())
        one.append(note(named("a"), 1, 1))
        other.append(note(named("a"), 2, 2))
        with pytest.raises(ConcurrencyConflict):
            one.append(note(named("a"), 2, 3))
        one.append(note(named("a"), 3, 4, expect={named("b"): 0}))
        other.append(note(named("b"), 1, 5))
        with pytest.raises(ConcurrencyConflict):
            one.append(note(named("a"), 4, 6, expect={named("b"): 0}))
        assert numbers(one, named("a")) == numbers(other, named("a")) == [1, 2, 4]

    def test_commands_of_many_threads_meet_and_each_is_stored_once(self, log: FullLog) -> None:
        def work(name: int) -> list[Appended]:
            return [log.append(note(named(name), v, v, v)) for v in range(1, 40, 2)]

        with ThreadPoolExecutor(16) as pool:
            done = [one for mine in pool.map(work, range(16)) for one in mine]
        assert len({one.position for one in done}) == len(done) == 320
        rows = log.read_rows(0, 1000)
        assert len(rows) == 640
        for name in range(16):
            assert [r.version for r in rows if r.stream == named(name)] == list(range(1, 41))

    def test_of_commands_that_race_for_a_version_one_wins(self, log: FullLog) -> None:
        def attempt(number: int) -> bool:
            try:
                log.append(note(named("a"), 1, number))
            except ConcurrencyConflict:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(attempt, range(64))) == 1
        assert len(numbers(log, named("a"))) == 1

    def test_the_same_command_from_many_threads_is_stored_once(self, log: FullLog) -> None:
        command = uuid4()
        attempt: Callable[[int], Appended] = lambda n: log.append(  # noqa: E731
            note(named("a"), 1, 1, command=command, reply=str(n).encode())
        )
        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(attempt, range(32)))
        assert [one.replayed for one in done].count(False) == 1
        assert len({one.reply for one in done}) == 1
        assert numbers(log, named("a")) == [1]

    @pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
    @pytest.mark.parametrize("refused_by", ["row", "conflict"])
    def test_what_builds_on_a_refused_command_is_a_conflict_and_the_rest_is_stored(
        self, log: FullLog, monkeypatch: pytest.MonkeyPatch, refused_by: str, *, together: bool
    ) -> None:
        monkeypatch.setattr("ckbx.eventlog.group_commit.MAX_COMMANDS", 9 if together else 1)
        log.append(note(named("z"), 1, 1, writes=[vault_row("k")]))
        bad = {
            "row": note(named("a"), 1, 1, writes=[vault_row("k")]),
            "conflict": note(named("a"), 1, 1, expect={named("z"): 0}),
        }[refused_by]
        sent = [
            *(bad, note(named("a"), 2, 2), note(named("b"), 1, 3, expect={named("a"): 1})),
            *(note(named("c"), 1, 4), note(named("c"), 2, 5), note(named("a"), 1, 6)),
        ]
        waiting = [log.submit(request) for request in sent]
        found: list[type] = []
        for one in waiting:
            try:
                found.append(type(one.result(20)))
            except CkbxError as refused:
                found.append(type(refused))
        first = found.pop(0)
        assert issubclass(first, CkbxError)
        assert found == [ConcurrencyConflict] * 2 + [Appended] * 3
        assert [numbers(log, named(name)) for name in "abc"] == [[6], [], [4, 5]]

    def test_a_forked_process_is_refused_and_leaves_its_parent_alone(self, log: FullLog) -> None:
        log.submit(note(named("a"), 1, 1)).result(20)
        context = multiprocessing.get_context("fork")
        hear, tell = context.Pipe(duplex=False)

        def child() -> None:
            acts: list[Callable[[], object]] = [
                lambda: log.append(note(named("a"), 2, 2)),
                lambda: log.submit(note(named("a"), 2, 2)).result(5),
                lambda: log.append_many([note(named("a"), 2, 2)]),
                log.head,
                lambda: log.load([named("a")]),
                log.close,
            ]
            for act in acts:
                try:
                    tell.send(f"done: {act()}")
                except (StoreUnavailable, TimeoutError) as refused:
                    tell.send(repr(refused) if isinstance(refused, TimeoutError) else str(refused))

        process = context.Process(target=child)
        process.start()
        try:
            heard = [hear.recv() if hear.poll(20) else "silence" for _ in range(6)]
        finally:
            process.kill()
            process.join()
        assert ["进程分叉" in each for each in heard] == [True] * 5 + [False], heard
        assert heard[5] == "done: None"
        assert log.append(note(named("a"), 2, 3)).position == log.head()
        assert log.submit(note(named("a"), 3, 4)).result(20).position == log.head()
        assert numbers(log, named("a")) == [1, 3, 4]

    def test_waiting_ends_when_another_log_has_appended(self, kit: StoreKit) -> None:
        one, other = kit.open(clock()), kit.open(clock())
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(one.wait_for_change, 0, 20.0)
            position = other.append(note(named("a"), 1)).position
            assert waiting.result(20) == position
        assert one.wait_for_change(position, timeout=0.02) == position
