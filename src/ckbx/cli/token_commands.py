"""``token …``: which programs may use the interface, on whose behalf, until when."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import NotWiredYet, UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, day

if TYPE_CHECKING:
    from ckbx.access import TokenRow
    from ckbx.store import Store

_MIDNIGHT = time.min
AccountArgument = Annotated[str, typer.Argument(metavar="账号", help="程序代表哪个账号")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="程序用的接口令牌：发放、列出、撤销。用法见 docs/api.md。",
        no_args_is_help=True,
    )
    group.command("add", cls=Command)(add)
    group.command("list", cls=Command)(list_)
    group.command("revoke", cls=Command)(revoke)
    app.add_typer(group, name="token")


def add(
    ctx: typer.Context,
    account: AccountArgument,
    name: Annotated[str, typer.Option("--name", metavar="名称", help="哪个程序用，写明用途")],
    until: Annotated[
        str, typer.Option("--until", metavar="日期", help="到哪一天止（含），最长 366 天")
    ],
    may: Annotated[
        list[str],
        typer.Option("--may", metavar="权限", help="允许做什么，可写多次；不能超出账号的权限"),
    ],
) -> None:
    """给代表一个账号的程序发令牌，只显示这一次。

    程序能看、能做的，不会超出账号当天的岗位和这里写的权限；账号停用或换岗，令牌随之失效或收窄。
    """
    from ckbx.clock import local_instant

    wired = wiring(ctx)
    last = day(until, "--until") or wired.today
    with wired.store() as store:
        wanted = _chosen(wired, store, account, may)
        expires = local_instant(last + timedelta(days=1), _MIDNIGHT, wired.clock.zone)
        token = store.gate.tokens.create(
            account, name=name, permissions=wanted, expires=expires, by=wired.actor
        )
    typer.echo(token)
    say(
        f"令牌代表账号 {account}，{last} 止有效，只显示这一次，本系统不再保存；"
        "请存到程序的密钥文件里，不要发到群里或写进代码。撤销用 ckbx token revoke"
    )


def _chosen(wired: Wiring, store: Store, account: str, may: list[str]) -> list[str]:
    """The words of the permissions. Raises UsageRefused for one that the account has not."""
    if wired.permissions is None:
        raise NotWiredYet(command="token add")
    held = wired.permissions(store, account)
    by_word = {word: code for code, zh in held.items() for word in (code, zh)}
    unknown = [word for word in may if word not in by_word]
    if unknown:
        named = "、".join(f"{code}（{zh}）" for code, zh in held.items()) or "没有"
        raise UsageRefused(what=f"账号 {account} 今天没有权限“{unknown[0]}”，--may 可写：{named}")
    return [by_word[word] for word in may]


def list_(
    ctx: typer.Context,
    account: Annotated[
        str | None, typer.Option("--account", metavar="账号", help="只看代表这个账号的")
    ] = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """列出没有撤销的令牌：给谁、能做什么、何时到期、最近何时用过。看不到令牌本身。"""
    from ckbx.access.tokens import SHORT
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    with wired.store() as store:
        now = store.clock.now()
        rows = [
            {**_row(each), "over": each.expires <= now} for each in store.gate.tokens.all_(account)
        ]
    if form is Plain.JSON:
        typer.echo(json_bytes({"rows": rows}), nl=False)
        return
    from rich.table import Table

    table = Table(title="接口令牌")
    for heading in ("编号", "账号", "名称", "权限", "到期", "最近使用"):
        table.add_column(heading)
    zone = wired.clock.zone
    for row in rows:
        until = "已过期" if row["over"] else f"{row['expires'].astimezone(zone):%Y-%m-%d %H:%M}"
        seen = f"{row['seen'].astimezone(zone):%Y-%m-%d %H:%M}" if row["seen"] else "没有用过"
        said = "、".join(row["permissions"])
        table.add_row(row["token"][:SHORT], row["account"], row["name"], said, until, seen)
    screen().print(table)


def _row(each: TokenRow) -> dict[str, Any]:
    return {
        "token": each.key,
        "account": each.account,
        "name": each.name,
        "permissions": list(each.permissions),
        "made": each.made,
        "made_by": each.made_by,
        "expires": each.expires,
        "seen": each.seen,
    }


def revoke(
    ctx: typer.Context,
    key: Annotated[
        str, typer.Argument(metavar="编号", help="ckbx token list 列出的编号（前 8 位以上）")
    ],
) -> None:
    """撤销令牌，立刻失效。"""
    wired = wiring(ctx)
    with wired.store() as store:
        gone = store.gate.tokens.revoke(key, by=wired.actor)
    say(f"已撤销令牌“{gone.name}”（账号 {gone.account}）")
