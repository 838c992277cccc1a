"""County duties by the calendar: the quarterly re-check, the January audit; what ends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application import rechecks
from ckbx.domain.recheck.events import Pick
from ckbx.domain.recheck.recheck import Population, Recheck
from ckbx.domain.recheck.sampling import Quarter
from ckbx.domain.report.months import Month
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, A, AlertState, World, alerts
from tests.scheduling.test_report_duties import go, sign, sum_up
from tests.support.county import COUNTY, SCHOOL, opened

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
LAST = date(2026, 12, 31)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(
        store_url, tmp_path / "secrets", now=datetime(2026, 9, 11, 12, tzinfo=UTC)
    ) as store:
        made = World(store, terms=[AUTUMN])
        made.add(A, on=AUTUMN[2])
        made.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
        made.post(Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER)
        yield made


def of(world: World, rule: str) -> list[AlertState]:
    found = [a for a in alerts(world.store).values() if a.rule == rule]
    return sorted(found, key=lambda a: a.day)


def run(world: World, day: date) -> None:
    go(world, day)
    world.due(day)


def test_the_county_is_told_of_the_recheck_a_month_before_and_on_the_last_working_day(
    world: World,
) -> None:
    run(world, date(2026, 9, 29))
    assert [(a.day, a.subject) for a in of(world, "quarter_recheck")] == [
        (date(2026, 9, 1), "2026-Q3")
    ]
    run(world, date(2026, 11, 30))
    assert [a.day for a in of(world, "quarter_recheck")] == [date(2026, 9, 1), date(2026, 9, 30)]
    run(world, date(2026, 12, 31))
    told = of(world, "quarter_recheck")
    assert [(a.day, a.to) for a in told][2:] == [
        (date(2026, 12, 1), ("bureau",)),
        (LAST, ("bureau",)),
    ]


def draw_and_check(world: World, quarter: Quarter, day: date, *, checked: bool) -> None:
    go(world, day)
    office = world.office
    pick = Pick(item="ab" * 16, kind="closure", child=UUID(int=7))
    of_ = Population(as_of=day, position=1, known_at=1, closures=[pick])
    ctx = office.context("bureau")
    rechecks.draw_sample(office, ctx, quarter, of_, seed="seed-1", role="bureau_officer")
    if checked:

        def decide(unit: object) -> bytes:
            recheck = unit.get(Recheck.stream(COUNTY, quarter), Recheck)  # type: ignore[attr-defined]
            recheck.record(
                unit.ctx,  # type: ignore[attr-defined]
                quarter,
                pick,
                agrees=True,
                on=day,
                evidence_ref="ref:1",
                role="bureau_officer",
            )
            return b"checked"

        office.run(office.context("bureau"), decide)


def test_a_recheck_is_over_when_everything_drawn_was_looked_at_and_not_before(
    world: World,
) -> None:
    run(world, date(2026, 9, 15))
    draw_and_check(world, Q3, date(2026, 9, 16), checked=False)
    run(world, date(2026, 9, 16))
    assert [a.state for a in of(world, "quarter_recheck")] == ["open"]
    draw_and_check(world, Q3, date(2026, 9, 17), checked=True)
    run(world, date(2026, 9, 30))
    assert [(a.day, a.state) for a in of(world, "quarter_recheck")] == [
        (date(2026, 9, 1), "closed")
    ]


def test_the_audit_of_minors_data_is_due_each_january_and_not_before_the_first_term(
    world: World,
) -> None:
    run(world, date(2026, 12, 31))
    assert of(world, "data_audit") == []
    run(world, date(2027, 1, 4))
    (told,) = of(world, "data_audit")
    assert (told.kind, told.day, told.subject, told.to) == (
        "audit_due",
        date(2027, 1, 1),
        "2026",
        ("bureau",),
    )


def test_signing_the_months_reports_closes_the_openings_reports(world: World) -> None:
    for day in (date(2026, 9, 10), date(2026, 9, 20)):
        run(world, day)
        states = {
            a.state
            for rule in ("opening_report_7", "opening_report_7_county")
            for a in of(world, rule)
        }
        assert states == {"open"}
    sign(world, SCHOOL, Month(2026, 9), date(2026, 9, 28))
    run(world, date(2026, 9, 28))
    assert [a.state for a in of(world, "opening_report_7")] == ["closed"]
    sum_up(world, Month(2026, 9), date(2026, 10, 3))
    run(world, date(2026, 10, 3))
    assert [a.state for a in of(world, "opening_report_7_county")] == ["closed"]
    assert world.due(date(2026, 10, 3)).nothing
