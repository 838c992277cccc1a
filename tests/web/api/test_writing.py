"""What a program records: once, under its key, as its account and in its role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from ckbx.application.accounts import disable
from ckbx.domain.account.codes import DisableReason
from ckbx.domain.alert.closing import closes_by_hand
from ckbx.domain.case.work_events import GuardianContacted
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from tests.web.api.asking import BASE, good, hand_in, of, refused
from tests.web.samples import Cast

ON_BOTH = "county"

CONTACT = {"on": "2026-11-20", "means": "call", "met": ["mother"], "note": "家长说周一送回来"}


class Worker:
    """A role with a case of its own, and its program."""

    def __init__(self, county: Cast, role: Role) -> None:
        self.store = county.store
        self.account = county.account(role)
        self.held = county.samples(role)
        self.client: TestClient = of(self.store, self.account)

    @property
    def case(self) -> str:
        return self.held.own("/cases/{case_id}")

    def version(self) -> int:
        return int(good(self.client.get(BASE + self.case))["version"])

    def facts(self) -> list[Any]:
        id_ = UUID(self.case.rpartition("/")[2])
        return list(self.store.log.load([id_])[id_])


@pytest.fixture(scope="module")
def principal(county: Cast) -> Worker:
    return Worker(county, Role.PRINCIPAL)


@pytest.fixture(scope="module")
def teacher(county: Cast) -> Worker:
    return Worker(county, Role.CLASS_TEACHER)


def test_a_contact_is_recorded_as_the_account_in_its_role(principal: Worker) -> None:
    before = principal.version()
    answer = good(hand_in(principal.client, f"{principal.case}/contacts", CONTACT))
    fact = principal.facts()[-1]
    assert isinstance(fact, GuardianContacted)
    assert (fact.actor, fact.acted_as) == (principal.account, Role.PRINCIPAL)
    assert answer["changed"] is True
    assert answer["version"] == fact.originator_version > before
    (stored,) = principal.store.log.at_positions([answer["position"]])
    assert stored.event.command_id == fact.command_id
    assert "家长说周一送回来" not in str(fact)
    assert principal.version() == before, "read before it was folded: not seen"
    principal.store.catch_up()
    shown = good(principal.client.get(BASE + principal.case))
    assert shown["position"] >= answer["position"]
    assert shown["version"] == answer["version"]
    assert "家长说周一送回来" in shown["facts"][-1]["about"]


def test_the_same_request_again_gets_the_first_answer_and_is_recorded_once(
    principal: Worker,
) -> None:
    key, path = uuid4(), f"{principal.case}/contacts"
    first = hand_in(principal.client, path, CONTACT, key)
    again = hand_in(principal.client, path, CONTACT, key)
    hand_in(principal.client, path, CONTACT)
    late = hand_in(principal.client, path, CONTACT, key)
    assert good(first) == good(again) == good(late)
    assert [e.command_id for e in principal.facts()].count(key) == 1


def test_another_request_under_a_used_key_is_refused_and_not_recorded(
    principal: Worker, county: Cast
) -> None:
    key, path = uuid4(), f"{principal.case}/contacts"
    good(hand_in(principal.client, path, CONTACT, key))
    before = principal.store.log.head()
    other = {**CONTACT, "note": "别的话"}
    refused(hand_in(principal.client, path, other, key), 422, "idempotency_key_reused")
    with of(county.store, county.account(Role.BUREAU_OFFICER)) as someone:
        refused(hand_in(someone, path, CONTACT, key), 422, "idempotency_key_reused")
    assert principal.store.log.head() == before


@pytest.mark.parametrize("key", [None, "", "x", "1", "8c5f0d3e3b1a4c589a2f1d2f6a7b8c9d"])
def test_a_write_without_a_key_is_refused(principal: Worker, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"{BASE}{principal.case}/contacts"
    answer = principal.client.post(path, json=CONTACT, headers=headers)
    found = refused(answer, 400, "idempotency_key_needed")
    assert "Idempotency-Key" in found["detail"]


def test_a_case_that_was_changed_since_it_was_read_is_not_written(principal: Worker) -> None:
    principal.store.catch_up()
    seen = principal.version()
    path = f"{principal.case}/contacts"
    good(hand_in(principal.client, path, {**CONTACT, "seen": seen}))
    before = principal.store.log.head()
    answer = hand_in(principal.client, path, {**CONTACT, "seen": seen})
    refused(answer, 409, "case_changed_meanwhile")
    assert principal.store.log.head() == before


def test_a_round_names_who_took_part(principal: Worker) -> None:
    body = {
        **CONTACT,
        "hour": "16:30",
        "tier": "school_village",
        "place": "home",
        "means": "visit",
        "outcome": "wavering",
        "people": [
            {"account": principal.account},
            {"name": "王大山", "as_role": "village_officer"},
        ],
    }
    path = f"{principal.case}/rounds"
    good(hand_in(principal.client, path, body))
    fact = principal.facts()[-1]
    assert [each.account for each in fact.participants] == [principal.account, None]
    assert "王大山" not in str(fact)
    unknown = {**body, "hour": "16:31", "people": [{"account": "nobody"}, {"account": "none2"}]}
    refused(hand_in(principal.client, path, unknown), 422, "case_account_unknown")
    neither = {**body, "people": [{"as_role": "principal"}]}
    (wrong,) = refused(hand_in(principal.client, path, neither), 422)["errors"]
    assert wrong["code"] == "person"


def test_what_a_rule_refuses_is_said_with_its_code(principal: Worker) -> None:
    body = {"on": "2026-11-20", "kind": "visit", "result": "steady"}
    found = refused(hand_in(principal.client, f"{principal.case}/follow-ups", body), 422)
    assert found["code"] == "stage_refuses"
    later = {**CONTACT, "on": "2026-12-20"}
    refused(hand_in(principal.client, f"{principal.case}/contacts", later), 422, "case_day_refused")


# ---------------------------------------------------------------------- 点名


def sheet_path(worker: Worker, day: str) -> str:
    return worker.held.own("/classes/{school}/{entry}/{number}/roll-calls/") + day


def test_a_roll_call_is_handed_in_once_and_amended_with_a_reason(teacher: Worker) -> None:
    path = sheet_path(teacher, "2026-11-20")
    read = good(teacher.client.get(BASE + path))
    absent = [{"child": read["roll"][0]["child_id"], "reason": "sick"}]
    size = len(read["roll"])
    body = {
        "expected": size,
        "present": size - 1,
        "absent": absent,
        "mark": read["mark"],
        "roll_mark": read["roll_mark"],
    }
    if read["mark"]:
        refused(hand_in(teacher.client, path, body), 422, "correction_needs_reason")
        body["why"] = "家长补了病假条"
    key = uuid4()
    first = good(hand_in(teacher.client, path, body, key))
    assert good(hand_in(teacher.client, path, body, key))["position"] == first["position"]
    own = [e for e in all_of(teacher.store, key) if isinstance(e, RollCallSubmitted)]
    assert [(e.actor, e.submitted_by) for e in own] == [(teacher.account, teacher.account)]
    shown = good(teacher.client.get(BASE + path))
    (standing,) = [sheet for sheet in shown["sheets"] if sheet["standing"]]
    assert (standing["present"], standing["absent"]) == (size - 1, absent)
    old = {**body, "present": size, "absent": [], "why": "写错了"}
    refused(hand_in(teacher.client, path, old), 409, "sheet_changed_meanwhile")


def all_of(store: Store, command: UUID) -> list[Any]:
    head = store.log.head()
    return [r.event for r in store.log.read(head - 50, 60) if r.event.command_id == command]


def test_a_sheet_that_does_not_add_up_is_refused_with_its_code(teacher: Worker) -> None:
    path = sheet_path(teacher, "2026-11-19")
    read = good(teacher.client.get(BASE + path))
    marks = {"mark": read["mark"], "roll_mark": read["roll_mark"], "why": "更正"}
    size = len(read["roll"])
    body = {"expected": size, "present": size - 1, "absent": [], **marks}
    refused(hand_in(teacher.client, path, body), 422, "absentees_do_not_add_up")
    stranger = [{"child": str(uuid4()), "reason": "sick"}]
    refused(
        hand_in(teacher.client, path, {**body, "absent": stranger}), 422, "absentee_not_on_roll"
    )
    twice = [{"child": read["roll"][0]["child_id"], "reason": "sick"}] * 2
    (wrong,) = refused(hand_in(teacher.client, path, {**body, "absent": twice}), 422)["errors"]
    assert wrong["code"] == "child_twice"
    tomorrow = sheet_path(teacher, "2026-11-23")
    refused(hand_in(teacher.client, tomorrow, {**body, "mark": ""}), 422)


# ---------------------------------------------------------------------- 预警


def test_an_alert_is_acknowledged_once_by_whom_it_was_sent_to(
    principal: Worker,
) -> None:
    found = good(principal.client.get(f"{BASE}/alerts?limit=1000"))
    alert = next(row for row in found["rows"] if row["state"] == "open")
    path = f"/alerts/{alert['alert_id']}"
    key = uuid4()
    first = good(hand_in(principal.client, f"{path}/acknowledge", {}, key))
    assert good(hand_in(principal.client, f"{path}/acknowledge", {}, key)) == first
    again = good(hand_in(principal.client, f"{path}/acknowledge", {}))
    assert (first["changed"], again["changed"]) == (True, False)
    assert again["position"] >= first["position"]


def test_an_alert_is_done_by_hand_only_where_no_record_can_say_so(
    principal: Worker, teacher: Worker
) -> None:
    done, tried = {"reason": "done"}, set()
    for worker in (principal, teacher):
        rows = good(worker.client.get(f"{BASE}/alerts?limit=1000"))["rows"]
        for row in {row["kind"]: row for row in rows}.values():
            answer = hand_in(worker.client, f"/alerts/{row['alert_id']}/done", done)
            by_hand = closes_by_hand(row["kind"], row["rule"])
            tried.add(by_hand)
            if by_hand:
                assert good(answer)["changed"] is True
            else:
                refused(answer, 422, "alert_closes_itself")
    assert tried == {True, False}


def test_a_program_whose_account_is_disabled_asks_nothing_more(
    county: Cast,
) -> None:
    account = county.account(Role.GRADE_LEADER)
    with of(county.store, account) as client:
        good(client.get(f"{BASE}/me"))
        ctx = county.store.office.context("test")
        disable(county.store.office, county.store.gate, ctx, account, DisableReason.LEFT)
        refused(client.get(f"{BASE}/me"), 401, "invalid_token")


def test_the_time_of_recording_is_the_programs_own(principal: Worker) -> None:
    answer = good(hand_in(principal.client, f"{principal.case}/contacts", CONTACT))
    now = principal.store.clock.now()
    assert answer["recorded_at"] >= (now - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
