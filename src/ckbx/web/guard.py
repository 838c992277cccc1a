"""What stands around every request: which hosts and methods are answered, with which headers?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
READING: Final = ("GET", "HEAD")
Refuse = Callable[[Request, int], Response]


class Guard:
    """Lets only reading through, from the names this machine is called by.

    A page of another site whose name is pointed at this machine (DNS rebinding) is refused
    by the host. ``refuse`` makes the page of a refusal.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], refuse: Refuse) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send, static=scope["path"].startswith("/static/"))
        request = Request(scope)
        if _host(request) not in self._hosts:
            await self._refuse(request, 421)(scope, receive, guarded)
        elif scope["method"] not in READING:
            response = self._refuse(request, 405)
            response.headers["Allow"] = ", ".join(READING)
            await response(scope, receive, guarded)
        elif scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(guarded))
        else:
            await self._app(scope, receive, guarded)


class Net:
    """Catches what no handler did, so that nobody else prints it; makes it a page."""

    def __init__(self, app: ASGIApp, failed: Callable[[Exception], Response]) -> None:
        self._app = app
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await self._failed(error)(scope, receive, send)


def _host(request: Request) -> str:
    """The name asked for, without its port; an IPv6 address keeps its brackets."""
    host = request.headers.get("host", "").lower()
    return host.rsplit(":", 1)[0] if not host.endswith("]") else host


def _with_headers(send: Send, *, static: bool) -> Callable[[Message], Awaitable[None]]:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers["Cache-Control"] = "no-cache" if static else "no-store"
            if "server" in headers:
                del headers["server"]
        await send(message)

    return guarded


def _without_body(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def empty(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return empty
