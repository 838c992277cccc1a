"""Cases: commands on them against bare inserts, questions about them against bare reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from ckbx.bench.appends import bare, grouped
from ckbx.bench.case_world import AWAY_A_CLASS, CaseWorld, Step, new_case_world
from ckbx.bench.measure import Figure, best, quiet, seconds
from ckbx.bench.world import SIZE, new_store
from ckbx.eventlog.ports import RowWrite
from ckbx.store import Store
from projections.case_file import case_file
from projections.caseload import caseload
from projections.scope import Scope

CLIENTS = 64
_STEPS = 6
_FILES = 50
_ASKED_ON = 14
"""Which school day is asked about: a few days after the last thing that was done."""


def command_speed(
    url: Callable[[], str], folder: Path, *, commands: int, store_name: str
) -> list[Figure]:
    """Commands on cases a second with 1 and 64 clients; the bare limit writes what one wrote.

    Each keeps words in the vault: the limit writes those rows, too, sealed beforehand.
    """
    many = max(commands // _STEPS, 1)
    store = new_store(url(), folder / "commands")
    try:
        world = new_case_world(store, 3 * many * SIZE // AWAY_A_CLASS)
        shares = [list(world.steps(world.suspects[n * many : (n + 1) * many])) for n in range(3)]
        for step in chain.from_iterable(shares[0]):
            world.take(step)
        before = store.log.head()
        writes: list[Sequence[Any]] = []
        with quiet():
            took = seconds(lambda: writes.extend(map(world.take, chain.from_iterable(shares[1]))))
        rows = store.log.read_rows(before, 10**9)
        with quiet():
            crowded = seconds(lambda: _crowd(world, shares[2]))
    finally:
        store.close()
    done = many * _STEPS
    kept = [[each for each in group if isinstance(each, RowWrite)] for group in writes]
    transactions = grouped(rows, kept)
    with quiet():
        limit = done / bare(url(), folder, transactions)
    each = len(rows) / done
    figures = (
        ("个案操作，1 个客户端", took, 0.45),
        ("个案操作，64 个客户端（极限：一个裸连接）", crowded, 1.5),
    )
    return [
        Figure(
            name=name,
            store=store_name,
            ours=done / time,
            limit=limit,
            unit="次/秒",
            aim=aim,
            note=f"{done:,} 次，每次平均 {each:.1f} 个事件和一段加密的文字" if aim < 1 else "",
        )
        for name, time, aim in figures
    ]


def _crowd(world: CaseWorld, cases: Sequence[list[Step]]) -> None:
    """Each client works on cases of its own, each step after the one before."""

    def work(mine: Sequence[list[Step]]) -> None:
        for step in chain.from_iterable(mine):
            world.take(step)

    threads = [threading.Thread(target=work, args=(cases[n::CLIENTS],)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


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
