"""On PostgreSQL too: suspicions, alerts, links and posts are folded, asked and rebuilt alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid5

import pytest

from ckbx.domain.alert.alert import Alert, Notice
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from projections import alerts, responsibility, suspected, timeline
from projections.scope import Scope as Seen
from tests.projections.kit_world import COUNTY, SCHOOLS, World, postgres_world, weekdays

CLASS = f"{SCHOOLS[0]}/2026/1"
FRIDAY, MONDAY = date(2026, 11, 6), date(2026, 11, 9)
NAMES = ("suspected", "alerts", "timeline", "responsibility")


@pytest.fixture
def world(pg_url: str) -> Iterator[World]:
    made = postgres_world(pg_url)
    yield made
    made.close()


def test_postgres_gives_the_same_answers_live_and_rebuilt(world: World) -> None:
    world.found(size=2)
    appoint(world)
    for day in weekdays(date(2026, 11, 2), FRIDAY):
        world.hand_in(CLASS, day, {UUID(int=1): Reason.UNEXPLAINED})
        world.record()
    warn(world, UUID(int=1))
    warn(world, None)
    world.hand_in(CLASS, MONDAY, {UUID(int=1): Reason.UNVERIFIED, UUID(int=2): Reason.SICK})
    position = world.record()
    live = answers(world, position)
    assert [world.projector.check(name).equal for name in NAMES] == [True] * len(NAMES)
    world.projector.rebuild(NAMES)
    assert answers(world, position) == live
    [row], told, posts, lines = live
    assert (row.child, row.unexplained_days, row.case_teacher) == (UUID(int=1), 6, "t1")
    assert [alert.child for alert in told] == [None, UUID(int=1)]
    assert [post.account for post in posts] == ["t1"]
    assert "AlertRaised" in {line.event.rpartition(".")[2] for line in lines}


def answers(
    world: World, position: int
) -> tuple[
    list[suspected.SuspectedRow],
    list[alerts.AlertRow],
    list[responsibility.PostRow],
    list[timeline.Entry],
]:
    seen, child = Seen.schools(SCHOOLS), UUID(int=1)
    with world.reading() as look:
        return (
            suspected.suspected(look, seen, as_of=MONDAY, position=position),
            alerts.alerts(look, seen, as_of=MONDAY, position=position, to="t1"),
            responsibility.ledger(look, seen, as_of=MONDAY, position=position),
            timeline.timeline(look, world.log, seen, child, as_of=MONDAY, position=position),
        )


def appoint(world: World) -> None:
    covers = Scope(ScopeKind.CLASS, CLASS)
    posts = PostRegister(posts_stream(COUNTY, covers), COUNTY)
    first_day, ctx = date(2026, 9, 1), world.context()
    post = posts.establish(
        ctx,
        line=Line.EDUCATION,
        scope=covers,
        title="班主任",
        level=4,
        role=Role.CLASS_TEACHER,
        since=first_day,
    )
    holder = uuid5(UUID(int=0), "t1")
    posts.hold(ctx, post, account="t1", holder=holder, first_day=first_day)
    world.others.append(posts)


def warn(world: World, child: UUID | None) -> None:
    """An alert about a child, or about its class."""
    notice = Notice(
        kind="absence_warning" if child else "roll_call_silent",
        subject=str(child or CLASS),
        rule="r",
        rule_version=0,
        on=FRIDAY,
        key_day=FRIDAY,
        child=child,
        school=SCHOOLS[0],
        class_key=CLASS,
        to=["t1"],
    )
    alert = Alert(notice.stream(COUNTY))
    alert.raise_(world.context(), notice)
    world.others.append(alert)
