"""What may be drawn for a quarter: cases closed in it, leaves that stood in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ckbx.domain.child import leave_events as lv
from ckbx.domain.recheck.sampling import Quarter
from projections import cases, movements, roster
from projections.rechecks import drawable
from projections.scope import Scope
from tests.projections.suspected_store import (
    CLASS,
    LI,
    OTHER_CLASS,
    OTHER_SCHOOL,
    SCHOOL,
    WANG,
    Facts,
    day,
)

Q4, Q3 = Quarter(2026, 4), Quarter(2026, 3)
END = date(2026, 12, 31)


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    """Two children at two schools."""
    made = Facts(tmp_path, [roster.PROJECTION, movements.PROJECTION, cases.PROJECTION])
    made.child(LI, SCHOOL, CLASS, village="522699100200")
    made.child(WANG, OTHER_SCHOOL, OTHER_CLASS, grade=7, village="522699101201")
    yield made
    made.close()


def grant(facts: Facts, kind: Any, first: str, until: str, **more: Any) -> None:
    told = {"effective_from": day(first), "until": day(until), "approver": "township"}
    facts.tell(kind, more.pop("child", LI), first, **told, document="d", evidence_ref="p", **more)


def leaves(facts: Facts, quarter: Quarter = Q4, scope: Scope | None = None) -> list[str]:
    facts.fold()
    with facts.reading() as reading:
        asked = scope or Scope.county()
        found = drawable(reading, asked, quarter, as_of=END, position=facts.head())
    assert found.closures == []
    return [pick.kind for pick in found.leaves]


def test_a_leave_that_stood_in_the_quarter_is_drawn_and_one_that_was_over_is_not(
    facts: Facts,
) -> None:
    grant(facts, lv.SuspensionGranted, "09-10", "10-05")
    assert leaves(facts) == ["suspended"]
    assert leaves(facts, Q3) == ["suspended"]
    assert leaves(facts, Quarter(2026, 2)) == []
    grant(facts, lv.SuspensionGranted, "09-12", "09-30", child=WANG)
    assert leaves(facts) == ["suspended"]
    assert leaves(facts, Q3) == ["suspended", "suspended"]


def test_a_leave_that_ended_before_the_quarter_is_not_drawn(facts: Facts) -> None:
    grant(facts, lv.SuspensionGranted, "09-10", "12-20")
    facts.tell(lv.StudyResumed, LI, "09-30", class_key=CLASS, grade=1)
    assert leaves(facts) == []
    assert leaves(facts, Q3) == ["suspended"]


def test_a_deferral_is_not_among_them(facts: Facts) -> None:
    grant(facts, lv.DeferralGranted, "10-10", "12-20")
    assert leaves(facts) == []


def test_a_scope_sees_its_own_children_alone(facts: Facts) -> None:
    grant(facts, lv.SuspensionGranted, "10-10", "12-20")
    assert leaves(facts, scope=Scope.schools([OTHER_SCHOOL])) == []
    assert leaves(facts, scope=Scope.schools([SCHOOL])) == ["suspended"]
