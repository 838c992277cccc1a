"""预警与待办 on a page: one line a person and kind; of one account, its inbox."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from ckbx.store import Store
from projections import alerts, alerts_tables
from projections.scope import Scope
from tests.web.test_pages import SCHOOL, good


def standing(store: Store) -> list[alerts.AlertRow]:
    with store.answers.reading() as reading:
        position = reading.position(alerts_tables.NAME)
        at = {"as_of": store.office.today(), "position": position}
        return alerts.alerts(reading, Scope.county(), open_only=True, **at)  # type: ignore[arg-type]


def test_every_account_with_something_to_do_has_its_lines(client: TestClient, store: Store) -> None:
    text, rows = good(client.get("/alerts")), standing(store)
    assert rows
    assert f"未办结{len(rows):,}条" in text
    account = next(row.to[0] for row in rows if row.to)
    own = [row for row in rows if account in row.to]
    kinds = {row.kind for row in own}
    assert f"{account}{len(own):,}条，{len(kinds)}类" in text


def test_an_inbox_lists_everything_of_its_account_and_nothing_of_others(
    client: TestClient, store: Store
) -> None:
    rows = standing(store)
    account = next(row.to[0] for row in rows if row.to)
    html = client.get("/alerts", params={"to": account}).text
    shown = set(re.findall(r'<code class="short-id">(\w{8})</code>', html))
    assert shown == {row.alert_id.hex[:8] for row in rows if account in row.to}
    assert "没有未办结的预警和待办" in good(client.get("/alerts", params={"to": "nobody"}))


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
