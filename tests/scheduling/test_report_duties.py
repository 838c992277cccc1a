"""月报到期: told on the day, risen and copied from the day after, closed by a signature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from ckbx.application import reports
from ckbx.clock import FixedClock
from ckbx.domain.report.figures import FIGURES, make_figures
from ckbx.domain.report.months import Month
from ckbx.domain.report.report import Draft
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, OTHER_SCHOOL, A, C, World, alerts, standing
from tests.support.county import COUNTY, SCHOOL, opened

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
Told = dict[tuple[str, str], tuple[date, str]]
SCHOOL_RULE, COUNTY_RULE = "school_report_28", "county_report_5"


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    """Two schools since 1 September 2026; it is the 25th."""
    with opened(store_url, tmp_path / "secrets", now=datetime(2026, 9, 25, 4, tzinfo=UTC)) as store:
        made = World(store, terms=[AUTUMN])
        for key in (A, C):
            made.add(key, on=AUTUMN[2])
        for code, account in ((SCHOOL, "head"), (OTHER_SCHOOL, "head2")):
            scope = Scope(ScopeKind.SCHOOL, code)
            made.post(scope, account, Role.PRINCIPAL)
        county = Scope(ScopeKind.COUNTY, COUNTY)
        made.post(county, "bureau", Role.BUREAU_OFFICER)
        yield made


def go(world: World, day: date) -> None:
    cast("FixedClock", world.store.clock).at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def draft(world: World, month: Month) -> Draft:
    as_of = min(world.office.today(), month.last_day)
    figures = make_figures(dict.fromkeys(FIGURES, (as_of.day, 31)))
    return Draft(month=month, as_of=as_of, position=1, known_at=1, figures=figures)


def sign(world: World, school: str, month: Month, day: date) -> None:
    go(world, day)
    ctx = world.office.context("head")
    reports.sign_school(world.office, ctx, draft(world, month), school=school, role="principal")


def sum_up(world: World, month: Month, day: date) -> None:
    go(world, day)
    ctx, of = world.office.context("bureau"), draft(world, month)
    reports.sign_county(world.office, ctx, of, due=[SCHOOL, OTHER_SCHOOL], role="bureau_officer")


def told(world: World, day: date) -> Told:
    """Rule and subject of the reports' alerts: the day and the state, after a run."""
    go(world, max(day, world.office.today()))
    world.due(day)
    return {
        (each.rule, each.subject): (each.day, each.state)
        for each in alerts(world.store).values()
        if each.rule.startswith(("school_report_", "county_report_"))
    }


def test_a_school_is_told_on_its_day_and_not_before(world: World) -> None:
    assert told(world, date(2026, 9, 27)) == {}
    found = told(world, date(2026, 9, 28))
    assert found == {
        (SCHOOL_RULE, SCHOOL): (date(2026, 9, 28), "open"),
        (SCHOOL_RULE, OTHER_SCHOOL): (date(2026, 9, 28), "open"),
    }
    to = {a.subject: a.to for a in alerts(world.store).values() if a.rule == SCHOOL_RULE}
    assert to == {SCHOOL: ("head",), OTHER_SCHOOL: ("head2",)}


def test_who_signed_before_the_day_is_not_told(world: World) -> None:
    sign(world, SCHOOL, SEPTEMBER, date(2026, 9, 25))
    found = told(world, date(2026, 9, 29))
    assert {subject for rule, subject in found if rule.startswith(SCHOOL_RULE)} == {OTHER_SCHOOL}


def test_a_signature_on_the_day_is_in_time_and_closes_it(world: World) -> None:
    told(world, date(2026, 9, 28))
    sign(world, SCHOOL, SEPTEMBER, date(2026, 9, 28))
    found = told(world, date(2026, 9, 29))
    assert found[SCHOOL_RULE, SCHOOL] == (date(2026, 9, 28), "closed")
    assert (SCHOOL_RULE + "_up", SCHOOL) not in found


def test_a_missed_one_rises_is_copied_and_is_closed_by_a_late_signature(world: World) -> None:
    found = told(world, date(2026, 9, 29))
    day = date(2026, 9, 29)
    assert found[SCHOOL_RULE + "_up", SCHOOL] == (day, "open")
    assert found[SCHOOL_RULE + "_copy", SCHOOL] == (day, "open")
    risen = next(a for a in alerts(world.store).values() if a.rule == SCHOOL_RULE + "_up")
    assert risen.to == ("bureau",)
    sign(world, SCHOOL, SEPTEMBER, date(2026, 9, 30))
    found = told(world, date(2026, 9, 30))
    states = {rule: state for (rule, subject), (_, state) in found.items() if subject == SCHOOL}
    assert set(states.values()) == {"closed"}
    assert len(states) == 3


def test_the_county_is_told_on_its_day_of_the_next_month(world: World) -> None:
    sign(world, SCHOOL, SEPTEMBER, date(2026, 9, 25))
    assert (COUNTY_RULE, COUNTY) not in told(world, date(2026, 10, 4))
    assert told(world, date(2026, 10, 5))[COUNTY_RULE, COUNTY] == (date(2026, 10, 5), "open")
    sum_up(world, SEPTEMBER, date(2026, 10, 6))
    found = told(world, date(2026, 10, 6))
    assert found[COUNTY_RULE, COUNTY] == (date(2026, 10, 5), "closed")
    assert found[COUNTY_RULE + "_up", COUNTY] == (date(2026, 10, 6), "closed")


def test_no_month_before_the_first_class_and_none_in_the_holidays_is_due(world: World) -> None:
    told(world, date(2026, 11, 30))
    days = {a.day for a in alerts(world.store).values() if a.rule == SCHOOL_RULE}
    assert days == {date(2026, 9, 28), date(2026, 10, 28), date(2026, 11, 28)}


def test_runs_of_any_day_in_any_order_leave_the_alerts_of_the_last_alone(
    world: World,
) -> None:
    sign(world, SCHOOL, SEPTEMBER, date(2026, 9, 30))
    sum_up(world, SEPTEMBER, date(2026, 10, 5))
    sign(world, OTHER_SCHOOL, OCTOBER, date(2026, 10, 28))
    go(world, date(2026, 11, 10))
    days = [date(2026, 9, 27) + timedelta(days=3 * n) for n in range(15)]
    for day in (*days[::2], days[-1], *days[1::2][::-1], days[0], date(2026, 11, 10)):
        world.due(day)
    ours = ("school_report_", "county_report_")
    many = {a for a in standing(world.store) if a.rule.startswith(ours)}
    assert world.due(date(2026, 11, 10)).nothing
    found = {(a.rule, a.subject, a.day): a.state for a in many}
    september, october = date(2026, 9, 28), date(2026, 10, 28)
    assert {key for key, state in found.items() if state == "closed"} == {
        *missed(SCHOOL_RULE, SCHOOL, september),
        (SCHOOL_RULE, OTHER_SCHOOL, october),
        (COUNTY_RULE, COUNTY, date(2026, 10, 5)),
    }
    assert {key for key, state in found.items() if state == "open"} == {
        *missed(SCHOOL_RULE, OTHER_SCHOOL, september),
        *missed(SCHOOL_RULE, SCHOOL, october),
        *missed(COUNTY_RULE, COUNTY, date(2026, 11, 5)),
    }


def missed(rule: str, subject: str, day: date) -> set[tuple[str, str, date]]:
    """The alerts of a report that was not signed in time."""
    after = day + timedelta(days=1)
    return {(rule, subject, day), *((rule + end, subject, after) for end in ("_up", "_copy"))}
