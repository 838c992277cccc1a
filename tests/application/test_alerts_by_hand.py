"""签收 and 办结: by whom an alert may be acknowledged or closed by hand, and which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application.alerts import acknowledge, done
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.alert.errors import (
    AlertClosesItself,
    AlertNotOpen,
    AlertNotYours,
    AlertUnknown,
)
from ckbx.domain.alert.events import AlertAcknowledged, AlertClosed
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, A, World, alerts
from tests.support.county import COUNTY, SCHOOL, opened

DAY = date(2026, 9, 2)
DONE = ClosedBecause.DONE


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    """One class that says nothing, its teacher and its principal; it is 10 September 2026."""
    with opened(store_url, tmp_path / "secrets", now=datetime(2026, 9, 10, 4, tzinfo=UTC)) as store:
        made = World(store, terms=[AUTUMN])
        made.add(A, on=AUTUMN[2])
        made.post(Scope(ScopeKind.CLASS, A), "teacher", Role.CLASS_TEACHER)
        made.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
        made.post(Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER)
        yield made


def raised(world: World, rule: str) -> UUID:
    """The first alert of a rule after a run of the clock."""
    world.due(date(2026, 9, 9))
    found = {a.day: id_ for id_, a in alerts(world.store).items() if a.rule == rule}
    return found[min(found)]


def test_an_addressee_acknowledges_once_and_its_account_and_actor_are_kept(world: World) -> None:
    alert, office = raised(world, "roll_call_silent"), world.office
    assert acknowledge(office, office.context("cli:li"), [alert, alert], "teacher") == 1
    assert acknowledge(office, office.context("cli:li"), [alert], "teacher") == 0
    event = world.store.log.load([alert])[alert][-1]
    assert isinstance(event, AlertAcknowledged)
    assert (event.account, event.actor) == ("teacher", "cli:li")


def test_an_acknowledged_alert_is_still_closed_and_withdrawn_by_the_clock(world: World) -> None:
    alert, office = raised(world, "roll_call_silent"), world.office
    acknowledge(office, office.context("cli:li"), [alert], "teacher")
    world.due(date(2026, 9, 9))
    assert len(world.store.log.load([alert])[alert]) == 2
    world.hand_in(A, alerts(world.store)[alert].day)
    world.due(date(2026, 9, 9))
    assert alerts(world.store)[alert].state == "withdrawn"
    with pytest.raises(AlertNotOpen):
        acknowledge(office, office.context("cli:li"), [alert], "teacher")


def test_nobody_else_acknowledges_and_all_are_refused_together(world: World) -> None:
    alert, office = raised(world, "roll_call_silent"), world.office
    with pytest.raises(AlertNotYours):
        acknowledge(office, office.context("cli:li"), [alert], "head")
    with pytest.raises(AlertUnknown):
        acknowledge(office, office.context("cli:li"), [alert, UUID(int=9)], "teacher")
    assert len(world.store.log.load([alert])[alert]) == 1


def test_what_records_close_is_not_closed_by_hand(world: World) -> None:
    alert, office = raised(world, "roll_call_silent"), world.office
    with pytest.raises(AlertClosesItself):
        done(office, office.context("cli:li"), [alert], "teacher", DONE)


def test_a_school_closes_its_opening_report_by_hand_and_the_clock_leaves_it(world: World) -> None:
    alert, office = raised(world, "opening_report_7"), world.office
    assert done(office, office.context("cli:li"), [alert], "head", DONE) == 1
    assert done(office, office.context("cli:li"), [alert], "head", DONE) == 0
    world.due(date(2026, 9, 9))
    event = world.store.log.load([alert])[alert][-1]
    assert isinstance(event, AlertClosed)
    assert (event.reason, event.account) == ("done", "head")
