"""What stands around every request: which hosts and methods are answered, with which headers?

What changes something is taken from the program's own pages alone: a browser says where a
request comes from (``Sec-Fetch-Site``; on plain-http intranet names only ``Origin``), and one
that says nothing is refused. No token stands in the forms: a page that was kept offline would
send a stale one.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ckbx.web.assets import mark_of

_log = logging.getLogger(__name__)
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
WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")
MOST_BYTES: Final = 1_000_000
"""So large a request may be where nothing else is said."""
MOST_FILE_BYTES: Final = 60_000_000
"""… where files are handed in: rosters, photos, scans (the parts are checked one by one)."""
HSTS: Final = "max-age=31536000"
FOR_EVER: Final = "public, max-age=31536000, immutable"
_STATIC: Final = "/static/"
Refuse = Callable[[Request, int], Response]


class TooLarge(Exception):
    """More bytes came than the request may have."""


class Guard:
    """Lets through what asks for a name this machine is called by, and writes from own pages.

    A page of another site whose name is pointed at this machine (DNS rebinding) is refused
    by the host. A request whose length is said in two ways is refused and the connection
    closed: what follows it may be meant for another reader. A null character in an address
    is refused too. ``refuse`` makes the page of a refusal. ``secure``: served over https.
    ``files``: beginnings of the paths to which files are handed in.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        refuse: Refuse,
        *,
        secure: bool = False,
        files: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._refuse = refuse
        self._secure = secure
        self._files = tuple(files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send, _keeping(scope), secure=self._secure)
        request = Request(scope)
        if "transfer-encoding" in request.headers and "content-length" in request.headers:
            unclear = self._refuse(request, 400)
            unclear.headers["Connection"] = "close"
            await unclear(scope, receive, guarded)
        elif _with_null(scope):
            await self._refuse(request, 400)(scope, receive, guarded)
        elif _host(request) not in self._hosts:
            await self._refuse(request, 421)(scope, receive, guarded)
        elif scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(guarded))
        elif scope["method"] == "GET":
            await self._app(scope, receive, guarded)
        elif scope["method"] not in WRITING:
            response = self._refuse(request, 405)
            response.headers["Allow"] = ", ".join((*READING, *WRITING))
            await response(scope, receive, guarded)
        elif not _own_page(request):
            await self._refuse(request, 403)(scope, receive, guarded)
        else:
            await self._write(scope, receive, guarded)

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = MOST_FILE_BYTES if scope["path"].startswith(self._files) else MOST_BYTES
        request = Request(scope)
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            await self._refuse(request, 413)(scope, receive, send)
            return
        try:
            await self._app(scope, _at_most(receive, most), send)
        except TooLarge:
            await self._refuse(request, 413)(scope, receive, send)


class Net:
    """Catches what no handler did, so that nobody else prints it; makes it a page.

    Who goes away while a form is being sent (a phone without a net) is no fault.
    """

    def __init__(self, app: ASGIApp, failed: Callable[[Request, Exception], Response]) -> None:
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
        except ClientDisconnect:  # nobody is there to be answered
            route = getattr(scope.get("route"), "path", "")
            _log.info("client_gone %s %s", scope.get("method", ""), route)
        except Exception as error:
            if started or scope["type"] != "http" or isinstance(error, TooLarge):
                raise
            await self._failed(Request(scope), error)(scope, receive, send)


def _with_null(scope: Scope) -> bool:
    """Whether a character stands in the address that nobody types and PostgreSQL cannot take."""
    return "\x00" in scope["path"] or b"%00" in scope["query_string"]


def _host(request: Request) -> str:
    """The name asked for, without its port; an IPv6 address keeps its brackets. What stands
    in place of a port and is none stays, so that it is no name of this machine.
    """
    host = request.headers.get("host", "").lower()
    name, _, port = host.rpartition(":")
    return name if name and port.isascii() and port.isdecimal() else host


def _own_page(request: Request) -> bool:
    """Whether a page of this program sent it, or a program, which keeps no cookie: nothing
    that a browser would send along by itself gives it a right.
    """
    headers = request.headers
    if request.url.path.startswith("/api/") and "cookie" not in headers:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2].lower() == headers.get("host", "").lower()


def _at_most(receive: Receive, most: int) -> Receive:
    """The same request; raises TooLarge once more than ``most`` bytes came."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise TooLarge
        return message

    return counted


def _keeping(scope: Scope) -> str:
    """How long a browser may keep what it asks for here: a file of the program under the mark
    of its content for ever, without it until it has asked again; anything else not at all.
    """
    path = scope["path"]
    if not path.startswith(_STATIC):
        return "no-store"
    mark = scope["query_string"].decode("latin-1").partition("v=")[2]
    return FOR_EVER if mark and mark == mark_of(path.removeprefix(_STATIC)) else "no-cache"


def _with_headers(
    send: Send, keeping: str, *, secure: bool
) -> Callable[[Message], Awaitable[None]]:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            fine = message["status"] in (200, 304)
            own = keeping if fine or keeping == "no-store" else "no-cache"
            headers["Cache-Control"] = headers.get("cache-control") or own
            if secure:
                headers["Strict-Transport-Security"] = HSTS
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
