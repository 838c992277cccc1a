"""Fixtures every test may use (databases, a browser) and how random tests run."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = (
    "tests.support.postgres",
    "tests.support.stores",
    "tests.support.browser",
    "tests.support.receiver_fixtures",
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
    look at all of it again and again.
    """
    gc.collect()
    gc.freeze()
