"""Who may open what: every address × every role, made from the addresses themselves.

An address that is added is in here by itself; one with a part in its path that nobody knows a
sample of fails until it is given one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from ckbx.web.app import inner_app
from ckbx.web.permissions import GIVES, INSPECTOR, Permission
from ckbx.web.routes import declared
from tests.web.demo_stores import county_copy
from tests.web.samples import Cast
from tests.web.signing import signed_in, visitor

ON_BOTH_LONG = "cast_of"
ROLES = tuple(GIVES)
COUNTY_WIDE = (Role.BUREAU_OFFICER, INSPECTOR)


class Cell(NamedTuple):
    """One request of the matrix."""

    method: str
    path: str
    permission: Permission


@pytest.fixture(scope="module")
def cast_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A county of its own: forms are handed in here."""
    with county_copy(request, tmp_path_factory.mktemp("matrix") / "county") as store:
        yield Cast(store)


@pytest.fixture(scope="module")
def store(cast_of: Cast) -> Store:
    return cast_of.store


@pytest.fixture(scope="module")
def cells(store: Store) -> list[Cell]:
    app, _ = inner_app(store)
    return [Cell(*each) for each in declared(app)]


@pytest.fixture(scope="module")
def clients(store: Store, cast_of: Cast) -> Iterator[Mapping[str, TestClient]]:
    """A browser for each role."""
    found = {role: signed_in(store, cast_of.account(role)) for role in ROLES}
    yield found
    for client in found.values():
        client.close()


def asked(client: TestClient, cell: Cell, path: str) -> int:
    """The status of an empty request."""
    if cell.path.startswith("/api/") and cell.method == "POST":
        key = {"Idempotency-Key": str(uuid4())}
        return client.post(path, json={}, headers=key).status_code
    return client.request(cell.method, path, data={} if cell.method == "POST" else None).status_code


def test_nobody_gets_nothing_but_what_is_for_everybody(
    store: Store, cast_of: Cast, cells: list[Cell]
) -> None:
    own = cast_of.samples(Role.BUREAU_OFFICER)
    with visitor(store) as client:
        for cell in cells:
            status = asked(client, cell, own.own(cell.path))
            if cell.permission is Permission.PUBLIC:
                assert status in (200, 303, 422), cell
            else:
                page = cell.method == "GET" and not cell.path.startswith("/api/")
                assert status == (303 if page else 401), cell


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_is_given_and_nothing_else(
    cast_of: Cast, clients: Mapping[str, TestClient], cells: list[Cell], role: str
) -> None:
    held = cast_of.samples(role)
    wrong = []
    for cell in cells:
        if cell.permission is Permission.PUBLIC or cell.path == "/signout":
            continue
        status = asked(clients[role], cell, held.own(cell.path))
        given = cell.permission is Permission.ACCOUNT or cell.permission in GIVES[role]
        fine = status in (200, 303, 404, 409, 422) if given else status == 403
        if not fine:
            wrong.append((cell, status))
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in ROLES if role not in COUNTY_WIDE])
def test_what_belongs_to_others_is_not_there(
    cast_of: Cast, clients: Mapping[str, TestClient], cells: list[Cell], role: str
) -> None:
    held = cast_of.samples(role)
    wrong = []
    for cell in cells:
        if "{" not in cell.path or cell.permission not in GIVES[role]:
            continue
        foreign = held.foreign(cell.path)
        if foreign is None:
            continue
        status = asked(clients[role], cell, foreign)
        if status != 404:
            wrong.append((cell, foreign, status))
    assert wrong == []


def test_what_is_foreign_to_one_exists_for_another(store: Store, cast_of: Cast) -> None:
    """The control: 404 was said of something that is there."""
    held = cast_of.samples(Role.PRINCIPAL)
    assert held.foreign("/schools/{code}") != held.own("/schools/{code}")
    with signed_in(store, cast_of.account(Role.BUREAU_OFFICER)) as client:
        for path in ("/schools/{code}", "/children/{child_id}"):
            foreign = held.foreign(path)
            assert foreign is not None
            assert client.get(foreign).status_code == 200
