"""``user link``, ``user unlink``: which account somebody is by the county's unified sign-in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, say, wiring

if TYPE_CHECKING:
    from ckbx.cli.context import Wiring

AccountArgument = Annotated[str, typer.Argument(metavar="账号", help="账号名")]


def add_to(group: typer.Typer) -> None:
    """Add the commands of this module to ``user``."""
    group.command("link", cls=Command)(link)
    group.command("unlink", cls=Command)(unlink)


def link(
    ctx: typer.Context,
    account: AccountArgument,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="统一身份编号",
            help="统一身份认证给本人的编号（sub）；写 - 从标准输入读，不留在命令历史里",
        ),
    ],
) -> None:
    """把统一身份认证里的一个人关联到账号，以后可以用它登录。

    编号由本人提供：没有关联时用统一身份认证登录一次，页面上会显示。一个账号只关联一个人，再关联就换成新的。
    """
    wired = wiring(ctx)
    issuer = _issuer(wired)
    from ckbx.application import identities

    given = sys.stdin.readline().strip() if subject == "-" else subject
    with wired.store() as store:
        context = store.office.context(wired.actor)
        identities.link(store.office, store.gate, context, account, issuer, given)
    say(f"账号 {account} 已关联统一身份（{issuer}）")


def unlink(ctx: typer.Context, account: AccountArgument) -> None:
    """解除账号和统一身份的关联，并退出登录；账号还可以用密码登录。"""
    wired = wiring(ctx)
    from ckbx.application import identities

    with wired.store() as store:
        context = store.office.context(wired.actor)
        identities.unlink(store.office, store.gate, context, account)
    say(f"账号 {account} 已解除统一身份的关联，已退出登录")


def _issuer(wired: Wiring) -> str:
    setting = wired.settings.unified
    if setting is None:
        raise UsageRefused(what="没有设置统一身份认证（CKBX_OIDC_ISSUER），不能关联")
    if setting.account_claim:
        what = f"设置了按 {setting.account_claim} 找账号（CKBX_OIDC_ACCOUNT_CLAIM），不用关联"
        raise UsageRefused(what=what)
    return setting.issuer
