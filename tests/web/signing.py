"""How does a test look at pages as somebody? By a session of that account, as a browser has it."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from ckbx.application.accounts import load_account, open_accounts
from ckbx.store import Store
from ckbx.web.app import make_app
from tests.web.client import Client

COOKIE = "ckbx"
_APP = "_pages_of_tests"


def token_for(store: Store, account: str) -> str:
    """The token of a new session; an account that was never opened is opened first."""
    if not load_account(store.office, account).name:
        open_accounts(store.office, store.gate, store.office.context("test"), [account])
    return store.gate.sessions.create(account, address="127.0.0.1", device="test", data=b"done")


def app_of(store: Store) -> ASGIApp:
    """The pages of an opened store, made once for all who look at it, as in a program."""
    made: ASGIApp | None = getattr(store, _APP, None)
    if made is None:
        made = make_app(store)
        setattr(store, _APP, made)
    return made


def visitor(store: Store, app: ASGIApp | None = None) -> TestClient:
    """A browser in which nobody is signed in; forms come from own pages."""
    return Client(
        app or app_of(store),
        base_url="http://127.0.0.1",
        headers={"Sec-Fetch-Site": "same-origin"},
        raise_server_exceptions=False,
        follow_redirects=False,
    )


def signed_in(store: Store, account: str) -> TestClient:
    """A browser in which an account is signed in, and has been told by its name: what is read
    for the head of a page is read before the test begins to count.
    """
    client = visitor(store)
    client.cookies.set(COOKIE, token_for(store, account), domain="127.0.0.1")
    client.get("/account")
    return client


def sign_in_browser(context: BrowserContext, site: str, store: Store, account: str) -> None:
    """The same for a real browser."""
    context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": token_for(store, account),
                "domain": urlsplit(site).hostname or "",
                "path": "/",
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )
