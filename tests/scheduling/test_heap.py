"""While somebody looks, nobody collects; afterwards everything is as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ckbx.scheduling.heap import uncollected


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.isenabled()
    yield
    (gc.enable if before else gc.disable)()


def test_nothing_is_collected_until_the_last_one_leaves() -> None:
    gc.enable()
    first, second = uncollected(), uncollected()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_a_failure_leaves_it_as_it_was() -> None:
    gc.enable()
    with pytest.raises(ZeroDivisionError), uncollected():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_never_collects_does_not_begin_to() -> None:
    gc.disable()
    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert not gc.isenabled()
