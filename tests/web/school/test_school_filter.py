"""Which schools does a filter offer? To whoever sees by home or by child only those of its own."""

from __future__ import annotations

import re

import pytest

from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from projections import responsibility
from tests.web.school.test_place import at_home, everybody, place_code
from tests.web.signing import signed_in

PAGES = ("/cases", "/suspected", "/ledgers/roster")
OTHER = "2152697002"


def offered(html: str) -> set[str]:
    found = re.search(r'<select[^>]* name="school".*?</select>', html, re.DOTALL)
    return set(re.findall(r'<option value="(\d+)"', found[0])) if found else set()


def case_teacher(store: Store) -> str:
    """One who has a post over a single child."""
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position(responsibility.PROJECTION.name))
    posts = [post for post in known.posts.values() if post.role is Role.CASE_TEACHER]
    return next(held.account for post in posts for held in post.holders(store.office.today()))


@pytest.mark.parametrize("account", ["village12", "village5", "town3"])
def test_a_place_is_offered_the_schools_of_its_children(store: Store, account: str) -> None:
    own = at_home(store, place_code(store, account))
    schools = {place.school for place in everybody(store) if place.child in own and place.school}
    every = {place.school for place in everybody(store) if place.school}
    assert len(schools) < len(every)
    with signed_in(store, account) as client:
        for page in PAGES:
            shown = offered(client.get(page).text)
            assert shown == (schools if len(schools) > 1 or page == "/suspected" else set()), page


def test_a_one_to_one_teacher_of_one_school_has_nothing_to_choose(store: Store) -> None:
    with signed_in(store, case_teacher(store)) as client:
        assert offered(client.get("/cases").text) == set()
        assert len(offered(client.get("/suspected").text)) == 1


def test_the_county_is_offered_every_school(store: Store) -> None:
    """The control."""
    with signed_in(store, "bureau") as client:
        shown = [offered(client.get(page).text) for page in PAGES]
    assert {place.school for place in everybody(store) if place.school} <= shown[0]
    assert shown[0] == shown[1] == shown[2]


def test_a_school_without_own_children_may_be_named_and_shows_none(store: Store) -> None:
    """It stands in the filter then, so that the next query asks for it again."""
    with signed_in(store, "village5") as client:
        html = client.get(f"/cases?school={OTHER}").text
    assert f'<option value="{OTHER}" selected' in html
    assert "没有符合条件的个案" in html
