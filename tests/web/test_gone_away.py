"""Who breaks off while a form is being sent is no fault of the program."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Message

from ckbx.store import Store
from tests.web.signing import COOKIE, app_of, token_for

FORM = b"application/x-www-form-urlencoded"


def half_sent(app: ASGIApp, path: str, token: str, kind: bytes = FORM) -> list[Message]:
    """What is answered to a request whose sender is gone before its end."""
    came: Iterator[Message] = iter(
        [
            {"type": "http.request", "body": b"--x\r\n", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    answered: list[Message] = []

    async def receive() -> Message:
        return next(came)

    async def send(message: Message) -> None:
        answered.append(message)

    headers = [
        (b"host", b"127.0.0.1"),
        (b"sec-fetch-site", b"same-origin"),
        (b"content-type", kind),
        (b"content-length", b"100"),
        (b"cookie", f"{COOKIE}={token}".encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def asked() -> None:
        await app(scope, receive, send)

    asyncio.run(asked())
    return answered


@pytest.mark.parametrize("kind", [FORM, b"multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["/check-in", "/roll-calls/duties", "/imports"])
def test_a_form_that_breaks_off_is_noted_without_a_trace(
    own_store: Store, caplog: pytest.LogCaptureFixture, path: str, kind: bytes
) -> None:
    token = token_for(own_store, "bureau" if path == "/imports" else "principal4")
    head = own_store.log.head()
    with caplog.at_level(logging.INFO, logger="ckbx"):
        assert half_sent(app_of(own_store), path, token, kind) == []
    said = [r for r in caplog.records if r.name.startswith("ckbx.web")]
    assert [(r.levelname, r.getMessage()) for r in said] == [("INFO", f"client_gone POST {path}")]
    assert said[0].exc_info is None
    assert own_store.log.head() == head
