"""A store that nobody backs up is told of once a period, until somebody does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ckbx.application.backups import record_backup, record_outside
from ckbx.application.rule_adoption import adopt_rules
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, World
from tests.scheduling.test_report_duties import go
from tests.scheduling.test_yearly_duties import of, run
from tests.support.county import COUNTY, opened

FIRST = date(2026, 9, 11)
"""The day of the store's first fact."""


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(
        store_url, tmp_path / "secrets", now=datetime(2026, 9, 11, 12, tzinfo=UTC)
    ) as store:
        made = World(store, terms=[AUTUMN])
        made.post(Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER)
        yield made


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def told(world: World) -> list[tuple[int, str]]:
    """Days after the first fact on which it was told, and how that stands."""
    return [((a.day - FIRST).days, a.state) for a in of(world, "backup_overdue")]


def back_up(world: World, day: date) -> None:
    go(world, day)
    record_backup(world.office, world.office.context("cli:test"), world.store.log.head())


def test_a_store_never_backed_up_is_told_of_on_the_day_after_the_first_period(
    world: World,
) -> None:
    run(world, after(7))
    assert told(world) == []
    run(world, after(8))
    (alert,) = of(world, "backup_overdue")
    assert (alert.kind, alert.day, alert.subject, alert.to) == (
        "backup_overdue",
        after(8),
        COUNTY,
        ("bureau",),
    )


def test_it_is_told_once_a_period_not_every_day_and_only_the_last_one_stands(
    world: World,
) -> None:
    for days in (8, 9, 12, 14):
        run(world, after(days))
        assert told(world) == [(8, "open")]
    run(world, after(15))
    assert told(world) == [(8, "closed"), (15, "open")]
    run(world, after(36))
    assert told(world) == [
        *((days, "closed") for days in (8, 15, 22, 29)),
        (36, "open"),
    ]


def test_a_backup_closes_it_and_the_next_period_begins_with_it(world: World) -> None:
    run(world, after(10))
    back_up(world, after(11))
    run(world, after(11))
    assert told(world) == [(8, "closed")]
    run(world, after(18))
    assert told(world) == [(8, "closed")]
    run(world, after(19))
    assert told(world) == [(8, "closed"), (19, "open")]


def test_with_a_backup_on_the_last_day_of_every_period_nothing_is_told(world: World) -> None:
    for days in (7, 14, 21):
        back_up(world, after(days))
        run(world, after(days))
    run(world, after(28))
    assert told(world) == []


def test_a_late_first_run_leads_to_the_same_alerts(world: World) -> None:
    back_up(world, after(12))
    run(world, after(20))
    assert told(world) == [(8, "closed"), (20, "open")]
    assert world.due(after(20)).nothing


def test_one_made_in_time_elsewhere_and_recorded_late_takes_the_alert_back(
    world: World,
) -> None:
    run(world, after(10))
    ctx = world.office.context("cli:test")
    assert record_outside(world.office, ctx, after(6))
    run(world, after(10))
    assert told(world) == [(8, "withdrawn")]
    assert not record_outside(world.office, world.office.context("cli:test"), after(6))


def test_a_period_lasts_as_the_rules_of_its_first_day_say(world: World) -> None:
    ctx = world.office.context("bureau")
    adopt_rules(world.office, ctx, {"backup_days": 2}, after(5))
    run(world, after(8))
    assert told(world) == [(8, "open")]  # it began before
    run(world, after(10))
    assert told(world) == [(8, "closed"), (10, "open")]
