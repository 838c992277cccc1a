"""What does a password cost in tests? A hundredth, where the test is not about that."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from ckbx.access import gate
from ckbx.access.passwords import Hasher


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """The same hashes with little memory, in this process alone: a program that a test starts
    makes its own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "Hasher", partial(Hasher, memory_kib=64, rounds=1))
        yield


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes as the program makes them."""
    monkeypatch.setattr(gate, "Hasher", Hasher)
