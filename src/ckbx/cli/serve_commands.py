"""``serve``: the web app; on SQLite the standing work runs beside it. ``worker``: that work alone."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import say, wiring

if TYPE_CHECKING:
    from ckbx.store import Store


class Serve(Protocol):
    """Serves an opened store until told to stop; says what a person must know.

    The composition root hands it in: the command line may not import the web app.
    """

    def __call__(
        self,
        store: Store,
        host: str,
        port: int,
        told: Callable[[str], None],
        health_port: int | None = None,
        processes: int = 1,
    ) -> None:
        """Serve on host and port, in so many processes; on ``health_port`` (loopback) health
        and metrics.
        """


HostOption = Annotated[
    str,
    typer.Option("--host", metavar="地址", help="在哪个地址提供；本机以外的先设置 CKBX_PUBLIC_URL"),
]
PortOption = Annotated[
    int, typer.Option("--port", metavar="端口", min=0, max=65535, help="端口；0 为任选一个空闲的")
]
ProcessesOption = Annotated[
    int,
    typer.Option(
        "--processes",
        metavar="个数",
        min=1,
        max=32,
        help="用几个进程提供网页；一个进程用一个处理器核，全县同时点名时可以多开",
    ),
]
MetricsPortOption = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        metavar="端口",
        min=0,
        max=65535,
        help="另在本机这个端口提供 /metrics、/readyz、/healthz；0 为任选一个空闲的",
    ),
]
HealthPortOption = Annotated[
    int | None,
    typer.Option(
        "--health-port",
        metavar="端口",
        min=0,
        max=65535,
        help="在本机这个端口提供 /healthz、/readyz、/metrics；0 为任选一个空闲的",
    ),
]


class Work(Protocol):
    """The standing work of an opened store: what it gives runs until the event is set."""

    def __call__(
        self, store: Store, told: Callable[[str], None], health_port: int | None = None
    ) -> Callable[[threading.Event], None]:
        """With health and metrics on ``health_port`` (loopback)."""


def serving(serve: Serve, work: Work) -> Callable[[typer.Typer], None]:
    """The group of this module, with what serves and what works."""

    def register(app: typer.Typer) -> None:
        @app.command("serve", cls=Command)
        def serve_command(
            ctx: typer.Context,
            host: HostOption = "127.0.0.1",
            port: PortOption = 8000,
            metrics_port: MetricsPortOption = None,
            processes: ProcessesOption = 1,
        ) -> None:
            """提供网页；用 SQLite 时同时做日常工作（计算台账、处理到期事项）。按 Ctrl+C 停止。"""
            with wiring(ctx).store() as store:
                serve(store, host, port, say, metrics_port, processes)

        @app.command("worker", cls=Command)
        def worker_command(ctx: typer.Context, health_port: HealthPortOption = None) -> None:
            """做日常工作：计算台账、处理到期事项。可以开几个，只有一个在做，其余待命。按 Ctrl+C 停止。"""
            with wiring(ctx).store() as store:
                say("日常工作已开始；已有别的进程在做时，本进程待命")
                run_until_told(work(store, say, health_port))
                say("日常工作已停止")

    return register


def run_until_told(run: Callable[[threading.Event], None]) -> None:
    """Run until SIGINT or SIGTERM, then end cleanly."""
    stop = threading.Event()
    kept = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    for each in kept:
        signal.signal(each, lambda *_: stop.set())
    try:
        run(stop)
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
