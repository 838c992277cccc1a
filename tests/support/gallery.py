"""What does every page look like? ``python -m tests.support.gallery [OUT]`` photographs them all.

A small demo county on a fixed school day is made and served; one account a role, those of the
demo's sign-in page, follows the links of its pages. Each page is photographed at 390 and 1,280 px
for the role that comes to it first, so a page that is added is in here by itself. ``--only NAME``
takes again those with NAME in their file, and leaves the others. ``OUT`` is
``docs/guide``: the pictures go to ``images/``, the page that shows them is ``gallery.md``.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

from ckbx.store import Store
from ckbx.web.app import inner_app, make_app
from ckbx.web.routes import declared
from tests.demo import making
from tests.support.browser import find_browser, launch, new_context
from tests.support.gallery_page import GROUPS, Picture, page_of
from tests.support.gallery_states import make_states
from tests.support.pictures import Quantiser
from tests.web.conftest import serving
from tests.web.every_page import REFUSES, VISITOR, County
from tests.web.signing import COOKIE, signed_in

OUT: Final = Path(__file__).parents[2] / "docs" / "guide"
FRIDAY: Final = datetime(2026, 11, 27, 10, 47, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A school day on which the roll calls were due; months may be signed."""
SIZES: Final = {390: 844, 1280: 720}
"""Width and height of a window."""
LONGEST: Final = {390: 1700, 1280: 1100}
"""Where a long page is cut off."""
REST: Final = """cut => {
    const filled = "input:not([type=hidden]), select, textarea";
    const below = [...document.querySelectorAll("main form:not(.query)")]
      .filter(form => form.querySelector(filled))
      .map(form => form.getBoundingClientRect())
      .filter(at => at.height && at.bottom + window.scrollY > cut + 40);
    return below.length ? Math.min(...below.map(at => at.top + window.scrollY)) : null;
  }"""
"""Where what is worth a second picture begins on a page cut off: a form; more rows are not."""
MOST: Final = 160
"""Addresses that one account is led through."""
DAYS: Final = "--enable-blink-features=LangAttributeAwareFormControlUI"
"""Fields for a day show it as the page's language does: the browser itself has only English."""
AGAIN: Final = """document.querySelectorAll("input[type=date], input[type=time]").forEach(
  field => {
    const was = field.value;
    field.value = field.type === "time" ? "00:00" : "2000-01-01";
    field.value = "";
    field.value = was;
  })"""
"""What stood in such a field from the beginning was drawn before its language was known."""
_CLASS: Final = re.compile(r'<option value="([^"/]+/\d+/\d+)"')
_LINK: Final = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
_PART: Final = re.compile(r"{\w+(?::\w+)?}")


class Stop(NamedTuple):
    """A page on the way of one account."""

    route: str
    address: str


def routes_of(store: Store) -> list[tuple[str, re.Pattern[str]]]:
    """Every page there may be, with what its addresses look like; fixed ones first."""
    app, _ = inner_app(store)
    paths = {path for method, path, _ in declared(app) if method == "GET"}
    asked = sorted((p for p in paths if not p.startswith("/api/")), key=lambda p: (p.count("{"), p))
    return [
        (p, re.compile("[^/]+".join(map(re.escape, _PART.split(p))) + r"(\?.*)?$")) for p in asked
    ]


def chosen(route: str, address: str, page: str) -> str:
    """The address with the first class that the page offers, where it shows nothing without."""
    offered = _CLASS.search(page)
    if route != "/transfers/class" or "?" in address or offered is None:
        return address
    return f"{address}?class_key={quote(offered[1])}"


def walk(store: Store, account: str, routes: Sequence[tuple[str, re.Pattern[str]]]) -> list[Stop]:
    """Where the links lead an account from its first page: one address for each route. A form
    that has nothing to be done on is passed over: another address may have.
    """
    found: list[Stop] = []
    with signed_in(store, account) as client:
        client.follow_redirects = True
        waiting = [str(client.get("/").url).removeprefix(str(client.base_url))]
        asked: set[str] = set()
        while waiting and len(asked) < MOST:
            address = waiting.pop(0)
            route = next((name for name, like in routes if like.match(address)), None)
            if route is None or route in asked:
                continue
            answer = client.get(address)
            address = str(answer.url).removeprefix(str(client.base_url))
            route = next((name for name, like in routes if like.match(address)), route)
            html = answer.headers.get("content-type", "").startswith("text/html")
            refuses = REFUSES in answer.text
            if answer.status_code != 200 or not html or refuses or route in asked:
                continue
            asked.add(route)
            found.append(Stop(route, chosen(route, address, answer.text)))
            links = (unescape(link) for link in _LINK.findall(answer.text))
            waiting += [link for link in links if link not in waiting]
    return found


def plan(store: Store) -> Iterator[tuple[str, str, Stop]]:
    """What to photograph: the group, the account, the page. Every page once, for the role whose
    own it is, else for the first that comes to it; and of each role where its day begins.
    """
    routes, taken = routes_of(store), set[str]()
    accounts = {login.role: login.account for login in store.demo_logins}
    walked = {
        group: walk(store, accounts[group.role], routes)
        for group in GROUPS
        if group.role in accounts
    }
    own = {
        stop.route: group
        for group, stops in reversed(walked.items())
        for stop in stops
        if stop.route.startswith(group.own)
    }
    for group, stops in walked.items():
        for number, stop in enumerate(stops):
            mine = stop.route not in taken and own.get(stop.route, group) is group
            if number == 0 or mine:
                taken.add(stop.route)
                yield group.slug, accounts[group.role], stop
    county = County(store, make_app(store))
    county.find_steps()
    county.find_acts()
    for shown in county.pages(strict=False):
        if shown.path not in taken:
            taken.add(shown.path)
            group_of = next((g.slug for g in GROUPS if shown.who in g.holds), GROUPS[0].slug)
            yield group_of, shown.who, Stop(shown.path, shown.address)
    county.close()


def name_of(group: str, route: str) -> str:
    """The beginning of a picture's file name."""
    words = re.sub(r"[^a-z0-9]+", "-", route.lower()).strip("-")
    return f"{group}-{words or 'home'}"


def rest_of(file: Path) -> Path:
    """The second picture beside the first."""
    return file.with_stem(f"{file.stem}-2")


class Camera:
    """A browser of one width in front of the served county."""

    def __init__(self, browser: Browser, site: str, store: Store, width: int) -> None:
        self._lowest = LONGEST[width]
        self._width, self._site, self._store = width, site, store
        self._county = County(store, make_app(store))
        self._context = new_context(browser)
        self._page: Page = self._context.new_page()
        self._page.set_viewport_size({"width": width, "height": SIZES[width]})
        self._quantiser = Quantiser(new_context(browser).new_page())
        self._who = ""

    def _sit_down(self, who: str) -> None:
        if who == self._who:
            return
        self._who = who
        self._context.clear_cookies()
        if who == VISITOR:
            return
        token = self._token(who)
        host = urlsplit(self._site).hostname or ""
        cookie = {"name": COOKIE, "value": token, "domain": host, "path": "/"}
        self._context.add_cookies([cookie])  # type: ignore[list-item]

    def _token(self, who: str) -> str:
        if who in {login.account for login in self._store.demo_logins}:
            sessions = self._store.gate.sessions
            return sessions.create(who, address="127.0.0.1", device="gallery", data=b"done")
        return self._county.token(who)

    def take(self, who: str, stop: Stop, file: Path) -> tuple[str, bool]:
        """Photograph a page, and the rest of it where a form was cut off: its title, and whether
        there are two pictures.
        """
        self._sit_down(who)
        answer = self._page.goto(self._site + stop.address)
        assert answer is not None
        assert answer.status == 200, (who, stop)
        self._page.evaluate(AGAIN)
        tall = int(self._page.evaluate("document.documentElement.scrollHeight"))
        self._page.set_viewport_size({"width": self._width, "height": min(tall, self._lowest)})
        file.write_bytes(self._quantiser.small(self._page.screenshot()))
        begins = self._page.evaluate(REST, self._lowest) if tall > self._lowest else None
        if begins is not None:
            self._take_rest(tall, max(self._lowest, int(begins) - 60), rest_of(file))
        self._page.set_viewport_size({"width": self._width, "height": SIZES[self._width]})
        return self._page.title().removesuffix(" · 控辍保学"), begins is not None

    def _take_rest(self, tall: int, top: int, file: Path) -> None:
        """From ``top`` on, as long as a picture may be."""
        self._page.set_viewport_size({"width": self._width, "height": tall})
        part = {"x": 0, "y": top, "width": self._width, "height": min(tall - top, self._lowest)}
        file.write_bytes(self._quantiser.small(self._page.screenshot(clip=part)))  # type: ignore[arg-type]


def photograph(store: Store, site: str, out: Path, only: str = "") -> list[Picture]:
    """Photograph everything into ``out/images``; ``only``: the pages whose name has these words."""
    found = find_browser()
    if found is None:
        msg = "没有可用的浏览器：请执行 make browser"
        raise FileNotFoundError(msg)
    stops = [each for each in plan(store) if only in name_of(each[0], each[2].route)]
    titles, rest = dict[tuple[str, str], str](), dict[str, list[int]]()
    images = out / "images"
    images.mkdir(parents=True, exist_ok=True)
    for width in SIZES:
        with sync_playwright() as playwright:
            browser = launch(playwright, found, "--lang=zh-CN", DAYS)
            camera = Camera(browser, site, store, width)
            for group, who, stop in stops:
                name = name_of(group, stop.route)
                title, more = camera.take(who, stop, images / f"{name}-{width}.png")
                titles[group, stop.route] = title
                if more:
                    rest.setdefault(name, []).append(width)
            browser.close()
    return [
        Picture(group, stop.route, titles[group, stop.route], name, tuple(rest.get(name, ())))
        for group, _, stop in stops
        for name in [name_of(group, stop.route)]
    ]


def main() -> None:
    """Make the county, photograph its pages, write the page that shows them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=OUT)
    parser.add_argument("--only", default="", metavar="NAME", help="pages with NAME in their file")
    asked = parser.parse_args()
    out: Path = asked.out
    with tempfile.TemporaryDirectory(prefix="ckbx-gallery-") as temp:
        folder = Path(temp)
        making.make(folder, FRIDAY)
        store = making.opened(folder, FRIDAY)
        county = County(store, make_app(store))
        make_states(county)
        county.close()
        store.catch_up()
        for site in serving(make_app(store)):
            taken = photograph(store, site, out, asked.only)
        store.close()
    kept = {file for each in taken for width in SIZES for file in each.files(width)}
    if not asked.only:
        _finish(out, taken, kept)
    total = sum((out / "images" / name).stat().st_size for name in kept)
    print(f"{len(taken)} 页，{len(kept)} 张，{total / 1e6:.1f} MB")  # noqa: T201 - for who runs it


def _finish(out: Path, taken: Sequence[Picture], kept: set[str]) -> None:
    """Drop the pictures of pages that are no more, write the page that shows the others."""
    begins = tuple(f"{group.slug}-" for group in GROUPS)
    for old in (out / "images").iterdir():
        if old.name.startswith(begins) and old.name not in kept:
            old.unlink()
    (out / "gallery.md").write_text(page_of(taken), encoding="utf-8")


if __name__ == "__main__":
    main()
