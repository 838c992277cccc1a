"""People with passwords, for forms that ask for them again."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from ckbx.application.accounts import issue_code
from ckbx.store import Store
from ckbx.web.desk import WebDesk
from tests.web.signing import signed_in, token_for

PASSWORDS = {"admin": "三座山 two rivers 91", "leader3": "白鹭 over the weir 17"}


@pytest.fixture(autouse=True)
def folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is folded at once: no process does it beside a test."""
    monkeypatch.setattr(WebDesk, "settled", lambda desk, _position: desk.store.catch_up())


def give_password(store: Store, account: str, password: str) -> None:
    """The person of an account has set a password."""
    token_for(store, account)
    code = issue_code(store.office, store.gate, store.office.context("test"), account)
    store.gate.use_code(account, code, password)


@pytest.fixture
def admin(own_store: Store) -> Iterator[TestClient]:
    """The administrator, whose password is known."""
    give_password(own_store, "admin", PASSWORDS["admin"])
    with signed_in(own_store, "admin") as client:
        yield client


def command() -> str:
    """The id of a form that was just opened."""
    return str(uuid4())
