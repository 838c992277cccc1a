"""A browser or a program without a window, asked in this process."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import cache
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal
from starlette.testclient import TestClient


class Client(TestClient):
    """Asks without a server. All of a run are answered on one loop, as by a server; the library's
    own client starts a thread and a loop for each request.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.portal = _kept_loop()


@cache
def _kept_loop() -> BlockingPortal:
    ready: Future[BlockingPortal] = Future()

    async def serve() -> None:
        async with BlockingPortal() as portal:
            ready.set_result(portal)
            await portal.sleep_until_stopped()

    threading.Thread(target=anyio.run, args=(serve,), name="kept loop", daemon=True).start()
    return ready.result()
