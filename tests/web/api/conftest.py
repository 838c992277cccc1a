"""A county of its own for programs that write, and things of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckbx.demo.make import Made
from ckbx.store import Store
from tests.demo import making
from tests.web.samples import Cast


@pytest.fixture(scope="module")
def county(
    demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A copy that the tests of one module write to."""
    folder = tmp_path_factory.mktemp("api") / "county"
    shutil.copytree(demo_folder[0], folder)
    store = making.opened(folder)
    yield Cast(store)
    store.close()


@pytest.fixture(scope="module")
def shared(county: Cast) -> Store:
    """The store of that copy."""
    return county.store
