"""Two states of a ledger, or two versions of a report: what differs, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from ckbx.ledgers.differences import FROM_VAULT, KEYS, difference
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Question
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.ledgers.sight import SHOWN
from projections.scope import Scope
from tests.web.inspect.conftest import OTHER_SCHOOL, SCHOOL
from tests.web.ledgers.kit import children_in

LOOK = Access(actor="test", view="test", purpose="核对")
EARLY, LATE = date(2026, 10, 16), date(2026, 11, 20)


def _rows(store: Store, name: str, day: date, scope: Scope | None = None) -> list[dict[str, Any]]:
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    asked = Question(scope=scope or Scope.county(), as_of=day, all_=True)
    return list(desk.fill(SHOWN[name], asked, LOOK).rows)


@pytest.mark.parametrize("name", SHOWN)
def test_the_key_of_a_ledger_names_one_row(county: Store, name: str) -> None:
    rows = _rows(county, name, LATE)
    keys = [tuple(row[key] for key in KEYS[name]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert FROM_VAULT.get(name, frozenset()) <= set(SHOWN[name].keys)


@pytest.mark.parametrize("name", SHOWN)
def test_a_state_does_not_differ_from_itself(inspector: TestClient, name: str) -> None:
    response = inspector.get(f"/inspect/compare?ledger={name}&as_of={LATE}&as_of2={LATE}&all=1")
    if name == "alerts":  # an inspector has no alerts
        assert response.status_code == 404
        return
    assert response.status_code == 200
    assert "两边完全相同" in response.text


@pytest.mark.parametrize("name", ["roster", "suspected", "leave", "dropout"])
def test_the_children_of_a_difference_are_those_whose_rows_differ(
    county: Store, inspector: TestClient, name: str
) -> None:
    hidden = FROM_VAULT.get(name, frozenset())
    before, after = (
        {
            tuple(row[k] for k in KEYS[name]): {k: v for k, v in row.items() if k not in hidden}
            for row in _rows(county, name, day)
        }
        for day in (EARLY, LATE)
    )
    differ = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    expected = {(after.get(key) or before[key])["child_id"] for key in differ}
    text = inspector.get(f"/inspect/compare?ledger={name}&as_of={EARLY}&as_of2={LATE}&all=1").text
    assert {str(child) for child in children_in(text)} == expected
    assert expected


def test_columns_that_changed_are_named_with_both_values() -> None:
    ledger = SHOWN["suspected"]
    row = dict.fromkeys(ledger.keys) | {"child_id": "a", "suspected_on": EARLY}
    was, now = row | {"unexplained_days": 5}, row | {"unexplained_days": 9}
    gone, new = row | {"child_id": "b"}, row | {"child_id": "c"}
    found = difference(ledger, [was, gone], [new, now])
    assert [each.key for each in found.changed[0].columns] == ["unexplained_days"]
    assert (found.added, found.gone, found.same) == ([new], [gone], 0)


def test_only_those_who_differ_are_read(county: Store, inspector: TestClient) -> None:
    before = county.vault.access_records(limit=10**6)[-1].id
    address = f"/inspect/compare?ledger=roster&as_of={EARLY}&as_of2={LATE}"
    text = inspector.get(address).text
    (record,) = county.vault.access_records(after=before)
    assert set(record.subjects) == children_in(text)


def test_two_instants_of_one_day_show_what_was_recorded_later(
    county: Store, inspector: TestClient
) -> None:
    address = (
        f"/inspect/compare?ledger=roll_call_completeness&as_of={LATE}&known_at=2026-11-19"
        f"&as_of2={LATE}"
    )
    text = inspector.get(address).text
    assert "<del>待报</del> → <ins>已报</ins>" in text
    assert "改了 <b>0</b>" not in text


def test_of_one_school_nobody_else_is_compared(of_one: TestClient) -> None:
    address = f"/inspect/compare?ledger=roster&as_of={EARLY}&as_of2={LATE}"
    assert of_one.get(f"{address}&school={OTHER_SCHOOL}").status_code == 404
    assert of_one.get(address).status_code == 200


# Reports


def test_a_signed_report_is_compared_with_what_is_known_now(inspector: TestClient) -> None:
    text = inspector.get("/inspect/reports?month=2026-10").text
    assert "第 1 版" in text
    assert "封存摘要相符" in text
    assert "同一天，按现在的记录" in text


def test_an_inspector_of_one_school_sees_no_summary_and_no_other_report(
    of_one: TestClient,
) -> None:
    text = of_one.get("/inspect/reports?month=2026-10").text
    assert "县汇总要全县的授权" in text
    assert "封存摘要" not in text
    assert of_one.get(f"/inspect/reports?month=2026-10&school={OTHER_SCHOOL}").status_code == 404
    assert of_one.get(f"/inspect/reports?month=2026-10&school={SCHOOL}").status_code == 200


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "month=2026-10&to=9"])
def test_a_month_or_version_that_is_none_is_not_there(inspector: TestClient, query: str) -> None:
    assert inspector.get(f"/inspect/reports?{query}").status_code == 404
