"""What a program reads: the documents of the command line, of the own rows, numbers masked."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from typing import cast as cast_
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import IdentityAmended
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.catalogue import LEDGERS, SUSPECTED
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.output import sheet_json
from ckbx.ledgers.question import Question
from ckbx.store import Store
from ckbx.vault import Access, Identity, mask_id
from ckbx.web.app import inner_app
from ckbx.web.permissions import GIVES, INSPECTOR
from ckbx.web.routes import declared
from projections.scope import Scope
from tests.web.api.asking import BASE, good, of, program, refused
from tests.web.samples import Cast
from tests.web.signing import signed_in

ON_BOTH = "county"

HOSTILE = "<script>alert(1)</script>\u202e\n\"';&王五"
LONG = re.compile(r"(?<![0-9a-f])\d{15,17}[\dXx](?![0-9a-f])")
"""A whole number of a child, identity or student; a fingerprint's hexadecimal digits are none."""


@pytest.fixture(scope="module")
def bureau(county: Cast) -> TestClient:
    return of(county.store, "bureau")


def filled(store: Store, scope: Scope) -> Any:
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    question = Question(scope=scope, as_of=store.office.today())
    access = Access(actor="test", view="test", purpose="test")
    return json.loads(sheet_json(desk.fill(SUSPECTED, question, access)))


def test_a_ledger_is_that_of_the_command_line_with_numbers_masked(
    shared: Store, bureau: TestClient
) -> None:
    plain = filled(shared, Scope.county())
    asked = good(bureau.get(f"{BASE}/ledgers/suspected"))
    assert {key: asked[key] for key in plain if key != "rows"} == {
        key: plain[key] for key in plain if key != "rows"
    }
    rows = [{**row, "student_no": mask_id(row["student_no"])} for row in plain["rows"]]
    assert asked["rows"] == rows
    assert (asked["total"], asked["next"]) == (len(rows), None)


def test_pages_put_together_are_the_whole_whatever_is_recorded_between(
    own_store: Store,
) -> None:
    with of(own_store, "bureau") as client:
        whole = good(client.get(f"{BASE}/ledgers/roster?limit=1000"))
        first = good(client.get(f"{BASE}/ledgers/roster?limit=70"))
        cast_("FixedClock", own_store.clock).at += timedelta(seconds=1)
        rename(own_store, UUID(first["rows"][-1]["child_id"]), "改过名")
        rows, after = first["rows"], first["next"]
        while after:
            page = good(client.get(f"{BASE}/ledgers/roster?limit=70&cursor={after}"))
            assert (page["as_of"], page["position"]) == (first["as_of"], first["position"])
            rows, after = rows + page["rows"], page["next"]
    assert rows == whole["rows"], "the name of the first page, too"
    assert len(rows) == whole["total"]


@pytest.mark.parametrize("role", [Role.CLASS_TEACHER, Role.PRINCIPAL, Role.TOWNSHIP_OFFICER])
def test_a_role_reads_its_own_rows_of_every_ledger(county: Cast, role: Role) -> None:
    seen = set()
    with of(county.store, county.account(role)) as client:
        for each in good(client.get(f"{BASE}/ledgers"))["rows"]:
            name = each["ledger"]
            rows = good(client.get(f"{BASE}/ledgers/{name}?limit=1000&all=true"))["rows"]
            seen |= {row["child_id"] for row in rows if row.get("child_id")}
        children = {r["child_id"] for r in good(client.get(f"{BASE}/ledgers/roster?all=true&limit=1000"))["rows"]}  # fmt: skip  # noqa: E501
        assert children
        assert 0 < len(seen) < 200
        for name in set(LEDGERS) - {
            e["ledger"] for e in good(client.get(f"{BASE}/ledgers"))["rows"]
        }:
            refused(client.get(f"{BASE}/ledgers/{name}"), 404)


def test_another_school_or_township_is_not_there(county: Cast) -> None:
    held = county.samples(Role.PRINCIPAL)
    with of(county.store, county.account(Role.PRINCIPAL)) as client:
        own, other = held.mine["school"], held.others["school"]
        good(client.get(f"{BASE}/ledgers/suspected?school={own}"))
        for query in (f"school={other}", "school=9999999999", "township=522697100"):
            refused(client.get(f"{BASE}/ledgers/suspected?{query}"), 404)
        refused(client.get(f"{BASE}/indicators?school={other}"), 404)
        refused(client.get(f"{BASE}/cases?school={other}"), 404)
    with of(county.store, "bureau") as client:
        good(client.get(f"{BASE}/ledgers/suspected?school={other}"))
        good(client.get(f"{BASE}/ledgers/roster?township=522697100"))
        refused(client.get(f"{BASE}/ledgers/suspected?school=9999999999"), 404)


def test_what_belongs_to_others_is_answered_like_what_is_not_there(county: Cast) -> None:
    held = county.samples(Role.PRINCIPAL)
    with of(county.store, county.account(Role.PRINCIPAL)) as client:
        for path in ("/children/{child_id}", "/cases/{case_id}"):
            foreign = held.foreign(path)
            assert foreign is not None
            none = path.partition("{")[0] + "8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d"
            answers = [client.get(BASE + each) for each in (foreign, none)]
            assert refused(answers[0], 404) == refused(answers[1], 404)
            good(client.get(BASE + held.own(path)))


def test_a_child_is_told_with_its_number_masked_and_without_its_cause(
    shared: Store, bureau: TestClient, cast: dict[str, list[str]]
) -> None:
    number = cast["case_determined"][0]
    child = shared.vault.find("student_no", number)
    found = good(bureau.get(f"{BASE}/children/{child}"))
    assert found["student_no"] == mask_id(number)
    assert [node["state"] for node in found["chains"]["education"]]
    (cause,) = [each for each in found["timeline"] if "CauseRecorded" in each["event"]]
    assert cause["about"] == "主因"
    then = good(bureau.get(f"{BASE}/children/{child}?as_of=2026-09-10"))
    assert then["tracking_status"] == "enrolled"
    assert len(then["timeline"]) < len(found["timeline"])


def test_flags_are_for_those_who_lead(county: Cast, bureau: TestClient) -> None:
    teacher = county.account(Role.CLASS_TEACHER)
    own = county.samples(Role.CLASS_TEACHER).mine["child_id"]
    with of(county.store, teacher) as client:
        assert good(client.get(f"{BASE}/children/{own}"))["groups"] is None
        rows = good(client.get(f"{BASE}/ledgers/roster"))["rows"]
        assert {row["groups"] is None for row in rows} == {True}
    assert good(bureau.get(f"{BASE}/children/{own}"))["groups"] is not None
    assert any(row["groups"] for row in good(bureau.get(f"{BASE}/ledgers/roster"))["rows"])


def test_no_answer_holds_a_whole_number_unless_a_token_may_export(
    county: Cast, bureau: TestClient
) -> None:
    held = county.samples(Role.PRINCIPAL)
    paths = [f"/ledgers/{name}?all=true&limit=1000" for name in LEDGERS]
    paths += ["/alerts?limit=1000", "/alerts?inbox=false&limit=1000", "/cases?all=true"]
    paths += [held.own(p) for p in ("/children/{child_id}", "/cases/{case_id}")]
    for path in paths:
        assert not LONG.search(good_text(bureau, path)), path
    full = "/ledgers/roster?full_numbers=true"
    assert LONG.search(good_text(bureau, full))
    assert any("全号" in each.view for each in county.store.vault.access_records(limit=10_000))
    with of(county.store, "bureau", "see_children") as client:
        refused(client.get(BASE + full), 404)
    with of(county.store, county.account(Role.CLASS_TEACHER)) as client:
        refused(client.get(BASE + full), 404)
    with signed_in(county.store, "bureau") as browser:
        refused(browser.get(BASE + full), 404)


def good_text(client: TestClient, path: str) -> str:
    answer = client.get(BASE + path)
    good(answer)
    return answer.text


def test_a_hostile_name_is_text_in_a_document(own_store: Store, cast: dict[str, list[str]]) -> None:
    child = own_store.vault.find("student_no", cast["case_determined"][0])
    assert child is not None
    rename(own_store, child, HOSTILE)
    with of(own_store, "bureau") as client:
        answer = client.get(f"{BASE}/children/{child}")
        assert good(answer)["name"] == HOSTILE
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "\n<" not in answer.text
        rows = good(client.get(f"{BASE}/ledgers/suspected?all=true"))["rows"]
        assert HOSTILE in {row["name"] for row in rows}


def rename(store: Store, child: UUID, name: str) -> None:
    def decide(unit: Unit) -> bytes:
        unit.writes.extend(store.vault.prepare(child, "child", identity=Identity(name=name)))
        ctx = unit.ctx
        found = unit.get(child, Child)
        found.trigger_event(IdentityAmended, ctx, occurred_on=ctx.today, groups=["identity"])
        return b"renamed"

    store.office.run(store.office.context("test"), decide)
    store.catch_up()


# ------------------------------------------------------------ the description


def test_the_description_names_every_address_and_no_other(shared: Store) -> None:
    app, _ = inner_app(shared)
    with program(shared, None) as client:
        spec = good(client.get(f"{BASE}/openapi.json"))
    described = {(m.upper(), path) for path, of_ in spec["paths"].items() for m in of_}
    served = {(m, p) for m, p, _ in declared(app) if p.startswith("/api/")}
    assert served - described == {("GET", f"{BASE}/openapi.json")}
    assert described <= served


def test_every_address_is_described_in_chinese_with_its_refusals(shared: Store) -> None:
    with program(shared, None) as client:
        spec = good(client.get(f"{BASE}/openapi.json"))
    assert set(spec["components"]["securitySchemes"]) == {"bearer", "session"}
    assert "HTTPValidationError" not in json.dumps(spec)
    for path, methods in spec["paths"].items():
        for method, of_ in methods.items():
            assert re.search(r"[\u4e00-\u9fff]", of_["summary"]), path
            wanted = {"200", "401", "403", "404", "422", "503"}
            wanted |= {"400", "409", "413"} if method == "post" else set()
            assert wanted <= set(of_["responses"]), path
            for status, said in of_["responses"].items():
                media = "application/json" if status == "200" else "application/problem+json"
                assert list(said["content"]) == [media], (path, status)


def test_roles_of_the_interface_are_those_of_the_pages(county: Cast) -> None:
    assert INSPECTOR in GIVES
    with of(county.store, "inspector") as client:
        me = good(client.get(f"{BASE}/me"))
        assert "work_case" not in me["permissions"]
        case = county.samples(INSPECTOR).own("/cases/{case_id}")
        good(client.get(BASE + case))
        key = {"Idempotency-Key": str(UUID(int=1))}
        refused(client.post(f"{BASE}{case}/contacts", json={}, headers=key), 403, "forbidden")
