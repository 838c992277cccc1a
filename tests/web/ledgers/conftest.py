"""An account of each role in the demo county, signed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from starlette.testclient import TestClient

from ckbx.store import Store
from ckbx.web.permissions import ADMINISTRATOR, GIVES
from tests.web.demo_stores import county_copy
from tests.web.samples import Cast
from tests.web.signing import signed_in

ROLES = tuple(role for role in GIVES if role != ADMINISTRATOR)


@pytest.fixture(scope="package")
def cast_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A county of its own: a 联络员 is added to it."""
    with county_copy(request, tmp_path_factory.mktemp("ledgers") / "county") as store:
        yield Cast(store)


@pytest.fixture(scope="package")
def county(cast_of: Cast) -> Store:
    return cast_of.store


@pytest.fixture(scope="package")
def clients(county: Store, cast_of: Cast) -> Iterator[Mapping[str, TestClient]]:
    found = {role: signed_in(county, cast_of.account(role)) for role in ROLES}
    yield found
    for client in found.values():
        client.close()
