"""Applications and placements: as of a day, as known at a position, in the scope that asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from ckbx.domain.leave import events as ev
from ckbx.domain.leave.codes import LeaveKind, Proof, Stage
from ckbx.domain.placement import events as pl
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.event import DomainEvent
from projections import applications, movements, roster
from projections.applications import ChildFile, files_on
from projections.placements import PlacementRow, placements
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

NOTE = uuid5(NAMES, "note")
GIVEN: dict[type[DomainEvent], dict[str, Any]] = {
    ev.LeaveApplied: {
        "number": 1,
        "kind": LeaveKind.SUSPENSION,
        "proof": Proof.HOSPITAL,
        "received_by": "principal",
        "applicant_ref": NOTE,
        "reason_ref": NOTE,
    },
    ev.SchoolOpinionGiven: {"agrees": True, "given_by": "principal"},
    ev.HospitalPaperGiven: {
        "document": "d",
        "named": False,
        "hospital_ref": NOTE,
        "paper_ref": NOTE,
    },
    ev.CommitteeOpinionGiven: {
        "document": "d",
        "advises": PlacementKind.HOME_TAUGHT,
        "opinion_ref": NOTE,
    },
    ev.LeaveApproved: {
        "kind": LeaveKind.SUSPENSION,
        "decided_by": "bureau_officer",
        "document": "d",
        "effective_from": day("11-10"),
        "until": day("12-20"),
        "decision": "c:3",
    },
    ev.LeaveProlonged: {
        "decided_by": "bureau_officer",
        "document": "d",
        "until": day("12-31"),
        "decision": "c:4",
        "paper_ref": NOTE,
    },
    ev.LeaveReviewed: {"reviewed_by": "bureau_officer", "note_ref": NOTE},
    ev.LeaveEnded: {"decision": "c:5"},
    ev.LeaveRefused: {"decided_by": "township_officer", "reason_ref": NOTE},
    ev.ApplicationWithdrawn: {"recorded_by": "principal"},
    pl.ChildAssessed: {
        "document": "d",
        "advises": PlacementKind.INCLUSIVE,
        "opinion_ref": NOTE,
    },
    pl.PlacementDecided: {"kind": PlacementKind.INCLUSIVE, "document": "d", "plan_no": "1"},
    pl.PlacementReviewed: {"review_on": day("12-31"), "note_ref": NOTE},
    pl.PlacementEnded: {},
    pl.HomeVisitMade: {"visit": 1, "lessons": 2, "teachers": [], "content_ref": NOTE},
    pl.HomeVisitVoided: {"visit": 1, "made_on": day("11-06"), "reason_ref": NOTE},
}


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    """Two children at two schools."""
    found = [roster.PROJECTION, movements.PROJECTION, applications.PROJECTION]
    made = Facts(tmp_path, found)
    made.child(LI, SCHOOL, CLASS, village="522699100200")
    made.child(WANG, OTHER_SCHOOL, OTHER_CLASS, grade=7, village="522699101201")
    yield made
    made.close()


def tell(facts: Facts, kind: type[DomainEvent], on: str, child: UUID = LI, **changes: Any) -> int:
    """A fact of the child's first application, or of its placement."""
    what = "placement" if kind in applications.OF_PLACEMENT else "application"
    stream = uuid5(NAMES, f"{what} of {child}")
    return facts.tell(kind, stream, on, child=child, **{**GIVEN[kind], **changes})


def asked(facts: Facts, on: str, position: int | None = None, **more: Any) -> dict[UUID, ChildFile]:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    known = facts.head() if position is None else position
    with facts.reading() as reading:
        return files_on(reading, scope, as_of=day(on), position=known, **more)


def placed(facts: Facts, on: str) -> list[PlacementRow]:
    facts.fold()
    with facts.reading() as reading:
        return placements(reading, Scope.county(), as_of=day(on), position=facts.head())


def stage(facts: Facts, on: str, position: int | None = None) -> Stage | None:
    file = asked(facts, on, position).get(LI)
    return file.applications[0].stage if file and file.applications else None


def test_an_application_stands_as_it_stood_on_the_day_as_far_as_was_known(facts: Facts) -> None:
    applied = tell(facts, ev.LeaveApplied, "11-05")
    tell(facts, ev.LeaveApproved, "11-09")
    assert [stage(facts, on) for on in ("11-04", "11-05", "11-09")] == [
        None,
        Stage.APPLIED,
        Stage.APPROVED,
    ]
    assert stage(facts, "11-20", applied) is Stage.APPLIED
    assert stage(facts, "11-20", applied - 1) is None


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (ev.LeaveRefused, Stage.REFUSED),
        (ev.ApplicationWithdrawn, Stage.WITHDRAWN),
        (ev.LeaveEnded, Stage.ENDED),
    ],
)
def test_what_became_of_an_application(
    facts: Facts, kind: type[DomainEvent], wanted: Stage
) -> None:
    tell(facts, ev.LeaveApplied, "11-05")
    tell(facts, kind, "11-09")
    assert stage(facts, "11-09") is wanted


def test_a_visit_recorded_by_mistake_never_was_as_soon_as_it_is_known(facts: Facts) -> None:
    made = tell(facts, pl.HomeVisitMade, "11-06")
    tell(facts, pl.HomeVisitVoided, "11-12")

    def visits(on: str, position: int | None = None) -> list[date]:
        placement = asked(facts, on, position)[LI].placement
        assert placement is not None
        return [visit.on for visit in placement.visits.values()]

    assert visits("11-07") == visits("11-20") == []
    assert visits("11-20", made) == [day("11-06")]


def test_a_placement_at_school_is_listed_until_the_child_is_gone(facts: Facts) -> None:
    from ckbx.domain.child import leave_events as lv

    tell(facts, pl.ChildAssessed, "11-05")
    tell(facts, pl.PlacementDecided, "11-06")
    tell(facts, pl.PlacementReviewed, "11-10")
    assert placed(facts, "11-05") == []
    [row] = placed(facts, "11-20")
    assert (row.kind, row.review_on) == ("inclusive", day("12-31"))
    facts.tell(lv.DeathRecorded, LI, "11-25", evidence_ref="e")
    assert len(placed(facts, "11-24")) == 1
    assert placed(facts, "11-25") == []


def test_a_placement_that_ended_is_listed_no_more(facts: Facts) -> None:
    tell(facts, pl.PlacementDecided, "11-06")
    tell(facts, pl.PlacementEnded, "11-10")
    assert (len(placed(facts, "11-09")), placed(facts, "11-10")) == (1, [])


def test_only_the_scope_sees_a_file(facts: Facts) -> None:
    tell(facts, ev.LeaveApplied, "11-05")
    tell(facts, ev.LeaveApplied, "11-05", WANG)
    for scope in (
        Scope.schools([SCHOOL]),
        Scope.villages(["522699100"]),
        Scope.classes([CLASS]),
    ):
        assert list(asked(facts, "11-20", scope=scope)) == [LI]
    assert asked(facts, "11-20", scope=Scope.nothing()) == {}
    assert list(asked(facts, "11-20", children=[WANG])) == [WANG]


def test_folded_in_steps_equals_folded_at_once(facts: Facts) -> None:
    assert set(GIVEN) == set(applications.HANDLERS)
    for kind in GIVEN:
        tell(facts, kind, "11-10")
        facts.fold()
    assert facts.projector.check("applications").equal
    assert [lag.parked for lag in facts.projector.lag()] == [0, 0, 0]
