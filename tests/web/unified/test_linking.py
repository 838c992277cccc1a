"""The administrator says which person of the unified sign-in an account is."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from ckbx.web.app import inner_app
from ckbx.web.permissions import Permission
from ckbx.web.routes import declared
from tests.web.signing import COOKIE
from tests.web.unified.conftest import County, sign_in
from tests.web.unified.test_signing_in import administrator

PASSWORD = "山里的孩子都要读书"
PAGE = "/accounts/teacher1"


@pytest.fixture
def admin(county: County) -> TestClient:
    """The administrator's browser; teacher1 is open and linked to nobody."""
    administrator(county)
    store = county.store
    context = store.office.context("cli:root")
    from ckbx.application.accounts import issue_code

    code = issue_code(store.office, store.gate, context, "admin1")
    store.gate.use_code("admin1", code, PASSWORD)
    county.person("teacher1")
    county.provider.who = "sub-9"
    return seated(county, "admin1")


def seated(county: County, account: str) -> TestClient:
    browser = county.browser()
    token = county.store.gate.sessions.create(account, address="", device="", data=b"done")
    browser.cookies.set(COOKIE, token, domain="127.0.0.1")
    return browser


def test_what_the_page_of_refusal_shows_is_what_links(county: County, admin: TestClient) -> None:
    with county.browser() as browser:
        assert "sub-9" in sign_in(browser, county.provider).text
        assert "没有关联" in admin.get(PAGE).text
        done = admin.post(f"{PAGE}/link", data={"subject": " sub-9 ", "password": PASSWORD})
        assert (done.status_code, done.headers["location"]) == (303, PAGE)
        page = admin.get(PAGE).text
        assert "已关联" in page
        assert "sub-9" not in page
        assert sign_in(browser, county.provider).status_code == 303
        assert admin.post(f"{PAGE}/unlink").status_code == 303
        assert browser.get("/account").status_code == 303, "signed out at once"
        assert sign_in(browser, county.provider).status_code == 422
    log = admin.get("/sign-ins?account=teacher1").text
    for said in ("关联了统一身份", "解除了统一身份的关联", "用统一身份认证登录"):
        assert said in log


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "wrong"}, "您自己的密码不对"),
        ({"subject": ""}, "没有填"),
        ({"subject": "张 三"}, "统一身份编号不能用"),
        ({"subject": "sub-1"}, "已经关联账号 admin1"),
    ],
)
def test_a_refused_link_keeps_what_was_typed_and_links_nobody(
    county: County, admin: TestClient, changed: dict[str, str], said: str
) -> None:
    form = {"subject": "sub-9", "password": PASSWORD, **changed}
    answer = admin.post(f"{PAGE}/link", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{form["subject"]}"' in answer.text
    assert PASSWORD not in answer.text
    assert "teacher1" not in county.store.gate.unified.links()


def test_a_link_that_is_not_there_is_not_taken_off(admin: TestClient) -> None:
    answer = admin.post(f"{PAGE}/unlink")
    assert answer.status_code == 422
    assert "没有关联统一身份" in answer.text
    for path in ("link", "unlink"):
        form = {"subject": "x", "password": PASSWORD}
        assert admin.post(f"/accounts/nobody/{path}", data=form).status_code == 404


def test_only_an_administrator_links(county: County, admin: TestClient) -> None:
    app, _ = inner_app(county.store)
    linking = {row for row in declared(app) if row[1].endswith(("/link", "/unlink"))}
    assert {permission for *_, permission in linking} == {Permission.ACCOUNTS}
    assert len(linking) == 2
    with seated(county, "teacher1") as browser:
        for _, path, _ in linking:
            answer = browser.post(path.replace("{account}", "teacher1"), data={"subject": "sub-1"})
            assert answer.status_code == 403


def test_where_a_claim_names_the_accounts_nobody_is_linked_by_hand(county: County) -> None:
    administrator(county)
    county.set_up(account_claim="preferred_username")
    browser = seated(county, "admin1")
    assert 'id="link"' not in browser.get("/accounts/admin1").text
    assert browser.post("/accounts/admin1/link", data={"subject": "x"}).status_code == 404
