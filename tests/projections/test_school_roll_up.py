"""学校汇总: the identity of its columns, one school beside another, and what it misses."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.school import events as se
from ckbx.domain.shared.ids import stream_id
from projections import school
from projections.school import SchoolRow
from projections.scope import Scope
from tests.projections.kit_fixtures import any_world, world
from tests.projections.kit_histories import WEEKDAYS, Op, Story, histories
from tests.projections.kit_world import (
    BEGAN,
    COUNTY,
    SCHOOLS,
    TODAY,
    N,
    P,
    S,
    U,
    World,
    sqlite_world,
    weekdays,
)

__all__ = ["any_world", "world"]

DAYS = weekdays(BEGAN, TODAY)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def rows(
    of: World, day: date, scope: Scope | None = None, position: int | None = None
) -> dict[str, SchoolRow]:
    with of.reading() as look:
        at = of.log.head() if position is None else position
        found = school.roll_up(look, scope or Scope.county(), as_of=day, position=at, instant=NOON)
    assert found.caliber == "school-2026.1"
    return {row.school_code: row for row in found.rows}


def holds(row: SchoolRow) -> bool:
    """The identity of the columns (the counting rule school-2026.1)."""
    attending = (
        row.enrolled
        + row.on_leave
        + row.absent
        + row.persuaded_back
        + row.home_taught
        + row.suspected_attending
    )
    away = (
        row.not_enrolled
        + (row.suspected - row.suspected_attending)
        + row.dropped_out
        + row.suspended
        + row.deferred
        + row.exempted
        + row.transferring
        + row.missing
    )
    return row.attending == attending and row.expected == attending + away


@given(histories)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_columns_of_every_row_add_up_on_every_day(history: list[Op]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = sqlite_world(Path(folder))
        try:
            story = Story(made)
            story.begin()
            for op in history:
                story.apply(op)
            for day in (*WEEKDAYS[::6], TODAY):
                found = rows(made, day)
                assert all(holds(row) for row in found.values())
                assert all(row.enrolled >= 0 for row in found.values())
                at_school = [c for c in made.children.values() if c.school and c.class_key]
                if day == TODAY:
                    assert sum(row.expected for row in found.values()) >= len(at_school) - len(
                        story.decided
                    )
        finally:
            made.close()


def test_a_school_is_counted_apart_from_the_other(any_world: World) -> None:
    any_world.found(size=4)
    key = f"{SCHOOLS[0]}/2026/1"
    marks: dict[int, Reason] = {1: S, 2: P, 3: N}
    any_world.hand_in(key, DAYS[0], {any_world.child(n).id: r for n, r in marks.items()})
    any_world.record()
    mine, other = (rows(any_world, DAYS[0])[code] for code in SCHOOLS)
    assert (mine.enrolled, mine.on_leave, mine.absent) == (1, 2, 1)
    assert (mine.expected, mine.attending) == (4, 4)
    assert (mine.classes, mine.classes_reported, mine.classes_silent) == (1, 1, 0)
    assert (other.enrolled, other.on_leave, other.absent) == (4, 0, 0)
    assert (other.classes_silent, other.silent_class_days) == (1, 1)
    assert (mine.school_name, other.school_name) == ("第1小学", "第2小学")


def test_a_suspect_counts_as_attending_from_its_third_day_back(world: World) -> None:
    world.found(size=3)
    key = f"{SCHOOLS[0]}/2026/1"
    for n, day in enumerate(DAYS[:9]):
        away: dict[Any, Reason] = {world.child(2).id: U}
        if n < 5:
            away[world.child(1).id] = U
        world.hand_in(key, day, away)
        world.record()
    before, after = rows(world, DAYS[6])[SCHOOLS[0]], rows(world, DAYS[8])[SCHOOLS[0]]
    assert (before.suspected, before.suspected_attending, before.attending) == (2, 0, 1)
    assert (after.suspected, after.suspected_attending, after.attending) == (2, 1, 2)
    assert after.expected == 3


def test_a_scope_sees_its_own_school(world: World) -> None:
    world.found(size=1)
    assert set(rows(world, TODAY, Scope.schools([SCHOOLS[1]]))) == {SCHOOLS[1]}
    assert rows(world, TODAY, Scope.nothing()) == {}


def record(of: World, event_class: type[Any], **fields: Any) -> int:
    event = event_class(
        originator_id=stream_id(COUNTY, "test", uuid4()),
        originator_version=1,
        occurred_on=TODAY,
        actor="test",
        command_id=uuid4(),
        **fields,
    )
    return of.record([event])


def test_a_school_renamed_is_shown_under_the_name_it_had_then(world: World) -> None:
    world.found(size=1)
    before = world.log.head()
    record(world, se.SchoolNamed, school=SCHOOLS[0], name="实验小学")
    record(world, se.SchoolListed, school="2152930001")
    found = rows(world, TODAY)
    assert [found[code].school_name for code in sorted(found)] == ["", "实验小学", "第2小学"]
    assert rows(world, TODAY, position=before)[SCHOOLS[0]].school_name == "第1小学"


def test_figures_that_an_unfinished_import_touches_say_so(world: World) -> None:
    world.found(size=1)
    kind = {"kind": "roster"}
    record(world, se.ImportStarted, batch="b1", digest="d", rows=1, schools=[SCHOOLS[0]], **kind)
    during = rows(world, TODAY)
    assert during[SCHOOLS[0]].incomplete == ("导入中（b1），不完整",)
    assert during[SCHOOLS[1]].incomplete == ()
    running = world.log.head()
    record(world, se.ImportFinished, batch="b1", applied=1, refused=0, **kind)
    assert rows(world, TODAY)[SCHOOLS[0]].incomplete == ()
    assert rows(world, TODAY, position=running)[SCHOOLS[0]].incomplete != ()
    record(world, se.ImportStarted, batch="b2", digest="d", rows=1, **kind)
    assert all(row.incomplete for row in rows(world, TODAY).values())
    record(world, se.ImportUndone, batch="b2")
    assert not any(row.incomplete for row in rows(world, TODAY).values())


def test_figures_that_miss_a_parked_child_say_so(world: World) -> None:
    """A clearing without a suspicion cannot be folded: the child is parked, others go on."""
    from ckbx.domain.child.events import SuspicionCleared
    from ckbx.domain.child.status import Finding

    world.found(size=2)
    child: Child = world.child(1)
    child.trigger_event(
        SuspicionCleared,
        world.context(),
        occurred_on=DAYS[3],
        episode=1,
        finding=Finding.A,
        evidence_ref="p",
        decided_by="principal",
    )
    world.record()
    found = rows(world, TODAY)
    assert "不完整" in found[SCHOOLS[0]].incomplete[0]
    assert found[SCHOOLS[1]].incomplete == ()
    assert found[SCHOOLS[0]].expected == 2
    world.hand_in(f"{SCHOOLS[0]}/2026/1", DAYS[4], {world.child(2).id: S})
    world.record()
    assert rows(world, DAYS[4])[SCHOOLS[0]].on_leave == 1


def test_every_event_the_school_answer_handles_is_tested_here() -> None:
    assert set(school.HANDLES) == {
        se.SchoolListed,
        se.SchoolNamed,
        se.ImportStarted,
        se.ImportFinished,
        se.ImportUndone,
    }


def test_a_class_past_its_ninth_grade_reports_no_more_and_its_children_are_told_of(
    any_world: World,
) -> None:
    any_world.found(size=2)
    leaving, spring = f"{SCHOOLS[0]}/2017/1", date(2026, 3, 2)
    any_world.open_class(leaving, size=3, on=spring)
    any_world.record()
    before, after = (rows(any_world, day) for day in (date(2026, 8, 31), DAYS[1]))
    mine, other = (after[school] for school in SCHOOLS)
    assert (mine.classes, mine.classes_silent, mine.silent_class_days) == (1, 1, 2)
    assert (before[SCHOOLS[0]].expected, mine.expected) == (3, 5)
    assert before[SCHOOLS[0]].incomplete == other.incomplete == ()
    (said,) = mine.incomplete
    assert "有 3 名九年级学生还没有登记毕业" in said
    child, ctx = any_world.child(5), any_world.context()
    departures.graduate(child, ctx, on=DAYS[1])
    any_world.registers[leaving].leave(ctx, child=child.id, on=DAYS[1])
    known = any_world.log.head()
    any_world.record()
    now, then = (rows(any_world, DAYS[1], position=p)[SCHOOLS[0]] for p in (None, known))
    assert ("有 2 名" in now.incomplete[0], now.expected) == (True, 4)
    assert ("有 3 名" in then.incomplete[0], then.expected) == (True, 5)
