"""预警与待办 on a page: one line a person and kind; of one account, its inbox."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from projections import alerts, alerts_tables
from projections.scope import Scope
from tests.web.conftest import OFFICER
from tests.web.samples import Cast
from tests.web.signing import signed_in
from tests.web.test_pages import SCHOOL, good


def shown(html: str) -> set[str]:
    """The alerts that a page lists."""
    return set(re.findall(r'data-alert="([0-9a-f-]{36})"', html))


def standing(store: Store) -> list[alerts.AlertRow]:
    with store.answers.reading() as reading:
        position = reading.position(alerts_tables.NAME)
        at = {"as_of": store.office.today(), "position": position}
        return alerts.alerts(reading, Scope.county(), open_only=True, **at)  # type: ignore[arg-type]


def test_the_own_alerts_stand_first_and_then_the_schools_in_numbers(
    client: TestClient, store: Store
) -> None:
    html, rows = client.get("/alerts").text, standing(store)
    own = {str(row.alert_id) for row in rows if OFFICER in row.to}
    assert own
    assert shown(html) == own
    schools = {row.school_code for row in rows if row.school_code and row.to != [OFFICER]}
    assert all(f"/alerts?school={code}" in html for code in schools)
    below = html.split('id="schools"')[1]
    assert "/children/" not in below


def test_an_inbox_lists_everything_of_its_account_and_nothing_of_others(
    client: TestClient, store: Store
) -> None:
    rows = standing(store)
    account = next(row.to[0] for row in rows if row.to and row.to[0] != OFFICER)
    html = client.get("/alerts", params={"to": account}).text
    assert shown(html) == {str(row.alert_id) for row in rows if account in row.to}
    assert "没有未办结的预警和待办" in good(client.get("/alerts", params={"to": "nobody"}))


def test_whoever_was_told_is_called_by_name(client: TestClient, store: Store) -> None:
    account = next(row.to[0] for row in standing(store) if row.to and row.to[0] != OFFICER)
    named = re.compile(rf"<bdi>[\u4e00-\u9fff]{{2,4}}（{account}）</bdi>")
    assert len(named.findall(client.get("/alerts", params={"to": account}).text)) == 2
    assert named.search(client.get("/alerts").text)


def test_who_leads_nothing_sees_the_own_alerts_only(store: Store) -> None:
    rows = standing(store)
    account = next(t for row in rows for t in row.to if t.startswith("village"))
    html = signed_in(store, account).get("/alerts", params={"to": OFFICER}).text
    assert shown(html) == {str(row.alert_id) for row in rows if account in row.to}
    assert "各校未办结" not in html


def test_the_list_is_cut_by_school_level_and_kind(client: TestClient, store: Store) -> None:
    rows = standing(store)
    of_school = [row for row in rows if row.school_code == SCHOOL]
    assert f"未办结{len(of_school):,}条" in good(client.get("/alerts", params={"school": SCHOOL}))
    red = [row for row in rows if row.level == "红"]
    assert f"未办结{len(red):,}条" in good(client.get("/alerts", params={"level": "红"}))
    silent = [row for row in rows if row.kind == "roll_call_silent"]
    asked = client.get("/alerts", params={"kind": "roll_call_silent"})
    assert f"未办结{len(silent):,}条" in good(asked)
    assert client.get("/alerts", params={"school": "0000000000"}).status_code == 404


def test_the_overview_leads_to_the_list_and_what_was_typed_is_shown_as_text(
    client: TestClient,
) -> None:
    assert 'href="/alerts"' in client.get("/overview").text
    hostile = '"><script>alert(1)</script>'
    assert "<script>" not in client.get("/alerts", params={"to": hostile}).text


def test_a_leave_that_has_run_out_is_told_apart_from_one_that_soon_will(store: Store) -> None:
    rows = [row for row in standing(store) if row.kind == "leave_expiring" and row.due_on]
    over = [row for row in rows if row.due_on and row.due_on < store.office.today()]
    assert over
    assert len(over) < len(rows)
    account = over[0].to[0]
    with signed_in(store, account) as client:
        html = client.get("/alerts", params={"kind": "leave_expiring"}).text
    assert "休缓免学将到期" not in html
    assert "休缓免学到期提醒" in html
    mine = {str(row.alert_id) for row in rows if account in row.to}
    told = {
        found[1]: "已过期" in found[2]
        for found in re.finditer(r'data-alert="([0-9a-f-]{36})"(.*?)</li>', html, re.DOTALL)
    }
    assert told == {id_: id_ in {str(row.alert_id) for row in over} for id_ in mine}


@pytest.mark.parametrize("in_memory", [True, False])
def test_the_id_of_something_else_is_no_alert(
    own_store: Store, cast: dict[str, list[str]], *, in_memory: bool
) -> None:
    child = own_store.vault.find("student_no", cast["attending"][0])
    assert child is not None
    if in_memory:
        own_store.office.run(own_store.office.context("test"), lambda unit: _read(unit, child))
    with signed_in(own_store, Cast(own_store).account(Role.CLASS_TEACHER)) as client:
        for button in ("ack", "close", "of"):
            assert client.post("/alerts", data={button: str(child)}).status_code == 404, button
        for said in ("seen", "done"):
            answer = client.post("/roll-calls/duties", data={"alert": str(child), "act": said})
            assert answer.status_code == 422, said


def _read(unit: Unit, child: UUID) -> None:
    unit.get(child, Child)
