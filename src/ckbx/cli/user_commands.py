"""``user …``: who may sign in, with which granted roles; passwords nobody but their owner knows."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli import user_links
from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import offered, pick
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring, write_private
from ckbx.cli.options import Plain, PlainFormatOption, day
from ckbx.domain.account.codes import DisableReason, GrantedRole

if TYPE_CHECKING:
    from ckbx.access.credentials import CredentialState
    from ckbx.domain.account.account import Account
    from ckbx.store import Store

AccountArgument = Annotated[str, typer.Argument(metavar="账号", help="账号名")]
_AUGUST = 8


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group, help="登录账号：开通、停用、重发一次性口令、授予角色。", no_args_is_help=True
    )
    group.command("list", cls=Command)(list_)
    group.command("add", cls=Command)(add)
    group.command("name", cls=Command)(name_)
    group.command("disable", cls=Command)(disable)
    group.command("enable", cls=Command)(enable)
    group.command("reset", cls=Command)(reset)
    group.command("grant", cls=Command)(grant)
    group.command("withdraw", cls=Command)(withdraw)
    user_links.add_to(group)
    app.add_typer(group, name="user")


def add(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[账号]…", help="要开通的账号")
    ] = None,
    chain: Annotated[
        bool, typer.Option("--from-chain", help="给责任链里当天在任、还没有开通的人都开通")
    ] = False,
    on: Annotated[
        str | None, typer.Option("--on", metavar="日期", help="与 --from-chain 一起用，默认今天")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option("--name", metavar="姓名", help="本人的姓名，只开通一个账号时可以写"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="文件", help="一次性口令写到这个 csv 文件（0600）"),
    ] = None,
) -> None:
    """开通账号，给出一次性口令：72 小时内有效，只能用一次，由本人用它设置密码。

    责任链里的账号不用授予角色，角色按责任链当天的岗位；学籍管理员、督导等另用 ckbx user grant 授予。
    """
    if bool(names) == chain or (on is not None and not chain):
        raise UsageRefused(what="请写要开通的账号，或 --from-chain [--on 日期]，不能混用")
    if person and len(names or ()) != 1:
        raise UsageRefused(what="--name 只能和一个账号一起用；几个账号的以后用 ckbx user name 登记")
    if chain and output is None:
        raise UsageRefused(what="--from-chain 要用 -o 指定写一次性口令的文件")
    wired = wiring(ctx)
    from ckbx.application.accounts import open_accounts

    with wired.store() as store:
        wanted = names or _in_chain(store, day(on, "--on") or wired.today)
        if not wanted:
            say("责任链里在任的人都已开通账号，没有新开通的")
            return
        if output is not None:
            write_private(output, b"")  # a code that cannot be written down is lost
        codes = open_accounts(
            store.office,
            store.gate,
            store.office.context(wired.actor),
            wanted,
            vault=store.vault,
            called=dict.fromkeys(wanted, person) if person else None,
        )
        _hand_over(store, wired, codes, output)


def _in_chain(store: Store, on: date) -> list[str]:
    """Those who hold a post on a day and were never opened; no guardians."""
    from ckbx.application.accounts import load_accounts
    from ckbx.domain.responsibility.post import Role, ScopeKind
    from projections import responsibility

    store.catch_up()
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, store.log.head())
    found = {
        tenure.account
        for post in known.posts.values()
        if not (post.role is Role.NOTIFIED and post.scope.kind is ScopeKind.STUDENT)
        for tenure in post.holders(on)
        if tenure.account
    }
    accounts = load_accounts(store.office, sorted(found))
    return [name for name, account in accounts.items() if not account.name]


def _hand_over(store: Store, wired: Wiring, codes: dict[str, str], output: Path | None) -> None:
    until = store.gate.code_expires().astimezone(wired.clock.zone)
    if output is None:
        for name, code in codes.items():
            typer.echo(f"{name}\t{code}")
    else:
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(("账号", "一次性口令", "有效至"))
        rows.writerows((name, code, f"{until:%Y-%m-%d %H:%M}") for name, code in codes.items())
        write_private(output, text.getvalue().encode("utf-8-sig"))
        say(f"已写入 {output}（内有 {len(codes)} 个一次性口令，发给本人后请删除）")
    say(
        f"一次性口令 {until:%Y-%m-%d %H:%M} 前有效，只能用一次，本系统不再保存；"
        "请当面或打电话交给本人，本人在登录页用它设置密码"
    )


def list_(ctx: typer.Context, form: PlainFormatOption = Plain.TABLE) -> None:
    """列出已开通的账号：状态、授予的角色、有没有设置密码和动态口令。"""
    from ckbx.application.accounts import load_accounts
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    with wired.store() as store:
        states = store.gate.states()
        accounts = load_accounts(store.office, [state.account for state in states])
        links = store.gate.unified.links()
        rows = [
            {
                **_row(accounts[state.account], state, wired.today),
                "linked": state.account in links,
            }
            for state in states
        ]
    if form is Plain.JSON:
        typer.echo(json_bytes({"rows": rows}), nl=False)
        return
    _print(rows)


def _row(account: Account, state: CredentialState, today: date) -> dict[str, Any]:
    current = account.grants_on(today)
    return {
        "account": state.account,
        "state": "active" if account.is_active else "disabled",
        "why": account.disabled.value if account.disabled else None,
        "password_set": state.has_password,
        "second_factor": state.has_factor,
        "code_until": state.code_until,
        "grants": [
            {
                "grant": each.number,
                "role": each.role.value,
                "scope_kind": each.scope.kind.value,
                "scope_code": each.scope.code,
                "first_day": each.first_day,
                "last_day": each.last_day,
                "approved_by": each.approved_by,
                "in_force": each in current,
            }
            for each in account.grants.values()
            if each.last_day is None or each.last_day >= today
        ],
    }


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(title="账号")
    for heading in ("账号", "状态", "密码", "动态口令", "授予的角色（编号、范围、期限）"):
        table.add_column(heading)
    for row in rows:
        state = "正常" if row["why"] is None else f"已停用（{DisableReason(row['why']).label}）"
        password = "已设置" if row["password_set"] else "待本人设置"
        factor = "已登记" if row["second_factor"] else "没有"
        password += "，已关联统一身份" if row["linked"] else ""
        table.add_row(row["account"], state, password, factor, "；".join(map(_said, row["grants"])))
    screen().print(table)


def _said(given: dict[str, Any]) -> str:
    until = f"至 {given['last_day']}" if given["last_day"] else "至收回"
    role = GrantedRole(given["role"]).label
    return f"{given['grant']} {role} {given['scope_code']}（{given['first_day']} 起，{until}）"


def name_(
    ctx: typer.Context,
    account: AccountArgument,
    person: Annotated[str, typer.Argument(metavar="姓名", help="本人的姓名")],
) -> None:
    """登记（或改）账号本人的姓名，页面和表上写“姓名（账号）”。

    责任链里的人姓名来自责任链，不在这里改。姓名只存在个人信息库里。
    """
    wired = wiring(ctx)
    from ckbx.application.accounts import name_holder

    with wired.store() as store:
        context = store.office.context(wired.actor)
        name_holder(store.office, store.vault, context, account, person)
    say(f"账号 {account} 的姓名已登记")


def disable(
    ctx: typer.Context,
    account: AccountArgument,
    why: Annotated[str, typer.Option("--why", metavar="原因", help=offered(DisableReason))],
) -> None:
    """停用账号：立刻退出登录，不能再登录，授予的角色停用。"""
    wired = wiring(ctx)
    from ckbx.application import accounts

    reason = pick(DisableReason, why, "--why")
    with wired.store() as store:
        context = store.office.context(wired.actor)
        accounts.disable(store.office, store.gate, context, account, reason)
    say(f"账号 {account} 已停用（{reason.label}），已退出登录")


def enable(ctx: typer.Context, account: AccountArgument) -> None:
    """恢复停用的账号，可用原来的密码登录；忘记密码另用 ckbx user reset。"""
    wired = wiring(ctx)
    from ckbx.application import accounts

    with wired.store() as store:
        accounts.enable(store.office, store.office.context(wired.actor), account)
    say(f"账号 {account} 已恢复")


def reset(
    ctx: typer.Context,
    account: AccountArgument,
    factor: Annotated[
        bool, typer.Option("--factor", help="只解除动态口令（手机丢失、更换），不改密码")
    ] = False,
) -> None:
    """重新发一次性口令：原密码立刻失效、退出登录，本人用口令设置新密码。

    管理员看不到、也不能代设密码。
    """
    wired = wiring(ctx)
    from ckbx.application import accounts

    with wired.store() as store:
        context = store.office.context(wired.actor)
        if factor:
            accounts.remove_factor(store.office, store.gate, context, account)
            say(f"账号 {account} 的动态口令已解除，已退出登录；需要动态口令的，下次登录时重新登记")
            return
        code = accounts.issue_code(store.office, store.gate, context, account)
        _hand_over(store, wired, {account: code}, None)


def grant(
    ctx: typer.Context,
    account: AccountArgument,
    role: Annotated[str, typer.Argument(metavar="角色", help=offered(GrantedRole))],
    approver: Annotated[
        str | None,
        typer.Option("--approver", metavar="账号", help="批准的负责人的账号；系统管理员可不写"),
    ] = None,
    school: Annotated[
        str | None,
        typer.Option("--school", metavar="学校标识码", help="只管一所学校；不写为全县"),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="日期", help="从哪一天起，默认今天")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="日期", help="到哪一天止（含）；督导必填，其他默认到本学年结束"
        ),
    ] = None,
) -> None:
    """授予角色。能看到未成年人信息的角色都有期限，须由本人以外的负责人批准。"""
    wired = wiring(ctx)
    from ckbx.application.accounts import grant_role
    from ckbx.domain.responsibility.post import Scope, ScopeKind

    wanted = pick(GrantedRole, role, "角色")
    first = day(since, "--from") or wired.today
    if approver is None:
        if wanted is not GrantedRole.ADMINISTRATOR:
            raise UsageRefused(what=f"授予“{wanted.label}”要用 --approver 写批准的负责人的账号")
        approver = wired.actor
    with wired.store() as store:
        whole = Scope(ScopeKind.COUNTY, store.log.county)
        number = grant_role(
            store.office,
            store.gate,
            store.office.context(wired.actor),
            account,
            wanted,
            Scope(ScopeKind.SCHOOL, school) if school else whole,
            first_day=first,
            last_day=day(until, "--until") or _usual_end(wanted, first),
            approved_by=approver,
        )
    say(f"已授予账号 {account}“{wanted.label}”（编号 {number}，批准人 {approver}）；重新登录后生效")


def _usual_end(role: GrantedRole, first: date) -> date | None:
    """The end of the school year; an inspector's is always said, an administrator's never is."""
    if role in (GrantedRole.INSPECTOR, GrantedRole.ADMINISTRATOR):
        return None
    return date(first.year + (first.month > _AUGUST), _AUGUST, 31)


def withdraw(
    ctx: typer.Context,
    account: AccountArgument,
    number: Annotated[int, typer.Argument(metavar="编号", help="授权编号，见 ckbx user list")],
) -> None:
    """收回授予的角色，立刻生效并退出登录。"""
    wired = wiring(ctx)
    from ckbx.application.accounts import withdraw_role

    with wired.store() as store:
        context = store.office.context(wired.actor)
        withdraw_role(store.office, store.gate, context, account, number)
    say(f"已收回账号 {account} 编号 {number} 的授权")
