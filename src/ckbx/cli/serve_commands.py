"""``serve``: the web app; on SQLite the standing work runs beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import say, wiring

if TYPE_CHECKING:
    from ckbx.store import Store

Serve = Callable[["Store", str, int, Callable[[str], None]], None]
"""Serves an opened store on host and port until told to stop; says what a person must know.

The composition root hands it in: the command line may not import the web app."""

HostOption = Annotated[
    str, typer.Option("--host", metavar="地址", help="在哪个地址提供；本版只能是本机地址")
]
PortOption = Annotated[
    int, typer.Option("--port", metavar="端口", min=0, max=65535, help="端口；0 为任选一个空闲的")
]


def serving(serve: Serve) -> Callable[[typer.Typer], None]:
    """The group of this module, with what serves."""

    def register(app: typer.Typer) -> None:
        @app.command("serve", cls=Command)
        def serve_command(
            ctx: typer.Context, host: HostOption = "127.0.0.1", port: PortOption = 8000
        ) -> None:
            """提供网页；用 SQLite 时同时做日常工作（计算台账、处理到期事项）。按 Ctrl+C 停止。"""
            with wiring(ctx).store() as store:
                serve(store, host, port, say)

    return register
