"""Who sends this request? Found by the cookie of its session, never by anything else it says."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ckbx.application.accounts import grants_on
from ckbx.domain.account.account import Account
from ckbx.web.desk import WebDesk
from ckbx.web.permissions import Permission
from ckbx.web.rights import Viewer, viewer_of
from ckbx.web.routes import Forbidden, SignInNeeded
from projections import responsibility

COOKIE_HOURS: Final = 12


class Stage(StrEnum):
    """How far a sign-in has come. ``FACTOR``: the one-time code is still to be typed;
    ``ENROL``: the second factor is still to be set up.
    """

    DONE = "done"
    FACTOR = "factor"
    ENROL = "enrol"


STEPS: Final = {Stage.FACTOR: "/signin/code", Stage.ENROL: "/signin/factor"}


class Session(Protocol):
    """A session as it is kept."""

    @property
    def account(self) -> str:
        """Whose it is."""

    @property
    def data(self) -> bytes:
        """The stage it has come to."""


class Sessions(Protocol):
    """Where sessions are kept."""

    def find(self, token: str, is_open: Callable[[str], bool] | None = None) -> Session | None:
        """The running session of a token. ``is_open``: says whether its account is."""

    def is_live(self, token: str) -> bool:
        """Whether it still runs."""


Accounts = Callable[[str], Account]
"""An account as it is recorded now."""


class FrontDoor:
    """Implements :class:`ckbx.web.routes.Doorkeeper`. ``accounts``: what stands of an account,
    and what it was given beside its posts.
    """

    def __init__(
        self, desk: WebDesk, sessions: Sessions, accounts: Accounts, *, secure: bool = False
    ) -> None:
        self._desk = desk
        self._sessions = sessions
        self._accounts = accounts
        self._secure = secure
        self.cookie = "__Host-ckbx" if secure else "ckbx"

    def admit(self, request: Request, permission: Permission) -> WebDesk:
        """The viewer's desk. Raises SignInNeeded, Forbidden, StoreUnavailable."""
        if permission is Permission.PUBLIC:
            return self._desk
        token = self.token(request)
        read: list[Account] = []

        def is_open(name: str) -> bool:
            read.append(self._accounts(name))
            return read[-1].is_active

        session = self._sessions.find(token, is_open) if token else None
        if session is None:
            raise SignInNeeded("/signin?next=" + quote(_here(request), safe=""))
        stage = Stage(session.data.decode() or Stage.DONE)
        if stage is not Stage.DONE:
            raise SignInNeeded(STEPS[stage])
        viewer = self._viewer(session.account, read[-1])
        if permission is not Permission.ACCOUNT and not viewer.may(permission):
            raise Forbidden(permission)
        live = partial(self._sessions.is_live, token)
        return self._desk.seated(viewer, permission, token, live)

    def seated(self, viewer: Viewer, permission: Permission, live: Callable[[], bool]) -> WebDesk:
        """The desk of a viewer who came by another way than a session, ``live`` as long as that
        is open.
        """
        return self._desk.seated(viewer, permission, live=live)

    def viewer(self, account: str) -> Viewer:
        """What an account holds today."""
        return self._viewer(account, self._accounts(account))

    def _viewer(self, account: str, known: Account) -> Viewer:
        today = self._desk.today
        with self._desk.store.answers.glance() as reading:
            position = reading.position(responsibility.PROJECTION.name)
            grants = grants_on(known, today)
            return viewer_of(reading, account, grants, today=today, position=position)

    def token(self, request: Request) -> str:
        """The token a browser keeps; empty where it keeps none."""
        return request.cookies.get(self.cookie, "")

    def session(self, request: Request) -> Session | None:
        """The running session of a request, at whatever stage."""
        token = self.token(request)
        return self._sessions.find(token) if token else None

    def let_in(self, response: Response, token: str) -> None:
        """Hand the token of a session to the browser."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=COOKIE_HOURS * 3600,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def let_out(self, response: Response) -> None:
        """Take it back, with the pages the browser kept. Not its storage: roll calls that have
        not arrived yet wait there, each for its own account; the kept pages of classes are
        deleted by the service worker.
        """
        response.delete_cookie(
            self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
        response.headers["Clear-Site-Data"] = '"cache"'


def local_path(text: str) -> str:
    """A path of these pages to go on to; ``/`` for anything that leads elsewhere."""
    parts = urlsplit(text)
    elsewhere = parts.scheme or parts.netloc or not text.startswith("/")
    odd = text.startswith("//") or "\\" in text or any(ord(c) < 32 for c in text)
    return "/" if elsewhere or odd else text


def _here(request: Request) -> str:
    """Where to come back to: only what was merely looked at."""
    if request.method != "GET":
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"
