"""小升初: nobody of last year's sixth grade is lost between two schools (adr/0011)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application import child_status, transfers
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, FIRST, SPRING, AlertState, World, alerts
from tests.support.county import COUNTY, SCHOOL, opened

JUNIOR = "3152939980"
SIXTH, FIFTH = f"{SCHOOL}/2020/1", f"{SCHOOL}/2021/1"
NINE_YEARS, SEVENTH = f"{JUNIOR}/2020/1", f"{JUNIOR}/2020/2"
VILLAGE = f"{COUNTY}100201"
NEXT = ("2026-2027", "春季", date(2027, 3, 1), date(2027, 7, 2))


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        made = World(store, terms=[SPRING, AUTUMN])
        made.add(SIXTH, village=VILLAGE)
        made.add(FIFTH)
        made.add(NINE_YEARS)
        made.add(SEVENTH, 1)
        for scope, account, role, line in (
            (Scope(ScopeKind.SCHOOL, SCHOOL), "head1", Role.PRINCIPAL, Line.EDUCATION),
            (Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER, Line.EDUCATION),
            (Scope(ScopeKind.VILLAGE, VILLAGE), "v1", Role.VILLAGE_OFFICER, Line.GOVERNMENT),
            (
                Scope(ScopeKind.TOWNSHIP, VILLAGE[:9]),
                "t1",
                Role.TOWNSHIP_OFFICER,
                Line.GOVERNMENT,
            ),
        ):
            made.post(scope, account, role, line=line)
        yield made


def gap(world: World) -> list[AlertState]:
    found = [a for a in alerts(world.store).values() if a.kind == "primary_gap"]
    return sorted(found, key=lambda a: (a.day, a.rule, a.subject))


def of(world: World, child: UUID) -> list[str]:
    return [a.state for a in gap(world) if a.subject == str(child)]


def goes_on(world: World, child: UUID, on: date, *, arrives: bool = True) -> None:
    office, who = world.office, transfers.Who(child=child)
    transfers.start(
        office,
        office.context("r"),
        who,
        role=Role.REGISTRAR,
        on=on,
        receiving_school=JUNIOR,
        document="小升初1号",
    )
    transfers.confirm(
        office,
        office.context("r"),
        who,
        role=Role.REGISTRAR,
        on=on,
        receiving_school=JUNIOR,
        evidence_ref="录取名册",
        class_key=SEVENTH if arrives else None,
    )


def test_who_is_left_in_a_primary_class_is_found_one_by_one_and_told_on_both_lines(
    world: World,
) -> None:
    went, left, _third = world.children[SIXTH]
    goes_on(world, went, date(2026, 8, 27))
    days = world.days(FIRST)
    world.due(days[2], hour=12)
    assert gap(world) == []
    world.due(days[4])
    assert {a.subject for a in gap(world)} == {str(c) for c in world.children[SIXTH][1:]}
    assert [(a.rule, a.day, a.to) for a in gap(world) if a.subject == str(left)] == [
        ("opening_close_3_primary", days[2], ("head1",)),
        ("opening_close_3_primary_village", days[2], ("v1",)),
        ("opening_close_5_primary_county", days[4], ("bureau",)),
        ("opening_close_5_primary_township", days[4], ("t1",)),
    ]
    assert world.due(days[4]).nothing


def test_it_is_over_once_somebody_has_the_child_in_hand(world: World) -> None:
    late, gone, third = world.children[SIXTH]
    days = world.days(FIRST)
    world.due(days[4])
    goes_on(world, late, days[6])
    office = world.office
    child_status.suspect(
        office,
        office.context("bureau"),
        gone,
        role=Role.BUREAU_OFFICER,
        on=days[7],
        first_absent_on=FIRST,
    )
    world.due(days[8])
    assert of(world, late) == of(world, gone) == ["closed"] * 4
    assert of(world, third) == ["open"] * 4


def test_a_class_that_reports_is_taught_there_and_a_junior_school_s_is_its_own(
    world: World,
) -> None:
    days = world.days(FIRST)
    world.hand_in(SIXTH, days[0])
    world.due(days[4])
    assert gap(world) == []


def test_one_received_and_not_arrived_is_not_lost_either(world: World) -> None:
    child = world.children[SIXTH][0]
    goes_on(world, child, date(2026, 8, 27), arrives=False)
    days = world.days(FIRST)
    world.due(days[10])
    assert of(world, child) == []
    arrival = [a for a in alerts(world.store).values() if a.kind == "arrival_due"]
    assert {a.subject for a in arrival} == {str(child)}


def test_the_spring_opening_asks_nothing_anew(world: World) -> None:
    world.term(*NEXT)
    world.due(date(2026, 9, 10))
    before = gap(world)
    assert len(before) == 4 * 3
    world.due(date(2027, 3, 20))
    assert gap(world) == before


def test_a_primary_class_past_its_sixth_grade_is_told_of_by_name_and_not_as_silent(
    world: World,
) -> None:
    world.due(date(2026, 9, 8))
    silent = {a.subject for a in alerts(world.store).values() if "silent" in a.rule}
    since = {
        a.subject for a in alerts(world.store).values() if "silent" in a.rule and a.day >= FIRST
    }
    assert SIXTH in silent  # in the sixth grade, before the summer
    assert SIXTH not in since
    assert {FIFTH, SEVENTH} <= since
    assert gap(world)


def test_a_primary_class_that_is_taught_on_is_silent_on_days_it_does_not_report(
    world: World,
) -> None:
    world.hand_in(SIXTH, FIRST)
    world.due(date(2026, 9, 2))
    assert (SIXTH, date(2026, 9, 2)) in {
        (a.subject, a.day) for a in alerts(world.store).values() if a.rule == "roll_call_silent"
    }
