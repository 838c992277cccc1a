"""A day of an inspector in a real browser: from the grant to the printed check list."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from ckbx.store import Store
from tests.web.inspect.conftest import SCHOOL
from tests.web.signing import sign_in_browser
from tests.web.test_browser import SIZES, Watched

PAGES = (
    "/inspect",
    f"/inspect/day?school={SCHOOL}&day=2026-11-20",
    f"/inspect/class?class={SCHOOL}/2022/1&day=2026-11-20",
    "/inspect/compare?ledger=roster&as_of=2026-10-16&as_of2=2026-11-20",
    "/inspect/reports?month=2026-10",
    "/inspect/sample?number=385162",
    "/inspect/access",
    "/ledgers",
    "/ledgers/roster",
    "/ledgers/dropout?all=1",
    "/ledgers/school",
    "/indicators",
    "/children",
)


@pytest.fixture
def visit(page: Page, store: Store, site: str) -> Page:
    page.set_default_timeout(15_000)
    sign_in_browser(page.context, site, store, "inspector")
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_stays_here_and_fits_the_window(
    visit: Page, site: str, path: str, size: str
) -> None:
    visit.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    watched = Watched(visit)
    response = visit.goto(site + path)
    assert response is not None
    assert response.status == 200
    visit.wait_for_load_state("networkidle")
    assert watched.complaints == []
    assert watched.hosts == {urlsplit(site).netloc}
    assert watched.overflow() <= 0


def test_the_day_of_an_inspector(visit: Page, site: str) -> None:
    visit.set_viewport_size({"width": 1280, "height": 900})
    visit.goto(site + "/")
    assert urlsplit(visit.url).path == "/inspect"
    expect(visit.locator(".grant")).to_contain_text("到 2027年1月21日")

    # any class on any day
    form = visit.locator('form[action="/inspect/day"]')
    form.locator('select[name="school"]').select_option(SCHOOL)
    form.locator('input[name="day"]').fill("2026-11-20")
    form.get_by_role("button", name="查看各班").click()
    visit.get_by_role("link", name="5年级1班").click()
    expect(visit.get_by_role("heading", name=re.compile("那天应该坐在教室里的"))).to_be_visible()
    expect(visit.locator(".versions li").first).to_contain_text("记录时间")

    # one child's file, found without its name in any address
    visit.locator("table a.person").first.click()
    expect(visit.locator("h1")).to_be_visible()
    name = visit.locator("h1 bdi").first.inner_text()
    visit.goto(site + "/children")
    visit.get_by_label(re.compile("姓名")).fill(name)
    visit.get_by_role("button", name="查找").click()
    expect(visit.locator("table a.person").first).to_have_text(name)
    assert urlsplit(visit.url).query == ""

    # what was known then, and what is known now
    visit.goto(site + "/inspect")
    compare = visit.locator('form[action="/inspect/compare"]')
    compare.locator('select[name="ledger"]').select_option("suspected")
    compare.get_by_role("button", name="与现在所知比较").click()
    expect(visit.locator(".two")).to_contain_text("已记录的情况")

    # a sample by the own number, the same when drawn again
    visit.goto(site + "/inspect")
    sample = visit.locator('form[action="/inspect/sample"]')
    sample.locator('input[name="number"]').fill("385162")
    sample.get_by_role("button", name="抽取").click()
    drawn = visit.locator("table a.person").all_inner_texts()
    assert len(drawn) == 20
    visit.get_by_role("link", name="用同一种子重抽").click()
    assert visit.locator("table a.person").all_inner_texts() == drawn
    visit.emulate_media(media="print")
    expect(visit.locator("td.to-fill").first).to_be_visible()
    expect(visit.locator("nav.menu")).to_be_hidden()
    visit.emulate_media(media="screen")

    # who looked, oneself among them
    visit.goto(site + "/inspect/access?account=inspector")
    expect(visit.locator("table")).to_contain_text("督导：抽样核查")
