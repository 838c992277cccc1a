"""A page of a ledger says what the whole ledger says there, and reads only its own people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ckbx.ledgers.filling import Desk
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Question
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.ledgers.sight import SHOWN
from projections import roster, school
from projections.scope import Scope

ON_BOTH = "cast_of"

LOOK = Access(actor="bureau", view="test", purpose="核对")


def _desk(store: Store) -> Desk:
    return Desk(store.answers, store.log, store.vault, store.clock)


@pytest.mark.parametrize("name", SHOWN)
def test_the_pages_of_a_ledger_are_the_ledger(county: Store, name: str) -> None:
    desk, ledger = _desk(county), SHOWN[name]
    asked = Question(scope=Scope.county(), as_of=county.office.today(), all_=True)
    whole = desk.fill(ledger, asked, LOOK)
    size = max(len(whole.rows) // 3, 1)
    paged = [
        row
        for first in range(0, len(whole.rows), size)
        for row in desk.fill(ledger, asked, LOOK, Part(first, size)).rows
    ]
    unlike = {"known_at"}  # of the indicators: when it was asked
    assert [{k: v for k, v in row.items() if k not in unlike} for row in paged] == [
        {k: v for k, v in row.items() if k not in unlike} for row in whole.rows
    ]


@pytest.mark.parametrize("all_", [False, True])
@pytest.mark.parametrize("which", ["county", "school", "class", "village", "child", "none"])
def test_the_pages_of_the_roster_are_the_roster_whatever_is_seen(
    county: Store, which: str, all_: bool
) -> None:
    desk, day = _desk(county), county.office.today()
    asked = Question(scope=Scope.county(), as_of=day)
    row = desk.fill(SHOWN["roster"], asked, LOOK).rows[7]
    child = UUID(row["child_id"])
    with county.answers.reading() as reading:
        place = roster.place_of(
            reading, Scope.county(), [child], as_of=day, position=county.log.head()
        )[child]
    scope = {
        "county": Scope.county(),
        "school": Scope.schools([str(place.school)]),
        "class": Scope.classes([str(place.class_key)]),
        "village": Scope.villages([str(place.residence or place.village)]),
        "child": Scope.of_children([child]),
        "none": Scope.nothing(),
    }[which]
    for question in (
        Question(scope=scope, as_of=day, all_=all_),
        Question(scope=scope, as_of=day - timedelta(days=20), all_=all_),
        Question(
            scope=scope, as_of=day, known_at=county.clock.now() - timedelta(days=20), all_=all_
        ),
    ):
        whole = desk.fill(SHOWN["roster"], question, LOOK)
        paged = [
            row
            for first in range(0, len(whole.rows), 60)
            for row in desk.fill(SHOWN["roster"], question, LOOK, Part(first, 60)).rows
        ]
        assert paged == whole.rows
        assert desk.fill(SHOWN["roster"], question, LOOK, Part(0, 1)).count == len(whole.rows)
        assert (which == "none") == (not whole.rows)


def test_only_the_people_of_the_page_are_in_the_access_record(county: Store) -> None:
    desk = _desk(county)
    asked = Question(scope=Scope.county(), as_of=county.office.today())
    before = county.vault.access_records(limit=10**6)[-1].id
    sheet = desk.fill(SHOWN["roster"], asked, LOOK, Part(5, 10))
    (record,) = county.vault.access_records(after=before)
    assert {str(each) for each in record.subjects} == {row["child_id"] for row in sheet.rows}
    assert (len(sheet.rows), sheet.count) == (10, len(desk.fill(SHOWN["roster"], asked, LOOK).rows))


def test_a_page_behind_the_last_has_no_row_and_reads_nobody(county: Store) -> None:
    asked = Question(scope=Scope.county(), as_of=county.office.today())
    before = county.vault.access_records(limit=10**6)[-1].id
    sheet = _desk(county).fill(SHOWN["roster"], asked, LOOK, Part(10_000, 50))
    assert (sheet.rows, sheet.count > 100) == ([], True)
    assert county.vault.access_records(after=before) == []


@pytest.mark.parametrize("name", SHOWN)
def test_a_scope_of_nothing_has_no_row(county: Store, name: str) -> None:
    asked = Question(scope=Scope.nothing(), as_of=county.office.today(), all_=True)
    assert _desk(county).fill(SHOWN[name], asked, LOOK).rows == []


@pytest.mark.parametrize("days", [0, 300])
def test_what_figures_miss_is_told_alike_with_and_without_counting(
    county: Store, days: int
) -> None:
    at: dict[str, Any] = {
        "as_of": county.office.today() + timedelta(days=days),
        "position": county.log.head(),
        "instant": county.clock.now(),
    }
    with county.answers.reading() as reading:
        one = min(school.school_names(reading, Scope.county(), position=at["position"]))
        for scope in (Scope.county(), Scope.schools([one]), Scope.nothing()):
            rows = school.roll_up(reading, scope, **at).rows
            missing = [(r.school_code, r.school_name, r.incomplete) for r in rows if r.incomplete]
            assert school.gaps(reading, scope, **at) == missing
        told = school.gaps(reading, Scope.county(), **at)
    assert bool(told) == (days == 300)  # then the ninth graders are not graduated
