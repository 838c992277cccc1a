"""责任链 pages: schools look at their own, the county hands posts over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.post import Post, Role, ScopeKind
from ckbx.store import Store
from projections import responsibility
from tests.web.admin.conftest import command
from tests.web.admin.files import NAMES, OTHER, OWN, REGISTRAR
from tests.web.signing import signed_in


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


def posts(store: Store) -> list[Post]:
    store.catch_up()
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position("responsibility"))
    return list(known.posts.values())


def principal(store: Store, school: str = OWN) -> Post:
    return next(p for p in posts(store) if p.role is Role.PRINCIPAL and p.scope.code == school)


def holders(store: Store, post: Post, days: int = 0) -> list[str]:
    found = next(p for p in posts(store) if p.id == post.id)
    return [t.account for t in found.holders(store.office.today() + timedelta(days=days))]


def form_of(store: Store, post: Post, **changed: str) -> dict[str, str]:
    held = post.holders(store.office.today())
    return {
        "command": command(),
        "tenure": str(held[0].number) if held else "",
        "account": "newhead",
        "name": "新任校长",
        "first": (store.office.today() + timedelta(days=3)).isoformat(),
        **changed,
    }


def test_the_county_sees_every_schools_posts(officer: TestClient) -> None:
    assert officer.get("/chains").status_code == 200
    page = officer.get("/chains", params={"school": OWN})
    assert "校长" in page.text
    assert NAMES[OWN] in page.text


def test_a_school_sees_its_own_and_changes_nothing(own_store: Store) -> None:
    post = principal(own_store)
    for account in (REGISTRAR, holders(own_store, post)[0]):
        with signed_in(own_store, account) as client:
            page = client.get("/chains")
            assert page.status_code == 200
            assert "校长" in page.text
            assert f"/chains/{post.id}" not in page.text
            assert client.get("/chains", params={"school": OTHER}).status_code == 404
            changed = client.post(f"/chains/{post.id}", data=form_of(own_store, post))
            assert changed.status_code in (403, 404)
    assert holders(own_store, post, 5) != ["newhead"]


def test_handing_a_post_over_says_that_it_is_done(officer: TestClient, own_store: Store) -> None:
    post = principal(own_store)
    changed = officer.post(f"/chains/{post.id}", data=form_of(own_store, post))
    assert "办好了" in officer.get(changed.headers["location"]).text
    assert "办好了" not in officer.get(f"/chains/{post.id}").text


def test_a_class_that_is_there_no_more_needs_nobody(officer: TestClient, own_store: Store) -> None:
    """Those who left a primary school in summer are no seventh grade of it."""
    today = own_store.office.today()
    over = f"{OTHER}/{school_year_of(today) - 6}/1"
    kept = [post.scope.code for post in posts(own_store) if post.scope.kind is ScopeKind.CLASS]
    assert over in kept
    page = officer.get("/chains", params={"school": OTHER}).text
    assert "6年级1班" in page
    assert "7年级" not in page


def test_a_post_is_handed_over_from_a_day(officer: TestClient, own_store: Store) -> None:
    post = principal(own_store)
    before = holders(own_store, post)
    done = officer.post(f"/chains/{post.id}", data=form_of(own_store, post))
    assert done.status_code == 303
    assert holders(own_store, post, 2) == before
    assert holders(own_store, post, 3) == ["newhead"]
    assert "将接任" in officer.get(f"/chains/{post.id}").text


def test_a_form_sent_twice_hands_over_once(officer: TestClient, own_store: Store) -> None:
    post = principal(own_store)
    form = form_of(own_store, post)
    for _ in range(2):
        assert officer.post(f"/chains/{post.id}", data=form).status_code == 303
    assert holders(own_store, post, 3) == ["newhead"]


def test_an_account_of_another_name_is_refused_without_telling_it(
    officer: TestClient, own_store: Store
) -> None:
    post, other = principal(own_store), principal(own_store, OTHER)
    taken = holders(own_store, other)[0]
    page = officer.post(f"/chains/{post.id}", data=form_of(own_store, post, account=taken))
    assert page.status_code == 422
    assert "登记的是另一个姓名" in page.text
    assert 'value="新任校长"' in page.text, "what was typed stays"


def test_names_of_holders_are_text(officer: TestClient, own_store: Store) -> None:
    post = principal(own_store)
    form = form_of(own_store, post, name="<svg onload=alert()>")
    assert officer.post(f"/chains/{post.id}", data=form).status_code == 303
    page = officer.get(f"/chains/{post.id}").text
    assert "<svg onload" not in page
    assert "&lt;svg onload" in page


def test_posts_over_one_child_are_not_handed_over_here(
    officer: TestClient, own_store: Store
) -> None:
    over_child = [p for p in posts(own_store) if p.scope.kind is ScopeKind.STUDENT]
    assert over_child
    assert officer.get(f"/chains/{over_child[0].id}").status_code == 404


@pytest.mark.parametrize("id_", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_post_that_does_not_exist_is_not_there(officer: TestClient, id_: str) -> None:
    assert officer.get(f"/chains/{id_}").status_code == 404


def test_a_place_is_called_by_its_name_and_not_by_its_number(
    officer: TestClient, own_store: Store
) -> None:
    village = next(p for p in posts(own_store) if p.scope.kind is ScopeKind.VILLAGE)
    for page in (officer.get("/chains").text, officer.get(f"/chains/{village.id}").text):
        assert village.scope.code not in page
