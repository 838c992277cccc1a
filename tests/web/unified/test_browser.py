"""A teacher comes in by the unified sign-in, in a real browser, on a phone and on a desk."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ckbx.application.accounts import issue_code
from ckbx.web.app import make_app
from ckbx.web.server import address_of, listen
from tests.support.county import opened
from tests.support.oidc import providing
from tests.support.receivers import Certificate
from tests.web.signing import COOKIE
from tests.web.unified.conftest import KEPT, County
from tests.web.unified.test_linking import PASSWORD
from tests.web.unified.test_signing_in import administrator

AXE = Axe()
SIZES = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path, made: Certificate) -> Iterator[tuple[County, str]]:
    """The pages of a county on a port of their own, and a provider that shows a page."""
    with opened(sqlite_url, tmp_path / "secrets") as store:
        store.catch_up()
        with providing(store.clock, made) as provider:
            provider.shows_page = True
            county = County(store, provider)
            county.set_up()
            bound = listen("127.0.0.1", 0)
            site = address_of(bound).rstrip("/")
            store.settings = msgspec.structs.replace(store.settings, public_url=site)
            app = make_app(store)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
            thread.start()
            try:
                yield county, site
            finally:
                server.should_exit = True
                thread.join(20)


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = SIZES[request.param]
    context = browser.new_context(
        locale="zh-CN", ignore_https_errors=True, viewport={"width": width, "height": height}
    )
    page = context.new_page()
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
    )
    yield page
    context.close()


def shown(page: Page, name: str) -> None:
    """It can be read and fits the window; keep a picture where one is wanted."""
    page.evaluate(AXE.axe_script)
    found = page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    size = page.viewport_size
    if (folder := os.environ.get("PICTURES")) and size:
        page.screenshot(path=f"{folder}/unified-{name}-{size['width']}.png")


def test_there_and_back_and_out_again(page: Page, served: tuple[County, str]) -> None:
    county, site = served
    county.provider.who = "f:" + "7" * 253  # as long as may be
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{site}/account")
    shown(page, "in")
    button = page.get_by_role("link", name="用统一身份认证登录")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    page.get_by_role("link", name="登录").click()
    page.get_by_text("没有给您关联").wait_for()
    assert page.get_by_text(county.provider.who).is_visible()
    shown(page, "unknown")
    county.person("teacher1", county.provider.who)
    page.goto(f"{site}/account")
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.get_by_role("link", name="登录").click()
    page.wait_for_url(f"{site}/account")
    cookies = {each["name"] for each in page.context.cookies(site)}
    assert COOKIE in cookies
    assert KEPT not in cookies
    page.get_by_role("button", name="退出").first.click()
    page.get_by_text("统一身份认证可能还登录着").wait_for()
    shown(page, "out")
    told = ("422", "Clear-Site-Data")  # the refusal above, and what signing out asks for
    assert [each for each in complaints if not any(word in each for word in told)] == []


def test_the_administrator_links_whom_the_page_named(
    page: Page, served: tuple[County, str]
) -> None:
    county, site = served
    administrator(county)
    store = county.store
    code = issue_code(store.office, store.gate, store.office.context("cli:root"), "admin1")
    store.gate.use_code("admin1", code, PASSWORD)
    county.person("teacher1")
    token = store.gate.sessions.create("admin1", address="", device="", data=b"done")
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": site}])
    page.goto(f"{site}/accounts/teacher1")
    box = page.locator("#link")
    box.get_by_label("统一身份编号").fill("sub-7")
    box.get_by_label("您自己的密码").fill(PASSWORD)
    shown(page, "link")
    box.get_by_role("button", name="关联").click()
    page.get_by_text("已关联").first.wait_for()
    shown(page, "linked")
    assert store.gate.unified.account_of(county.provider.issuer, "sub-7") == "teacher1"


def test_pages_kept_for_somebody_before_are_gone_with_who_comes_in(
    page: Page, served: tuple[County, str]
) -> None:
    """A phone that is handed on while its session is over, without signing out."""
    county, site = served
    county.person("teacher1", "sub-1")
    page.goto(f"{site}/signin?next=%2Faccount")
    page.evaluate(
        """async () => {
          await navigator.serviceWorker.register('/sw.js', { scope: '/' });
          await navigator.serviceWorker.ready;
          while (!navigator.serviceWorker.controller) await new Promise(requestAnimationFrame);
          await (await caches.open('ckbx-pages-1')).put('/roll-calls', new Response('children'));
        }"""
    )
    kept = "caches.has('ckbx-pages-1')"
    page.reload()
    assert page.evaluate(kept) is True
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.get_by_role("link", name="登录").click()
    page.wait_for_url(f"{site}/account", timeout=5_000)
    still = True
    for _ in range(20):  # the worker deletes beside what it answers
        still = bool(page.evaluate(kept))
        if not still:
            break
        page.wait_for_timeout(50)
    assert not still
