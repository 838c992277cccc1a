"""今日待办: whom to ring is named, 签收 and 办结 are for whoever was told."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID, uuid4

from ckbx.domain.child.child import Child
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store
from projections import alerts
from projections.alerts import AlertRow
from projections.scope import Scope
from tests.web.signing import signed_in

FRIDAY = date(2026, 11, 20)


def open_to_a_teacher(store: Store, kind: str) -> tuple[str, AlertRow]:
    """An open alert of a kind, and the class teacher it names."""
    with store.answers.reading() as reading:
        position = reading.position("alerts")
        rows = alerts.alerts(
            reading, Scope.county(), as_of=FRIDAY, position=position, open_only=True
        )
    return next((to, row) for row in rows if row.kind == kind for to in row.to if to[:2] == "ct")


def state_of(store: Store, alert: UUID) -> str:
    store.catch_up()
    with store.answers.reading() as reading:
        position = reading.position("alerts")
        rows = alerts.alerts(reading, Scope.county(), as_of=date(2026, 11, 22), position=position)
    return next(row.state for row in rows if row.alert_id == alert)


def test_whom_to_ring_is_named_with_the_class_day(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "contact_due")
    text = signed_in(own_store, account).get("/roll-calls?list=1").text
    duties = text.partition('id="duties"')[2].partition("</section>")[0]
    assert "未到校当日联系监护人" in duties
    line = duties.partition("未到校当日联系监护人")[2].partition("</li>")[0]
    assert len(re.findall(r'class="person"', line)) == row.detail["children"]
    assert "联系上了" in line
    assert f"?day={row.due_on}" in line


def test_each_call_is_recorded_for_its_child(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "contact_due")
    client = signed_in(own_store, account)
    shown = client.get("/roll-calls?list=1").text.partition("未到校当日联系监护人")[2]
    child = re.search(r'name="child" value="([^"]+)"', shown)
    assert child is not None
    path = f"/roll-calls/{row.class_key}/calls"
    fields = {"child": child[1], "day": str(row.due_on)}
    assert client.post(path, data={**fields, "reached": "0"}).status_code == 303
    assert "没有联系上" in client.get("/roll-calls?list=1").text
    assert client.post(path, data={**fields, "reached": "1"}).status_code == 303
    known = Child(UUID(child[1])).replay(own_store.log.load([UUID(child[1])])[UUID(child[1])])
    assert known.tried[(row.due_on or row.raised_on).toordinal()] is True
    for odd in ({"child": "x"}, {"child": str(uuid4())}, {"reached": "2"}, {"day": "no"}):
        assert client.post(path, data={**fields, "reached": "1", **odd}).status_code == 404
    there = {**fields, "day": "2026-09-02", "reached": "1"}
    assert client.post(path, data=there).status_code == 422, "it was not away that day"
    other = "ct303171" if account != "ct303171" else "ct303181"
    assert signed_in(own_store, other).post(path, data=fields).status_code == 404


def test_a_duty_is_taken_note_of_and_done(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "contact_due")
    client = signed_in(own_store, account)
    fields = {"alert": str(row.alert_id)}
    assert client.post("/roll-calls/duties", data={**fields, "act": "seen"}).status_code == 303
    assert state_of(own_store, row.alert_id) == "acknowledged"
    assert client.post("/roll-calls/duties", data={**fields, "act": "done"}).status_code == 303
    assert state_of(own_store, row.alert_id) == "closed"


def test_the_duty_of_another_is_left_alone(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "contact_due")
    other = "ct303171" if account != "ct303171" else "ct303181"
    client = signed_in(own_store, other)
    answer = client.post("/roll-calls/duties", data={"alert": str(row.alert_id), "act": "done"})
    assert answer.status_code == 422
    assert state_of(own_store, row.alert_id) == "open"


def test_an_odd_request_finds_nothing(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "contact_due")
    client = signed_in(own_store, account)
    for fields in ({"alert": "x", "act": "seen"}, {"alert": str(row.alert_id), "act": "burn"}):
        assert client.post("/roll-calls/duties", data=fields).status_code == 404


def visits(text: str) -> str:
    """The line of the first visit that is asked for."""
    duties = text.partition('id="duties"')[2].partition("</section>")[0]
    lines: list[str] = re.findall(r"<li>(.*?)</li>", duties, re.DOTALL)
    return next(line for line in lines if "家访" in line.partition("</p>")[0])


def test_a_visit_leads_to_its_form_and_says_when_it_was_recorded(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "visit_due")
    client = signed_in(own_store, account)
    shown = visits(client.get("/roll-calls?list=1").text)
    path = f"/children/{row.child}/home-visit"
    assert f'href="{path}"' in shown
    assert "已办，办结" not in shown, "whoever went there says what they found"
    fields = {"on": str(row.raised_on), "met": "mother", "outcome": "wavering"}
    answer = client.post(path, data=fields)
    assert answer.status_code == 303, answer.text[-900:]
    shown = visits(client.get("/roll-calls?list=1").text)
    assert "已登记家访" in shown
    assert path not in shown
    run_due(own_store, own_store.clock.now())
    assert state_of(own_store, row.alert_id) == "closed"


def test_the_inbox_leads_to_the_form_of_a_visit(own_store: Store) -> None:
    account, row = open_to_a_teacher(own_store, "visit_due")
    page = signed_in(own_store, account).get("/alerts?kind=visit_due").text
    assert f'href="/children/{row.child}/home-visit"' in page
