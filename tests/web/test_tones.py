"""The tag of a status has one colour: every page asks the one table that says which."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import ckbx
from ckbx.domain.case.codes import RiskLevel, Stage
from ckbx.domain.child.status import TrackingStatus
from ckbx.store import Store
from ckbx.web.tones import tone_of
from projections.roll_call_completeness import DayState
from tests.web.signing import signed_in

TEMPLATES = Path(ckbx.__file__).parent / "web" / "templates"
KINDS: tuple[type[StrEnum], ...] = (TrackingStatus, Stage, RiskLevel, DayState)
WORDS = {each.label: tone_of(each) for each in TrackingStatus} | {
    each.label: tone_of(each) for each in Stage
}
SHARED = ("已签收", "空岗", "补录", "已报", "未报", "停课")
"""Words of statuses that several pages show."""
_TAG = re.compile(r'<span class="tag tag-(\w+)">([^<（]+)')


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_has_a_colour_of_the_style_sheet(kind: type[StrEnum]) -> None:
    css = (TEMPLATES.parent / "static" / "ckbx.css").read_text(encoding="utf-8")
    assert [each for each in kind if f".tag-{tone_of(each)} " not in css] == []


def test_no_page_colours_a_shared_status_by_itself() -> None:
    by_hand = [
        (file.name, word)
        for file in TEMPLATES.rglob("*.html")
        if file.name != "parts.html"
        for word in SHARED
        if f'parts.tag("{word}"' in file.read_text(encoding="utf-8")
    ]
    assert by_hand == []


def test_a_stage_and_a_status_look_alike_on_every_page(store: Store, client: TestClient) -> None:
    pages = ["/cases?all=1", "/suspected?all=1"]
    found = {tag for path in pages for tag in _TAG.findall(client.get(path).text)}
    with signed_in(store, "village1") as village:
        found |= set(_TAG.findall(village.get("/place").text))
    with signed_in(store, "principal4") as principal:
        found |= set(_TAG.findall(principal.get("/schools/3152697003").text))
    seen = {(tone, word) for tone, word in found if word in WORDS}
    assert len({word for _, word in seen}) > 3
    assert {(tone, word) for tone, word in seen if tone != WORDS[word]} == set()
