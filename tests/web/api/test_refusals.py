"""What a program gets when something is wrong: a problem in Chinese, never a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.testclient import TestClient

from ckbx.application.class_sheet import RollChangedMeanwhile, SheetChangedMeanwhile
from ckbx.domain.alert.errors import AlertUnknown
from ckbx.domain.case.errors import CaseChangedMeanwhile, CaseUnknown, RoleRefused, StageRefuses
from ckbx.domain.class_roll.errors import NegativeCount
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.store import AnswersBehind
from ckbx.web.api.commands import KeyUsedOtherwise
from ckbx.web.api.problems import status_of
from ckbx.web.api.types import Body
from ckbx.web.api.validation_words import OTHERWISE, SAID, said_of, sentence
from ckbx.web.app import inner_app
from tests.web.api.asking import BASE, hand_in, of, program, refused
from tests.web.samples import Cast

SETTABLE_BY_NOBODY = (
    "actor", "role", "acted_as", "school", "school_code", "recorded_at", "occurred_on", "position",
    "command_id", "submitted_by", "account", "case_id", "child_id", "status", "stage", "claimed_at",
    "state", "id", "permissions", "is_admin", "__class__", "constructor",
)  # fmt: skip


@pytest.fixture(scope="module")
def teacher(county: Cast) -> Iterator[TestClient]:
    with of(county.store, county.account(Role.CLASS_TEACHER)) as client:
        yield client


def of_pydantic() -> set[str]:
    """Every type of error that pydantic knows."""
    from pydantic_core.core_schema import ErrorType

    return set(get_args(ErrorType))


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/nothing", 404),
        ("GET", "/", 404),
        ("POST", "/me", 405),
        ("PUT", "/me", 405),
        ("DELETE", "/cases", 405),
        ("OPTIONS", "/me", 405),
        ("TRACE", "/me", 405),
        ("GET", "/children/none", 422),
        ("GET", "/children/8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d", 404),
        ("GET", "/ledgers/nothing", 404),
        ("GET", "/ledgers/../../etc/passwd", 404),
        ("GET", "/classes/1/2/3/roll-calls/2026-11-20", 422),
    ],
)
def test_every_error_is_a_problem_in_chinese(
    teacher: TestClient, method: str, path: str, status: int
) -> None:
    answer = teacher.request(method, BASE + path)
    if not path.startswith("/ledgers/.."):
        found = refused(answer, status)
        assert any("\u4e00" <= c <= "\u9fff" for c in found["detail"])
        assert status != 405 or answer.headers["allow"]


def test_another_host_and_too_much_are_problems_too(county: Cast) -> None:
    account = county.account(Role.CLASS_TEACHER)
    with of(county.store, account) as client:
        refused(client.get(f"{BASE}/me", headers={"Host": "evil.example"}), 421, "wrong_host")
        alert = f"{BASE}/alerts/{uuid4()}/acknowledge"
        large = b'{"x": "' + b"x" * 1_100_000 + b'"}'
        kind = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        refused(client.post(alert, content=large, headers=kind), 413, "too_large")

        def parts() -> Iterator[bytes]:
            for start in range(0, len(large), 100_000):
                yield large[start : start + 100_000]

        refused(client.post(alert, content=parts(), headers=kind), 413, "too_large")


@pytest.mark.parametrize(
    "content, code",
    [
        (b"{", "json_invalid"),
        (b"", "invalid_request"),
        (b"[]", "invalid_request"),
        (b"null", "invalid_request"),
        (b'"x"', "invalid_request"),
        (b"[" * 100_000, "bad_request"),
        (b"\xff\xfe", "json_invalid"),
        (b'{"\\ud800": 1}', "invalid_request"),
        (b'{"reason": "\\ud800"}', "invalid_request"),
        (b'{"reason": NaN}', "invalid_request"),
        (b'{"reason": "done", "reason": 1}', "invalid_request"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_without_being_repeated(
    county: Cast, content: bytes, code: str
) -> None:
    role = Role.PRINCIPAL
    path = BASE + county.samples(role).own("/alerts/{alert_id}/done")
    kind = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    with of(county.store, county.account(role)) as client:
        status = 422 if code == "invalid_request" else 400
        found = refused(client.post(path, content=content, headers=kind), status, code)
        assert "input" not in json.dumps(found)


@pytest.mark.parametrize(
    "query",
    ["scool=1", "all=maybe", "limit=0", "limit=100000", "limit=1.5", "cursor=1", "as_of=20261120",
     "as_of=1790000000", "as_of=1999-01-01", "known_at=now", "school=３１５２６９７００３",
     "township=52", "cursor=0.99999999999999999.1", "cursor=0.1700000000000000.9999999"],
)  # fmt: skip
def test_a_query_that_cannot_be_used_is_refused_and_says_where(
    teacher: TestClient, query: str
) -> None:
    found = refused(teacher.get(f"{BASE}/ledgers/suspected?{query}"), 422, "invalid_request")
    (wrong,) = found["errors"][:1]
    assert wrong["field"].startswith(f"query.{query.split('=', maxsplit=1)[0]}")
    assert wrong["detail"] != OTHERWISE


# ------------------------------------------------------------- mass assignment


def writes(app: FastAPI) -> list[APIRoute]:
    """Every address of the interface that records something."""
    return [
        route
        for route in app.routes
        if isinstance(route, APIRoute)
        and route.path.startswith(BASE)
        and "POST" in (route.methods or ())
    ]


def bodies() -> list[type[BaseModel]]:
    """Every model of what is handed in, also those inside others."""
    found: list[type[BaseModel]] = list(Body.__subclasses__())
    for each in found:
        found += each.__subclasses__()
    return found


def test_every_model_is_strict_and_takes_nothing_else() -> None:
    assert len(bodies()) >= 8
    for each in bodies():
        assert (each.model_config["strict"], each.model_config["extra"]) == (True, "forbid")
        taken = {name for name in each.model_fields if name in SETTABLE_BY_NOBODY}
        assert taken <= ({"account"} if each.__name__ == "Person" else set())


def test_who_acts_where_and_when_can_be_set_at_no_address(county: Cast) -> None:
    role = Role.PRINCIPAL
    held = county.samples(role)
    app, _ = inner_app(county.store)
    names = {name for model in bodies() for name in model.model_fields}
    with of(county.store, county.account(role)) as client:
        for route in writes(app):
            path = held.own(route.path).removeprefix(BASE)
            assert route.body_field is not None
            model = route.body_field.field_info.annotation
            assert model is not None
            own = set(model.model_fields)
            head = county.store.log.head()
            for name in (*SETTABLE_BY_NOBODY, *(names - own)):
                found = refused(hand_in(client, path, {name: "x"}), 422, "invalid_request")
                codes = {each["field"]: each["code"] for each in found["errors"]}
                assert codes[f"body.{name}"] == "extra_forbidden", (path, name)
            assert county.store.log.head() == head


@pytest.mark.parametrize(
    "field, value",
    [
        ("expected", "1"), ("expected", 1.0), ("expected", True), ("expected", None),
        ("expected", -1), ("expected", 10**30), ("absent", {}), ("absent", "x"), ("session", 1),
        ("session", "FULL"), ("session", "全天"), ("seen", ["x"]), ("seen", [None]), ("why", 1),
        ("why", "x\x00"), ("mark", None), ("absent", [{"child": 1, "reason": "sick"}]),
        ("absent", [{"child": str(uuid4()), "reason": "sick", "name": "x"}]),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_not_guessed_at(county: Cast, field: str, value: object) -> None:
    role = Role.CLASS_TEACHER
    path = county.samples(role).own("/classes/{school}/{entry}/{number}/roll-calls/{day}")
    fine: dict[str, Any] = {
        "expected": 1, "present": 1, "absent": [], "mark": "", "roll_mark": "x",
    }  # fmt: skip
    with of(county.store, county.account(role)) as client:
        found = refused(hand_in(client, path, {**fine, field: value}), 422, "invalid_request")
        (wrong,) = found["errors"]
        assert wrong["field"].startswith(f"body.{field}")
        assert wrong["detail"] != OTHERWISE
        control = hand_in(client, path, fine)
        assert control.json()["code"] != "invalid_request"


def test_half_a_character_is_refused_in_every_text_of_every_write(county: Cast) -> None:
    half, tried = "\ud800", 0
    with of(county.store, county.account(Role.PRINCIPAL)) as client:
        head = county.store.log.head()
        app, _ = inner_app(county.store)
        for route in writes(app):
            path = county.samples(Role.PRINCIPAL).own(route.path).removeprefix(BASE)
            assert route.body_field is not None
            for name in getattr(route.body_field.field_info.annotation, "model_fields", {}):
                content = json.dumps({name: half})
                headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
                answer = client.post(BASE + path, content=content, headers=headers)
                found = refused(answer, 422, "invalid_request")
                (said,) = [e for e in found["errors"] if e["field"] == f"body.{name}"]
                assert said["code"] == "string_unicode", (path, name)
                tried += 1
        assert county.store.log.head() == head
    assert tried > 20


def test_half_a_character_in_the_name_of_who_took_part_is_refused(county: Cast) -> None:
    path = county.samples(Role.PRINCIPAL).own("/cases/{case_id}/rounds")
    content = json.dumps({"people": [{"name": "王\ud800", "as_role": "class_teacher"}]})
    with of(county.store, county.account(Role.PRINCIPAL)) as client:
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        answer = client.post(BASE + path, content=content, headers=headers)
    codes = {e["field"]: e["code"] for e in refused(answer, 422, "invalid_request")["errors"]}
    assert codes["body.people.0.name"] == "string_unicode"


# --------------------------------------------------------------------- words


def test_the_words_are_for_errors_that_there_are() -> None:
    own = {"day", "instant", "control_character", "cursor", "person", "child_twice", "json_type"}
    own |= {"model_attributes_type"}
    assert set(SAID) - own <= of_pydantic()
    assert len(SAID) >= 25


def test_an_error_without_words_says_something_and_a_name_is_made_harmless() -> None:
    assert sentence({"type": "unheard_of"}) == OTHERWISE
    assert sentence({"type": "greater_than_equal"}) == OTHERWISE
    (told,) = said_of([{"type": "extra_forbidden", "loc": ("body", "\ud800\n\u202e" + "x" * 500)}])
    assert told["field"].isprintable()
    assert len(told["field"]) <= 110


@pytest.mark.parametrize(
    "kind, status",
    [
        (ConcurrencyConflict, 409),
        (CaseChangedMeanwhile, 409),
        (SheetChangedMeanwhile, 409),
        (RollChangedMeanwhile, 409),
        (StoreUnavailable, 503),
        (AnswersBehind, 503),
        (StageRefuses, 422),
        (RoleRefused, 403),
        (CaseUnknown, 404),
        (AlertUnknown, 404),
        (NegativeCount, 422),
        (KeyUsedOtherwise, 422),
    ],
)
def test_each_kind_of_refusal_has_its_status(kind: type[CkbxError], status: int) -> None:
    assert status_of(kind.__new__(kind)) == status


def test_a_store_that_cannot_be_reached_is_said_and_when_to_try_again(
    county: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with of(county.store, county.account(Role.PRINCIPAL)) as client:

        def broken(*_: object) -> None:
            raise StoreUnavailable(why="磁盘满")

        monkeypatch.setattr(county.store.gate.tokens, "find", broken)
        answer = client.get(f"{BASE}/me")
        assert "磁盘满" in refused(answer, 503, "store_unavailable")["detail"]
        assert int(answer.headers["retry-after"]) > 0


def test_what_nobody_expected_says_no_more_than_a_reference(
    county: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with of(county.store, county.account(Role.PRINCIPAL)) as client:

        def broken(*_: object) -> None:
            msg = "杨小花 522601201605060011"
            raise RuntimeError(msg)

        monkeypatch.setattr(county.store.gate.tokens, "find", broken)
        answer = client.get(f"{BASE}/me")
        assert refused(answer, 500, "internal_error")["instance"].startswith(
            "urn:ckbx:reference:W-"
        )
        assert "杨小花" not in answer.text


def test_an_error_of_a_page_is_still_a_page(county: Cast) -> None:
    with program(county.store, None) as client:
        assert client.get("/nothing").headers["content-type"].startswith("text/html")
