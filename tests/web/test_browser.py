"""The pages in a real browser, on a phone and on a desk."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request

from ckbx.store import Store
from tests.web.conftest import OFFICER
from tests.web.signing import sign_in_browser

SIZES = {"phone": (390, 844), "desk": (1280, 900)}


class Watched:
    """A page, with everything it asked for and everything it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(request.url))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
        )

    def _asked(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        width = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return int(width)


@pytest.fixture
def page(page: Page, store: Store, site: str) -> Page:
    """A browser in which the bureau's officer is signed in."""
    sign_in_browser(page.context, site, store, OFFICER)
    return page


@pytest.fixture(params=SIZES)
def watched(request: pytest.FixtureRequest, page: Page) -> Watched:
    width, height = SIZES[request.param]
    page.set_viewport_size({"width": width, "height": height})
    return Watched(page)


@pytest.mark.parametrize(
    "path",
    ["/overview", "/schools/3152697003", "/suspected", "/suspected?all=1", "/alerts", "child"],
)
def test_a_page_is_quiet_stays_here_and_fits_the_window(
    watched: Watched, site: str, child: str, path: str
) -> None:
    path = f"/children/{child}" if path == "child" else path
    response = watched.page.goto(site + path)
    assert response is not None
    assert response.status == 200
    watched.page.wait_for_load_state("networkidle")
    assert watched.complaints == []
    assert watched.hosts == {urlsplit(site).netloc}
    assert watched.overflow() <= 0
    assert watched.page.title().endswith("· 控辍保学")


def test_the_style_sheet_is_applied(watched: Watched, site: str) -> None:
    watched.page.goto(site + "/overview")
    colour = "getComputedStyle(document.querySelector('.top')).backgroundColor"
    assert watched.page.evaluate(colour) == "rgb(11, 58, 130)"
    card = "getComputedStyle(document.querySelector('.figure')).borderTopWidth"
    assert watched.page.evaluate(card) == "3px"


def test_the_ledger_is_filtered_by_hand_without_scripts(page: Page, site: str) -> None:
    page.goto(f"{site}/suspected")
    page.select_option("select[name=school]", "3152697003")
    page.check("input[name=all]")
    page.click("button[type=submit]")
    assert "school=3152697003" in page.url
    assert page.is_checked("input[name=all]")
    names = page.locator(".ledger tbody tr td[data-label=学校]").all_inner_texts()
    assert set(names) == {"桐木乡九年一贯制学校"}


def test_a_name_in_the_ledger_leads_to_the_child(page: Page, site: str) -> None:
    page.goto(f"{site}/suspected")
    name = page.locator(".ledger tbody .person").first.inner_text()
    page.locator(".ledger tbody .person").first.click()
    assert name in page.locator("h1").inner_text()


def test_what_is_to_be_tapped_on_a_phone_is_large_enough(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/suspected")
    heights = [
        page.locator(selector).first.bounding_box()
        for selector in ("button[type=submit]", "select[name=school]")
    ]
    assert all(box is not None and box["height"] >= 43.5 for box in heights)


def test_a_long_menu_is_one_line_on_a_phone_that_opens_without_scripts(
    page: Page, site: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/suspected")
    line, menu = page.locator(".menu-fold > summary"), page.locator("nav.menu")
    assert line.inner_text().split() == ["菜单", "疑似辍学"]
    assert not menu.is_visible()
    line.click()
    assert menu.is_visible()
    tapped = [each.bounding_box() for each in (line, *menu.locator("a").all())]
    assert all(box is not None and box["height"] >= 43.5 for box in tapped)
    menu.get_by_role("link", name="台账").click()
    assert page.url == f"{site}/ledgers"
    assert not menu.is_visible()


def test_on_a_desk_the_menu_is_open(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/suspected")
    assert page.is_visible("nav.menu")
    assert not page.is_visible(".menu-fold")


@pytest.mark.parametrize("account", ["inspector", "bureau", "leader4", "town0", "principal4"])
def test_a_menu_is_folded_where_it_would_take_three_lines_of_a_phone(
    page: Page, store: Store, site: str, account: str
) -> None:
    sign_in_browser(page.context, site, store, account)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/account")
    assert page.locator("nav.menu a").count() > 2
    folded = page.locator(".menu-fold").count() == 1
    if folded:
        page.locator(".menu-fold > summary").click()
    box = page.locator("nav.menu").bounding_box()
    assert box is not None
    assert folded == (box["height"] > 2.5 * 44)


def test_states_are_told_in_words_not_by_colour(page: Page, site: str) -> None:
    page.goto(site + "/overview")
    for tag in (".tag", ".level"):
        texts = page.locator(tag).all_inner_texts()
        assert texts
        assert all(text.strip() for text in texts)


def test_on_paper_the_menu_and_the_form_are_gone(page: Page, site: str) -> None:
    page.goto(f"{site}/suspected")
    page.emulate_media(media="print")
    assert not page.is_visible(".menu")
    assert not page.is_visible(".menu-fold")
    assert not page.is_visible(".query")
    assert page.is_visible(".ledger")
