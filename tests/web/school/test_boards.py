"""Each leading post begins with its own board, and sees nothing beside it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from ckbx.demo.chain import grade_account, teacher_account
from ckbx.store import Store
from projections import responsibility, roll_call_completeness, roster
from projections.scope import Scope
from tests.web.signing import signed_in
from tests.web.test_pages import SCHOOL, good

PRINCIPAL = "principal4"
OTHER = "3152697001"


def children_of(html: str) -> set[UUID]:
    return {UUID(each) for each in re.findall(r'href="/children/([0-9a-f-]{36})"', html)}


def classes_of(store: Store, account: str) -> set[str]:
    """The classes over which the account's grade posts are, by the roster of the day."""
    with store.answers.reading() as reading:
        position = reading.position(responsibility.PROJECTION.name)
        posts = responsibility.directory(reading, position).posts_of(account, store.office.today())
        grades = {post.scope.code for post in posts}
        keys = roll_call_completeness.class_keys(
            reading, Scope.schools([SCHOOL]), position=position
        )
    return {key for key in keys if f"{SCHOOL}/{2026 - int(key.split('/')[1]) + 1}" in grades}


def places(store: Store, found: set[UUID]) -> dict[UUID, roster.Place]:
    with store.answers.reading() as reading:
        position = reading.position(roster.NAME)
        at = {"as_of": store.office.today(), "position": position}
        return roster.place_of(reading, Scope.county(), found, **at)  # type: ignore[arg-type]


def test_a_principal_begins_with_the_own_school(store: Store) -> None:
    with signed_in(store, PRINCIPAL) as client:
        assert client.get("/overview").headers["location"] == f"/schools/{SCHOOL}"
        html = client.get(f"/schools/{SCHOOL}").text
        found = places(store, children_of(html))
        assert found
        assert {place.school for place in found.values()} == {SCHOOL}
        assert "现在未报的班" in html or "未报的班" in html


@pytest.mark.parametrize("code", [OTHER, "0000000000", "x"])
def test_another_school_is_as_little_there_as_one_that_does_not_exist(
    store: Store, code: str
) -> None:
    with signed_in(store, PRINCIPAL) as client:
        assert client.get(f"/schools/{code}").status_code == 404
        assert client.get(f"/schools/{code}/call/2021/1").status_code == 404
        assert client.get(f"/check-in?school={code}").status_code == 404
        assert client.get(f"/reports?school={code}&month=2026-11").status_code == 404


@pytest.mark.parametrize("grade", [3, 6])
def test_a_grade_leader_sees_the_classes_and_children_of_the_grade_alone(
    store: Store, grade: int
) -> None:
    account = grade_account(SCHOOL, grade)
    with signed_in(store, account) as client:
        assert client.get("/overview").headers["location"] == f"/schools/{SCHOOL}"
        page = client.get(f"/schools/{SCHOOL}")
        text = good(page)
        assert f"{grade}年级1班" in text
        assert not [n for n in range(1, 10) if n != grade and f"{n}年级1班" in text]
        own = classes_of(store, account)
        found = places(store, children_of(page.text))
        assert {place.class_key for place in found.values()} <= own
        size = sum(
            place.class_key in own
            for place in places(store, whole_school(store)).values()
            if place.status.value not in ("transferred", "graduated", "deceased", "abroad")
            and place.status.value != "enrolled_elsewhere"
        )
        assert f"/{size}）" in text
        assert client.get(f"/schools/{OTHER}").status_code == 404


def whole_school(store: Store) -> set[UUID]:
    with store.answers.reading() as reading:
        position = reading.position(roster.NAME)
        at = {"as_of": store.office.today(), "position": position}
        found = roster.children_of(reading, Scope.schools([SCHOOL]), **at)  # type: ignore[arg-type]
    return {place.child for place in found}


def test_the_phone_of_a_silent_classs_teacher_is_read_alone_and_recorded(store: Store) -> None:
    with signed_in(store, PRINCIPAL) as client:
        seen = store.vault.access_records(limit=10**6)[-1].id
        page = client.get(f"/schools/{SCHOOL}/call/2021/1").text
        (record,) = store.vault.access_records(after=seen)
        phone = re.findall(r'href="tel:(\d+)"', page)[0]
        assert record.view == "web:call"
        assert client.get(f"/schools/{SCHOOL}/call/1990/1").status_code == 404
        assert phone not in client.get(f"/schools/{SCHOOL}").text


@pytest.mark.parametrize("account", ["village12", "town3", teacher_account(f"{SCHOOL}/2021/1")])
def test_who_leads_no_school_has_no_board(store: Store, account: str) -> None:
    with signed_in(store, account) as client:
        assert client.get("/overview").status_code == 403
        assert client.get(f"/schools/{SCHOOL}").status_code == 403


def test_returns_that_wait_are_those_of_the_own_school(store: Store) -> None:
    with signed_in(store, PRINCIPAL) as client:
        found = places(store, children_of(client.get("/returns").text))
    assert {place.school for place in found.values()} <= {SCHOOL}
