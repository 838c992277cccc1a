"""No page speaks the program's language: codes, ids, names of its parts, dates of machines."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ckbx.demo.make import Made
from ckbx.domain.responsibility.post import Role
from ckbx.web.app import make_app
from tests.demo import making
from tests.web.every_page import County, Shown
from tests.web.hostile import sign_report
from tests.web.screen_words import program_words, seen_text

ALSO: Final = (Role.CLASS_TEACHER, Role.VILLAGE_OFFICER)
"""Whose pages are looked at as they have them too, beside whoever sees most."""


@pytest.fixture(scope="module")
def county(
    demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    folder = tmp_path_factory.mktemp("words") / "county"
    shutil.copytree(demo_folder[0], folder)
    store = making.opened(folder)
    found = County(store, make_app(store))
    sign_report(found)
    found.find_steps()
    found.find_acts()
    yield found
    found.close()
    store.close()


def test_no_page_shows_a_word_of_the_program(county: County) -> None:
    shown = county.pages(strict=False)  # runs of imports and rules are not there
    shown += [each for role in ALSO for each in county.pages(only=role)]
    ledgers = [Shown("", Role.BUREAU_OFFICER, path) for path in _ledgers(county)]
    wrong = {}
    for each in [*shown, *ledgers]:
        words = program_words(county.client(each.who).get(each.address).text)
        if words:
            wrong[f"{each.who} {each.address}"] = words
    assert not wrong, "\n".join(f"{where}: {words}" for where, words in wrong.items())
    assert len(shown) >= 100
    assert len(ledgers) >= 15


def _ledgers(county: County) -> list[str]:
    page = county.client(Role.BUREAU_OFFICER).get("/ledgers").text
    return re.findall(r'href="(/ledgers/\w+)"', page)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>2026-11-26 起</p>", ["2026-11-26"]),
        ("<td>县汇总 2026-10</td>", ["2026-10"]),
        ("<td>web:child_act</td>", ["web:child_act"]),
        ("<small>批准人 cli:demo</small>", ["cli:demo"]),
        ("<p>口径 school-2026.1</p>", ["school-2026.1"]),
        ("<p>个案 52e32c27</p>", ["52e32c27"]),
        ("<b>DropoutSuspected</b>", ["DropoutSuspected"]),
        ('<input placeholder="warn_run = 4">', ["warn_run"]),
        ("<p>加 --all 列出</p>", ["--all"]),
        ("<option>suspended</option>", ["suspended"]),
        ("<p>None</p>", ["None"]),
    ],
)
def test_a_word_of_the_program_is_found(html: str, found: list[str]) -> None:
    """The control."""
    assert program_words(f"<main>{html}</main>") == found


def test_what_stands_apart_as_code_and_what_people_say_is_not() -> None:
    page = (
        "<p hidden>web:x</p><script>let a_b</script><code>warn_run</code>"
        '<data value="x">2026.1 版</data><br><p>下载 PDF，G5226**********251X，K 真辍学，'
        "ct303181，2026年11月26日 10:47</p>"
    )
    assert program_words(page) == []
    assert "2026年11月26日" in seen_text(page)
