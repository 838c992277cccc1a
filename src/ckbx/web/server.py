"""How is the web app run: on this machine only, until told to stop?"""

from __future__ import annotations

import gc
import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from ckbx.domain.shared.errors import CkbxError
from ckbx.health.watching import Watch
from ckbx.store import Store
from ckbx.web.app import LOCAL_NAMES, make_app

DRAIN_SECONDS: Final = 5
YOUNG_OBJECTS: Final = 20_000
SPREADS: Final = sys.platform == "linux"
"""Connections are dealt out evenly to the sockets of a port (SO_REUSEPORT, socket(7))."""
READS: Final = "h11"
"""Refuses what two readers may understand in two ways; a faster parser let some of it through."""


class NotLoopback(CkbxError):
    """Other machines reach the pages by a name that has to be known."""

    code = "not_loopback"
    message = (
        "不能在 {host} 上提供网页：还没有写明别的电脑用什么网址打开。请先设置 CKBX_PUBLIC_URL"
        "（例如 https://kcbx.example.cn，见管理员手册），或去掉 --host 只在本机提供"
    )
    exit_code = 2


class PortTaken(CkbxError):
    code = "port_taken"
    message = "端口 {port} 不能用（{why}）。请用 --port 换一个端口，或先停掉占用它的程序"
    exit_code = 2


def listen(host: str, port: int, *, named: bool = False, several: bool = False) -> socket.socket:
    """A bound socket; beyond this machine only where the pages' name is set (``named``).
    ``several``: other processes take connections beside it, see one_of_several.

    Raises NotLoopback, PortTaken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        raise NotLoopback(host=host) from None
    if not found.is_loopback and not named:
        raise NotLoopback(host=host)
    family = socket.AF_INET6 if found.version == 6 else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))  # alone: a port that another program has is refused
        if several and SPREADS:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.listen(128)
    except (OSError, OverflowError) as error:
        bound.close()
        why = getattr(error, "strerror", None) or "端口应在 0 到 65535 之间"
        raise PortTaken(port=port, why=why) from error
    return bound


def one_of_several(bound: socket.socket) -> socket.socket:
    """The socket on which a further process takes its share of the connections to ``bound``,
    which was made for ``several`` and is closed here.

    Of one shared socket whoever wakes first takes all that wait: of kept connections one process
    may come to have every one, and the others idle. Where the system deals connections out, each
    process has a socket of its own; it goes with the process. Elsewhere it is the shared one.
    """
    if not SPREADS:
        return bound
    with bound:
        own = socket.socket(bound.family, socket.SOCK_STREAM)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own.bind(bound.getsockname())
        own.listen(128)
    return own


def address_of(bound: socket.socket) -> str:
    """What to type into the browser."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run_server(
    store: Store,
    bound: socket.socket,
    work: Callable[[threading.Event], None] | None,
    told: Callable[[str], None],
    watch: Watch | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl+C; ``work`` runs beside it until then.

    ``told`` hears the sentences for the person who started it; ``watch`` says how the store
    is. Raises AssetsMissing.
    """
    host, settings = bound.getsockname()[0], store.settings
    hosts = [*LOCAL_NAMES, f"[{host}]" if ":" in host else host]
    hosts += [settings.public_host] if settings.public_host else []
    app = make_app(store, hosts=hosts, secure=settings.is_https, watch=watch)
    config = uvicorn.Config(
        app,
        http=READS,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    settle_heap()
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(stop,), name="ckbx-worker") if work else None
    with _asked_to_stop(server):
        if worker:
            worker.start()
        told(f"请用浏览器打开 {settings.public_url or address_of(bound)} （按 Ctrl+C 停止）")
        try:
            server.run(sockets=[bound])
        finally:
            stop.set()
            if worker:
                worker.join()
    told("网页已停止")


def settle_heap() -> None:
    """Whatever was made by now stays: it is not walked through again for what could go, and what
    is new not after every 700 objects, of which a page makes thousands.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


@contextmanager
def _asked_to_stop(server: uvicorn.Server) -> Iterator[None]:
    """Hear the signals to stop from before anything is begun until all has ended.

    While it runs the server hears them itself. It raises the signal that stopped it once more
    when it is done; it has been heard, and the worker still has to end.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    heard = {sig: signal.signal(sig, stop) for sig in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sig, before in heard.items():
            signal.signal(sig, before)
