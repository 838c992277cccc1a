"""Every page, made from the route table, in a real browser on a phone and on a desk.

The county is full of names that would do harm if they were more than text: of children, of a
school, in notes. A page that is added is in here by itself.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from ckbx.demo.make import Made
from ckbx.domain.responsibility.post import Role
from ckbx.web import assets
from ckbx.web.app import make_app
from tests.demo import making
from tests.support.browser import new_context
from tests.web.conftest import serving
from tests.web.every_page import VISITOR, County, Shown
from tests.web.hostile import CALLS, FORGED, NOTE, TAG, UNESCAPED, plant
from tests.web.signing import COOKIE
from tests.web.test_browser import SIZES, Watched

AXE = Axe()
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def county(
    demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[County, str]]:
    """A county of its own, and its address."""
    folder = tmp_path_factory.mktemp("pages") / "county"
    shutil.copytree(demo_folder[0], folder)
    store = making.opened(folder)
    app = make_app(store)
    found = County(store, app)
    plant(found)
    found.find_steps()
    found.find_acts()
    found.find_rechecks()
    for site in serving(app):
        yield found, site
    found.close()
    store.close()


@pytest.fixture(scope="module")
def pages(county: tuple[County, str]) -> list[Shown]:
    return county[0].pages()


class Eyes:
    """One profile of a browser: looks at pages at a size, notes what is wrong. Of one person all
    pages are opened in one tab, as a person does.
    """

    def __init__(self, context: BrowserContext, county: County, site: str) -> None:
        self.context, self._county, self._site = context, county, site
        self.wrong: list[str] = []
        self.planted = 0
        self._who = ""
        self._tab: Watched | None = None
        self._dialogs: list[str] = []

    def _sit_down(self, who: str) -> Watched:
        if who == self._who and self._tab is not None:
            return self._tab
        self._who = who
        self.context.clear_cookies()
        if who != VISITOR:
            token = self._county.token(who)
            host = urlsplit(self._site).hostname or ""
            self.context.add_cookies(
                [{"name": COOKIE, "value": token, "domain": host, "path": "/"}]
            )
        if self._tab is not None:
            self._tab.page.close()
        page = self.context.new_page()
        self._tab = Watched(page)
        page.on("dialog", self._dismiss)
        page.add_init_script(CALLS)
        return self._tab

    def _dismiss(self, box: Dialog) -> None:
        self._dialogs.append(box.message)
        box.dismiss()

    def look(self, shown: Shown, sizes: Mapping[str, tuple[int, int]]) -> None:
        """Look at one page at these sizes."""
        seen = self._sit_down(shown.who)
        page = seen.page
        for heard in (seen.hosts, seen.complaints, self._dialogs):
            heard.clear()
        for number, (name, (width, height)) in enumerate(sizes.items()):
            page.set_viewport_size({"width": width, "height": height})
            where = f"{shown.address} {shown.who} {name}"
            if number == 0:
                answer = page.goto(self._site + shown.address)
                assert answer is not None
                if answer.status != 200:
                    self.wrong.append(f"{where}: {answer.status}")
                for raw in UNESCAPED.findall(answer.text()):
                    self.wrong.append(f"{where}: {raw} as it was typed")
                self._of_the_page(page, where)
            self.wrong += [f"{where}: {told}" for told in judged(page)]
            if seen.overflow() > 0:
                self.wrong.append(f"{where}: {seen.overflow()} px too wide")
        self.wrong += [f"{shown.address}: {told}" for told in (*seen.complaints, *self._dialogs)]
        if seen.hosts != {urlsplit(self._site).netloc}:
            self.wrong.append(f"{shown.address}: asked {seen.hosts}")

    def _of_the_page(self, page: Page, where: str) -> None:
        if not page.title().endswith("· 控辍保学"):
            self.wrong.append(f"{where}: title {page.title()}")
        self.planted += "onload=" in page.inner_text("main")
        if page.locator(TAG).count():
            self.wrong.append(f"{where}: a name became an element")


def judged(page: Page) -> list[str]:
    """What axe finds that keeps people from reading or filling in."""
    # Half a megabyte: once for all sizes of a page.
    if not page.evaluate("'run' in (window.axe ?? {})"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")
    return [
        f"{each['id']} ({each['impact']}, {len(each['nodes'])}): {each['nodes'][0]['html'][:160]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


@pytest.fixture
def eyes(browser: Browser, county: tuple[County, str]) -> Iterator[Eyes]:
    context = new_context(browser)
    yield Eyes(context, *county)
    context.close()


def test_every_page_can_be_read_fits_is_quiet_and_stays_here(
    eyes: Eyes, pages: list[Shown]
) -> None:
    for shown in sorted(pages, key=lambda each: each.who):
        eyes.look(shown, SIZES)
    assert not eyes.wrong, "\n".join(eyes.wrong)
    assert len(pages) >= 60
    assert eyes.planted >= 20  # names that would do harm were there


def test_every_page_of_a_class_teacher_fits_a_phone(eyes: Eyes, county: tuple[County, str]) -> None:
    for shown in county[0].pages(only=Role.CLASS_TEACHER):
        eyes.look(shown, {"phone": SIZES["phone"]})
    assert not eyes.wrong, "\n".join(eyes.wrong)


def test_hostile_names_are_text_in_files(county: tuple[County, str]) -> None:
    officer = county[0].client(Role.BUREAU_OFFICER)
    asked = {"why": NOTE, "all": "1"}
    for name in ("suspected", "roster"):
        rows = officer.post(f"/ledgers/{name}/file", data=asked | {"form": "csv"})
        assert rows.headers["content-type"].startswith("text/csv"), rows.text
        cells = list(csv.reader(io.StringIO(rows.content.decode("utf-8-sig"))))
        assert any("onload" in cell for row in cells for cell in row)
        assert not [c for row in cells for c in row if c.startswith(("=", "+", "@", "\t", "\r"))]
        assert not any(cell.startswith(FORGED) for row in cells for cell in row)
        book = officer.post(f"/ledgers/{name}/file", data=asked | {"form": "xlsx"})
        with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
            assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
            assert b"onload" in parts.read("xl/sharedStrings.xml")
        paper = officer.post(f"/ledgers/{name}/file", data=asked | {"form": "pdf"})
        assert paper.content.startswith(b"%PDF")
        for called in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile"):
            assert called not in paper.content
    teacher = county[0].client(Role.PRINCIPAL)
    for form in ("pdf", "docx"):
        path = county[0].address(Role.PRINCIPAL, "/cases/{case_id}/papers/{name}")
        assert teacher.get(f"{path}.{form}").status_code == 200


def test_what_people_type_forges_no_line_of_the_log(
    county: tuple[County, str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    who = county[0].client(VISITOR)
    who.post("/signin", data={"account": NOTE, "password": NOTE, "command": str(uuid4())})
    officer = county[0].client(Role.BUREAU_OFFICER)
    officer.get("/children/" + quote(NOTE, safe=""))
    officer.get("/suspected", params={"school": NOTE, "as_of": NOTE})

    def breaks(*_: object) -> None:
        raise RuntimeError(NOTE)

    monkeypatch.setattr("ckbx.web.pages.child.suspected.suspected_page", breaks)
    assert officer.get("/suspected").status_code == 500
    assert "RuntimeError" in caplog.text
    assert forged(caplog) == []
    logging.getLogger("control").error(NOTE)
    assert forged(caplog) == [FORGED]


def forged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Lines of the log that nobody but the person who typed them wrote."""
    return [line for line in caplog.text.splitlines() if line.startswith(FORGED)]


def test_what_is_wrong_with_a_page_is_found(eyes: Eyes, county: tuple[County, str]) -> None:
    """The control: a picture without words, pale letters, a wide box and a script."""
    page = eyes.context.new_page()
    seen = Watched(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(county[1] + "/signin")
    page.evaluate(
        "document.querySelector('main').innerHTML = '"
        '<img src="/static/icon.svg" onload="alert(1)"><form><input></form>\';'
        "document.querySelector('main').style.minWidth = '900px'"
    )
    page.wait_for_function("() => document.images[0].complete")
    found = " ".join(judged(page))
    assert "image-alt (critical" in found
    assert "label (critical" in found
    assert seen.overflow() > 0
    assert any("script-src" in each for each in seen.complaints)


def test_style_sheets_use_nothing_that_older_browsers_drop() -> None:
    sheets = sorted(assets.STATIC.rglob("*.css"))
    assert len(sheets) > 5
    for path in sheets:
        found = re.findall(r"color-mix\(|oklch\(|@import", path.read_text(encoding="utf-8"))
        assert found == [], path
