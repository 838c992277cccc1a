"""``papers``: the wording of letters and forms: look at it, take it away, check one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, put, say, screen, wiring

if TYPE_CHECKING:
    from ckbx.documents.paper import Paper

NameArgument = Annotated[str, typer.Argument(metavar="名称", help="文书名称，见 ckbx papers list")]
FolderArgument = Annotated[Path, typer.Argument(metavar="文件夹", help="放模板的文件夹")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group, help="文书模板：查看、取出修改、核对、预览。", no_args_is_help=True
    )
    group.command("list", cls=Command)(list_)
    group.command("export", cls=Command)(export)
    group.command("check", cls=Command)(check)
    group.command("preview", cls=Command)(preview)
    app.add_typer(group, name="papers")


def list_(ctx: typer.Context) -> None:
    """有哪些文书，用的是随软件的文字还是本县的文字。"""
    from rich.table import Table

    from ckbx.documents.paper import load_paper, paper_names

    own = wiring(ctx).settings.paper_dir
    table = Table(title="文书")
    for heading in ("名称", "文书", "用途", "文字", "版式"):
        table.add_column(heading)
    for name in paper_names():
        paper = load_paper(name, own)
        words = own is not None and (own / f"{name}.toml").is_file()
        layout = own is not None and (own / f"{name}.docx").is_file()
        table.add_row(
            name,
            paper.title,
            paper.about,
            "本县" if words else "随软件",
            "本县 docx" if layout else "随软件",
        )
    screen().print(table)


def export(folder: FolderArgument) -> None:
    """把全部模板（toml 文字、docx 版式）写到一个文件夹，供修改。已有的文件不覆盖。"""
    from ckbx.documents.paper import PAPERS, load_paper, paper_names
    from ckbx.documents.paper_docx import docx_template

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in paper_names():
            text = (PAPERS / f"{name}.toml").read_bytes()
            _keep(folder / f"{name}.toml", text)
            _keep(folder / f"{name}.docx", docx_template(load_paper(name)))
    except OSError as error:
        raise UsageRefused(what=f"不能写文件夹 {folder}（{error.strerror}）：请换一个") from error
    say(f"模板在 {folder}。改好后用 ckbx papers check 核对，再把 CKBX_PAPER_DIR 设为这个文件夹；")
    say("只留下改过的文件，其余可以删去。")


def _keep(file: Path, content: bytes) -> None:
    if file.exists():
        say(f"已有 {file.name}，没有覆盖")
    else:
        file.write_bytes(content)


def check(folder: FolderArgument) -> None:
    """核对一个文件夹里的模板：项目是否认识、花括号是否成对、docx 是否安全。"""
    from ckbx.documents.paper import paper_names, read_paper
    from ckbx.documents.paper_docx import check_docx

    if not folder.is_dir():
        raise UsageRefused(what=f"没有文件夹 {folder}")
    known, checked = set(paper_names()), 0
    for file in sorted(folder.iterdir()):
        if file.suffix not in (".toml", ".docx"):
            continue
        if file.stem not in known:
            say(f"{file.name}：没有这种文书，不会用到；文件名应为 {'、'.join(sorted(known))}")
            continue
        if file.suffix == ".toml":
            read_paper(file)
        else:
            check_docx(file.read_bytes(), file.name)
        checked += 1
    say(f"{checked} 个模板可以使用")


def preview(
    ctx: typer.Context,
    name: NameArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="文件", help="要写的 pdf 或 docx 文件")
    ],
) -> None:
    """用虚构的学生填一份，看看样子。"""
    from ckbx.documents.paper import load_paper
    from ckbx.documents.placeholders import samples

    settings, at = wiring(ctx).settings, wiring(ctx).clock.now()
    paper: Paper = load_paper(name, settings.paper_dir)
    if output.suffix == ".docx":
        from ckbx.documents.paper_docx import paper_docx

        put(paper_docx(paper, samples(), at=at, own=settings.paper_dir), output, of_children=False)
    elif output.suffix == ".pdf":
        from ckbx.documents.paper_pdf import paper_pdf

        put(
            paper_pdf(paper, samples(), at=at, own_fonts=settings.font_dir),
            output,
            of_children=False,
        )
    else:
        raise UsageRefused(what=f"{output.name} 的后缀应为 .pdf 或 .docx")
