"""A prepared select answers what the same select answers, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Boolean, Column, LargeBinary, Text, and_, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from ckbx.domain.child import events as e
from ckbx.eventlog.postgres.connect import libpq_url
from ckbx.eventlog.selects import Prepared, among
from projections.kit.fold import Fold
from projections.kit.projection import Projection
from projections.kit.reading import Last, Reading
from projections.kit.runner import Projector
from projections.kit.tables import POSITION, HistoryTable, PlainTable, Position, child
from projections.roster_tables import MARKS, PLACES
from tests.projections.kit_fixtures import any_world
from tests.projections.kit_world import BEGAN, TODAY, U, World, postgres_world, weekdays

__all__ = ["any_world"]

HEARD = PlainTable(
    "heard_rows",
    key=(Column("position", Position),),
    values=(
        child(),
        Column("first", Boolean, nullable=False),
        Column("reason", Text),
        Column("state", LargeBinary),
    ),
)
LATE = 2
"""A child of whom :func:`deaf` hears nothing."""


def _hear(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
    first = event.originator_id.int == 1
    row = (event.originator_id.bytes, first, event.reason.value, b"\x00" if first else None)
    fold[HEARD].put(position, row)


def deaf(fold: Fold, event: e.AbsenceRecorded, position: int) -> None:
    """A fold with a fault that parks one child."""
    if event.originator_id.int == LATE:
        raise ValueError
    _hear(fold, event, position)


def heard(of: World, *, deaf_to_one: bool = False, version: int = 1) -> Projector:
    """Rows of every absence, folded."""
    handler = deaf if deaf_to_one else _hear
    folded = Projection("heard", version, (HEARD,), {e.AbsenceRecorded: handler})
    made = Projector(of.log, of.store, [folded])
    made.start()
    made.catch_up()
    return made


@pytest.fixture
def away(any_world: World) -> World:
    """Children 2 and 1 away for three days, known in that order."""
    any_world.found(schools=("2152939972",), size=3)
    key = next(iter(any_world.books))
    for day in weekdays(BEGAN, TODAY)[:3]:
        for n in (1, 2):
            any_world.hand_in(key, day, {any_world.child(each).id: U for each in range(1, n + 1)})
            any_world.record()
    return any_world


def plain(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("count", [0, 1, 3, 500, 501])
def test_rows_of_a_list_come_once_each_whatever_its_length(away: World, count: int) -> None:
    away.fold()
    asked = [UUID(int=n) for n in range(1, count + 1)]
    c = PLACES.c
    query = select(c.child, c.school, c.valid_from).where(c.pos_to.is_(None))
    with away.answers.reading() as look:
        wanted = look.rows(query.where(c.child.in_(asked)))
        found = look.ask(Prepared(query.where(among(c.child))), asked)
    assert sorted(plain(found)) == sorted(plain(wanted))
    assert len(found) == min(count, 3)
    assert all(type(row.child) is UUID for row in found)


@pytest.mark.parametrize("back", [0, 3, 10])
def test_a_day_and_a_position_are_asked_as_in_a_select_made_for_them(
    away: World, back: int
) -> None:
    away.fold()
    day, position = weekdays(BEGAN, TODAY)[1], away.log.head() - back

    def joined(of_place: Any, of_mark: Any) -> Any:
        spell = and_(MARKS.c.child == PLACES.c.child, *of_mark)
        columns = (PLACES.c.child, PLACES.c.status, MARKS.c.reason)
        chosen = select(*columns).outerjoin_from(PLACES.table, MARKS.table, spell)
        return chosen.where(*of_place, PLACES.c.status != "graduated").order_by(PLACES.c.child)

    def of(table: HistoryTable) -> Any:
        return table.on_day(past=True)

    with away.answers.reading() as look:
        made = joined(PLACES.known(day, position), MARKS.known(day, position))
        prepared = Prepared(joined(of(PLACES), of(MARKS)))
        found = look.ask(prepared, day=day.toordinal(), position=position)
        assert plain(found) == plain(look.rows(made))
    assert len(found) == 3


def test_values_come_in_the_types_of_their_columns(away: World) -> None:
    heard(away)
    c = HEARD.c
    query = select(c.child, c.first, c.reason, c.state).order_by(c.position)
    with away.answers.reading() as look:
        found = {row.child: row for row in look.ask(Prepared(query))}
    assert tuple(found[UUID(int=1)]) == (UUID(int=1), True, "unexplained", b"\x00")
    assert tuple(found[UUID(int=2)]) == (UUID(int=2), False, "unexplained", None)
    assert {type(row.first) for row in found.values()} == {bool}


def test_an_error_of_the_database_is_one_of_sqlalchemy_and_quotes_no_value(away: World) -> None:
    missing = select(Column("name", Text)).select_from(text("no_such_table"))
    query = Prepared(missing.where(text("name = :secret").bindparams(bindparam("secret", None))))
    with away.answers.reading() as look, pytest.raises(DBAPIError) as caught:
        look.ask(query, secret="张三")
    assert "张三" not in str(caught.value)


def test_a_connection_that_was_lost_is_given_up(pg_url: str) -> None:
    of = postgres_world(pg_url)
    query = Prepared(select(func.pg_backend_pid().label("pid")))
    seen: list[Any] = []

    def lose() -> None:
        with of.answers.reading() as look:
            seen.extend(look.ask(query))
            with psycopg.connect(libpq_url(pg_url), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", seen[0])
            look.ask(query)

    with pytest.raises(DBAPIError) as caught:
        lose()
    assert caught.value.connection_invalidated
    with of.answers.reading() as look:
        assert look.ask(query) != seen
    of.close()


def test_rows_only_added_are_the_same_up_to_their_last_until_they_are_rebuilt(away: World) -> None:
    heard(away, deaf_to_one=True)
    column, seen = HEARD.c.position, list[tuple[Last, int]]()
    query = Prepared(select(HEARD.c.child).where(HEARD.c.position <= POSITION))

    def look_at(look: Reading, position: int) -> None:
        seen.append((look.last("heard", column, position), len(look.ask(query, position=position))))

    head = away.log.head()
    for deaf_to_one, version in ((True, 1), (False, 2)):
        heard(away, deaf_to_one=deaf_to_one, version=version)
        with away.answers.reading() as look:
            look_at(look, head)
            look_at(look, head + 5)
            look_at(look, 0)
    before, ahead, nothing, mended, _, _ = seen
    assert before == ahead
    assert nothing == (Last(before[0].generation, 0), 0)
    assert mended[1] > before[1]
    assert mended[0] != before[0]
