"""``ckbx bench``: the measurements of ``docs/benchmarks.md``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from ckbx.bench.web.program import Program
from ckbx.cli.chinese import Command

TITLES = {
    "appends": "点名写入",
    "answers": "重建、实时投影、查询",
    "intake": "花名册导入",
    "opening": "开学逐一核",
    "case-commands": "个案操作",
    "cases": "办案量台账和一生一案",
    "papers": "文书和 A3 台账",
    "tick": "日常工作的一轮",
    "messages": "消息发出",
    "year": "一学年的提醒",
    "web": "网页",
    "scale": "从小县到大县",
}
NAMES = tuple(TITLES)


def benching(program: Program) -> Callable[[typer.Typer], None]:
    """The command, with what serves the pages that are measured."""

    def register(app: typer.Typer) -> None:
        @app.command("bench", cls=Command)
        def bench(
            only: Annotated[
                list[str] | None, typer.Option("--only", help="只测其中几项：" + "、".join(NAMES))
            ] = None,
            quick: Annotated[
                bool, typer.Option("--quick", help="小规模看一眼，不写进文档")
            ] = False,
            seconds: Annotated[
                float | None,
                typer.Option("--seconds", min=1, help="网页：交多少秒的点名；不写为 600 秒"),
            ] = None,
            server: Annotated[
                str,
                typer.Option(
                    "--postgres",
                    metavar="URL",
                    help="再测 PostgreSQL：可以建库的连接（postgresql://…），测完删除所建的库",
                ),
            ] = "",
            output: Annotated[
                Path | None, typer.Option("-o", "--output", help="把表格写入文件")
            ] = None,
        ) -> None:
            """在本机测量：每一项都与同机、同一次运行的裸 SQL 极限相比。耗时较长。"""
            text = _measured(program, only, server, quick=quick, seconds=seconds)
            if output:
                output.write_text(text, encoding="utf-8")
            typer.echo(text)

    return register


def _measured(
    program: Program, only: list[str] | None, server: str, *, quick: bool, seconds: float | None
) -> str:
    from ckbx.bench import run
    from ckbx.bench.measure import Figure, table

    names = tuple(only or NAMES)
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise typer.BadParameter("没有这一项：" + "、".join(unknown))
    sizes = run.QUICK if quick else run.FULL
    if seconds is not None:
        sizes = replace(sizes, web=replace(sizes.web, seconds=seconds))
    figures: list[Figure] = []
    for url in ("", server) if server else ("",):
        for name in (each for each in names if each != "scale"):
            _say(f"{'PostgreSQL' if url else 'SQLite'}：{TITLES[name]} …")
            figures += run.in_own_process(run.Task(name, sizes, url, program))
    text = f"{run.machine()}，{os.cpu_count()} 核\n\n{table(figures)}"
    if "scale" in names:
        _say(f"{TITLES['scale']} …")
        text += "\n" + run.scale_table(quick=quick)
    return text


def _say(text: str) -> None:
    typer.echo(text, err=True)
