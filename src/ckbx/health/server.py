"""Where do a monitor and Prometheus ask? A port of this machine alone, beside the web app.

``/healthz``: the process runs. ``/readyz``: the store is well (503 and codes where not).
``/metrics``: numbers. Nobody's data, no accounts; nothing is changed by asking.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final

from ckbx.domain.shared.errors import CkbxError
from ckbx.health.metrics import CONTENT_TYPE, metrics
from ckbx.health.ticking import Ticks
from ckbx.health.watching import Watch

HOST: Final = "127.0.0.1"
JSON: Final = "application/json"
LISTENERS: Final = ("127.0.0.1", "localhost")
SECONDS: Final = 5.0


class HealthPortTaken(CkbxError):
    """The port for health and metrics is not free."""

    code = "health_port_taken"
    message = "健康检查端口 {port} 不能用（{why}）。请换一个端口，或先停掉占用它的程序"
    exit_code = 2


class _Handler(BaseHTTPRequestHandler):
    """Answers three addresses; everything else is not there."""

    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    server_version = "ckbx"
    sys_version = ""
    answers: ClassVar[dict[str, Callable[[], tuple[int, str, str]]]] = {}

    def do_GET(self) -> None:
        if self.headers.get("Host", "").rpartition(":")[0] not in LISTENERS:
            self._say(421, JSON, '{"status": "misdirected"}')
            return
        answer = self.answers.get(self.path.partition("?")[0])
        if answer is None:
            self._say(404, JSON, '{"status": "not_found"}')
            return
        self._say(*answer())

    def _say(self, status: int, kind: str, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has
        """Who asked is nobody's concern."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away; nothing to tell."""


@contextmanager
def health_port(port: int, watch: Watch, ticks: Callable[[], Ticks] | None = None) -> Iterator[int]:
    """Answer on a loopback port while the block runs; gives the port (0 asks for a free one).

    Raises HealthPortTaken.
    """

    def ready() -> tuple[int, str, str]:
        found = watch.health()
        return (200 if found.ready else 503, JSON, json.dumps(found.answer()))

    def numbers() -> tuple[int, str, str]:
        return 200, CONTENT_TYPE, metrics(watch.health(), ticks() if ticks else None)

    answers = {
        "/healthz": lambda: (200, JSON, '{"status": "ok"}'),
        "/readyz": ready,
        "/metrics": numbers,
    }
    handler = type("Handler", (_Handler,), {"answers": answers})
    try:
        server = _Server((HOST, port), handler)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or "端口应在 0 到 65535 之间"
        raise HealthPortTaken(port=port, why=why) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="ckbx-health-port")
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
