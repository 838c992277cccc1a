"""What the tests of the register of suspicions say in one word: a suspicion, a question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.events import TermSet
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding, SuspicionSource
from ckbx.domain.class_roll.events import RollCallSubmitted
from projections import cases, responsibility, roll_call_completeness, roster
from projections import suspected as module
from projections.scope import Scope
from projections.suspected import SuspectedRow, suspected
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
    days,
)

CALENDAR, POSTS = uuid5(NAMES, "calendar"), uuid5(NAMES, "posts")
RULES, ROLL = uuid5(NAMES, "rules"), uuid5(NAMES, "roll")
RUN = ("11-02", "11-03", "11-04", "11-05", "11-06")
OTHERS = (
    roster.PROJECTION,
    responsibility.PROJECTION,
    roll_call_completeness.PROJECTION,
    cases.PROJECTION,
)
CLASS_OF = {LI: CLASS, WANG: OTHER_CLASS}
TERM = {"school_year": 2026, "term": "autumn", "first_day": day("09-01")}
LEAVE = {
    "effective_from": day("11-10"),
    "until": date(2027, 2, 1),
    "approver": "township",
    "document": "d1",
    "evidence_ref": "p1",
}
DECISIONS: dict[type[Any], dict[str, Any]] = {
    lv.SuspensionGranted: LEAVE,
    lv.DeferralGranted: LEAVE,
    lv.ExemptionGranted: {**LEAVE, "legal_basis": "b1"},
    lv.HomeTeachingArranged: {**LEAVE, "visits_per_month": 4, "lessons_per_visit": 2},
    lv.StudyElsewhereVerified: {"evidence_ref": "p1", "review_by": date(2027, 3, 1)},
    lv.TransferStarted: {
        "receiving_school": OTHER_SCHOOL,
        "document": "d1",
        "confirm_by": day("11-24"),
    },
    lv.DeathRecorded: {"evidence_ref": "p1"},
    lv.WentAbroad: {"evidence_ref": "p1"},
    lv.WentMissing: {"evidence_ref": "p1", "review_by": date(2027, 3, 1)},
    lv.Deregistered: {"evidence_ref": "p1"},
    lv.Graduated: {},
    rt.DropoutConfirmed: {
        "episode": 1,
        "unexplained_days": 20,
        "rounds": 2,
        "whereabouts": Whereabouts.AT_HOME,
        "rule_version": 0,
    },
    rt.PersuadedBack: {
        "episode": 1,
        "placement": Placement.ORIGINAL_CLASS,
        "class_key": CLASS,
        "grade": 1,
    },
}


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    """Two children at two schools, and the autumn term of 2026."""
    told = Facts(tmp_path, [*OTHERS, module.PROJECTION])
    told.child(LI, SCHOOL, CLASS, village="522699100200")
    told.child(WANG, OTHER_SCHOOL, OTHER_CLASS, grade=7, village="522699101201")
    told.tell(TermSet, CALENDAR, "08-01", **TERM, last_day=date(2027, 1, 15))
    yield told
    told.close()


def absent(
    facts: Facts, child: UUID, *on: str, reason: Reason = Reason.UNEXPLAINED, **more: Any
) -> int:
    told = 0
    for each in on:
        of = {"class_key": CLASS_OF[child], "reason": reason}
        told = facts.tell(e.AbsenceRecorded, child, each, **of, **more)
    return told


def suspect(facts: Facts, child: UUID, *run: str, episode: int = 1) -> int:
    """The absences of a run, and the suspicion on its last day."""
    run = run or RUN
    absent(facts, child, *run)
    return facts.tell(
        e.DropoutSuspected,
        child,
        run[-1],
        episode=episode,
        source=SuspicionSource.ABSENCE,
        first_absent_on=day(run[0]),
        absent_days=days(*run),
        rule="absence_run_5",
        rule_version=0,
    )


def ask(facts: Facts, on: str, position: int | None = None, **more: Any) -> list[SuspectedRow]:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    with facts.reading() as reading:
        known = facts.head() if position is None else position
        return suspected(reading, scope, as_of=day(on), position=known, **more)


def one(facts: Facts, on: str, position: int | None = None, **more: Any) -> SuspectedRow:
    [row] = [row for row in ask(facts, on, position, **more) if row.child == LI]
    return row


def who(rows: list[SuspectedRow]) -> set[UUID]:
    return {row.child for row in rows}


def submit(facts: Facts, on: str, session: Session) -> int:
    counts = {"expected": 40, "present": 39, "roll": 40, "submitted_by": "teacher1"}
    of = {"class_key": CLASS, "session": session, "absent": {LI: Reason.UNEXPLAINED}}
    return facts.tell(RollCallSubmitted, ROLL, on, **of, **counts)


def revise(facts: Facts, child: UUID, on: str, run: list[date]) -> int:
    was = {"was_suspected_on": day("11-06"), "episode": 1}
    found = {"first_absent_on": run[0], "absent_days": run}
    return facts.tell(e.SuspicionRevised, child, on, **was, **found)


def clear(facts: Facts, child: UUID, on: str, episode: int = 1) -> int:
    how = {"finding": Finding.A, "evidence_ref": "p1", "decided_by": "principal"}
    return facts.tell(e.SuspicionCleared, child, on, episode=episode, **how)


def spans(facts: Facts, child: UUID, on: str, *rows: tuple[date, date, date | None]) -> int:
    return facts.tell(e.SuspectAttendanceChanged, child, on, episode=1, spans=list(rows))
