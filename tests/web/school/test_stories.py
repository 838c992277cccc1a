"""A principal at the desk and a village's officer with a phone, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from ckbx.domain.child.status import TrackingStatus
from ckbx.store import Store
from tests.demo import making
from tests.web.conftest import served
from tests.web.hostile import NAME, rename
from tests.web.school.test_place import at_home, everybody, place_code
from tests.web.signing import sign_in_browser, token_for
from tests.web.test_alerts_page import standing
from tests.web.test_browser import SIZES, Watched
from tests.web.test_pages import SCHOOL

FRIDAY = datetime(2026, 11, 27, 10, 47, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "a long word of my own"


@pytest.fixture(scope="module")
def friday_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county on a school day, after the roll calls were due."""
    folder = tmp_path_factory.mktemp("friday")
    making.make(folder, FRIDAY)
    return folder


@pytest.fixture
def friday(friday_folder: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy that a story may write to."""
    shutil.copytree(friday_folder, tmp_path / "copy")
    store = making.opened(tmp_path / "copy", FRIDAY)
    yield store
    store.close()


@pytest.fixture
def friday_site(friday: Store) -> Iterator[str]:
    """Its pages on a port of their own."""
    yield from served(friday)


def come_in(page: Page, site: str, store: Store, account: str) -> None:
    """Through the door, with the account's own password."""
    token_for(store, account)
    code = store.gate.issue_codes([account])[account]
    store.gate.use_code(account, code, PASSWORD)
    page.goto(site)
    page.fill("input[name=account]", account)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action='/signin'] button")


def at(page: Page, size: str) -> Watched:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    return Watched(page)


def village_with_a_child_away(store: Store) -> str:
    """Its account, with something sent to it that it has not acknowledged."""
    away = {each.child for each in everybody(store) if each.status is TrackingStatus.SUSPECTED}
    sent = {to for row in standing(store) if row.state == "open" for to in row.to}
    villages = (account for account in sorted(sent) if account.startswith("village"))
    return next(each for each in villages if at_home(store, place_code(store, each)) & away)


def test_a_principal_finds_the_silent_class_and_signs_the_month(
    page: Page, friday: Store, friday_site: str
) -> None:
    watched = at(page, "desk")
    come_in(page, friday_site, friday, "principal4")
    expect(page).to_have_url(f"{friday_site}/schools/{SCHOOL}")
    silent = page.locator("#silent li")
    expect(silent.first).to_contain_text("已过报送时限 47 分钟")
    silent.first.get_by_role("link", name="电话").click()
    expect(page.locator("a[href^='tel:']")).to_be_visible()
    page.get_by_role("link", name="月报").first.click()
    expect(page.locator("h1")).to_contain_text("11月学校月报")
    page.get_by_role("link", name="核对并签字封存").click()
    page.fill("input[name=password]", "not mine")
    page.get_by_role("button", name="签字封存").click()
    expect(page.locator("#refused")).to_contain_text("密码不对")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="签字封存").click()
    expect(page.get_by_role("status").first).to_contain_text("已签字封存：第 1 版")
    expect(page.get_by_text("数字到现在没有变，不用再签")).to_be_visible()
    assert [each for each in watched.complaints if "422" not in each] == []


def test_a_villages_officer_finds_who_is_away_and_acknowledges(
    page: Page, friday: Store, friday_site: str
) -> None:
    watched = at(page, "phone")
    account = village_with_a_child_away(friday)
    come_in(page, friday_site, friday, account)
    expect(page).to_have_url(f"{friday_site}/place")
    away = page.locator(".card-orange .risk")
    name = away.first.locator(".person").inner_text()
    page.get_by_role("link", name="走访清单").click()
    expect(page.locator(".walk").filter(has_text=name)).to_contain_text("上次联系")
    page.get_by_role("link", name="待办").first.click()
    inbox = page.locator(".inbox").first
    if not inbox.locator(".todo").first.is_visible():
        inbox.locator("summary").click()
    button = inbox.get_by_role("button", name="签收", exact=True).first
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 43.5
    button.click()
    expect(page.get_by_role("status").first).to_contain_text("已签收 1 条")
    assert watched.overflow() <= 0
    assert watched.complaints == []


PATHS = (
    ("principal4", f"/schools/{SCHOOL}"),
    ("principal4", "/alerts"),
    ("principal4", "/reports"),
    ("principal4", "/reports/sign?month=2026-11"),
    ("principal4", "/check-in"),
    ("principal4", "/returns"),
    ("town3", "/place"),
    ("town3", "/place/walk"),
    ("bureau", "/alerts?level=红"),
)


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_quiet_fit_the_window_and_a_hostile_name_is_only_text(
    page: Page, friday: Store, friday_site: str, size: str, cast: dict[str, list[str]]
) -> None:
    watched = at(page, size)
    child = rename(friday, cast["open"][0], NAME)
    met = 0
    for account, path in PATHS:
        sign_in_browser(page.context, friday_site, friday, account)
        answer = page.goto(friday_site + path)
        assert answer is not None
        assert answer.status == 200, path
        met += page.locator(f"main a[href='/children/{child}']").count()
        assert page.title() != "1"
        assert page.locator("main svg[onload]").count() == 0
        assert watched.overflow() <= 0, path
    assert met
    assert watched.complaints == []


def test_the_todo_page_of_the_county_is_short_on_a_phone(
    page: Page, friday: Store, friday_site: str
) -> None:
    at(page, "phone")
    sign_in_browser(page.context, friday_site, friday, "bureau")
    page.goto(f"{friday_site}/alerts")
    assert page.evaluate("document.documentElement.scrollHeight") < 3_000
