"""本地儿童: township and village people see the children of their place, and no others, nor a number."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from ckbx.store import Store
from ckbx.web.pages.school.at_risk import WARNINGS
from projections import alerts, cases, responsibility, roster
from projections.scope import Scope
from tests.web.school.test_boards import children_of
from tests.web.signing import signed_in
from tests.web.test_pages import SCHOOL, good, text_of


def place_code(store: Store, account: str) -> str:
    with store.answers.reading() as reading:
        position = reading.position(responsibility.PROJECTION.name)
        (post,) = responsibility.directory(reading, position).posts_of(
            account, store.office.today()
        )
    return post.scope.code


def everybody(store: Store) -> list[roster.Place]:
    with store.answers.reading() as reading:
        position = reading.position(roster.NAME)
        at = {"as_of": store.office.today(), "position": position}
        return roster.children_of(reading, Scope.county(), **at)  # type: ignore[arg-type]


def at_home(store: Store, code: str) -> set[UUID]:
    """Whose 户籍 or residence lies in a region, worked out row by row."""
    return {
        place.child
        for place in everybody(store)
        if any(home and home.startswith(code) for home in (place.village, place.residence))
    }


def all_pages(store: Store, account: str, query: str = "") -> tuple[set[UUID], str]:
    found: set[UUID] = set()
    with signed_in(store, account) as client:
        first = client.get(f"/place?page=1{query}")
        assert first.status_code == 200
        pages = int((re.findall(r"/ (\d+) 页", first.text) or ["1"])[0])
        for n in range(1, pages + 1):
            found |= children_of(client.get(f"/place?page={n}{query}").text)
    return found, text_of(first.text)


@pytest.mark.parametrize("account", ["village12", "village5", "town3", "town0"])
def test_a_place_shows_its_children_and_counts_no_others(store: Store, account: str) -> None:
    own = at_home(store, place_code(store, account))
    assert own
    found, text = all_pages(store, account)
    assert found == own
    assert f"适龄儿童{len(own)}人" in text


def test_a_township_narrows_to_one_of_its_villages_and_to_no_other(store: Store) -> None:
    mine, other = place_code(store, "village12"), place_code(store, "village5")
    found, text = all_pages(store, "town3", f"&village={mine}")
    assert found == at_home(store, mine) & at_home(store, place_code(store, "town3"))
    assert f"适龄儿童{len(found)}人" in text
    with signed_in(store, "town3") as client:
        for beyond in (other, "522697", "%", "abc"):
            assert client.get(f"/place?village={beyond}").status_code in (404, 422)
            assert client.get(f"/place/walk?village={beyond}").status_code in (404, 422)


def test_a_village_does_not_see_another_village(store: Store) -> None:
    other = place_code(store, "village5")
    stranger = next(iter(at_home(store, other) - at_home(store, place_code(store, "village12"))))
    with signed_in(store, "village12") as client:
        assert client.get(f"/place?village={other}").status_code == 404
        assert client.get(f"/children/{stranger}").status_code == 404
        assert client.get("/overview").status_code == 403
        assert client.get(f"/schools/{SCHOOL}").status_code == 403


def test_the_walk_names_the_way_and_is_recorded_for_those_children_alone(store: Store) -> None:
    own = at_home(store, place_code(store, "town3"))
    with signed_in(store, "town3") as client:
        seen = store.vault.access_records(limit=10**6)[-1].id
        page = client.get("/place/walk")
        (record,) = store.vault.access_records(after=seen)
    assert record.view == "web:walk"
    found = children_of(page.text)
    assert found
    assert found <= own
    assert "住址" in good(page)


def test_those_away_stand_first(store: Store) -> None:
    away = {
        place.child
        for place in everybody(store)
        if place.status.value in ("suspected", "dropped_out", "absent", "not_enrolled")
        and place.attending_since is None
    }
    with signed_in(store, "town3") as client:
        html = client.get("/place").text
    first = html.split("没有到校的", 2)[-1].split('<section class="card', 1)[0]
    assert children_of(first) >= away & at_home(store, place_code(store, "town3"))


@pytest.mark.parametrize("account", ["principal4", "bureau", "ct303211"])
def test_the_place_is_for_the_people_of_the_place(store: Store, account: str) -> None:
    with signed_in(store, account) as client:
        assert client.get("/place").status_code == 403
        assert client.get("/place/walk").status_code == 403


def test_what_an_alert_asks_of_the_viewer_counts_as_the_viewers(store: Store) -> None:
    """Of children without a case: what was sent to the viewer is theirs, what was not is not."""
    with store.answers.reading() as reading:
        position = reading.position(alerts.PROJECTION.name)
        at = {"as_of": store.office.today(), "position": position}
        raised = alerts.alerts(reading, Scope.county(), open_only=True, **at)  # type: ignore[arg-type]
        opened = {row.case.child for row in cases.cases_on(reading, Scope.county(), **at)}  # type: ignore[arg-type]
    own = at_home(store, place_code(store, "town3"))
    of = [row for row in raised if row.child in own - opened and row.kind in WARNINGS]
    told = {row.child for row in of if "town3" in row.to}
    others = {row.child for row in of} - told
    assert told
    assert others
    with signed_in(store, "town3") as client:
        html = client.get("/place").text
    bold = {
        UUID(found[1])
        for found in re.finditer(
            r'<li class="risk">.*?/children/([0-9a-f-]{36})(.*?)</li>', html, re.DOTALL
        )
        if "duty-mine" in found[2]
    }
    assert told <= bold
    assert not others & bold
