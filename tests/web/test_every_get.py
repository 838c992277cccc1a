"""What reads changes nothing, whatever is typed into an address, and reads it in one way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from fastapi.dependencies.utils import _get_flat_fields_from_params
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from ckbx.web.app import inner_app
from ckbx.web.forms import Posted
from ckbx.web.permissions import ADMINISTRATOR, GIVES, Permission
from ckbx.web.routes import permission_of
from tests.web.demo_stores import county_copy
from tests.web.every_page import QUERIES
from tests.web.samples import Cast
from tests.web.signing import signed_in

ON_BOTH = "cast_of"

FIVE: Final = (
    Role.CLASS_TEACHER,
    Role.PRINCIPAL,
    Role.TOWNSHIP_OFFICER,
    Role.BUREAU_OFFICER,
    ADMINISTRATOR,
)
HOSTILE: Final = (
    "' OR '1'='1",
    "'; DROP TABLE events; --",
    '" UNION SELECT * FROM vault_people /*',
    "%' ESCAPE '\\' --",
    "\x00",
    "9" * 40,
    "-1",
    "1e309",
    "2026-02-30",
    "\ud7ff\uffff\u202e\U0001f600",
    "０１２／*",
    "../../etc/passwd",
    "x" * 3_000,
    "$1 :p ? %s %(x)s {0}",
    "[]={}",
)
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|W-\w+")


class Reading(NamedTuple):
    """An address that is read, and what it may be asked with."""

    path: str
    permission: Permission
    asks: tuple[str, ...]


@pytest.fixture(scope="module")
def cast_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A county of its own."""
    with county_copy(request, tmp_path_factory.mktemp("gets") / "county") as store:
        yield Cast(store)


@pytest.fixture(scope="module")
def store(cast_of: Cast) -> Store:
    return cast_of.store


@pytest.fixture(scope="module")
def gets(store: Store) -> list[Reading]:
    app, _ = inner_app(store)
    found = []
    for route in app.routes:
        permission = permission_of(route)
        if isinstance(route, APIRoute) and permission and "GET" in (route.methods or ()):
            found.append(Reading(route.path, permission, tuple(asks_of(route.dependant))))
    return found


def asks_of(needs: Any) -> Iterator[str]:
    """The parameters of a query that a handler and what it rests on ask for."""
    yield from (each.alias for each in _get_flat_fields_from_params(needs.query_params))
    for each in needs.dependencies:
        yield from asks_of(each)


@pytest.fixture(scope="module")
def clients(store: Store, cast_of: Cast) -> Iterator[Mapping[str, TestClient]]:
    found = {role: signed_in(store, cast_of.account(role)) for role in GIVES}
    yield found
    for client in found.values():
        client.close()


def given(role: str, permission: Permission) -> bool:
    return permission in (Permission.PUBLIC, Permission.ACCOUNT) or permission in GIVES[role]


@pytest.mark.parametrize("role", GIVES)
def test_no_get_of_any_role_adds_a_fact(
    store: Store, cast_of: Cast, clients: Mapping[str, TestClient], gets: list[Reading], role: str
) -> None:
    held, wrote, read = cast_of.samples(role), [], 0
    head = store.log.head()
    for each in gets:
        answer = clients[role].get(held.own(each.path + QUERIES.get(each.path, "")))
        read += answer.status_code == 200
        if store.log.head() != head:
            wrote.append(each.path)
            head = store.log.head()
    assert wrote == []
    assert read > 3


def test_control_a_fact_that_is_added_is_seen(store: Store) -> None:
    head = store.log.head()
    store.gate._facts.password_changed("bureau", by_code=False)
    assert store.log.head() > head


@pytest.mark.parametrize("role", FIVE)
def test_nothing_that_is_typed_into_an_address_breaks_the_program(
    cast_of: Cast, clients: Mapping[str, TestClient], gets: list[Reading], role: str
) -> None:
    held, broke, asked = cast_of.samples(role), [], 0
    turn = FIVE.index(role)
    for each in gets:
        if not given(role, each.permission):
            continue
        path = held.own(each.path)
        for name in each.asks:
            turn += 1
            for hostile in HOSTILE[turn % len(FIVE) :: len(FIVE)]:
                answer = clients[role].get(f"{path}?{quote(name)}={quote(hostile)}")
                asked += 1
                if answer.status_code >= 500 or "SQL" in answer.text:
                    broke.append((each.path, name, hostile, answer.status_code))
    assert broke == []
    assert asked > (0 if role == ADMINISTRATOR else 30)


def test_of_a_parameter_given_twice_the_last_one_counts_at_every_address(
    cast_of: Cast, clients: Mapping[str, TestClient], gets: list[Reading]
) -> None:
    role = Role.BUREAU_OFFICER
    held, other, tried = cast_of.samples(role), [], 0
    values = {**held.free, **held.mine, "month": "2026-11", "as_of": "2026-11-20", "page": "1"}
    for each in gets:
        if not given(role, each.permission):
            continue
        path = held.own(each.path)
        for name in each.asks:
            right = values.get(name, "1")
            alone = clients[role].get(f"{path}?{urlencode([(name, right)])}")
            twice = clients[role].get(f"{path}?{urlencode([(name, 'zz'), (name, right)])}")
            tried += 1
            if said(alone) != said(twice):
                other.append((each.path, name, alone.status_code, twice.status_code))
    assert other == []
    assert tried > 30


def said(answer: object) -> tuple[int, str]:
    """An answer without the ids that are new each time, and without the query it repeats."""
    text = _ID.sub("", getattr(answer, "text", ""))
    text = re.sub(r"(?:\?|&amp;|&|%3F|%26)[\w%-]*(?:=|%3D)zz(?=&|%26)(?:&amp;|&|%26)", "?", text)
    return getattr(answer, "status_code", 0), text


def test_of_a_field_handed_in_twice_the_last_one_counts_and_is_shown_again() -> None:
    posted = Posted(FormData([("a", "1"), ("a", "2"), ("b", "3")]))
    assert (posted.text("a"), posted.raw("a"), posted.needed("a", "甲")) == ("2", "2", "2")
    assert posted.texts("a") == ["1", "2"]
    assert posted.draft().value("a") == "2"
