"""Questions about cases, against bare reads of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ckbx.bench.case_world import CaseWorld
from ckbx.bench.measure import Figure, best, quiet, seconds
from ckbx.store import Store
from projections.case_file import case_file
from projections.caseload import caseload
from projections.scope import Scope

_FILES = 50
_ASKED_ON = 14
"""Which school day is asked about: a few days after the last thing that was done."""


def questions(store: Store, world: CaseWorld, name: str) -> list[Figure]:
    """The load of all teachers, and files of single cases, against reading the same rows."""
    store.catch_up(3_600)
    head, day = store.log.head(), world.days[_ASKED_ON]
    county = Scope.county()

    def load() -> None:
        with store.answers.reading() as reading:
            rows = caseload(reading, county, as_of=day, position=head)
        if not rows:
            raise AssertionError

    first = seconds(load)
    with quiet():
        again = best(load, 7)
        limit = best(lambda: _rows_of_load(store, day), 7)
    note = f"{sum(map(len, world.classes.values())):,} 名学生，{len(world.suspects):,} 个未结个案"
    shared: dict[str, Any] = {"store": name, "unit": "毫秒", "higher": False}
    title = "办案量台账（全县），对一次读同样的行"
    return [
        Figure(name=title, ours=again * 1000, limit=limit * 1000, aim=5, note=note, **shared),
        Figure(
            name=f"{title}：进程里第一次问",
            ours=first * 1000,
            limit=limit * 1000,
            note="取出每案的状态并算一遍期限",
            **shared,
        ),
        _files(store, world, day, shared),
    ]


def _files(store: Store, world: CaseWorld, day: date, shared: dict[str, Any]) -> Figure:
    of = world.suspects[:: max(len(world.suspects) // _FILES, 1)][:_FILES]
    head = store.log.head()

    def look(child: UUID) -> None:
        with store.answers.reading() as reading:
            found = case_file(reading, Scope.county(), world.case(child), as_of=day, position=head)
        if found is None:
            raise AssertionError

    def read(child: UUID) -> None:
        _rows_of_file(store, world.case(child), child, day)

    look(of[0][1])
    with quiet():
        ours = best(lambda: _each(look, of), 3) / len(of)
        limit = best(lambda: _each(read, of), 3) / len(of)
    return Figure(
        name="一生一案，对一次读同样的行",
        ours=ours * 1000,
        limit=limit * 1000,
        aim=5,
        note=f"{len(of)} 个个案各问一次的平均",
        **shared,
    )


def _each(ask: Callable[[UUID], None], of: Sequence[tuple[str, UUID]]) -> None:
    for _, child in of:
        ask(child)


_VALID = (
    "{0}.valid_from <= {1} AND ({0}.valid_to IS NULL OR {0}.valid_to > {1}) AND {0}.pos_to IS NULL"
)
_ROWS = (
    "SELECT c.*, s.*, p.*, m.reason FROM cases_cases c"
    " JOIN cases_stands s ON s.case_id = c.case_id JOIN roster_places p ON p.child = c.child"
    " LEFT JOIN roster_marks m ON m.child = c.child AND {marks} WHERE {cases} AND {places} AND {of}"
)
_OPEN = "c.closed_on IS NULL AND (c.how IS NULL OR c.how <> 'relapsed')"
_DAYS = "SELECT * FROM suspected_days WHERE pos_to IS NULL AND day <= {day} AND child = {id}"
_FACTS = "SELECT * FROM cases_facts WHERE case_id = {id} ORDER BY position"


def _rows_of_load(store: Store, day: date) -> None:
    """Open cases with their packed states and places."""
    with store.answers.reading() as reading:
        bare_rows = _Bare(store, reading.conn.connection.cursor(), day)
        bare_rows.read(bare_rows.cases(_OPEN), [])


def _rows_of_file(store: Store, case: UUID, child: UUID, day: date) -> None:
    """The case with its place, its facts, the child's unexplained days."""
    with store.answers.reading() as reading:
        bare_rows = _Bare(store, reading.conn.connection.cursor(), day)
        bare_rows.read(bare_rows.cases(f"c.child = {bare_rows.mark}"), [child])
        bare_rows.read(_FACTS.format(id=bare_rows.mark), [case])
        bare_rows.days(child)


class _Bare:
    """Reads by the driver's own cursor, whole rows at once."""

    def __init__(self, store: Store, cursor: Any, day: date) -> None:
        self._cursor, self._day = cursor, day.toordinal()
        self._sqlite = store.settings.is_sqlite
        self.mark = "?" if self._sqlite else "%s"

    def cases(self, of: str) -> str:
        """The statement for these cases with their children's places."""
        valid = {
            name: _VALID.format(alias, self._day)
            for name, alias in (("cases", "c"), ("places", "p"), ("marks", "m"))
        }
        return _ROWS.format(of=of, **valid)

    def days(self, child: UUID) -> None:
        """The unexplained days of a child."""
        self.read(_DAYS.format(day=self._day, id=self.mark), [child])

    def read(self, text: str, ids: Sequence[UUID]) -> None:
        """All rows of a statement; there are some unless it is about days."""
        self._cursor.execute(text, [each.bytes if self._sqlite else each for each in ids])
        if not self._cursor.fetchall() and "suspected_days" not in text:
            raise AssertionError
