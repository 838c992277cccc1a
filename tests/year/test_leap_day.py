"""29 February is a day like any other: what falls on it, runs over it, or is counted across it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from ckbx.clock import FixedClock
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.scheduling.instants import instants
from ckbx.scheduling.run_due import run_due
from tests.scheduling.due_kit import A, U, World, alerts
from tests.support.county import COUNTY, opened

SPRING = ("2027-2028", "春季", date(2028, 2, 28), date(2028, 7, 7))
LEAP = date(2028, 2, 29)
BEGINS, ENDS = date(2028, 1, 20), date(2028, 3, 6)
Act = tuple[date, int, Callable[[], object]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    now = datetime(2028, 1, 19, 23, 0, tzinfo=UTC)
    with opened(f"sqlite:///{tmp_path / 'leap.db'}", tmp_path / "keys", now=now) as store:
        made = World(store, terms=[SPRING])
        made._line(calendar_line(county=COUNTY, applies_to=COUNTY, day=LEAP, kind="已核定"))
        yield made


def play(world: World, acts: list[Act]) -> None:
    """The clock goes from instant to instant; acts are carried out at their local hour."""
    clock = cast("FixedClock", world.store.clock)
    todo = sorted(acts, key=lambda act: act[:2])
    for at in instants(RuleBook.of(COUNTY), clock.zone, clock.now()):
        if at.astimezone(clock.zone).date() > ENDS:
            return
        while todo and instant(*todo[0][:2]) < at:
            day, hour, act = todo.pop(0)
            clock.at = instant(day, hour)
            act()
        clock.at = at
        run_due(world.store, at)


def instant(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8)


def told(world: World) -> list[tuple[str, str]]:
    """Day and rule of everything that stands."""
    found = alerts(world.store).values()
    return sorted((f"{a.day:%m-%d}", a.rule) for a in found if a.state != "withdrawn")


def test_a_term_over_the_leap_day_is_told_day_by_day(world: World) -> None:
    """The class says nothing on the 29th; a leave ends and a transfer was to be confirmed on it;
    one child is not seen on the first day, the 28th, and is there from 1 March on.
    """
    on_leave, moving, late = world.add(A, on=BEGINS)
    acts: list[Act] = [
        (BEGINS, 9, lambda: world.suspend(on_leave, BEGINS, LEAP)),
        (date(2028, 2, 15), 9, lambda: world.transfer(moving, date(2028, 2, 15), LEAP)),
        (date(2028, 2, 28), 9, lambda: world.hand_in(A, date(2028, 2, 28), {late: U})),
        (date(2028, 3, 1), 9, lambda: world.hand_in(A, date(2028, 3, 1))),
        (date(2028, 3, 2), 9, lambda: world.hand_in(A, date(2028, 3, 2))),
        (date(2028, 3, 3), 9, lambda: world.hand_in(A, date(2028, 3, 3))),
        (date(2028, 3, 6), 9, lambda: world.hand_in(A, date(2028, 3, 6))),
    ]
    play(world, acts)
    assert told(world) == sorted(LEAVE + TRANSFER + FIRST_WEEK + REPORTS + BACKUPS + CARE + RISEN)


LEAVE = [
    ("01-30", "leave_expiring"),
    ("02-19", "leave_expiring"),
    ("02-29", "leave_expiring"),
    ("03-01", "leave_expired"),
    ("03-05", "leave_expired"),
    # awaited in class from 1 March, its own first day of the opening, and on no list
    ("03-01", "opening_close_1"),
    ("03-03", "opening_close_3"),
    ("03-03", "opening_close_3_village"),
    ("03-03", "absence_run_3"),
]
TRANSFER = [
    ("03-01", "transfer_step_10"),
    ("02-29", "transfer_lapsed"),
    # the suspicion of the 29th: three school days later; the child is in class meanwhile
    ("03-03", "persuasion_school"),
    ("03-04", "persuasion_school_up"),
    ("03-04", "persuasion_school_copy"),
    ("03-03", "attending_decision_3"),
]
FIRST_WEEK = [
    ("02-21", "chain_unset"),
    ("02-28", "opening_close_1"),
    ("02-29", "roll_call_silent"),
]
REPORTS = [
    ("02-28", "school_report_28"),
    ("02-29", "school_report_28_up"),
    ("02-29", "school_report_28_copy"),
    ("03-05", "county_report_5"),
    ("03-06", "county_report_5_up"),
    ("03-06", "county_report_5_copy"),
]
BACKUPS = [  # none is made from 20 January on
    (day, "backup_overdue") for day in ("01-28", "02-04", "02-11", "02-18", "02-25", "03-03")
]
CARE = [
    ("02-28", "contact_same_day"),
    # the child that came back from its leave was not seen by name: from 1 March on
    *((day, "contact_same_day") for day in ("03-01", "03-02", "03-03", "03-06")),
    ("03-02", "visit_run_2"),
    ("03-03", "absence_warning_village"),
    ("03-01", "quarter_recheck"),
]
RISEN = [  # nobody acknowledges anything: two working days, over the 29th or up to it
    ("02-23", "chain_unset_unread"),
    ("02-29", "chain_unset_up"),
    ("02-29", "roll_call_silent_up"),
    ("03-01", "roll_call_silent_county"),
    ("03-01", "transfer_lapsed_unread"),
    ("03-01", "transfer_lapsed_unread_copy"),
    *(("03-03", f"{rule}_unread") for rule in ("leave_expired", "transfer_step_10")),
    *(("03-03", f"{rule}_unread_copy") for rule in ("leave_expired", "transfer_step_10")),
]
