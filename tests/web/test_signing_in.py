"""登录: who comes in, how far, and what happens to a request of nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import cast

import pyotp
import pytest
from starlette.testclient import TestClient

from ckbx.access import Factor
from ckbx.application.accounts import issue_code, load_account, open_account
from ckbx.clock import FixedClock
from ckbx.store import Store
from ckbx.web.front_door import local_path
from tests.web.signing import COOKIE, signed_in, token_for, visitor

ON_BOTH = "own_store"

PASSWORD = "山里的孩子都要读书"


def with_password(store: Store, account: str) -> str:
    """An account whose person has set a password."""
    ctx = store.office.context("test")
    known = load_account(store.office, account).name
    code = (issue_code if known else open_account)(store.office, store.gate, ctx, account)
    store.gate.use_code(account, code, PASSWORD)
    return account


def sign_in(client: TestClient, account: str, password: str = PASSWORD, then: str = "/") -> object:
    return client.post("/signin", data={"account": account, "password": password, "next": then})


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(own_store: Store) -> None:
    with_password(own_store, "town0")
    with visitor(own_store) as client:
        first = client.get("/suspected?all=1")
        assert first.status_code == 303
        assert first.headers["location"] == "/signin?next=%2Fsuspected%3Fall%3D1"
        form = client.get(first.headers["location"])
        assert 'name="next" value="/suspected?all=1"' in form.text
        answer = client.post(
            "/signin", data={"account": "town0", "password": PASSWORD, "next": "/suspected?all=1"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/suspected?all=1")
        assert client.get("/suspected?all=1").status_code == 200


def test_a_form_of_nobody_is_refused_not_redirected(own_store: Store) -> None:
    with visitor(own_store) as client:
        assert client.post("/account/password", data={}).status_code == 401


@pytest.mark.parametrize("account", ["town0", "nobody", "", pytest.param("no\x00body", id="null")])
def test_a_wrong_password_and_an_unknown_account_are_answered_alike(
    own_store: Store, account: str
) -> None:
    with_password(own_store, "town0")
    with visitor(own_store) as client:
        answer = client.post("/signin", data={"account": account, "password": "不是这个密码"})
        assert answer.status_code == 422
        assert COOKIE not in answer.cookies
        said = re.findall(r'role="alert".*?</div>', answer.text, re.DOTALL)
        other = client.post("/signin", data={"account": "someone", "password": "x" * 9})
        assert said == re.findall(r'role="alert".*?</div>', other.text, re.DOTALL)
        assert "不是这个密码" not in answer.text


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(own_store: Store) -> None:
    with_password(own_store, "town0")
    with visitor(own_store) as client:
        answer = client.post("/signin", data={"account": "town0", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_a_new_sign_in_begins_a_new_session(own_store: Store) -> None:
    with_password(own_store, "town0")
    with visitor(own_store) as client:
        client.post("/signin", data={"account": "town0", "password": PASSWORD})
        before = client.cookies[COOKIE]
        client.post("/signin", data={"account": "town0", "password": PASSWORD})
        assert client.cookies[COOKIE] != before
        assert own_store.gate.sessions.find(before) is None


def test_signing_out_ends_the_session_on_the_server(own_store: Store) -> None:
    with signed_in(own_store, "town0") as client:
        token = client.cookies[COOKIE]
        answer = client.post("/signout")
        assert answer.headers["location"] == "/signin"
        assert answer.headers["Clear-Site-Data"] == '"cache"', "unsent roll calls wait in storage"
        assert own_store.gate.sessions.find(token) is None


def test_a_first_sign_in_sets_the_own_password_by_a_code(own_store: Store) -> None:
    code = open_account(own_store.office, own_store.gate, own_store.office.context("t"), "newcomer")
    with visitor(own_store) as client:
        form = {"account": "newcomer", "code": code, "new": PASSWORD, "again": PASSWORD + "x"}
        refused = client.post("/signin/first", data=form)
        assert refused.status_code == 422
        assert "两次输入的密码不一样" in refused.text
        assert PASSWORD not in refused.text
        assert client.post("/signin/first", data=form | {"again": PASSWORD}).status_code == 303
        assert client.post("/signin/first", data=form | {"again": PASSWORD}).status_code == 422
        assert (
            client.post("/signin", data={"account": "newcomer", "password": PASSWORD}).status_code
            == 303
        )


def test_a_role_that_sees_much_sets_up_a_second_factor_before_anything_else(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(own_store), "is_demo", False)
    with_password(own_store, "leader1")
    with visitor(own_store) as client:
        answer = client.post("/signin", data={"account": "leader1", "password": PASSWORD})
        assert answer.headers["location"] == "/signin/factor"
        assert client.get("/overview").headers["location"] == "/signin/factor"
        page = client.get("/signin/factor").text
        (secret,) = re.findall(r'name="secret" value="([A-Z2-7]+)"', page)
        wrong = client.post("/signin/factor", data={"secret": secret, "code": "000000"})
        assert wrong.status_code == 422
        assert secret in wrong.text  # the same picture stays valid
        clock = cast("FixedClock", own_store.clock)
        code = pyotp.TOTP(secret).at(int(clock.at.timestamp()))
        assert (
            client.post("/signin/factor", data={"secret": secret, "code": code}).status_code == 303
        )
        assert client.get("/suspected").status_code == 200
    clock.at += timedelta(minutes=2)
    with visitor(own_store) as client:
        answer = client.post("/signin", data={"account": "leader1", "password": PASSWORD})
        assert answer.headers["location"] == "/signin/code"
        assert client.get("/overview").headers["location"] == "/signin/code"
        half_way = client.cookies[COOKIE]
        code = pyotp.TOTP(secret).at(int(clock.at.timestamp()))
        assert client.post("/signin/code", data={"code": "111111"}).status_code == 422
        assert client.post("/signin/code", data={"code": code}).status_code == 303
        assert client.get("/suspected").status_code == 200
    with visitor(own_store) as client:  # whoever kept the cookie from before the code
        client.cookies.set(COOKIE, half_way, domain="127.0.0.1")
        assert client.get("/suspected").headers["location"].startswith("/signin?")
    with visitor(own_store) as client:
        client.post("/signin", data={"account": "leader1", "password": PASSWORD})
        assert client.post("/signin/code", data={"code": code}).status_code == 422  # used up


def test_a_session_left_alone_ends_sooner_for_roles_that_see_much(own_store: Store) -> None:
    with_password(own_store, "leader1")
    with_password(own_store, "town0")
    clock = cast("FixedClock", own_store.clock)
    with visitor(own_store) as strict, visitor(own_store) as usual:
        for client, account in ((strict, "leader1"), (usual, "town0")):
            client.post("/signin", data={"account": account, "password": PASSWORD})
        clock.at += timedelta(minutes=31)
        assert strict.get("/suspected").status_code == 303
        assert usual.get("/suspected").status_code == 200
        clock.at += timedelta(hours=12)
        assert usual.get("/suspected").status_code == 303


def test_a_post_that_ends_takes_its_rights_with_it_at_the_next_request(own_store: Store) -> None:
    token = token_for(own_store, "stranger")
    with visitor(own_store) as client:
        client.cookies.set(COOKIE, token, domain="127.0.0.1")
        assert client.get("/account").status_code == 200
        assert "现在没有岗位" in client.get("/account").text
        assert 'class="brand-county"' in client.get("/account").text
        assert client.get("/suspected").status_code == 403
        assert client.get("/").headers["location"] == "/account"


@pytest.mark.parametrize(
    "origin",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_changes_nothing(own_store: Store, origin: dict[str, str]) -> None:
    with signed_in(own_store, "town0") as client:
        del client.headers["Sec-Fetch-Site"]
        token = client.cookies[COOKIE]
        answer = client.post("/signout", headers=origin)
        assert answer.status_code == 403
        assert own_store.gate.sessions.find(token) is not None


def test_an_own_form_on_a_plain_intranet_name_is_taken_by_its_origin(own_store: Store) -> None:
    with signed_in(own_store, "town0") as client:
        del client.headers["Sec-Fetch-Site"]
        assert client.post("/signout", headers={"Origin": "http://127.0.0.1"}).status_code == 303


def test_more_than_a_request_may_have_is_refused(own_store: Store) -> None:
    with visitor(own_store) as client:
        answer = client.post("/signin", content=b"x" * 1_000_001)
        assert answer.status_code == 413


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/cases?all=1", "/cases?all=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(given: str, path: str) -> None:
    assert local_path(given) == path


def test_what_an_entry_asks_for_has_a_page() -> None:
    from ckbx.web.pages.signing_in.page import STAGES

    assert set(STAGES) == set(Factor)


def test_a_password_of_the_county_or_a_school_is_refused(own_store: Store) -> None:
    context = own_store.office.context("test")
    code = open_account(own_store.office, own_store.gate, context, "newcomer")
    for word in ("青屏县", "城关镇第二小学", "城关镇第二"):
        new = f"{word} is it 2026"
        form = {"account": "newcomer", "code": code, "new": new, "again": new}
        with visitor(own_store) as client:
            refused = client.post("/signin/first", data=form)
        assert refused.status_code == 422
        assert "账号、学校或县的名称" in refused.text
