"""A phone with the page of a class: taps are counted, the network comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize
from playwright.sync_api import TimeoutError as TookTooLong

from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.class_roll.events import RollCallSubmitted
from tests.support.county import COUNTY
from tests.web.roll_call.conftest import OWN, PATH, Morning
from tests.web.signing import sign_in_browser

SIZE: ViewportSize = {"width": 390, "height": 844}
WAITING = "已保存在本机，1 条待上报，联网后自动发送"
LEFT = ("Execution context was destroyed", "Cannot find context")


class Phone:
    """One profile of a browser; who is signed in may change."""

    def __init__(self, browser: Browser, site: str, morning: Morning, **more: Any) -> None:
        self.context: BrowserContext = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=True, **more
        )
        self.site, self.morning = site, morning
        self.page: Page = self._new()
        self.taps = 0

    def _new(self) -> Page:
        page = self.context.new_page()
        page.set_viewport_size(SIZE)
        return page

    def sign_in(self, account: str) -> None:
        self.context.clear_cookies()
        sign_in_browser(self.context, self.site, self.morning.store, account)

    def open(self, path: str = PATH) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def again(self) -> Page:
        """The tab is closed, a new one opened."""
        self.page.close()
        self.page = self._new()
        return self.page

    def ready_for_offline(self) -> None:
        """The worker is there and keeps this page and its files."""
        self.until(
            """async () => {
                 if (!navigator.serviceWorker.controller) return false;
                 const kept = [];
                 for (const name of await caches.keys()) {
                   for (const each of await (await caches.open(name)).keys()) kept.push(each.url);
                 }
                 const files = [...document.querySelectorAll('link[rel=stylesheet],script[src]')]
                   .map(each => each.href || each.src);
                 return [...files, location.href].every(url => kept.includes(url));
               }"""
        )

    def until(self, true: str) -> None:
        """Until an asynchronous function of the page says so; one that never answers is asked
        again after two seconds.
        """
        asked = f"() => Promise.race([({true})(), new Promise(r => setTimeout(r, 2000, false))])"
        for _ in range(100):
            if self._here(asked):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(true)

    def _here(self, script: str) -> Any:
        """What the page says; ``None`` where it left for another one meanwhile."""
        try:
            return self.page.evaluate(script)
        except Error as left:
            if not any(words in left.message for words in LEFT):
                raise
            return None

    def hears_of_the_network(self) -> None:
        """The page is told that there is a network; one that heard of it by itself may have sent
        what waited and be on its way to the answer.
        """
        self._here("window.dispatchEvent(new Event('online'))")

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.click(selector)

    def mark(self, child: UUID, reason: str) -> None:
        """One tap on the name, one on the reason."""
        self.tap(f'[data-child="{child}"] .rc-name')
        self.tap(f'[data-child="{child}"] .rc-reasons label:has([value={reason}])')

    def bar(self) -> str:
        return self.page.inner_text("#queue")

    def wait_for(self, said: str) -> None:
        """Until the bar or the page says it."""
        try:
            self.page.wait_for_function(
                "said => document.body?.innerText.includes(said)", arg=said, timeout=25_000
            )
        except TookTooLong as late:
            raise AssertionError(f"{said}: {self.page.inner_text('body')}") from late

    def offline(self, *, is_off: bool) -> None:
        self.context.set_offline(is_off)


@contextmanager
def a_phone(browser: Browser, site: str, morning: Morning, **more: Any) -> Iterator[Phone]:
    """``more``: as for a context of Playwright."""
    phone = Phone(browser, site, morning, **more)
    try:
        yield phone
    finally:
        phone.context.close()


def recorded(morning: Morning, key: str = OWN) -> list[RollCallSubmitted]:
    """What the log has of the class."""
    stream = ClassRoll.stream(COUNTY, key, "2026-1")
    events = morning.store.log.load([stream])[stream]
    return [event for event in events if isinstance(event, RollCallSubmitted)]
