"""``wording``: in which words alerts are told, a county's own, seen before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption

if TYPE_CHECKING:
    from notifications.wording import Book

KindArgument = Annotated[
    str, typer.Argument(metavar="预警类别", help="如 absence_warning，见 ckbx wording list")
]
TextArgument = Annotated[
    str,
    typer.Argument(metavar="用语", help="一行文字，可用 {{名单}} {{数量}} {{期限}} 等，见 show"),
]
ChannelOption = Annotated[
    str,
    typer.Option(
        "--channel",
        metavar="渠道类别",
        help="只用于一类渠道：email、sms、wecom 等；不写为全部",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group, help="消息用语：查看、预览、改用本县的、恢复。", no_args_is_help=True
    )
    group.command("list", cls=Command)(list_)
    group.command("show", cls=Command)(show)
    group.command("preview", cls=Command)(preview)
    group.command("set", cls=Command)(set_)
    group.command("reset", cls=Command)(reset)
    app.add_typer(group, name="wording")


def list_(ctx: typer.Context, form: PlainFormatOption = Plain.TABLE) -> None:
    """各类预警用的是随软件的用语还是本县的，谁在何时改的。"""
    from rich.table import Table

    from ckbx.domain.alert.kinds import KINDS
    from ckbx.ledgers.output import json_bytes

    book = _book(ctx)
    rows = [row for kind in KINDS for row in _rows(book, kind)]
    if form is Plain.JSON:
        typer.echo(json_bytes({"rows": rows}), nl=False)
        return
    table = Table(title="消息用语")
    for heading in ("类别", "预警", "渠道", "用语", "来自"):
        table.add_column(heading)
    for each in rows:
        source = f"本县（{each['set_by']}）" if each["own"] else "随软件"
        channel = each["channel"] or "全部"
        table.add_row(each["kind"], each["title"], channel, str(each["text"]), source)
    screen().print(table)


def _rows(book: Book, kind: str) -> list[dict[str, Any]]:
    """What a list says of a kind: the county's words by channel, else the program's."""
    from ckbx.clock import from_micros
    from ckbx.ledgers.model import instant_text

    own = [row for (of, _), row in sorted(book.now.items()) if of == kind and row.text]
    return [
        {
            "kind": kind,
            "title": _title(kind),
            "channel": row.channel if row else "",
            "own": row is not None,
            "text": row.text if row else _program(kind, ""),
            "set_by": row.set_by if row else None,
            "set_at": instant_text(from_micros(row.set_at)) if row else None,
        }
        for row in own or (None,)
    ]


def _title(kind: str) -> str:
    from notifications.texts.teller import title_of

    return title_of(kind)


def show(ctx: typer.Context, kind: KindArgument, channel: ChannelOption = "") -> None:
    """一类预警现在的用语、填好的样子和字数，以及可用的项目。"""
    from notifications.wording import PLACEHOLDERS, check_names

    check_names(kind, channel)
    own = _book(ctx).text_for(kind, channel)
    typer.echo(own if own is not None else _program(kind, channel))
    say("以上是本县的用语" if own is not None else "以上是随软件的用语，名单等用虚构的例子")
    _preview(kind, channel, own)
    say("可用的项目：")
    for name, (meaning, sample) in PLACEHOLDERS.items():
        say(f"  {{{{{name}}}}} {meaning}，如 {sample}")


def preview(
    ctx: typer.Context,  # noqa: ARG001 - every command has it
    kind: KindArgument,
    text: TextArgument,
    channel: ChannelOption = "",
) -> None:
    """看看一段用语填好是什么样子、多少字；不保存。"""
    from notifications.wording import check_names, check_text

    check_names(kind, channel)
    check_text(text.strip())
    _preview(kind, channel, text.strip())


def set_(
    ctx: typer.Context, kind: KindArgument, text: TextArgument, channel: ChannelOption = ""
) -> None:
    """一类预警改用本县的用语，从下一条消息起；先给出填好的样子。"""
    wired = wiring(ctx)
    with wired.store() as store:
        wordings, now = store.postroom.wordings, wired.clock.now()
        wordings.set_text(kind, channel, text, by=wired.actor, at=now)
    _preview(kind, channel, text.strip())
    say(f"{kind} 已改用本县的用语；恢复请用 ckbx wording reset {kind}")


def reset(ctx: typer.Context, kind: KindArgument, channel: ChannelOption = "") -> None:
    """一类预警恢复随软件的用语。"""
    wired = wiring(ctx)
    with wired.store() as store:
        store.postroom.wordings.reset(kind, channel, by=wired.actor, at=wired.clock.now())
    say(f"{kind} 已恢复随软件的用语")


def _book(ctx: typer.Context) -> Book:
    with wiring(ctx).store() as store:
        return store.postroom.wordings.book()


def _program(kind: str, channel: str) -> str:
    from notifications.texts.teller import program_text, sample_line

    return program_text(sample_line(kind), channel or "common")


def _preview(kind: str, channel: str, own: str | None) -> None:
    from notifications.texts.teller import own_text, sample_line

    text = own_text(own, sample_line(kind), "云溪县") if own else _program(kind, channel)
    say(f"样子（虚构）：{text}")
    say(f"{len(text)} 字；短信超过 70 字按多条计费" if channel == "sms" else f"{len(text)} 字")
