"""统一身份认证: who comes in by it, how far, and as whom."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
import pyotp
import pytest

from ckbx.access.tries import of_unified
from ckbx.application import accounts
from ckbx.clock import FixedClock
from ckbx.domain.account.codes import DisableReason, GrantedRole
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.web.app import inner_app
from ckbx.web.permissions import Permission
from ckbx.web.routes import declared
from tests.support.county import COUNTY
from tests.support.oidc import HOME, signed
from tests.support.receivers import answer as plain
from tests.web.signing import COOKIE, visitor
from tests.web.unified.conftest import KEPT, County, come_back, go, sign_in

ADDRESSES = {"/signin/unified", "/signin/unified/back"}


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def with_query(url: str, **changed: str | None) -> str:
    """The same address with other parameters."""
    query = {**query_of(url), **changed}
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{url.partition('?')[0]}?{urlencode(kept)}"


def test_whoever_is_linked_comes_in_and_goes_on_to_where_they_wanted(county: County) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        page = browser.get("/signin?next=%2Faccount").text
        assert 'href="/signin/unified?next=/account"' in page
        assert "用统一身份认证登录" in page
        answer = sign_in(browser, county.provider)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert KEPT not in browser.cookies
        assert "teacher1" in browser.get("/account").text
        (session,) = county.store.gate.sessions.of_account("teacher1")
        assert (session.account, session.strict) == ("teacher1", False)
    assert county.outcomes()[-1] == "unified_ok"


def test_without_settings_there_is_nothing_of_it(county: County) -> None:
    county.store.settings = msgspec.structs.replace(county.store.settings, unified=None)
    with county.browser() as browser:
        assert "统一身份" not in browser.get("/signin").text
        unknown = browser.get("/signin/nothing-there")
        for path in ADDRESSES:
            assert browser.get(path).status_code == 404
            assert browser.post(path).status_code == unknown.status_code == 404
        assert browser.post("/signout").headers["location"] == "/signin"
    app, _ = inner_app(county.store)
    assert not ADDRESSES & {path for _, path, _ in declared(app)}


def test_both_addresses_are_for_everybody_and_only_read(county: County) -> None:
    app, _ = inner_app(county.store)
    found = {row for row in declared(app) if row[1] in ADDRESSES}
    assert found == {("GET", path, Permission.PUBLIC) for path in ADDRESSES}


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_of_the_way_is_kept_from_scripts_and_from_other_sites(
    county: County, secure: bool
) -> None:
    with county.browser(secure=secure) as browser:
        cookie = browser.get("/signin/unified").headers["set-cookie"]
    assert cookie.startswith("__Host-ckbx-unified=" if secure else "ckbx-unified=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert part in cookie
    assert ("Secure" in cookie) is secure
    assert "Domain" not in cookie


def test_an_answer_is_taken_once(county: County) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        where = county.provider.authorize(go(browser))
        secret = browser.cookies[KEPT]
        assert come_back(browser, where).status_code == 303
        browser.cookies.clear()
        browser.cookies.set(KEPT, secret, domain="127.0.0.1")
        again = come_back(browser, where)
        assert again.status_code == 422
        assert "已经失效" in again.text
        assert COOKIE not in browser.cookies
    assert county.provider.asked("/token") == 1


def test_an_answer_to_another_browser_lets_nobody_in(county: County) -> None:
    """Nobody is signed in as somebody else by being sent to an address (RFC 6819 §4.4.1.8)."""
    county.person("teacher1", "sub-1")
    with county.browser() as his, county.browser() as hers:
        where = county.provider.authorize(go(his))
        assert come_back(hers, where).status_code == 422, "she asked for nothing"
        own = go(hers)
        assert come_back(hers, where).status_code == 422, "it is not what she asked"
        assert COOKIE not in hers.cookies
        assert come_back(hers, county.provider.authorize(own)).status_code == 303, "hers is open"
        assert come_back(his, where).status_code == 303, "his is, too"


def test_an_answer_after_ten_minutes_is_too_late(county: County) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        where = county.provider.authorize(go(browser))
        county.later(minutes=10)
        assert come_back(browser, where).status_code == 422
    with county.browser() as browser:
        where = county.provider.authorize(go(browser))
        county.later(minutes=9, seconds=59)
        assert come_back(browser, where).status_code == 303


def test_the_answer_is_gone_to_by_the_browser_and_shown_or_fetched_by_no_page(
    county: County,
) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        where = county.provider.authorize(go(browser)).removeprefix(HOME)
        for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")):
            said = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
            assert browser.get(where, headers=said).status_code == 403
        said = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        assert browser.post(where, headers=said).status_code == 403
        assert browser.post("/signin", headers=said).status_code == 403
        assert browser.get(where, headers=said | {"Sec-Fetch-Dest": "document"}).status_code == 303


def test_another_site_does_not_send_anybody_there(county: County) -> None:
    with county.browser() as browser:
        answer = browser.get("/signin/unified", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.headers["location"] == "/signin"
        assert KEPT not in browser.cookies


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_afterwards_nobody_is_led_elsewhere(county: County, then: str) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        assert sign_in(browser, county.provider, then).headers["location"] == "/"
        assert browser.get("/signin/unified", params={"next": then}).headers["location"] == "/"


def test_whoever_has_no_account_is_told_so_with_the_number_and_none_is_made(
    county: County,
) -> None:
    before = county.store.log.head()
    county.provider.who = "<svg/onload=alert(1)>"
    with county.browser() as browser:
        answer = sign_in(browser, county.provider)
        assert answer.status_code == 422
        assert "没有给您关联" in answer.text
        assert "&lt;svg/onload=alert(1)&gt;" in answer.text
        assert "<svg/onload" not in answer.text
        assert COOKIE not in browser.cookies
    assert county.store.log.head() == before
    assert county.outcomes() == ["unified_unknown"]


def test_a_disabled_account_stays_out_and_sounds_like_none(county: County) -> None:
    county.person("teacher1", "sub-1")
    context = county.store.office.context("test")
    accounts.disable(
        county.store.office, county.store.gate, context, "teacher1", DisableReason.LEFT
    )
    with county.browser() as browser:
        answer = sign_in(browser, county.provider)
        assert "没有给您关联" in answer.text
        assert COOKIE not in browser.cookies
    assert county.outcomes()[-1] == "disabled"


def test_a_claim_that_names_accounts_names_existing_ones_alone(county: County) -> None:
    county.set_up(account_claim="preferred_username")
    county.person("teacher1")
    county.person("teacher2", "sub-1")
    county.provider.claims = {"preferred_username": "teacher1"}
    with county.browser() as browser:
        assert sign_in(browser, county.provider).status_code == 303
        assert "teacher1" in browser.get("/account").text
    for name in ("teacher3", "Teacher1", " teacher1", ""):
        county.provider.claims = {"preferred_username": name}
        with county.browser() as browser:
            answer = sign_in(browser, county.provider)
            assert answer.status_code == 422, name
            assert "sub-1" not in answer.text, "there is nobody to give it to"


def administrator(county: County) -> None:
    """An account whose role needs a second factor."""
    county.person("admin1", "sub-1")
    store = county.store
    accounts.grant_role(
        store.office,
        store.gate,
        store.office.context("cli:root"),
        "admin1",
        GrantedRole.ADMINISTRATOR,
        Scope(ScopeKind.COUNTY, COUNTY),
        first_day=store.office.context("cli:root").today,
        last_day=None,
        approved_by="cli:root",
    )
    store.catch_up()


def test_a_role_with_a_second_factor_is_asked_for_it_all_the_same(county: County) -> None:
    administrator(county)
    with county.browser() as browser:
        answer = sign_in(browser, county.provider)
        assert answer.headers["location"] == "/signin/factor"
        assert browser.get("/accounts").headers["location"] == "/signin/factor"
        page = browser.get("/signin/factor").text
        (secret,) = re.findall(r'name="secret" value="([A-Z2-7]+)"', page)
        clock = county.store.clock
        assert isinstance(clock, FixedClock)
        code = pyotp.TOTP(secret).at(int(clock.at.timestamp()))
        browser.post("/signin/factor", data={"secret": secret, "code": code})
        assert browser.get("/accounts").status_code == 200
    with county.browser() as browser:
        assert sign_in(browser, county.provider).headers["location"] == "/signin/code"
        assert browser.get("/accounts").headers["location"] == "/signin/code"


def test_a_second_factor_that_the_provider_asked_for_is_enough(county: County) -> None:
    administrator(county)
    county.set_up(strong=("amr", "otp"))
    county.provider.claims = {"amr": ["pwd"]}
    with county.browser() as browser:
        assert sign_in(browser, county.provider).headers["location"] == "/signin/factor"
    county.provider.claims = {"amr": ["pwd", "otp"]}
    with county.browser() as browser:
        assert sign_in(browser, county.provider).headers["location"] == "/account"
        assert browser.get("/accounts").status_code == 200
        (strict,) = {each.strict for each in county.store.gate.sessions.of_account("admin1")}
        assert strict, "thirty idle minutes, as by password"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "没有同意"),
        ("temporarily_unavailable", "暂时不能用"),
        ("invalid_scope", "不接受本系统的请求"),
        ("<script>alert(1)</script>", "没有说原因"),
    ],
)
def test_what_the_provider_refuses_is_said_in_our_own_words(
    county: County, error: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    county.provider.refuses = error
    with county.browser() as browser:
        answer = sign_in(browser, county.provider)
        assert answer.status_code == 422
        assert said in answer.text
        for foreign in (error, "<b>no</b>", "&lt;b&gt;"):
            assert foreign not in answer.text
    assert county.provider.asked("/token") == 0
    known = "other" if "<" in error else error
    assert f"unified_provider_refused {known}\n" in caplog.text


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_an_answer_that_names_another_provider_costs_no_code(
    county: County, iss: str | None
) -> None:
    """Mix-up (RFC 9207)."""
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        where = with_query(county.provider.authorize(go(browser)), iss=iss)
        answer = come_back(browser, where)
        assert answer.status_code == 422
        assert "没有通过核对" in answer.text
        assert "iss" not in re.findall(r'role="alert".*?</div>', answer.text, re.DOTALL)[0]
    assert county.provider.asked("/token") == 0
    assert county.outcomes()[-1] == "unified_wrong"


def test_a_token_that_is_wrong_lets_nobody_in(county: County) -> None:
    county.person("teacher1", "sub-1")
    county.provider.claims = {"nonce": "another"}
    with county.browser() as browser:
        answer = sign_in(browser, county.provider)
        assert answer.status_code == 422
        assert COOKIE not in browser.cookies
        assert county.store.gate.sessions.of_account("teacher1") == []


def test_a_provider_that_is_down_leaves_the_password_and_a_line_in_the_log(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    county.provider.answers["/realm/.well-known/openid-configuration"] = plain(500)
    with county.browser() as browser:
        answer = browser.get("/signin/unified")
        assert answer.status_code == 422
        assert "现在不能用" in answer.text
        assert 'name="password"' in answer.text
        assert KEPT not in browser.cookies
    (line,) = [each for each in caplog.records if each.getMessage().startswith("unified")]
    assert line.getMessage() == "unified_provider_down 127.0.0.1 答复 500"
    assert line.levelno == logging.ERROR, "what is less is not on the screen of a server"
    assert "答复 500" not in answer.text


def test_so_many_that_come_to_nothing_wait_and_passwords_do_not(county: County) -> None:
    code = county.person("teacher1", "sub-1")
    county.store.gate.use_code("teacher1", code, "山里的孩子都要读书")
    free = of_unified("testclient").free
    county.provider.who = "stranger"
    with county.browser() as browser:
        for _ in range(free):
            assert "没有给您关联" in sign_in(browser, county.provider).text
        held = browser.get("/signin/unified")
        assert held.status_code == 422
        assert "试的次数太多" in held.text
        form = {"account": "teacher1", "password": "山里的孩子都要读书"}
        assert browser.post("/signin", data=form).status_code == 303
        browser.post("/signout")
        county.later(minutes=15)
        county.provider.who = "sub-1"
        assert sign_in(browser, county.provider).status_code == 303


def test_signing_out_ends_our_session_and_says_that_theirs_may_go_on(county: County) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        sign_in(browser, county.provider)
        token = browser.cookies[COOKIE]
        answer = browser.post("/signout")
        assert answer.headers["location"] == "/signin?out=1"
        assert county.store.gate.sessions.find(token) is None
        assert "统一身份认证可能还登录着" in browser.get("/signin?out=1").text
        assert "统一身份认证可能还登录着" not in browser.get("/signin").text


def test_coming_in_anew_ends_the_session_there_was(county: County) -> None:
    county.person("teacher1", "sub-1")
    county.person("teacher2", "sub-2")
    with county.browser() as browser:
        where = county.provider.authorize(go(browser))
        browser.cookies.set(COOKIE, token := _token(county, "teacher2"), domain="127.0.0.1")
        assert come_back(browser, where).status_code == 303
        assert county.store.gate.sessions.find(token) is None
        assert "teacher1" in browser.get("/account").text


def _token(county: County, account: str) -> str:
    return county.store.gate.sessions.create(account, address="", device="", data=b"done")


def test_whoever_is_linked_anew_is_the_new_person_alone(county: County) -> None:
    county.person("teacher1", "sub-1")
    from ckbx.application.identities import link

    store = county.store
    link(
        store.office, store.gate, store.office.context("test"), "teacher1",
        county.provider.issuer, "sub-2",
    )  # fmt: skip
    with county.browser() as browser:
        assert sign_in(browser, county.provider).status_code == 422
        county.provider.who = "sub-2"
        assert sign_in(browser, county.provider).status_code == 303


def test_the_same_subject_of_another_issuer_is_somebody_else(county: County) -> None:
    county.person("teacher1", "sub-1")
    county.provider.path = "/other"
    county.set_up()
    with county.browser() as browser:
        assert sign_in(browser, county.provider).status_code == 422


def test_nothing_that_is_typed_into_the_addresses_breaks_the_program(county: County) -> None:
    odd: list[Any] = ["", "\ud7ff\uffff", "x" * 10_000, "' OR 1=1", "\r\nSet-Cookie: a=b", "${x}"]
    with county.browser() as browser:
        go(browser)
        for value in odd:
            for name in ("state", "code", "error", "iss", "next"):
                for path in ADDRESSES:
                    given = {"state": "x", name: value}
                    assert browser.get(path, params=given).status_code < 500
        browser.cookies.set(KEPT, "x" * 5_000, domain="127.0.0.1")
        assert browser.get("/signin/unified/back", params={"state": "x"}).status_code == 422


def test_control_the_provider_of_these_tests_lets_in_whom_it_names(county: County) -> None:
    """Were its tokens always wrong, every refusal above would be seen for nothing."""
    county.person("teacher1", "sub-1")
    county.provider.sign = lambda claims: signed(claims, county.provider.keys[0], "PS256")
    with visitor(county.store) as browser:
        assert sign_in(browser, county.provider).status_code == 303
