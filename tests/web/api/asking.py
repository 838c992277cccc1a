"""How does a program ask? With a token, no cookie, and a key for what it records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.application.accounts import load_account, open_accounts
from ckbx.store import Store
from ckbx.web.api.bearer import OFFERED
from tests.web.client import Client
from tests.web.signing import app_of

BASE = "/api/v1"
EVERYTHING = tuple(each.value for each in OFFERED)


def token_of(
    store: Store, account: str, permissions: Iterable[str] = EVERYTHING, days: float = 30
) -> str:
    """A token of an account; one that was never opened is opened first."""
    if not load_account(store.office, account).name:
        open_accounts(store.office, store.gate, store.office.context("test"), [account])
    return store.gate.tokens.create(
        account,
        name="测试程序",
        permissions=list(permissions),
        expires=store.clock.now() + timedelta(days=days),
        by="cli:root",
    )


def program(store: Store, token: str | None) -> TestClient:
    """A program; without a token it is nobody."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return Client(
        app_of(store),
        base_url="http://127.0.0.1",
        headers=headers,
        raise_server_exceptions=False,
        follow_redirects=False,
    )


def of(store: Store, account: str, *permissions: str) -> TestClient:
    """The program of an account, with all its permissions or these."""
    return program(store, token_of(store, account, permissions or EVERYTHING))


def hand_in(client: TestClient, path: str, body: Any, key: object = None) -> Response:
    """Send a write, under a new key or this one."""
    headers = {"Idempotency-Key": str(key or uuid4())}
    return client.post(BASE + path, json=body, headers=headers)


def good(response: Response) -> Any:
    """The document of an answer."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def refused(response: Response, status: int, code: str = "") -> Any:
    """The problem of a refusal."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert set(found) >= {"type", "title", "status", "code", "detail", "errors"}
    assert (found["status"], found["type"]) == (status, f"urn:ckbx:problem:{found['code']}")
    assert not code or found["code"] == code, found
    return found
