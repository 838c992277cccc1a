"""Fixtures every test may use (databases, a browser) and how random tests run."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from ckbx.web.server import settle_heap

pytest_plugins = (
    "tests.support.postgres",
    "tests.support.stores",
    "tests.support.browser",
    "tests.support.receiver_fixtures",
    "tests.support.hashes",
)

# A busy machine is slow, not wrong; a checked submission meets the same cases every time.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there now, the program and its tests, stays to the end: the collector need not
    look at all of it again and again, nor at what is new as often as is its habit. The server
    does the same.
    """
    settle_heap()


FIRST = ("tests/year/", "tests/web/test_every_page.py", "tests/faults/", "tests/web/cases/")
LAST = ("tests/compat/", "tests/domain/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long, or stands on something that takes long to make, comes first; the many
    small tests of rules last: whichever process is idle at the end takes from those.
    """
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(node: str) -> int:
    return 0 if node.startswith(FIRST) else 2 if node.startswith(LAST) else 1
