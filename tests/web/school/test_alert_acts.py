"""签收 and 办结 from the page: by whom an alert was sent to, and by nobody else."""

from __future__ import annotations

from uuid import UUID, uuid4

from starlette.testclient import TestClient

from ckbx.domain.alert.closing import closes_by_hand
from ckbx.store import Store
from projections.alerts import AlertRow
from tests.web.signing import signed_in
from tests.web.test_alerts_page import standing


def some(store: Store, *, by_hand: bool) -> tuple[str, AlertRow]:
    """An open alert and an account it was sent to."""
    found = (
        (account, row)
        for row in standing(store)
        for account in row.to
        if row.state == "open" and closes_by_hand(row.kind, row.rule) is by_hand
    )
    return next(found)


def state(store: Store, alert: UUID) -> str:
    return next((row.state for row in standing(store) if row.alert_id == alert), "gone")


def press(client: TestClient, **fields: object) -> int:
    return client.post("/alerts", data={"command": str(uuid4()), **fields}).status_code


def test_one_tap_acknowledges_an_alert_that_was_sent_to_the_viewer(own_store: Store) -> None:
    account, row = some(own_store, by_hand=False)
    with signed_in(own_store, account) as client:
        assert press(client, ack=row.alert_id) == 303
        assert state(own_store, row.alert_id) == "acknowledged"
        assert "已签收" in client.get("/alerts").text


def test_all_of_a_kind_are_acknowledged_at_once(own_store: Store) -> None:
    account, row = some(own_store, by_hand=False)
    ids = [
        each.alert_id
        for each in standing(own_store)
        if account in each.to and each.kind == row.kind and each.state == "open"
    ]
    with signed_in(own_store, account) as client:
        assert press(client, of=list(map(str, ids)), all="1") == 303
    assert {state(own_store, each) for each in ids} == {"acknowledged"}


def test_two_buttons_of_one_form_are_two_commands(own_store: Store) -> None:
    account, first = some(own_store, by_hand=False)
    second = next(
        row
        for row in standing(own_store)
        if account in row.to and row.state == "open" and row.alert_id != first.alert_id
    )
    command = str(uuid4())
    with signed_in(own_store, account) as client:
        for row in (first, second):
            client.post("/alerts", data={"command": command, "ack": str(row.alert_id)})
    assert state(own_store, second.alert_id) == "acknowledged"


def test_an_alert_sent_to_somebody_else_is_not_there(own_store: Store) -> None:
    _, row = some(own_store, by_hand=False)
    rows = standing(own_store)
    other = next(t for each in rows for t in each.to if t not in row.to and t.startswith("village"))
    with signed_in(own_store, other) as client:
        assert press(client, ack=row.alert_id) == 404
        assert press(client, close=row.alert_id, reason="done") == 404
        assert press(client, ack=uuid4()) == 404
        assert press(client, ack="../etc") == 404
    assert state(own_store, row.alert_id) == "open"


def test_an_alert_without_a_record_to_rest_on_is_closed_by_hand(own_store: Store) -> None:
    account, row = some(own_store, by_hand=True)
    with signed_in(own_store, account) as client:
        assert press(client, close=row.alert_id, reason="not_needed") == 303
    assert state(own_store, row.alert_id) == "gone"


def test_an_alert_that_closes_itself_is_refused_in_words(own_store: Store) -> None:
    account, row = some(own_store, by_hand=False)
    with signed_in(own_store, account) as client:
        asked = {"command": str(uuid4()), "close": str(row.alert_id), "reason": "done"}
        answer = client.post("/alerts", data=asked)
    assert answer.status_code == 422
    assert "不能手工办结" in answer.text
    assert state(own_store, row.alert_id) == "open"
