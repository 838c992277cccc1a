"""A case teacher's day, on a phone and without scripts: what is due, a visit of two persons with
a photo, what comes next, the form to print.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from ckbx.domain.case.work_events import PersuasionHeld
from tests.support.case_county import CaseCounty
from tests.support.pdf import pages
from tests.web.cases.visiting import JPEG, NAME
from tests.web.conftest import served
from tests.web.signing import sign_in_browser

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def address(county: CaseCounty) -> Iterator[str]:
    """The pages of the county on a port of this machine."""
    yield from served(county.store)


@pytest.fixture
def phone(county: CaseCounty, browser: Browser, address: str) -> Iterator[Page]:
    """A phone on which the one-to-one teacher is signed in; scripts are off."""
    context = browser.new_context(locale="zh-CN", viewport=PHONE, java_script_enabled=False)
    sign_in_browser(context, address, county.store, "helper")
    yield context.new_page()
    context.close()


def test_the_day_of_a_case_teacher(
    phone: Page, county: CaseCounty, address: str, tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(JPEG)
    promised = county.office.today() + timedelta(days=3)
    phone.goto(f"{address}/cases")
    assert phone.locator(".case-list .person").all_inner_texts() == [NAME]
    phone.click(".case-list .person")
    assert NAME in phone.inner_text("h1")

    # The form of the round stands open; the teacher alone is not enough.
    assert "学校劝返" in phone.inner_text("#next .due-lines")
    phone.fill("input[name=hour]", "19:00")
    phone.check("input[name=met][value=mother]")
    phone.check("input[name=outcome][value=promised]")
    phone.fill("input[name=promised]", promised.isoformat())
    phone.fill("textarea[name=note]", "孩子在外婆家，答应下周送来")
    phone.click("#next .step-form button[type=submit]")
    assert "每次劝返至少 2 人参加" in phone.inner_text("#refused")
    assert phone.input_value("textarea[name=note]") == "孩子在外婆家，答应下周送来"

    phone.check("input[name=who][value=ct1]")
    phone.set_input_files("input[name=file]", photo)
    phone.click(".step-form button[type=submit]")
    said = phone.inner_text("[role=status]")
    assert "办好了：登记劝返（家访）" in said
    assert "接下来：核实" in said
    event = county.store.log.load([county.case_id()])[county.case_id()][-1]
    assert isinstance(event, PersuasionHeld)
    assert [p.account for p in event.participants] == ["helper", "ct1"]
    assert (event.promised_on, len(event.attachments)) == (promised, 1)

    # Everything fits a phone, and what is tapped is large enough.
    boxes = [phone.locator(s).first.bounding_box() for s in (".step-others .btn", ".paper-links a")]
    assert all(box is not None and box["height"] >= 43.5 for box in boxes)

    with phone.expect_download() as waiting:
        phone.click("#papers a[href$='home_visit.pdf']")
    paper = "".join(pages(Path(waiting.value.path()).read_bytes()))
    assert NAME in paper
    assert "承诺返校" in paper
