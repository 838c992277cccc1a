"""A child is found only in the own scope, and what was typed is left nowhere."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.child import searching
from tests.web.ledgers.conftest import ROLES
from tests.web.ledgers.kit import children_in, children_of, places
from tests.web.samples import Cast

LOOK = Access(actor="test", view="test", purpose="核对")


def _child_outside(store: Store, cast_of: Cast, role: str) -> Any:
    """A child that exists and is not the role's, with its identity."""
    foreign = cast_of.samples(role).others["child_id"]
    child = next(each for each in places(store) if str(each) == foreign)
    return store.vault.read([child], ("identity",), LOOK)[child].identity


@pytest.mark.parametrize("role", [r for r in ROLES if r not in (Role.BUREAU_OFFICER, "inspector")])
def test_nobody_is_found_outside_the_scope(
    county: Store, cast_of: Cast, clients: Mapping[str, TestClient], role: str
) -> None:
    who = _child_outside(county, cast_of, role)
    own = children_of(clients[role], "/ledgers/roster?all=1")
    before = county.vault.access_records(limit=10**6)[-1].id
    for typed in (who.student_no, who.id_number):
        response = clients[role].post("/children", data={"who": typed})
        assert response.status_code == 200
        assert children_in(response.text) == set()
        assert "没有找到" in response.text
    assert county.vault.access_records(after=before) == []
    found = children_in(clients[role].post("/children", data={"who": who.name[:1]}).text)
    assert found <= own


def test_a_child_is_found_by_name_initials_and_either_number_with_its_numbers_masked(
    county: Store, clients: Mapping[str, TestClient]
) -> None:
    client = clients[Role.PRINCIPAL]
    child = min(children_of(client, "/ledgers/roster"))
    who = county.vault.read([child], ("identity",), LOOK)[child].identity
    assert who is not None
    for typed in (who.name, who.student_no, who.id_number, who.id_number.lower()):
        before = county.vault.access_records(limit=10**6)[-1].id
        response = client.post("/children", data={"who": typed})
        assert child in children_in(response.text)
        (record,) = county.vault.access_records(after=before)
        assert child in record.subjects
        shown = response.text.replace(f'value="{typed}"', "")
        assert who.id_number not in shown
        assert who.student_no not in shown


def test_initials_find_whom_the_name_finds(
    county: Store, clients: Mapping[str, TestClient]
) -> None:
    client = clients[Role.BUREAU_OFFICER]
    from ckbx.vault.search import letters, spoken

    for child in sorted(places(county))[:10]:
        who = county.vault.read([child], ("identity",), LOOK)[child].identity
        assert who is not None
        whole = len(letters(who.name))
        for typed in (each for each in spoken(letters(who.name)) if len(each) == whole):
            assert child in children_in(client.post("/children", data={"who": typed}).text)


def test_at_most_so_many_are_named_and_the_others_counted(
    county: Store, clients: Mapping[str, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = county.vault.read(list(places(county)), ("identity",), LOOK).values()
    surnames = [each.name[:1] for each in names]
    common = max(set(surnames), key=surnames.count)
    monkeypatch.setattr(searching, "MOST", 2)
    before = county.vault.access_records(limit=10**6)[-1].id
    text = clients[Role.BUREAU_OFFICER].post("/children", data={"who": common}).text
    assert surnames.count(common) > 2
    assert len(children_in(text)) == 2
    assert "请多写几个字" in text
    (record,) = county.vault.access_records(after=before)
    assert len(record.subjects) == 2


@pytest.mark.parametrize("typed", ["", "  ", "y", "·"])
def test_too_little_is_said_to_be_so_and_nobody_is_read(
    county: Store, clients: Mapping[str, TestClient], typed: str
) -> None:
    before = county.vault.access_records(limit=10**6)[-1].id
    response = clients[Role.PRINCIPAL].post("/children", data={"who": typed})
    assert response.status_code == 422
    assert county.vault.access_records(after=before) == []


def test_what_was_typed_stands_in_no_address_and_no_log(
    county: Store, clients: Mapping[str, TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = clients[Role.PRINCIPAL]
    child = min(children_of(client, "/ledgers/roster"))
    who = county.vault.read([child], ("identity",), LOOK)[child].identity
    assert who is not None
    caplog.set_level(logging.DEBUG)
    for typed in (who.name, who.id_number):
        response = client.post("/children", data={"who": typed})
        assert typed not in str(response.url) + str(response.headers)
        assert typed not in caplog.text
        assert client.get("/children", params={"who": typed}).text.count(who.name) == 0
    for record in county.vault.access_records(limit=10**6):
        assert who.name not in record.view + record.purpose
        assert who.id_number not in record.view + record.purpose


def test_a_page_of_results_is_no_link_to_share(clients: Mapping[str, TestClient]) -> None:
    """Asked by address nothing is searched for: the form is empty."""
    text = clients[Role.PRINCIPAL].get("/children?who=yx").text
    assert 'value="yx"' not in text
