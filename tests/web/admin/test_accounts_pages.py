"""账号 pages: what an administrator sees and does, and what nobody may get past."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from ckbx.application.accounts import load_account, name_holder, open_accounts
from ckbx.domain.account.errors import HolderInChain
from ckbx.store import Store
from projections import responsibility
from tests.web.admin.conftest import PASSWORDS, command, give_password
from tests.web.signing import signed_in

ON_BOTH = "own_store"

CODE = re.compile(r'class="secret-code">([^<]+)<')


def leader(store: Store) -> str:
    """A leader of the bureau who holds a post today."""
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position("responsibility"))
    return next(
        tenure.account
        for post in known.posts.values()
        if post.role.value == "bureau_leader"
        for tenure in post.holders(store.office.today())
        if tenure.account
    )


def fresh(store: Store, name: str) -> str:
    open_accounts(store.office, store.gate, store.office.context("test"), [name])
    return name


def grant_form(store: Store, **changed: str) -> dict[str, str]:
    today = store.office.today()
    return {
        "command": command(),
        "role": "inspector",
        "first": today.isoformat(),
        "last": (today + timedelta(days=30)).isoformat(),
        "password": PASSWORDS["admin"],
        **changed,
    }


def test_the_list_shows_posts_and_states_and_no_child(admin: TestClient, own_store: Store) -> None:
    page = admin.get("/accounts")
    assert page.status_code == 200
    assert "/accounts/admin" in page.text
    assert "/children/" not in page.text
    found = admin.get("/accounts", params={"q": "bureau"}).text
    assert "/accounts/bureau" in found
    assert "/accounts/admin" not in found


def test_nobody_is_led_to_lock_the_own_account(admin: TestClient) -> None:
    other, own = (admin.get(f"/accounts/{name}").text for name in ("bureau", "admin"))
    assert "/accounts/bureau/disable" in other
    assert "/accounts/bureau/code" in other
    for act in ("disable", "code", "withdraw"):
        assert f"/accounts/admin/{act}" not in own
    assert "这是您自己的账号" in own


def test_a_request_made_by_hand_locks_the_own_account_no_more_than_the_page(
    admin: TestClient, own_store: Store
) -> None:
    (number,) = load_account(own_store.office, "admin").grants
    for act, fields in (("disable", {"why": "asked"}), (f"withdraw/{number}", {})):
        answer = admin.post(f"/accounts/admin/{act}", data={"command": command(), **fields})
        assert answer.status_code == 422
        assert "不能停用自己的账号" in answer.text
    assert load_account(own_store.office, "admin").grants_on(own_store.office.today())
    assert admin.get("/accounts").status_code == 200, "still signed in"


@pytest.mark.parametrize("path", ["/accounts", "/accounts/admin", "/sign-ins"])
def test_who_manages_no_accounts_sees_none(own_store: Store, path: str) -> None:
    with signed_in(own_store, "bureau") as client:
        assert client.get(path).status_code == 403


def test_the_administrator_opens_no_page_with_children(admin: TestClient) -> None:
    for path in ("/overview", "/alerts", "/suspected"):
        assert admin.get(path).status_code == 403


def test_an_account_that_was_never_opened_is_not_there(admin: TestClient) -> None:
    assert admin.get("/accounts/nobody.here").status_code == 404
    assert admin.post("/accounts/nobody.here/disable", data={"why": "left"}).status_code == 404


def test_codes_are_shown_once_and_stand_in_no_log(
    admin: TestClient, own_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    form = {"command": command(), "names": "new.one new.two", "password": PASSWORDS["admin"]}
    with caplog.at_level(logging.DEBUG):
        page = admin.post("/accounts/open", data=form)
    codes = CODE.findall(page.text)
    assert page.status_code == 200
    assert len(codes) == 2
    assert page.headers["cache-control"] == "no-store"
    shown = caplog.text + admin.get("/accounts/new.one").text + admin.get("/accounts").text
    with own_store.engine.connect() as connection:
        shown += repr(connection.exec_driver_sql("SELECT * FROM access_credentials").fetchall())
    events = own_store.log.read(own_store.log.head() - 20, 100)
    shown += repr(events)
    for code in codes:
        assert code not in shown
        assert code.replace("-", "") not in shown
    again = admin.post("/accounts/open", data=form)
    assert again.status_code == 422
    assert CODE.findall(again.text) == []
    own_store.gate.use_code("new.one", codes[0], "quite another thing 3")


def test_the_same_form_sent_again_takes_nobodys_password(
    admin: TestClient, own_store: Store
) -> None:
    name = fresh(own_store, "reset.me")
    form = {"command": command(), "password": PASSWORDS["admin"]}
    code = CODE.findall(admin.post(f"/accounts/{name}/code", data=form).text)[0]
    own_store.gate.use_code(name, code, "chosen by myself 8")
    assert admin.post(f"/accounts/{name}/code", data=form).status_code == 422
    assert own_store.gate.sign_in(name, "chosen by myself 8").account == name


@pytest.mark.parametrize(
    "path", ["/accounts/open", "/accounts/open-chain", "/accounts/bureau/code"]
)
def test_codes_ask_for_the_own_password_again(
    admin: TestClient, own_store: Store, path: str
) -> None:
    head = own_store.log.head()
    page = admin.post(
        path, data={"command": command(), "names": "late.one", "password": "no no no"}
    )
    assert page.status_code == 422
    assert "您自己的密码不对" in page.text
    assert own_store.log.head() == head


def test_everybody_in_the_chain_is_opened_at_once(admin: TestClient, own_store: Store) -> None:
    form = {"command": command(), "password": PASSWORDS["admin"]}
    page = admin.post("/accounts/open-chain", data=form)
    codes = CODE.findall(page.text)
    assert page.status_code == 200
    assert len(codes) > 20
    again = admin.post("/accounts/open-chain", data={**form, "command": command()})
    assert again.status_code == 422
    assert "都已开通" in again.text


def test_a_grant_needs_the_approvers_own_password(admin: TestClient, own_store: Store) -> None:
    name, by = fresh(own_store, "visitor1"), leader(own_store)
    give_password(own_store, by, PASSWORDS["leader3"])
    wrong = grant_form(own_store, approver=by, approval="not that one")
    page = admin.post(f"/accounts/{name}/grant", data=wrong)
    assert page.status_code == 422
    assert "批准人的密码不对" in page.text
    assert "not that one" not in page.text
    assert not load_account(own_store.office, name).grants
    right = grant_form(own_store, approver=by, approval=PASSWORDS["leader3"])
    assert admin.post(f"/accounts/{name}/grant", data=right).status_code == 303
    assert [g.approved_by for g in load_account(own_store.office, name).grants.values()] == [by]


def test_nobody_grants_to_the_own_account(admin: TestClient, own_store: Store) -> None:
    by = leader(own_store)
    give_password(own_store, by, PASSWORDS["leader3"])
    form = grant_form(own_store, approver=by, approval=PASSWORDS["leader3"])
    page = admin.post("/accounts/admin/grant", data=form)
    assert page.status_code == 422
    assert "不能给自己授予" in page.text


def test_an_administrator_alone_opens_no_childs_data_to_anybody(
    admin: TestClient, own_store: Store
) -> None:
    name = fresh(own_store, "visitor2")
    own = grant_form(own_store, approver="admin", approval=PASSWORDS["admin"])
    assert admin.post(f"/accounts/{name}/grant", data=own).status_code == 422
    puppet = fresh(own_store, "puppet")
    give_password(own_store, puppet, PASSWORDS["leader3"])
    form = grant_form(own_store, approver=puppet, approval=PASSWORDS["leader3"])
    page = admin.post(f"/accounts/{name}/grant", data=form)
    assert page.status_code == 422
    assert "不能批准" in page.text
    assert not load_account(own_store.office, name).grants


def test_a_grant_is_for_a_year_at_most(admin: TestClient, own_store: Store) -> None:
    name, by = fresh(own_store, "visitor3"), leader(own_store)
    give_password(own_store, by, PASSWORDS["leader3"])
    far = (own_store.office.today() + timedelta(days=366)).isoformat()
    form = grant_form(own_store, approver=by, approval=PASSWORDS["leader3"], last=far)
    page = admin.post(f"/accounts/{name}/grant", data=form)
    assert page.status_code == 422
    assert "366" in page.text
    assert far in page.text, "what was typed stays"


def test_disabled_is_signed_out_and_enabled_comes_back(admin: TestClient, own_store: Store) -> None:
    with signed_in(own_store, "bureau") as officer:
        assert admin.post("/accounts/bureau/disable", data={"why": ""}).status_code == 422
        assert admin.post("/accounts/bureau/disable", data={"why": "left"}).status_code == 303
        assert officer.get("/overview").status_code == 303
    assert "离职" in admin.get("/accounts/bureau").text
    assert admin.post("/accounts/bureau/enable", data={}).status_code == 303
    assert load_account(own_store.office, "bureau").is_active


def test_a_role_is_withdrawn(admin: TestClient, own_store: Store) -> None:
    number = next(iter(load_account(own_store.office, "inspector").grants))
    assert admin.post(f"/accounts/inspector/withdraw/{number}", data={}).status_code == 303
    assert not load_account(own_store.office, "inspector").grants
    assert admin.post(f"/accounts/inspector/withdraw/{number}", data={}).status_code == 422


def test_the_log_of_sign_ins_shows_what_a_browser_said_as_text(
    admin: TestClient, own_store: Store
) -> None:
    device = "<script>alert(1)</script>"
    own_store.gate.sign_in("admin", PASSWORDS["admin"], address="10.0.0.9", device=device)
    page = admin.get("/sign-ins", params={"account": "admin"})
    assert "&lt;script&gt;alert(1)" in page.text
    assert device not in page.text


# Whose an account is


def head_of(page: str) -> str:
    found = re.search(r'class="who-name" href="/account"><bdi>([^<]+)</bdi>', page)
    return found[1] if found else ""


def test_an_account_without_a_post_is_named_where_it_is_opened(
    admin: TestClient, own_store: Store
) -> None:
    form = {"command": command(), "password": PASSWORDS["admin"]}
    page = admin.post("/accounts/open", data={**form, "names": "new.reg", "person": "韦小兰"})
    assert "<td><bdi>韦小兰</bdi></td>" in page.text
    own_store.catch_up()
    for where in ("/accounts", "/accounts/new.reg"):
        assert "<bdi>韦小兰（new.reg）</bdi>" in admin.get(where).text


def test_several_accounts_are_not_given_one_name(admin: TestClient, own_store: Store) -> None:
    form = {"command": command(), "names": "new.a new.b", "person": "韦小兰"}
    page = admin.post("/accounts/open", data={**form, "password": PASSWORDS["admin"]})
    assert page.status_code == 422
    assert "在各自的账号页写" in page.text
    assert not load_account(own_store.office, "new.a").name


def test_the_head_of_every_page_says_who_is_signed_in_and_a_new_name_at_once(
    admin: TestClient, own_store: Store
) -> None:
    assert head_of(admin.get("/accounts").text) == "admin"
    for name in ("龙向阳", "龙向东"):
        done = admin.post("/accounts/admin/name", data={"command": command(), "person": name})
        assert done.status_code == 303
        assert head_of(admin.get("/accounts").text) == name
        assert f"<bdi>{name}（admin）</bdi>" in admin.get("/account").text
    looks = own_store.vault.access_asked(actor="admin", views=["web:own_name"])
    admin.get("/accounts")
    assert own_store.vault.access_asked(actor="admin", views=["web:own_name"]) == looks


def test_whoever_holds_a_post_is_called_as_in_the_chain(own_store: Store) -> None:
    account = leader(own_store)
    with signed_in(own_store, account) as client:
        page = client.get("/account").text
    name = head_of(page)
    assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name)
    assert f"<bdi>{name}（{account}）</bdi>" in page


def test_the_name_of_a_post_holder_is_not_changed_here(admin: TestClient, own_store: Store) -> None:
    account = leader(own_store)
    if not load_account(own_store.office, account).name:
        fresh(own_store, account)
    page = admin.get(f"/accounts/{account}").text
    assert "姓名来自责任链" in page
    with pytest.raises(HolderInChain):
        name_holder(
            own_store.office, own_store.vault, own_store.office.context("t"), account, "别的名字"
        )
    form = {"command": command(), "person": "别的名字"}
    refused = admin.post(f"/accounts/{account}/name", data=form)
    assert refused.status_code == 422
    assert "姓名来自责任链" in refused.text
    assert "别的名字（" not in admin.get(f"/accounts/{account}").text
