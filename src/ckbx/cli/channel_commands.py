"""``channels``, ``channels test``, ``contact set``: by which ways people are told, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, WhyOption

if TYPE_CHECKING:
    from notifications.channels.settings import Channels, Setting

_KINDS = {
    "inbox": "站内信",
    "email": "邮件",
    "wecom": "企业微信群机器人",
    "dingtalk": "钉钉群机器人",
    "webhook": "通用接口",
    "sms": "短信网关",
    "record": "写入文件",
}
_ADDRESSES = {"email": "邮箱（ckbx contact set）", "phone": "电话（责任链）", "": ""}
_SCOPES = {"county": "全县", "township": "乡镇", "school": "学校"}
_NONE: dict[str, Any] = {"waiting": 0, "dead": 0, "last_failure": None}
_TEST_SUBJECT = "控辍保学测试消息"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    channel_group = typer.Typer(
        cls=Group,
        help="通知通道：列出已设置的，发一条测试消息。设置写在密钥目录的 channels.toml。",
        invoke_without_command=True,
    )
    channel_group.callback()(channels)
    channel_group.command("test", cls=Command)(send_test)
    app.add_typer(channel_group, name="channels")
    contact_group = typer.Typer(cls=Group, help="责任人的联系方式。", no_args_is_help=True)
    contact_group.command("set", cls=Command)(set_)
    app.add_typer(contact_group, name="contact")


def channels(ctx: typer.Context, form: PlainFormatOption = Plain.TABLE) -> None:
    """列出已设置的通道：发到哪里、发给谁、只发哪些。不显示密码和密钥。"""
    if ctx.invoked_subcommand is not None:
        return
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    found = _read(wired)
    counts = _counts(wired)
    rows: list[dict[str, Any]] = [{"name": "inbox", "kind": "inbox", "receiver": ""}]
    rows += [{**_row(each), **counts.get(each.name, _NONE)} for each in found.settings]
    if form is Plain.JSON:
        typer.echo(json_bytes({"base_url": found.base_url, "rows": rows}), nl=False)
        return
    _print(rows)
    if not found.settings:
        say("还没有设置其他通道，消息只在站内信；设置方法见 docs/guide/channels.md")
    elif not found.base_url:
        say("channels.toml 里没有写 base_url，消息里不会有链接")


def send_test(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="通道", help="通道的名字，见 ckbx channels")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="收件人", help="账号，或直接写邮箱、电话；发给群的通道不用写"),
    ] = None,
) -> None:
    """现在就发一条测试消息，并显示对方的答复。不等待、不重试，静默时段也发。"""
    from uuid import uuid4

    from notifications.channels.making import make_channel
    from notifications.message import Message

    wired = wiring(ctx)
    found = _read(wired)
    setting = next((each for each in found.settings if each.name == name), None)
    if setting is None:
        names = "、".join(each.name for each in found.settings) or "（没有）"
        raise UsageRefused(what=f"没有通道“{name}”；已设置的：{names}")
    address = _address(wired, setting, to)
    now = wired.clock.now()
    message = Message(
        id=uuid4(),
        channel=setting.name,
        recipient=f"group:{setting.name}" if setting.way.scope else wired.actor,
        kind="test",
        level="蓝",
        slot=now,
        subject=_TEST_SUBJECT,
        body=f"这是一条测试消息。收到即表示通道“{setting.name}”可用，不用回复。",
        link=found.base_url,
    )
    make_channel(setting, found.private, wired.clock.now).send(message, address)
    say(f"通道“{setting.name}”的接收方已收下测试消息（编号 {message.id}）")


def set_(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="账号", help="责任链里的账号")],
    email: Annotated[
        str | None, typer.Option("--email", metavar="邮箱", help='邮箱地址；写 "" 为删去')
    ] = None,
    phone: Annotated[
        str | None,
        typer.Option(
            "--phone", metavar="电话", help='电话号码；写 "" 为删去；责任链导入时也会更新'
        ),
    ] = None,
    why: WhyOption = None,
) -> None:
    """登记一个账号的邮箱或电话，加密保存；消息按它发送，别处不显示。"""
    from ckbx.vault import Access
    from notifications.addresses import set_contact

    if email is None and phone is None:
        raise UsageRefused(what="请写 --email 邮箱 或 --phone 电话")
    wired = wiring(ctx)
    access = Access(actor=wired.actor, view="ckbx contact set", purpose=why or "登记联系方式")
    with wired.store() as store:
        context = store.office.context(wired.actor)
        kept = set_contact(
            store.office, store.vault, context, account, access, email=email, phone=phone
        )
    has = [what for what, value in (("邮箱", kept.email), ("电话", kept.phone)) if value]
    say(f"已登记；账号 {account} 现有：{'、'.join(has) or '没有联系方式'}")


def _read(wired: Wiring) -> Channels:
    from notifications.channels.file import read_channels

    return read_channels(wired.settings.secret_dir)


def _counts(wired: Wiring) -> dict[str, dict[str, Any]]:
    """By channel: messages to be sent, dead letters, and why the last of them failed."""
    from ckbx.eventlog.sqlite.log import CountyNotNamed
    from ckbx.store import StoreMissing
    from notifications.compose import TO_SEND
    from notifications.outbox_queue import CLAIMED, DEAD

    found: dict[str, dict[str, Any]] = {}
    try:
        with wired.store() as store:
            rows = store.postroom.queue.messages((TO_SEND, CLAIMED, DEAD))
    except (StoreMissing, CountyNotNamed):  # channels may be set up before the store
        return found
    for row in sorted(rows, key=lambda row: row.next_at):
        counts = found.setdefault(row.channel, dict(_NONE))
        counts["dead" if row.state == DEAD else "waiting"] += 1
        counts["last_failure"] = row.why or counts["last_failure"]
    return found


def _address(wired: Wiring, setting: Setting, to: str | None) -> str:
    """Where a test goes: as typed, or the address of the account typed."""
    field = setting.ADDRESS
    if not field:
        if to is not None:
            raise UsageRefused(what=f"通道“{setting.name}”不按人发送，请去掉 --to")
        return ""
    what = _ADDRESSES[field][:2]
    if to is None:
        raise UsageRefused(what=f"通道“{setting.name}”发给个人，请用 --to 写账号或{what}")
    if "@" in to if field == "email" else to.lstrip("+").replace("-", "").isdigit():
        return to
    from ckbx.vault import Access
    from notifications.addresses import Addresses

    access = Access(actor=wired.actor, view="ckbx channels test", purpose="发送测试消息")
    with wired.store() as store:
        address = Addresses(store.vault).of([to], field, access).get(to)
    if address is None:
        raise UsageRefused(what=f"账号“{to}”没有登记{what}；请直接写{what}，或先登记")
    return address


def _row(setting: Setting) -> dict[str, Any]:
    way = setting.way
    return {
        "name": way.name,
        "kind": way.kind,
        "receiver": setting.receiver,
        "scope": way.scope,
        "levels": way.levels,
        "kinds": way.kinds,
        "address": setting.ADDRESS or None,
        "timeout": setting.timeout,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from ckbx.domain.alert.kinds import KINDS

    table = Table(title="通知通道")
    for heading in (
        "名字",
        "种类",
        "接收方",
        "发给",
        "级别",
        "预警",
        "地址",
        "待发",
        "死信",
        "最近的失败",
    ):
        table.add_column(heading)
    for row in rows:
        kinds = "、".join(KINDS[kind].title for kind in row.get("kinds") or ())
        table.add_row(
            row["name"],
            _KINDS[row["kind"]],
            row["receiver"],
            _scope(row.get("scope")),
            "、".join(row.get("levels") or ()) or "全部",
            kinds or "全部",
            _ADDRESSES[row.get("address") or ""],
            *(str(row.get(key) or "") for key in _NONE),
        )
    screen().print(table)


def _scope(scope: str | None) -> str:
    if scope is None:
        return "责任人"
    word, _, code = scope.partition(":")
    return f"群：{_SCOPES[word]} {code}".rstrip()
