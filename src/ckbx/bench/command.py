"""``ckbx bench``: the measurements of ``docs/benchmarks.md``."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from ckbx.cli.chinese import Command

NAMES = ("appends", "answers", "intake", "opening", "scale")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench", cls=Command)(bench)


def bench(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="只测其中几项：" + "、".join(NAMES))
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="小规模看一眼，不写进文档")] = False,
    server: Annotated[
        str,
        typer.Option(
            "--postgres",
            metavar="URL",
            help="再测 PostgreSQL：可以建库的连接（postgresql://…），测完删除所建的库",
        ),
    ] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="把表格写入文件")] = None,
) -> None:
    """在本机测量：每一项都与同机、同一次运行的裸 SQL 极限相比。耗时较长。"""
    from ckbx.bench import run
    from ckbx.bench.measure import Figure, table

    names = tuple(only or NAMES)
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise typer.BadParameter("没有这一项：" + "、".join(unknown))
    sizes = run.QUICK if quick else run.FULL
    figures: list[Figure] = []
    stores: list[tuple[str, AbstractContextManager[run.Fresh]]] = [("SQLite", run.fresh_sqlite())]
    if server:
        stores.append(("PostgreSQL", run.fresh_postgres(server)))
    for name, opened in stores:
        with opened as fresh:
            figures += run.measure(names, sizes, fresh, name, _say)
    text = f"{run.machine()}，{os.cpu_count()} 核\n\n{table(figures)}"
    if "scale" in names:
        text += "\n" + run.scale_table(quick=quick, say=_say)
    if output:
        output.write_text(text, encoding="utf-8")
    typer.echo(text)


def _say(text: str) -> None:
    typer.echo(text, err=True)
