"""``paper``: a letter or form filled for one child from what is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ckbx.cli.case_commands import looking
from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, put, wiring
from ckbx.cli.options import WhyOption


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("paper", cls=Command)(paper)


def paper(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="名称", help="文书名称，见 ckbx papers list")],
    key: Annotated[
        str,
        typer.Argument(metavar="个案", help="个案编号，或儿童的学籍号、身份证号、内部编号"),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="文件", help="要写的 pdf 或 docx 文件")
    ],
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="项目=值", help="自己填的项目，可写几次，如 --set 限期=2026年10月21日"
        ),
    ] = None,
    round_: Annotated[
        int | None,
        typer.Option("--round", metavar="次", help="家访记录填第几次劝返；默认最近一次"),
    ] = None,
    why: WhyOption = None,
) -> None:
    """为一个儿童填一份文书。没有记录的项目留空，打印后手填。"""
    from ckbx.documents.paper import load_paper
    from ckbx.ledgers.papers import paper_values, subject_of

    wired = wiring(ctx)
    settings, at = wired.settings, wired.clock.now()
    if output.suffix not in (".pdf", ".docx"):
        raise UsageRefused(what=f"{output.name} 的后缀应为 .pdf 或 .docx")
    own = _own(given or [])
    wanted = load_paper(name, settings.paper_dir)
    with looking(wired, f"paper {name}", why) as (store, look):
        subject = subject_of(store, key)
        values = {**paper_values(look, store.office, wanted, subject, round_=round_), **own}
    if output.suffix == ".docx":
        from ckbx.documents.paper_docx import paper_docx

        put(paper_docx(wanted, values, at=at, own=settings.paper_dir), output)
    else:
        from ckbx.documents.paper_pdf import paper_pdf

        put(paper_pdf(wanted, values, at=at, own_fonts=settings.font_dir), output)


def _own(given: list[str]) -> dict[str, str]:
    """What was typed with ``--set``. Raises UsageRefused."""
    from ckbx.documents.placeholders import TEXTS

    own = {}
    for text in given:
        item, mark, value = text.partition("=")
        if not mark or item.strip() not in TEXTS:
            what = f"--set 写成“项目=值”，没有项目“{item}”；可用：{'、'.join(TEXTS)}"
            raise UsageRefused(what=what)
        own[item.strip()] = value.strip()
    return own
