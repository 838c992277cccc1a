"""A store with accounts, whose clock the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ckbx.access import Gate
from ckbx.application import accounts
from ckbx.clock import FixedClock
from ckbx.domain.shared.event import CommandContext
from ckbx.store import Store
from tests.support.county import opened

PASSWORD = "三只蓝鸟 on a wire 42"


class Door:
    """The gate of a store, and somebody at the console who manages accounts."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.gate: Gate = store.gate
        self.office = store.office

    @property
    def ctx(self) -> CommandContext:
        return self.office.context("cli:root")

    def later(self, **by: float) -> None:
        """Let time pass."""
        clock = self.store.clock
        assert isinstance(clock, FixedClock)
        clock.at += timedelta(**by)

    def open(self, name: str) -> str:
        """An account that was just opened; its one-time code."""
        return accounts.open_account(self.office, self.gate, self.ctx, name)

    def person(self, name: str, password: str = PASSWORD) -> str:
        """An account whose person has set a password; its name."""
        self.gate.use_code(name, self.open(name), password)
        return name

    def session(self, name: str, *, strict: bool = False) -> str:
        """A session of an account; its token."""
        return self.gate.sessions.create(name, address="10.0.0.1", device="手机", strict=strict)


@pytest.fixture
def door(store_url: str, tmp_path: Path) -> Iterator[Door]:
    """The gate of a fresh store, once on SQLite and once on PostgreSQL."""
    with opened(store_url, tmp_path / "secrets") as store:
        yield Door(store)
