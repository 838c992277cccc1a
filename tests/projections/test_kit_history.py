"""Bitemporal rows: does every day, as known at every position, read as it stood then?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, Text

from projections.kit.fold import FoldState, HistoryRows, PlainRows, VersionedRows
from projections.kit.live import stored_rows
from projections.kit.tables import HistoryTable, PlainTable, VersionedTable

TABLE = HistoryTable("t_h", key=(Column("k", Integer),), values=(Column("v", Text),))
VERSIONED = VersionedTable("t_v", key=(Column("k", Integer),), values=(Column("v", Text),))
PLAIN = PlainTable(
    "t_p", key=(Column("a", Integer), Column("b", Integer)), values=(Column("v", Text),), load_by=1
)
DAYS = range(1, 13)
Step = tuple[int, int, int | None, str | None, int]


def history() -> HistoryRows:
    rows: HistoryRows = FoldState((TABLE,))[TABLE]
    return rows


def value_at(rows: Iterable[tuple[Any, ...]], key: int, day: int, position: int) -> Any:
    """What the stored rows say by the predicate of ``HistoryTable.known``; one row at most."""
    found = [
        value
        for k, first, pos_from, last, pos_end, pos_to, value in rows
        if k == key
        and first <= day
        and (last is None or last > day or (pos_end is not None and pos_end > position))
        and pos_from <= position
        and (pos_to is None or pos_to > position)
    ]
    assert len(found) <= 1, f"{len(found)} rows for day {day} at {position}"
    return found[0] if found else None


steps = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.integers(1, 10),
        st.none() | st.integers(1, 12),
        st.sampled_from(["a", "b", "c", None, "+"]),
        st.integers(0, 1),
    ),
    max_size=14,
)


@given(steps)
@settings(max_examples=300, deadline=None)
def test_every_day_reads_at_every_position_as_it_stood_then(made: list[Step]) -> None:
    rows = history()
    truth: dict[tuple[int, int], Any] = {}
    then: dict[int, dict[tuple[int, int], Any]] = {}
    position = 0
    for key, first, last, what, advance in made:
        position += advance or (position == 0)
        span = [d for d in DAYS if d >= first and (last is None or d < last)]
        if what is None:
            rows.clear(key, first, last, position)
        elif what == "+":
            rows.patch(key, first, last, lambda old: old and (old[0] + "+",), position)
        else:
            rows.put(key, first, last, (what,), position)
        for day in span:
            old = truth.get((key, day))
            truth[key, day] = old and old + "+" if what == "+" else what
        then[position] = dict(truth)
    stored = stored_rows(rows)
    assert len({row[:3] for row in stored}) == len(stored), "primary key not unique"
    for known, state in then.items():
        for key in (1, 2):
            for day in DAYS:
                assert value_at(stored, key, day, known) == state.get((key, day))


def test_a_spell_that_closes_stays_one_row_and_was_open_before() -> None:
    rows = history()
    rows.put(1, 5, None, ("absent",), 10)
    rows.clear(1, 9, None, 20)
    stored = stored_rows(rows)
    assert stored == [(1, 5, 10, 9, 20, None, "absent")]
    assert value_at(stored, 1, 11, 19) == "absent"
    assert value_at(stored, 1, 11, 20) is None


def test_putting_what_stands_already_writes_nothing() -> None:
    rows = history()
    rows.put(1, 5, None, ("absent",), 10)
    rows.put(1, 7, None, ("absent",), 11)
    rows.put(1, 6, 8, ("absent",), 12)
    assert stored_rows(rows) == [(1, 5, 10, None, None, None, "absent")]


def test_what_one_event_makes_and_takes_back_never_was() -> None:
    rows = history()
    rows.put(1, 5, None, ("a",), 10)
    rows.put(1, 5, None, ("b",), 10)
    assert stored_rows(rows) == [(1, 5, 10, None, None, None, "b")]


def test_a_row_cut_and_ended_by_one_event_was_open_until_then() -> None:
    rows = history()
    rows.put(1, 5, None, ("a",), 10)
    rows.put(1, 8, None, ("b",), 20)
    rows.put(1, 5, None, ("c",), 20)
    assert stored_rows(rows) == [
        (1, 5, 10, None, None, 20, "a"),
        (1, 5, 20, None, None, None, "c"),
    ]


def test_versioned_rows_keep_what_was_believed_before() -> None:
    rows: VersionedRows = FoldState((VERSIONED,))[VERSIONED]
    rows.put(1, ("a",), 10)
    rows.put(1, ("a",), 11)
    rows.put(1, ("b",), 12)
    rows.drop(1, 13)
    rows.put(2, ("x",), 14)
    rows.put(2, ("y",), 14)
    assert stored_rows(rows) == [(1, 10, 12, "a"), (1, 12, 13, "b"), (2, 14, None, "y")]


def test_rows_are_found_by_the_leading_part_of_their_key() -> None:
    rows: PlainRows = FoldState((PLAIN,))[PLAIN]
    rows.put((1, 2), ("x",))
    rows.put((1, 1), ("y",))
    rows.put((2, 1), ("z",))
    rows.drop((1, 2))
    assert rows.keys_of(1) == [(1, 1)]
    assert rows.keys_of(3) == []
