"""The list of cases: in parts that belong together, whatever their number asked for at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import cast as cast_
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.clock import FixedClock
from ckbx.store import Store
from tests.support.counting import counted
from tests.web.api.asking import BASE, good, hand_in, of, refused

ON_BOTH = "own_store"


@pytest.fixture
def bureau(own_store: Store) -> Iterator[TestClient]:
    with of(own_store, "bureau") as client:
        yield client


@pytest.mark.parametrize("query", ["", "all=true&"])
def test_the_parts_are_the_whole_list_what_falls_due_first_in_front(
    bureau: TestClient, query: str
) -> None:
    whole = good(bureau.get(f"{BASE}/cases?{query}limit=1000"))
    assert (whole["total"], whole["next"]) == (len(whole["rows"]), None)
    ends = [row["due_on"] or "9" for row in whole["rows"]]
    assert ends == sorted(ends)
    rows: list[object] = []
    after: str | None = ""
    while after is not None:
        part = good(bureau.get(f"{BASE}/cases?{query}limit=7{after}"))
        assert (part["as_of"], part["total"]) == (whole["as_of"], whole["total"])
        rows += part["rows"]
        after = f"&cursor={part['next']}" if part["next"] else None
    assert rows == whole["rows"]


def test_cases_that_came_to_nothing_are_listed_among_all(bureau: TestClient) -> None:
    stages = Counter(row["stage"] for row in good(bureau.get(f"{BASE}/cases?all=true"))["rows"])
    assert stages["withdrawn"]
    assert stages["closed"]
    open_ = Counter(row["stage"] for row in good(bureau.get(f"{BASE}/cases"))["rows"])
    assert not open_["withdrawn"]
    assert not open_["closed"]


def test_what_is_recorded_between_two_parts_is_in_neither(
    bureau: TestClient, own_store: Store
) -> None:
    whole = good(bureau.get(f"{BASE}/cases"))
    first = good(bureau.get(f"{BASE}/cases?limit=3"))
    cast_("FixedClock", own_store.clock).at += timedelta(seconds=1)
    with of(own_store, "principal4") as head:
        case = good(head.get(f"{BASE}/cases"))["rows"][-1]["case_id"]
        call = {"on": "2026-11-20", "means": "call", "met": ["mother"], "note": "电话"}
        done = good(hand_in(head, f"/cases/{case}/contacts", call))
    own_store.catch_up()
    rest = good(bureau.get(f"{BASE}/cases?limit=1000&cursor={first['next']}"))
    assert rest["position"] == first["position"] < done["position"]
    assert first["rows"] + rest["rows"] == whole["rows"]


def test_names_are_read_of_the_part_alone(bureau: TestClient, own_store: Store) -> None:
    shown = good(bureau.get(f"{BASE}/cases?limit=2"))["rows"]
    record = own_store.vault.access_records(limit=100_000)[-1]
    assert record.view == "api:cases"
    children = {UUID(row["child_id"]) for row in shown}
    assert children <= set(record.subjects)
    assert len(record.subjects) <= 2 * len(shown), "children and their teachers"


def test_the_database_is_asked_as_often_for_many_cases_as_for_few(
    bureau: TestClient, own_store: Store
) -> None:
    whole = good(bureau.get(f"{BASE}/cases"))
    (school, few), *_ = Counter(row["school_code"] for row in whole["rows"]).most_common()[::-1]
    assert few < len(whole["rows"]) / 3
    asked = {}
    for query in (f"school={school}", "limit=1000"):
        good(bureau.get(f"{BASE}/cases?{query}"))
        with counted(own_store) as said:
            good(bureau.get(f"{BASE}/cases?{query}"))
        asked[query] = len(said)
    one, many = asked.values()
    assert 0 < many <= one + 2, asked


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=1", "page=2"])
def test_a_part_that_cannot_be_is_refused(bureau: TestClient, query: str) -> None:
    refused(bureau.get(f"{BASE}/cases?{query}"), 422)
