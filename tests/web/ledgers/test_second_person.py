"""A large export needs another person, who may take it too, and who stands in the record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ckbx.store import Store
from ckbx.web.pages.ledgers import second_person
from tests.web.admin.conftest import PASSWORDS, give_password
from tests.web.signing import signed_in

WHY = "移交市局"
FORM = {"form": "csv", "why": WHY}
PASSWORD = PASSWORDS["admin"]


@pytest.fixture
def officer(own_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(second_person, "MOST_ROWS", 50)
    for account in ("bureau", "inspector", "admin"):
        give_password(own_store, account, PASSWORD)
    with signed_in(own_store, "bureau") as client:
        yield client


def last(store: Store) -> int:
    return store.vault.access_records(limit=10**6)[-1].id


def test_more_rows_than_one_takes_alone_need_another_person(
    own_store: Store, officer: TestClient
) -> None:
    before = last(own_store)
    asked = officer.post("/ledgers/roster/file", data=FORM)
    assert asked.status_code == 422
    assert "超过 50 行，要第二个人批准" in asked.text
    assert 'name="approval"' in asked.text
    assert WHY in asked.text, "what was typed stays"
    assert own_store.vault.access_records(after=before) == [], "counted without reading anybody"
    approved = FORM | {"approver": "inspector", "approval": PASSWORD}
    taken = officer.post("/ledgers/roster/file", data=approved)
    assert taken.status_code == 200
    assert taken.content.decode("utf-8-sig").count("\r\n") > 50
    (record,) = own_store.vault.access_records(after=before)
    assert (record.actor, record.purpose) == ("bureau", f"{WHY}（批准人 inspector）")


@pytest.mark.parametrize(
    ("approver", "password", "said"),
    [
        ("bureau", PASSWORD, "不能由导出的人自己批准"),
        ("inspector", "not-this-one", "批准人的账号或密码不对"),
        ("admin", PASSWORD, "不能导出全县的这本台账"),
        ("nobody", PASSWORD, "批准人的账号或密码不对"),
        ("inspector", "", "要第二个人批准"),
    ],
)
def test_not_by_oneself_nor_by_who_may_not_take_it(
    own_store: Store, officer: TestClient, approver: str, password: str, said: str
) -> None:
    before = last(own_store)
    form = FORM | {"approver": approver, "approval": password}
    refused = officer.post("/ledgers/roster/file", data=form)
    assert refused.status_code == 422
    assert said in refused.text
    assert password == "" or password not in refused.text
    assert own_store.vault.access_records(after=before) == []


def test_a_small_file_needs_nobody_else(officer: TestClient) -> None:
    assert officer.post("/ledgers/suspected/file", data=FORM).status_code == 200
