"""A county of its own for programs that write, and things of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckbx.store import Store
from tests.web.demo_stores import county_copy
from tests.web.samples import Cast


@pytest.fixture(scope="module")
def county(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A copy that the tests of one module write to."""
    with county_copy(request, tmp_path_factory.mktemp("api") / "county") as store:
        yield Cast(store)


@pytest.fixture(scope="module")
def shared(county: Cast) -> Store:
    """The store of that copy."""
    return county.store
