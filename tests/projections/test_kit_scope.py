"""Whoever asks sees what the scope says and nothing else; no question is without a scope."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, create_engine, insert, select

import projections
from projections.scope import Scope, within

ROWS = Table(
    "rows",
    MetaData(),
    Column("id", Integer),
    Column("school", Text),
    Column("village", Text),
    Column("residence", Text),
    Column("class_key", Text),
    Column("child", Uuid),
)
DATA = [
    (1, "2152939972", "522629100201", None, "2152939972/2026/1", UUID(int=1)),
    (2, "2152939972", "522629101300", "522629100201", "2152939972/2026/2", UUID(int=2)),
    (3, "3152354069", "522629101300", None, "3152354069/2020/1", UUID(int=3)),
    (4, None, None, None, None, UUID(int=4)),
]


def seen(scope: Scope, *, villages: bool = True) -> set[int]:
    """The ids of the rows that a query sees, and the same decided row by row."""
    engine = create_engine("sqlite://")
    columns = (ROWS.c.village, ROWS.c.residence) if villages else ()
    query = within(
        select(ROWS.c.id),
        scope,
        school=ROWS.c.school,
        villages=columns,
        class_key=ROWS.c.class_key,
        child=ROWS.c.child,
    )
    with engine.begin() as conn:
        ROWS.create(conn)
        conn.execute(insert(ROWS), [dict(zip(ROWS.c.keys(), row, strict=True)) for row in DATA])
        found = {row.id for row in conn.execute(query)}
    engine.dispose()
    by_hand = {
        row[0]
        for row in DATA
        if scope.sees(
            school=row[1],
            villages=(row[2], row[3]) if villages else (),
            class_key=row[4],
            child=row[5],
        )
    }
    assert by_hand == found
    return found


@pytest.mark.parametrize(
    ("scope", "ids"),
    [
        (Scope.county(), {1, 2, 3, 4}),
        (Scope.nothing(), set()),
        (Scope.schools([]), set()),
        (Scope.schools(["2152939972"]), {1, 2}),
        (Scope.villages(["522629100201"]), {1, 2}),
        (Scope.villages(["522629101"]), {2, 3}),
        (Scope.villages(["52262910"]), {1, 2, 3}),
        (Scope.classes(["3152354069/2020/1"]), {3}),
        (Scope.classes(["2152939972/2026/1"]) | Scope.schools(["3152354069"]), {1, 3}),
        (Scope.county() | Scope.nothing(), {1, 2, 3, 4}),
        (Scope.of_children([UUID(int=4)]), {4}),
        (Scope.county().narrowed(["3152354069"]), {3}),
        (Scope.county().narrowed([]), set()),
        (Scope.schools(["2152939972"]).narrowed(["3152354069"]), set()),
        (Scope.classes(["2152939972/2026/1"]).narrowed(["2152939972"]), {1}),
        (Scope.villages(["522629101"]).narrowed(["3152354069"]), {3}),
        (Scope.of_children([UUID(int=1), UUID(int=3)]).narrowed(["3152354069"]), {3}),
        (Scope.villages(["5226"]).narrowed(["2152939972"]).narrowed(["3152354069"]), set()),
        (Scope.of_children([UUID(int=1)]) | Scope.classes(["3152354069/2020/1"]), {1, 3}),
    ],
)
def test_a_scope_sees_its_rows_alone(scope: Scope, ids: set[int]) -> None:
    assert seen(scope) == ids


def test_villages_see_nothing_in_a_table_without_villages() -> None:
    assert seen(Scope.villages(["522629100201"]), villages=False) == set()


def test_only_a_scope_that_names_something_is_not_empty() -> None:
    assert Scope.nothing().empty
    assert Scope.schools([]).empty
    assert not Scope.county().empty
    assert not Scope.villages(["522629"]).empty


def query_functions(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Public functions of a module that read answers, and public methods of its classes."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(value) and reads(value):
            yield name, value


def reads(function: Any) -> bool:
    """Whether it is handed a look at the answers."""
    kinds = [str(p.annotation) for p in inspect.signature(function).parameters.values()]
    return any(kind in ("Reading", "Connection", "Engine", "Answers") for kind in kinds)


def lacks_scope(function: Any) -> bool:
    """Whether it can be called without saying who asks."""
    parameter = inspect.signature(function).parameters.get("scope")
    return (
        parameter is None
        or str(parameter.annotation) != "Scope"
        or parameter.default is not inspect.Parameter.empty
    )


UNFILTERED = {
    "projections.cases.alarms": "of children whom a scoped question gave",
    "projections.cases.returned_before": "of cases which a scoped question gave",
    "projections.deadlines.due_of": "of cases which a scoped question gave",
    "projections.deadlines.of_cases": "of cases which a scoped question gave",
    "projections.legal_deadlines.of_papers": "of cases which a scoped question gave",
    "projections.movements.ever_on_leave": "of children whom a scoped question gave",
    "projections.movements.movements": "for leave and transfers, which filter its children",
    "projections.roll_call_completeness.reported_days": "days of classes, no child is in them",
    "projections.roster.absences": "of children whom a scoped question gave",
    "projections.responsibility.child_place": "makes of a place, which a scoped question gave",
    "projections.responsibility.directory": "posts of the county, for use cases that filter",
}
"""Public names that read without a scope, each with the reason."""


QUESTIONS = (
    "case_file",
    "caseload",
    "deadlines",
    "dropout",
    "leave",
    "legal_deadlines",
    "month_figures",
    "transfers",
    "visits",
)
"""Modules that ask the tables of another."""


def projection_modules() -> list[types.ModuleType]:
    names = [info.name for info in pkgutil.iter_modules(projections.__path__)]
    modules = [importlib.import_module(f"projections.{name}") for name in names]
    asked = {f"projections.{name}" for name in QUESTIONS}
    return [m for m in modules if hasattr(m, "PROJECTION") or m.__name__ in asked]


def test_every_public_query_function_requires_a_scope() -> None:
    found = {
        f"{module.__name__}.{name}": function
        for module in projection_modules()
        for name, function in query_functions(module)
    }
    assert {"projections.roster.children_of", "projections.school.roll_up"} <= set(found)
    unscoped = {name for name, function in found.items() if lacks_scope(function)}
    assert unscoped == set(UNFILTERED)


def test_a_query_function_without_a_scope_would_be_found() -> None:
    source = (
        "from __future__ import annotations\n"
        "def planted(reading: Reading, day: int) -> None: ...\n"
        "def by_default(reading: Reading, scope: Scope = None) -> None: ...\n"
        "def fine(reading: Reading, scope: Scope) -> None: ...\n"
    )
    module = types.ModuleType("planted")
    exec(source, vars(module))
    found = dict(query_functions(module))
    assert [name for name in found if lacks_scope(found[name])] == ["planted", "by_default"]
