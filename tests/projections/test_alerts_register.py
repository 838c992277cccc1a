"""预警: raised, reopened, withdrawn, acknowledged, closed; as of a day, as known at a position."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from ckbx.domain.alert.events import (
    AlertAcknowledged,
    AlertClosed,
    AlertRaised,
    AlertReopened,
    AlertWithdrawn,
)
from projections import alerts as module
from projections import roster
from projections.alerts import AlertRow, alerts, history
from projections.scope import Scope
from tests.projections.suspected_store import (
    CLASS,
    LI,
    NAMES,
    OTHER_CLASS,
    OTHER_SCHOOL,
    SCHOOL,
    WANG,
    Facts,
    day,
)

ONE, TWO = uuid5(NAMES, "alert one"), uuid5(NAMES, "alert two")
KIND = {"kind": "dropout_suspected"}


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    told = Facts(tmp_path, [roster.PROJECTION, module.PROJECTION])
    yield told
    told.close()


def raise_(facts: Facts, alert: UUID, on: str, child: UUID, **changes: Any) -> int:
    fields: dict[str, Any] = {
        "kind": "dropout_suspected",
        "level": "红",
        "subject": str(child),
        "child": child,
        "school": SCHOOL if child == LI else OTHER_SCHOOL,
        "class_key": CLASS if child == LI else OTHER_CLASS,
        "to": ["teacher1"] if child == LI else ["teacher2"],
        "posts": ["班主任"],
        "rule": "absence_run_5",
        "rule_version": 1,
        "events": [f"{child}:7"],
    }
    return facts.tell(AlertRaised, alert, on, **(fields | changes))


def ask(facts: Facts, on: str, position: int | None = None, **more: Any) -> list[AlertRow]:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    with facts.reading() as reading:
        known = facts.head() if position is None else position
        return alerts(reading, scope, as_of=day(on), position=known, **more)


def states(rows: list[AlertRow]) -> dict[UUID, str]:
    return {row.alert_id: row.state for row in rows}


def test_an_alert_shows_everything_it_was_raised_with(facts: Facts) -> None:
    position = raise_(facts, ONE, "11-05", LI, due_on=day("11-12"), via="空岗", detail={"run": 5})
    [row] = ask(facts, "11-05")
    assert row == AlertRow(
        alert_id=ONE,
        kind="dropout_suspected",
        level="红",
        subject=str(LI),
        child=LI,
        school_code=SCHOOL,
        class_key=CLASS,
        raised_on=day("11-05"),
        due_on=day("11-12"),
        to=["teacher1"],
        posts=["班主任"],
        via="空岗",
        rule="absence_run_5",
        rule_version=1,
        events=[f"{LI}:7"],
        detail={"run": 5},
        state="open",
        state_since=day("11-05"),
        reason=None,
        position=position,
    )
    assert row.title == "列入疑似辍学"


def test_an_alert_is_not_there_before_the_day_it_came_true(facts: Facts) -> None:
    raise_(facts, ONE, "11-05", LI)
    assert ask(facts, "11-04") == []


def test_what_happens_to_one_alert_leaves_the_other_alone(facts: Facts) -> None:
    raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG)
    facts.tell(AlertClosed, ONE, "11-06", **KIND, reason="verified")
    assert states(ask(facts, "11-06")) == {ONE: "closed", TWO: "open"}
    assert states(ask(facts, "11-06", open_only=True)) == {TWO: "open"}


def test_an_acknowledged_alert_is_still_to_be_done(facts: Facts) -> None:
    raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG)
    facts.tell(AlertAcknowledged, ONE, "11-06", **KIND)
    assert states(ask(facts, "11-05")) == {ONE: "open", TWO: "open"}
    assert states(ask(facts, "11-06", open_only=True)) == {ONE: "acknowledged", TWO: "open"}
    assert all(row.standing for row in ask(facts, "11-06"))


def test_a_withdrawn_alert_was_open_as_known_before_the_correction(facts: Facts) -> None:
    raise_(facts, TWO, "11-05", WANG)
    before = raise_(facts, ONE, "11-05", LI)
    because = f"{LI}:9"
    facts.tell(AlertWithdrawn, ONE, "11-05", **KIND, reason="corrected", because=because)
    now = {row.alert_id: row for row in ask(facts, "11-09")}
    assert (now[ONE].state, now[ONE].reason) == ("withdrawn", "corrected")
    assert now[TWO].state == "open"
    assert states(ask(facts, "11-09", before)) == {ONE: "open", TWO: "open"}


def test_a_reopened_alert_is_open_again_and_goes_to_whoever_answers_now(facts: Facts) -> None:
    raise_(facts, TWO, "11-05", WANG)
    raise_(facts, ONE, "11-05", LI)
    closed = facts.tell(AlertClosed, ONE, "11-06", **KIND, reason="done")
    again = {"to": ["teacher9"], "events": [f"{LI}:11"]}
    facts.tell(AlertReopened, ONE, "11-09", **KIND, **again)
    [row] = ask(facts, "11-09", to="teacher9")
    assert (row.alert_id, row.state, row.events) == (ONE, "open", [f"{LI}:11"])
    assert states(ask(facts, "11-08")) == {ONE: "closed", TWO: "open"}
    assert states(ask(facts, "11-09", closed)) == {ONE: "closed", TWO: "open"}


def test_an_account_sees_what_it_was_told_and_no_more(facts: Facts) -> None:
    before = raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG)
    assert states(ask(facts, "11-05", to="teacher1")) == {ONE: "open"}
    assert ask(facts, "11-05", to="teacher9") == []
    facts.tell(AlertReopened, ONE, "11-05", **KIND, to=["teacher9"], events=[])
    assert ask(facts, "11-05", to="teacher1") == []
    assert states(ask(facts, "11-05", before, to="teacher1")) == {ONE: "open"}


def test_alerts_are_found_by_school_and_by_child(facts: Facts) -> None:
    raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG)
    assert states(ask(facts, "11-05", school=OTHER_SCHOOL)) == {TWO: "open"}
    assert states(ask(facts, "11-05", child=LI)) == {ONE: "open"}


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.county(), {ONE, TWO}),
        (Scope.schools([SCHOOL]), {ONE}),
        (Scope.classes([OTHER_CLASS]), {TWO}),
        (Scope.nothing(), set()),
    ],
)
def test_a_scope_sees_its_own_alerts_only(facts: Facts, scope: Scope, seen: set[UUID]) -> None:
    raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG)
    assert set(states(ask(facts, "11-05", scope=scope))) == seen
    with facts.reading() as reading:
        known = facts.head()
        told = {
            alert
            for alert in (ONE, TWO)
            if history(reading, scope, alert, as_of=day("11-05"), position=known)
        }
    assert told == seen


def test_a_village_sees_the_alerts_of_children_who_live_there(facts: Facts) -> None:
    facts.child(LI, SCHOOL, CLASS, village="522699100200")
    facts.child(WANG, OTHER_SCHOOL, OTHER_CLASS, village="522699101201")
    raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG)
    assert set(states(ask(facts, "11-05", scope=Scope.villages(["522699100"])))) == {ONE}
    both = Scope.villages(["522699100200"]) | Scope.schools([OTHER_SCHOOL])
    assert set(states(ask(facts, "11-05", scope=both))) == {ONE, TWO}


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.classes([CLASS]), {ONE}),
        (Scope.classes([OTHER_CLASS]), set()),
        (Scope.schools([SCHOOL]), {ONE, TWO}),
        (Scope.schools([SCHOOL]) | Scope.classes([CLASS]), {ONE, TWO}),
        (Scope.of_children([LI]) | Scope.classes([CLASS]), {ONE}),
    ],
)
def test_an_alert_without_a_class_is_seen_by_whoever_has_the_child_in_a_class(
    facts: Facts, scope: Scope, seen: set[UUID]
) -> None:
    facts.child(LI, SCHOOL, CLASS)
    raise_(facts, ONE, "11-20", LI, class_key=None, kind="leave_expired")
    raise_(facts, TWO, "11-20", WANG, class_key=None, school=SCHOOL, kind="leave_expired")
    assert set(states(ask(facts, "11-30", scope=scope))) == seen
    with facts.reading() as reading:
        told = history(reading, scope, ONE, as_of=day("11-30"), position=facts.head())
    assert bool(told) == (ONE in seen)


def test_the_history_of_an_alert_names_every_change_and_who_made_it(facts: Facts) -> None:
    first = raise_(facts, ONE, "11-05", LI)
    second = facts.tell(AlertAcknowledged, ONE, "11-06", **KIND)
    facts.tell(AlertWithdrawn, ONE, "11-09", **KIND, reason="resolved", because="x:1")
    facts.fold()
    with facts.reading() as reading:
        asked = history(reading, Scope.county(), ONE, as_of=day("11-30"), position=facts.head())
        earlier = history(reading, Scope.county(), ONE, as_of=day("11-30"), position=second)
    assert [(c.state, c.on, c.reason, c.because) for c in asked] == [
        ("open", day("11-05"), None, None),
        ("acknowledged", day("11-06"), None, None),
        ("withdrawn", day("11-09"), "resolved", "x:1"),
    ]
    assert {c.actor for c in asked} == {"officer"}
    assert [c.position for c in earlier] == [first, second]


def test_the_most_pressing_alert_stands_first(facts: Facts) -> None:
    raise_(facts, ONE, "11-05", LI)
    raise_(facts, TWO, "11-05", WANG, due_on=day("11-06"))
    assert [row.alert_id for row in ask(facts, "11-05")] == [TWO, ONE]


def test_a_change_to_an_alert_nobody_raised_is_parked_and_named(facts: Facts) -> None:
    raise_(facts, TWO, "11-05", WANG)
    facts.tell(AlertClosed, ONE, "11-06", **KIND, reason="done")
    assert states(ask(facts, "11-06")) == {TWO: "open"}
    with facts.reading() as reading:
        [parked] = reading.parked("alerts")
    assert parked.subject == str(ONE)


def test_rebuilt_alerts_are_the_same_rows(facts: Facts) -> None:
    raise_(facts, ONE, "11-05", LI)
    facts.fold()
    raise_(facts, TWO, "11-05", WANG)
    facts.tell(AlertAcknowledged, ONE, "11-06", **KIND)
    facts.tell(AlertClosed, TWO, "11-06", **KIND, reason="done")
    facts.fold()
    facts.tell(AlertReopened, TWO, "11-09", **KIND, to=["teacher1"], events=[])
    facts.tell(AlertWithdrawn, ONE, "11-05", **KIND, reason="corrected")
    live = ask(facts, "11-09")
    assert facts.projector.check("alerts").equal
    facts.projector.rebuild(["alerts"])
    assert ask(facts, "11-09") == live


def test_every_event_it_handles_stands_in_a_test() -> None:
    told = {AlertRaised, AlertReopened, AlertWithdrawn, AlertAcknowledged, AlertClosed}
    assert set(module.PROJECTION.handles) == told
