"""事件时间线: everything about one child in order, as of a day, as known at a position."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from ckbx.domain.alert.events import AlertRaised, AlertWithdrawn
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.case.codes import CaseKind, RiskLevel
from ckbx.domain.case.events import CaseOpened
from ckbx.domain.case.work_events import RiskAssessed
from ckbx.domain.child import events as e
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.legal.events import LegalStepsOpened
from ckbx.domain.responsibility.events import PostEstablished
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.register import posts_stream
from projections import roster
from projections import timeline as module
from projections.scope import Scope
from projections.timeline import Entry, timeline
from tests.projections.suspected_store import (
    CLASS,
    COUNTY,
    LI,
    NAMES,
    OTHER_CLASS,
    OTHER_SCHOOL,
    SCHOOL,
    WANG,
    Facts,
    day,
    days,
)

ALERT, OTHER_ALERT = uuid5(NAMES, "alert"), uuid5(NAMES, "other alert")
VILLAGE = "522699100200"


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    told = Facts(tmp_path, [roster.PROJECTION, module.PROJECTION])
    told.child(LI, SCHOOL, CLASS, village=VILLAGE)
    told.child(WANG, OTHER_SCHOOL, OTHER_CLASS)
    yield told
    told.close()


def ask(
    facts: Facts, child: UUID, on: str, position: int | None = None, scope: Scope | None = None
) -> list[Entry]:
    facts.fold()
    known = facts.head() if position is None else position
    seen = scope or Scope.county()
    with facts.reading() as reading:
        return timeline(reading, facts.log, seen, child, as_of=day(on), position=known)


def absent(facts: Facts, child: UUID, on: str) -> int:
    of = {"class_key": CLASS, "reason": Reason.UNEXPLAINED}
    return facts.tell(e.AbsenceRecorded, child, on, **of)


def raise_(facts: Facts, alert: UUID, child: UUID | None, on: str = "11-05") -> int:
    fields: dict[str, Any] = {"kind": "absence_warning", "level": "黄", "subject": str(child)}
    rule = {"rule": "absence_run_3", "rule_version": 0, "to": ["teacher1"]}
    return facts.tell(AlertRaised, alert, on, child=child, **fields, **rule)


def topics(rows: list[Entry]) -> list[str]:
    return [row.event.rpartition(".")[2] for row in rows]


def test_a_line_says_what_happened_when_by_whom_and_with_what(facts: Facts) -> None:
    position = absent(facts, LI, "11-02")
    [row] = [row for row in ask(facts, LI, "11-30") if row.position == position]
    assert row == Entry(
        event="ckbx.child.AbsenceRecorded",
        title="缺勤",
        occurred_on=day("11-02"),
        recorded_at=facts.clock.now(),
        actor="officer",
        position=position,
        data={
            "class_key": CLASS,
            "session": "full",
            "reason": "unexplained",
            "until": None,
            "implied": False,
        },
    )


def test_the_data_of_every_fact_can_be_printed_as_json(facts: Facts) -> None:
    named = {"first_absent_on": day("11-02"), "absent_days": days("11-02"), "rule_version": 0}
    source = {"source": SuspicionSource.PERSON, "rule": "person"}
    facts.tell(e.DropoutSuspected, LI, "11-06", episode=1, **named, **source)
    spans = [(day("11-09"), day("11-11"), None)]
    facts.tell(e.SuspectAttendanceChanged, LI, "11-11", episode=1, spans=spans)
    raise_(facts, ALERT, LI)
    rows = ask(facts, LI, "11-30")
    data = [json.loads(json.dumps(row.data)) for row in rows]
    assert data == [row.data for row in rows]
    assert data[3]["absent_days"] == ["2026-11-02"]
    assert data[4]["spans"] == [["2026-11-09", "2026-11-11", None]]


def test_what_happened_to_another_child_is_not_told(facts: Facts) -> None:
    absent(facts, WANG, "11-02")
    raise_(facts, OTHER_ALERT, WANG)
    raise_(facts, ALERT, LI)
    raise_(facts, uuid5(NAMES, "class alert"), None)
    assert topics(ask(facts, LI, "11-30")) == ["ChildRegistered", "Enrolled", "AlertRaised"]


def test_lines_stand_by_day_and_those_of_one_day_by_recording(facts: Facts) -> None:
    absent(facts, LI, "11-03")
    absent(facts, LI, "11-02")
    raise_(facts, ALERT, LI, "11-02")
    rows = ask(facts, LI, "11-30")
    assert [(row.occurred_on, row.position) for row in rows] == sorted(
        (row.occurred_on, row.position) for row in rows
    )
    assert topics(rows)[2:] == ["AbsenceRecorded", "AlertRaised", "AbsenceRecorded"]


def test_what_becomes_of_its_alert_is_told_too(facts: Facts) -> None:
    raise_(facts, OTHER_ALERT, WANG)
    raise_(facts, ALERT, LI)
    fields = {"kind": "absence_warning", "reason": "corrected"}
    facts.tell(AlertWithdrawn, ALERT, "11-05", **fields)
    facts.tell(AlertWithdrawn, OTHER_ALERT, "11-05", **fields)
    assert topics(ask(facts, LI, "11-30"))[2:] == ["AlertRaised", "AlertWithdrawn"]


def test_a_post_for_the_child_alone_is_told(facts: Facts) -> None:
    for child in (LI, WANG):
        stream = posts_stream(COUNTY, Covers(ScopeKind.STUDENT, str(child)))
        of = {"scope_kind": ScopeKind.STUDENT, "scope_code": str(child)}
        post = {"post": stream, "line": Line.EDUCATION, "level": 5, "role": Role.CASE_TEACHER}
        facts.tell(PostEstablished, stream, "11-01", title="帮扶教师", **post, **of)
    rows = ask(facts, LI, "11-30")
    assert topics(rows)[2:] == ["PostEstablished"]
    assert rows[2].data["scope_code"] == str(LI)


def test_as_of_a_day_nothing_later_is_told(facts: Facts) -> None:
    absent(facts, LI, "11-02")
    absent(facts, LI, "11-03")
    assert [row.occurred_on for row in ask(facts, LI, "11-02")][2:] == [day("11-02")]


def test_as_known_at_a_position_nothing_recorded_later_is_told(facts: Facts) -> None:
    first = absent(facts, LI, "11-03")
    raise_(facts, ALERT, LI)
    absent(facts, LI, "11-02")
    assert [row.position for row in ask(facts, LI, "11-30", first)][2:] == [first]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.county(), [LI, WANG]),
        (Scope.schools([SCHOOL]), [LI]),
        (Scope.classes([OTHER_CLASS]), [WANG]),
        (Scope.villages([VILLAGE]), [LI]),
        (Scope.nothing(), []),
    ],
)
def test_a_scope_sees_its_own_children_only(facts: Facts, scope: Scope, seen: list[UUID]) -> None:
    assert [c for c in (LI, WANG) if ask(facts, c, "11-30", scope=scope)] == seen


def test_a_long_file_is_told_whole(facts: Facts) -> None:
    for number in range(60):
        absent(
            facts, LI, str(day("09-01").replace(month=9 + number // 28, day=1 + number % 28))[5:]
        )
    for number in range(6):
        raise_(facts, uuid5(NAMES, f"alert {number}"), LI)
    facts.fold()
    scope = Scope.schools([SCHOOL])
    with facts.reading() as reading:
        found = timeline(reading, facts.log, scope, LI, as_of=day("11-30"), position=facts.head())
    assert len(found) == 68


def test_rebuilt_links_are_the_same_rows(facts: Facts) -> None:
    raise_(facts, ALERT, LI)
    facts.fold()
    raise_(facts, OTHER_ALERT, WANG)
    live = ask(facts, LI, "11-30")
    assert facts.projector.check("timeline").equal
    facts.projector.rebuild(["timeline"])
    assert ask(facts, LI, "11-30") == live


def test_the_childs_cases_and_legal_steps_stand_in_order_with_the_rest(facts: Facts) -> None:
    case, steps = uuid5(NAMES, "case"), uuid5(NAMES, "steps")
    opened: dict[str, Any] = {
        "child": LI,
        "kind": CaseKind.DROPOUT,
        "rule": "person",
        "rule_version": 0,
        "episode": 1,
        "source": SuspicionSource.PERSON,
        "first_absent_on": day("11-02"),
    }
    facts.tell(CaseOpened, case, "11-06", **opened)
    facts.tell(LegalStepsOpened, steps, "11-20", case=case, child=LI)
    facts.tell(RiskAssessed, case, "11-10", level=RiskLevel.RED)
    facts.tell(CaseOpened, uuid5(NAMES, "other"), "11-06", **opened | {"child": WANG})
    absent(facts, LI, "11-09")
    told = ["CaseOpened", "AbsenceRecorded", "RiskAssessed", "LegalStepsOpened"]
    assert topics(ask(facts, LI, "11-30"))[2:] == told
    assert topics(ask(facts, LI, "11-09"))[2:] == told[:2]
    assert topics(ask(facts, LI, "11-30", position=5))[2:] == ["CaseOpened"]


def test_every_event_it_handles_stands_in_a_test() -> None:
    assert set(module.PROJECTION.handles) == {AlertRaised, CaseOpened, LegalStepsOpened}
