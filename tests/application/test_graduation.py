"""毕业 of a school's leaving classes: whom it takes, whom it leaves, what it does to the rolls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.application.graduation import graduate_school
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.school_class.register import ClassRegister
from tests.scheduling.due_kit import AUTUMN, SPRING, U, World
from tests.support.county import COUNTY, SCHOOL, opened

LEAVING, STAYING = f"{SCHOOL}/2017/1", f"{SCHOOL}/2018/1"
ON = date(2026, 9, 3)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        made = World(store, terms=[SPRING, AUTUMN])
        made.add(LEAVING, 6)
        made.add(STAYING)
        yield made


def test_every_child_in_school_is_graduated_and_the_others_are_named_with_why(
    world: World,
) -> None:
    fine, absent, suspect, away, overdue, moving = world.children[LEAVING]
    days = world.days(SPRING[2])
    for day in days[:5]:
        world.hand_in(LEAVING, day, {suspect: U})
    world.hand_in(LEAVING, days[5], {suspect: U, absent: U})
    world.suspend(away, days[6], date(2027, 3, 1))
    world.suspend(overdue, days[6], date(2026, 6, 30))
    world.transfer(moving, date(2026, 8, 28), date(2026, 9, 11))
    office = world.office
    tried = graduate_school(office, office.context("test"), SCHOOL, on=ON, dry_run=True)
    head = world.store.log.head()
    done = graduate_school(office, office.context("test"), SCHOOL, on=ON)
    made = world.store.log.read(head, 100)
    assert {type(r.event).__name__ for r in made} == {"Graduated", "PupilLeft"}
    assert len({r.event.command_id for r in made}) == 1
    assert (tried.graduated, tried.untouched) == (done.graduated, done.untouched)
    assert (done.classes, set(done.graduated[LEAVING])) == ([LEAVING], {fine, absent})
    assert {(each.child, each.status) for each in done.untouched} == {
        (suspect, TrackingStatus.SUSPECTED),
        (away, TrackingStatus.SUSPENDED),
        (overdue, TrackingStatus.ABSENT),
        (moving, TrackingStatus.TRANSFERRING),
    }
    assert all(each.why for each in done.untouched)
    assert {world.child(c).base for c in (fine, absent)} == {TrackingStatus.GRADUATED}
    stream = ClassRegister.stream(COUNTY, LEAVING)
    register = ClassRegister(stream).replay(world.store.log.load([stream])[stream])
    assert [register.belongs(c, ON.toordinal()) for c in (fine, suspect)] == [False, True]
    assert not any(world.child(c).base is TrackingStatus.GRADUATED for c in world.children[STAYING])
    again = graduate_school(office, office.context("test"), SCHOOL, on=ON)
    assert (again.number, again.untouched) == (0, done.untouched)


@pytest.mark.parametrize(
    ("on", "classes"),
    [(date(2026, 5, 31), []), (date(2026, 6, 1), [LEAVING]), (date(2026, 11, 20), [LEAVING])],
)
def test_a_class_leaves_from_june_of_its_ninth_grade_on(
    world: World, on: date, classes: list[str]
) -> None:
    office = world.office
    made = graduate_school(office, office.context("test"), SCHOOL, on=on, dry_run=True)
    assert made.classes == classes
