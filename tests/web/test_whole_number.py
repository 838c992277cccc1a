"""A child's whole identity number: one child, one reason, the person known again, shown once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from ckbx.clock import FixedClock
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from ckbx.vault import Access
from tests.web.admin.conftest import PASSWORDS, give_password
from tests.web.ledgers.kit import places
from tests.web.samples import Cast
from tests.web.signing import signed_in

WHY = {"why": "核对户口簿"}


@pytest.fixture
def child(own_store: Store) -> UUID:
    return min(each for each, place in places(own_store).items() if place.school)


def whole(store: Store, child: UUID) -> str:
    look = Access(actor="test", view="test", purpose="test")
    identity = store.vault.read([child], ["identity"], look)[child].identity
    assert identity is not None
    return identity.id_number


def last(store: Store) -> int:
    return store.vault.access_records(limit=10**6)[-1].id


def test_the_number_is_shown_once_for_a_reason_that_is_recorded(
    own_store: Store, child: UUID
) -> None:
    number = whole(own_store, child)
    with signed_in(own_store, "bureau") as client:
        assert number not in client.get(f"/children/{child}").text
        before = last(own_store)
        shown = client.post(f"/children/{child}/number", data=WHY)
        assert shown.status_code == 200
        assert number in shown.text
        assert "no-store" in shown.headers["cache-control"]
        (record,) = own_store.vault.access_records(after=before)
        assert (record.actor, record.view) == ("bureau", "web:number")
        assert (record.purpose, record.subjects) == ("查看整个证件号：核对户口簿", (child,))
        assert number not in client.get(f"/children/{child}").text, "masked again"
        assert client.get(f"/children/{child}/number").status_code == 405


@pytest.mark.parametrize("why", ["", "。", "abc"])
def test_without_a_reason_nobody_is_read(own_store: Store, child: UUID, why: str) -> None:
    number, before = whole(own_store, child), last(own_store)
    with signed_in(own_store, "bureau") as client:
        refused = client.post(f"/children/{child}/number", data={"why": why})
    assert refused.status_code == 422
    assert number not in refused.text
    assert own_store.vault.access_records(after=before + 1) == []


def test_who_gave_the_password_long_ago_is_asked_again(own_store: Store, child: UUID) -> None:
    give_password(own_store, "bureau", PASSWORDS["admin"])
    number = whole(own_store, child)
    with signed_in(own_store, "bureau") as client:
        clock = own_store.clock
        assert isinstance(clock, FixedClock)
        clock.at += timedelta(minutes=11)
        before = last(own_store)
        for given in ({}, {"password": "no"}):
            refused = client.post(f"/children/{child}/number", data=WHY | given)
            assert refused.status_code == 422
            assert number not in refused.text
            assert 'name="password"' in refused.text
            assert "核对户口簿" in refused.text
        assert own_store.vault.access_records(after=before) == []
        right = client.post(
            f"/children/{child}/number", data=WHY | {"password": PASSWORDS["admin"]}
        )
        assert number in right.text


def test_only_for_who_keeps_the_register_of_this_child(own_store: Store) -> None:
    cast = Cast(own_store)
    own = cast.samples(Role.PRINCIPAL)
    with signed_in(own_store, cast.account(Role.PRINCIPAL)) as principal:
        path = f"/children/{own.others['child_id']}/number"
        assert principal.post(path, data=WHY).status_code == 404
        path = f"/children/{own.mine['child_id']}"
        assert principal.post(f"{path}/number", data=WHY).status_code == 200
        assert "查看整个身份证件号" in principal.get(path).text
        assert principal.post("/children/none/number", data=WHY).status_code == 404
    teacher = cast.samples(Role.CLASS_TEACHER)
    with signed_in(own_store, cast.account(Role.CLASS_TEACHER)) as client:
        path = f"/children/{teacher.mine['child_id']}"
        assert client.post(f"{path}/number", data=WHY).status_code == 403
        assert "查看整个身份证件号" not in client.get(path).text
