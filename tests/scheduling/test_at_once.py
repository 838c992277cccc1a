"""Two workers at one instant: what one has done meanwhile, the other does not do again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ckbx.scheduling import run_due as module
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store
from tests.scheduling.test_run_due import grant_leave
from tests.support.county import SCHOOL, SmallCounty, opened

KEY = f"{SCHOOL}/2026/1"
LATE = datetime(2026, 11, 6, 12, 30, tzinfo=UTC)


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """A leave that ended five days ago, of which nobody was told in time."""
    with opened(store_url, tmp_path / "secrets") as found:
        county = SmallCounty(found.office)
        grant_leave(found, county.pupils[KEY][0], date(2026, 11, 1))
        yield found


def told(store: Store) -> Counter[str]:
    """Facts of alerts by what happened."""
    names = (type(each.event).__name__ for each in store.log.read(0, 1_000_000))
    return Counter(name for name in names if name.startswith("Alert"))


def overtaken(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    """Between what the next run saw and what it writes, another run does everything."""
    write = module._apply
    others = iter([LATE])

    def late(*given: Any) -> None:
        for at in others:
            run_due(store, at)
        write(*given)

    monkeypatch.setattr(module, "_apply", late)


def test_what_another_raised_and_closed_meanwhile_is_not_raised_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, store)
    report = run_due(store, LATE)
    facts = told(store)
    assert facts["AlertClosed"] > 0
    assert facts["AlertReopened"] == 0
    assert not report.raised
    assert run_due(store, LATE).nothing


def test_alone_the_same_is_told(store: Store) -> None:
    report = run_due(store, LATE)
    facts = told(store)
    assert facts["AlertClosed"] > 0
    assert sum(report.raised.values()) == facts["AlertRaised"]
