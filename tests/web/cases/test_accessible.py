"""Can the pages of a case be read and filled in by everybody? Judged by axe, on phone and desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.case_county import CaseCounty
from tests.web.conftest import served
from tests.web.signing import sign_in_browser

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1280, "height": 900},
}


@pytest.fixture(params=SIZES)
def seated(
    request: pytest.FixtureRequest, county: CaseCounty, browser: Browser
) -> Iterator[tuple[Page, str]]:
    """The principal at a browser of a size, and the address of the pages."""
    for address in served(county.store):
        context = browser.new_context(locale="zh-CN", viewport=SIZES[request.param])
        sign_in_browser(context, address, county.store, "head")
        yield context.new_page(), address
        context.close()


def test_nothing_keeps_people_from_reading_or_filling_in(
    seated: tuple[Page, str], county: CaseCounty
) -> None:
    page, address = seated
    case = f"/cases/{county.case_id()}"
    steps = ("visit", "verify", "teacher", "letter", "legal-issue", "papers/persuasion_notice")
    for path in ("/cases", case, *(f"{case}/{step}" for step in steps)):
        page.goto(address + path)
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, path
        found = Axe().run(page)
        told = [(v["id"], v["nodes"][0]["html"][:120]) for v in found.response["violations"]]
        assert told == [], path
