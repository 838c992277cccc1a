"""A small county that signs in at a provider, and browsers that go there and come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.application.accounts import open_account
from ckbx.application.identities import link
from ckbx.clock import FixedClock
from ckbx.store import Store
from ckbx.web.app import make_app
from tests.support.county import NOW, opened
from tests.support.oidc import HOME, FakeProvider, providing
from tests.support.receivers import Certificate
from tests.web.signing import visitor

KEPT = "ckbx-unified"


class County:
    """A store whose pages are served with the unified sign-in set up."""

    def __init__(self, store: Store, provider: FakeProvider) -> None:
        self.store, self.provider = store, provider

    def later(self, **by: float) -> None:
        """Let time pass."""
        clock = self.store.clock
        assert isinstance(clock, FixedClock)
        clock.at += timedelta(**by)

    def person(self, account: str, subject: str = "") -> str:
        """An account that is open and, where a subject is said, linked to it."""
        context = self.store.office.context("test")
        code = open_account(self.store.office, self.store.gate, context, account)
        if subject:
            issuer = self.provider.issuer
            link(self.store.office, self.store.gate, context, account, issuer, subject)
        return code

    def set_up(self, **changed: Any) -> None:
        """With these settings."""
        setting = self.provider.setting(**changed)
        self.store.settings = msgspec.structs.replace(
            self.store.settings, public_url=HOME, unified=setting
        )

    def browser(self, *, secure: bool = False) -> TestClient:
        """One in which nobody is signed in, at pages that were just started."""
        return visitor(self.store, make_app(self.store, secure=secure))

    def outcomes(self) -> list[str]:
        """What the log of sign-ins says, the oldest first."""
        return [each.outcome.value for each in reversed(self.store.gate.sign_ins())]


def go(browser: TestClient, then: str = "/account") -> str:
    """Where the browser is sent to sign in."""
    answer = browser.get("/signin/unified", params={"next": then})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(browser: TestClient, where: str) -> Response:
    """The provider sends the browser back, as a browser says it."""
    said = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    return browser.get(where.removeprefix(HOME), headers=said)


def sign_in(browser: TestClient, provider: FakeProvider, then: str = "/account") -> Response:
    """There and back."""
    return come_back(browser, provider.authorize(go(browser, then)))


@pytest.fixture
def county(store_url: str, tmp_path: Path, made: Certificate) -> Iterator[County]:
    """A county with a provider, once on SQLite and once on PostgreSQL."""
    with opened(store_url, tmp_path / "secrets") as store:
        store.catch_up()
        with providing(store.clock, made) as provider:
            county = County(store, provider)
            county.set_up()
            yield county


@pytest.fixture
def fake(made: Certificate) -> Iterator[FakeProvider]:
    """A provider without a county."""
    with providing(FixedClock(NOW), made) as provider:
        yield provider
