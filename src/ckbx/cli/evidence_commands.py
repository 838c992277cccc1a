"""``evidence``: every file kept for a child, and words written instead of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ckbx.cli.child_options import ChildArgument
from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import DEFAULT_PURPOSE, Wiring, put, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, WhyOption
from ckbx.vault.people import Access


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="佐证和附件：一个儿童名下保存的全部文件、写成文字的佐证，列出和取回。",
        no_args_is_help=True,
    )
    group.command("list", cls=Command)(list_)
    group.command("get", cls=Command)(get)
    app.add_typer(group, name="evidence")


def list_(
    ctx: typer.Context,
    key: ChildArgument,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """该生名下保存的文件、写成文字的佐证：办什么事时交来的、谁交的、多大。谁看过记入查阅记录。"""
    from ckbx.ledgers.child import find_child
    from ckbx.ledgers.child_files import kept_json
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    with wired.store() as store:
        child = find_child(store.vault, key)
        found = kept_json(store, child, _access(wired, "evidence list", why))
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
        return
    from rich.table import Table

    if found["erased"]:
        say("该生的个人信息已依法删除，文件一并删除")
    table = Table("文件", "事项", "日期", "经办", "格式", "字节", "指纹")
    for row in found["rows"]:
        digest = (row["digest"] or "")[:12]
        names = ("title", "occurred_on", "actor", "format", "size")
        shown = [str(row[name] if row[name] is not None else "") for name in names]
        shown = ["文字" if each == "text" else each for each in shown]
        table.add_row(row["file"][:8], *shown, digest)
    screen().print(table)


def get(
    ctx: typer.Context,
    key: ChildArgument,
    number: Annotated[str, typer.Argument(metavar="文件", help="文件编号，可只写前 8 位")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="文件", help="存到哪个文件")
    ] = None,
    why: WhyOption = None,
) -> None:
    """取回一个文件、一份文字佐证的内容；谁、何时、为什么取的记入查阅记录。"""
    from ckbx.ledgers.child import find_child
    from ckbx.ledgers.child_files import kept_file

    wired = wiring(ctx)
    with wired.store() as store:
        child = find_child(store.vault, key)
        content = kept_file(store, child, number, _access(wired, "evidence get", why))
    put(content, output, binary=True)


def _access(wired: Wiring, view: str, why: str | None) -> Access:
    return Access(actor=wired.actor, view=f"ckbx {view}", purpose=why or DEFAULT_PURPOSE)
