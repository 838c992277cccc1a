"""失联 and 外地就读 are checked again each term; who was received must arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application import child_status, transfers
from ckbx.domain.child import leave_events as lv
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.store import Store
from tests.scheduling.due_kit import OTHER_SCHOOL, A, AlertState, C, World, alerts
from tests.support.county import COUNTY, SCHOOL, opened

ON, DUE = date(2026, 9, 10), date(2026, 11, 10)
VILLAGE, TOWNSHIP = f"{COUNTY}100201", f"{COUNTY}100"
COUNTY_ROLE = Role.BUREAU_OFFICER


KINDS = ("missing_review_due", "arrival_due")


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        yield county_of(store)


def county_of(store: Store) -> World:
    made = World(store)
    made.add(A, village=VILLAGE)
    made.add(C)
    for scope, account, role, line in (
        (Scope(ScopeKind.SCHOOL, SCHOOL), "head1", Role.PRINCIPAL, Line.EDUCATION),
        (Scope(ScopeKind.SCHOOL, OTHER_SCHOOL), "head2", Role.PRINCIPAL, Line.EDUCATION),
        (Scope(ScopeKind.COUNTY, COUNTY), "bureau", COUNTY_ROLE, Line.EDUCATION),
        (Scope(ScopeKind.VILLAGE, VILLAGE), "v1", Role.VILLAGE_OFFICER, Line.GOVERNMENT),
        (Scope(ScopeKind.TOWNSHIP, TOWNSHIP), "t1", Role.TOWNSHIP_OFFICER, Line.GOVERNMENT),
    ):
        made.post(scope, account, role, line=line)
    return made


def of_kind(world: World, kind: str) -> list[AlertState]:
    found = [a for a in alerts(world.store).values() if a.kind == kind]
    return sorted(found, key=lambda a: (a.day, a.rule))


def missing(world: World, child: UUID, review: date = DUE) -> None:
    office = world.office
    child_status.end(
        office,
        office.context("bureau"),
        child,
        lv.WentMissing,
        role=COUNTY_ROLE,
        on=ON,
        evidence_ref="回执",
        review_by=review,
    )


def elsewhere(world: World, child: UUID) -> None:
    office = world.office
    child_status.verify_elsewhere(
        office,
        office.context("bureau"),
        child,
        role=COUNTY_ROLE,
        on=ON,
        evidence_ref="函",
        review_by=DUE,
    )


def recheck(world: World, child: UUID, on: date) -> None:
    office = world.office
    child_status.recheck(
        office,
        office.context("bureau", today=on),
        child,
        role=COUNTY_ROLE,
        on=on,
        evidence_ref="复核",
        review_by=on + timedelta(days=120),
    )


def told(world: World, kind: str) -> list[tuple[str, date, tuple[str, ...], str]]:
    return [(a.rule, a.day, a.to, a.state) for a in of_kind(world, kind)]


@pytest.mark.parametrize(
    ("decide", "rule"), [(missing, "missing_review"), (elsewhere, "elsewhere_review")]
)
def test_village_county_and_then_the_next_up_are_told_until_somebody_checks_again(
    world: World, decide: object, rule: str
) -> None:
    child = world.children[A][0]
    decide(world, child)  # type: ignore[operator]
    kind = f"{rule}_due"
    world.due(DUE - timedelta(days=11))
    assert told(world, kind) == []
    world.due(DUE - timedelta(days=1))
    early = (f"{rule}_village", DUE - timedelta(days=10), ("v1",), "open")
    assert told(world, kind) == [early]
    world.due(DUE)
    assert told(world, kind) == [early, (rule, DUE, ("bureau",), "open")]
    world.due(DUE + timedelta(days=7))
    late = DUE + timedelta(days=1)
    assert told(world, kind)[2:] == [
        (f"{rule}_copy", late, ("t1",), "open"),
        (f"{rule}_up", late, ("bureau",), "open"),
    ]
    recheck(world, child, DUE + timedelta(days=8))
    world.due(DUE + timedelta(days=9))
    assert {state for *_, state in told(world, kind)} == {"closed"}
    assert world.due(DUE + timedelta(days=9)).nothing


def test_a_check_in_time_leaves_nothing_to_tell_until_the_next_one(world: World) -> None:
    child = world.children[A][0]
    missing(world, child)
    recheck(world, child, DUE - timedelta(days=20))
    world.due(DUE + timedelta(days=7))
    assert told(world, "missing_review_due") == []


def test_a_child_that_was_found_is_asked_for_no_more(world: World) -> None:
    child = world.children[A][0]
    missing(world, child)
    world.due(DUE)
    office = world.office
    child_status.enrol(
        office,
        office.context("head1"),
        child,
        role=Role.PRINCIPAL,
        on=DUE + timedelta(days=2),
        class_key=A,
    )
    world.due(DUE + timedelta(days=3))
    assert {state for *_, state in told(world, "missing_review_due")} == {"closed"}


def test_one_run_at_the_end_tells_what_many_runs_told(world: World, tmp_path: Path) -> None:
    """The same life in two stores, the clock's run made up in the second one."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with opened(url, tmp_path / "other-secrets") as store:
        other = county_of(store)
        for each, days in ((world, range(-12, 14)), (other, (13,))):
            missing(each, each.children[A][0])
            confirmed(each, each.children[A][1], OTHER_SCHOOL)
            for n in days:
                each.due(DUE + timedelta(days=n))
        both = [
            {a for a in alerts(each.store).values() if a.kind in KINDS} for each in (world, other)
        ]
    assert both[0] == both[1] != set()


def confirmed(world: World, child: UUID, to: str) -> None:
    office, who = world.office, transfers.Who(child=child)
    for step in ("start", "confirm"):
        ctx = office.context("registrar")
        if step == "start":
            transfers.start(
                office,
                ctx,
                who,
                role=Role.REGISTRAR,
                on=ON,
                receiving_school=to,
                document="转1",
            )
        else:
            transfers.confirm(
                office,
                ctx,
                who,
                role=Role.REGISTRAR,
                on=ON,
                receiving_school=to,
                evidence_ref="接收证明",
            )


def test_who_was_received_by_a_school_of_the_county_and_did_not_arrive_is_asked_for(
    world: World,
) -> None:
    near, far = world.children[A][:2]
    confirmed(world, near, OTHER_SCHOOL)
    confirmed(world, far, "3152699999")
    due = date(2026, 9, 23)  # ten working days, the make-up Sunday among them
    world.due(due)
    assert told(world, "arrival_due") == [("arrival_10", due, ("head2",), "open")]
    world.due(due + timedelta(days=2))
    assert told(world, "arrival_due")[1:] == [
        ("arrival_10_copy", due + timedelta(days=1), ("t1",), "open"),
        ("arrival_10_up", due + timedelta(days=1), ("bureau",), "open"),
    ]
    office = world.office
    child_status.enrol(
        office,
        office.context("head2"),
        near,
        role=Role.PRINCIPAL,
        on=due + timedelta(days=5),
        class_key=C,
    )
    world.due(due + timedelta(days=6))
    assert {state for *_, state in told(world, "arrival_due")} == {"closed"}
