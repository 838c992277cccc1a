"""``inbox``, ``messages``, ``messages resend``: what people were told, and what did not go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import DEFAULT_PURPOSE, UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, WhyOption

if TYPE_CHECKING:
    from ckbx.store import Store
    from notifications.outbox_tables import MessageRow, NoticeRow

_SHOWN = 200
"""So many messages stand on a screen; JSON has all."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("inbox", cls=Command)(inbox)
    group = typer.Typer(
        cls=Group,
        help="已生成的消息：发到哪一步、为什么没发；死信可以重发。",
        invoke_without_command=True,
    )
    group.callback()(messages)
    group.command("resend", cls=Command)(resend)
    app.add_typer(group, name="messages")


def inbox(
    ctx: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="账号", help="谁的站内信")],
    unread: Annotated[bool, typer.Option("--unread", help="只看未读的（已了结的不算）")] = False,
    mark_read: Annotated[bool, typer.Option("--mark-read", help="把列出的标为已读")] = False,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """站内信：发给一个账号的每一条通知，新的在前。姓名只显示姓，并记一次查阅。"""
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    with wired.store() as store:
        room = store.postroom
        room.catch_up()
        found = room.inbox.of(to, unread=unread)
        older = room.inbox.older(to)
        rows = _inbox_rows(store, wired, found, why)
        marked = room.inbox.mark_read(found, wired.clock.now()) if mark_read else 0
    if form is Plain.JSON:
        typer.echo(json_bytes({"to": to, "rows": rows, "older": older}), nl=False)
    else:
        _print_inbox(to, rows)
        if older:
            say(f"另有 {older} 项逾期较久的没有逐条通知，请看 ckbx alerts --to {to} --open")
    if mark_read:
        say(f"已将 {marked} 条标为已读")


def _inbox_rows(
    store: Store, wired: Wiring, found: Sequence[NoticeRow], why: str | None
) -> list[dict[str, Any]]:
    from ckbx.clock import from_micros
    from ckbx.domain.alert.kinds import alert_title
    from ckbx.domain.rules.rule_ids import rule_echo
    from ckbx.ledgers.model import instant_text
    from notifications.inbox import is_over, subject_mark
    from notifications.persons import VaultFiller

    schools = _school_names(store, {row.school for row in found if row.school})
    marks = "".join(subject_mark(row) for row in found)
    filler = VaultFiller(store.vault)
    names = filler.names("ckbx inbox", marks, wired.actor, why or DEFAULT_PURPOSE)
    return [
        {
            "position": row.position,
            "alert_id": UUID(bytes=row.alert),
            "kind": row.kind,
            "title": alert_title(row.kind, row.rule) + rule_echo(row.rule),
            "rule": row.rule,
            "level": row.level,
            "on": date.fromordinal(row.on_day),
            "due_on": date.fromordinal(row.due_on) if row.due_on else None,
            "school_code": row.school,
            "class": row.class_key,
            "place": _place(schools, row),
            "child_id": UUID(bytes=row.child) if row.child else None,
            "name": names.get(UUID(bytes=row.child)) if row.child else None,
            "at": instant_text(from_micros(row.recorded_at)),
            "read_at": instant_text(from_micros(row.read_at)) if row.read_at else None,
            "over": is_over(row),
        }
        for row in found
    ]


def _school_names(store: Store, codes: set[str]) -> dict[str, str]:
    from ckbx.domain.school.school import School

    streams = {School.stream(store.log.county, code): code for code in codes}
    found = store.log.load(list(streams))
    return {code: School(id_).replay(found.get(id_, [])).name for id_, code in streams.items()}


def _place(schools: Mapping[str, str], row: NoticeRow) -> str:
    """The school and class in words, as it was called that school year."""
    from ckbx.domain.calendar.school_calendar import school_year_of
    from ckbx.domain.shared.ids import grade_of, split_class_key

    school = row.school or ""
    named = schools.get(school) or school
    if row.class_key is None:
        return named
    _, entry, number = split_class_key(row.class_key)
    grade = grade_of(entry, school_year_of(date.fromordinal(row.on_day)))
    return f"{named} {grade}年级{number}班"


def _print_inbox(to: str, rows: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(title=f"{to} 的站内信")
    for heading in ("日期", "等级", "预警", "对象", "期限", "情况"):
        table.add_column(heading)
    for row in rows:
        state = "已了结" if row["over"] else "已读" if row["read_at"] else "未读"
        who = [row["name"], row["place"]]
        shown = (row["on"], row["level"], row["title"], " ".join(filter(None, who)))
        table.add_row(*map(str, shown), str(row["due_on"] or ""), state)
    screen().print(table)


def messages(
    ctx: typer.Context,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", metavar="情况", help="waiting 待发、claimed 发送中、sent、dead、skipped 未发"
        ),
    ] = None,
    dead: Annotated[bool, typer.Option("--dead", help="只看死信（多次发送失败的）")] = False,
    skipped: Annotated[
        bool, typer.Option("--skipped", help="没有发的通知各有多少，按原因")
    ] = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """列出消息：发给谁、走哪个渠道、几时该发、发到哪一步。正文不含姓名和号码。"""
    if ctx.invoked_subcommand is not None:
        return
    from ckbx.ledgers.output import json_bytes
    from notifications.outbox_queue import DEAD, STATES

    if state is not None and state not in STATES:
        raise UsageRefused(what=f"没有这种情况：{state}；可用：{'、'.join(STATES)}")
    wanted = [DEAD] if dead else [state] if state else list(STATES)
    with wiring(ctx).store() as store:
        room = store.postroom
        if skipped:
            rows = _reasons(room.reasons())
        else:
            rows = [_message(row) for row in room.queue.messages(wanted)]
    if form is Plain.JSON:
        typer.echo(json_bytes({"rows": rows}), nl=False)
    elif skipped:
        _print(("原因", "条数"), [(row["title"], row["count"]) for row in rows], "没有发的通知")
    else:
        _print_messages(rows)


def _message(row: MessageRow) -> dict[str, Any]:
    from ckbx.clock import from_micros
    from ckbx.ledgers.model import instant_text
    from notifications.texts.teller import fold_title

    return {
        "message_id": UUID(bytes=row.id),
        "to": row.recipient,
        "channel": row.channel,
        "kind": row.kind,
        "title": fold_title(row.kind),
        "level": row.level,
        "slot": instant_text(from_micros(row.slot)),
        "subject": row.subject,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": instant_text(from_micros(row.next_at)),
        "why": row.why,
        "done_at": instant_text(from_micros(row.done_at)) if row.done_at else None,
        "digest": row.digest,
        "resent_by": row.resent_by,
    }


def _print_messages(rows: Sequence[dict[str, Any]]) -> None:
    from notifications.outbox_queue import STATES
    from notifications.rules import reason_title

    heads = ("编号", "发给", "渠道", "内容", "该发时刻", "情况", "试过", "原因")
    shown = [
        (
            row["message_id"],
            row["to"],
            row["channel"],
            row["title"],
            row["slot"],
            STATES[row["state"]],
            row["attempts"],
            reason_title(row["why"] or ""),
        )
        for row in rows[:_SHOWN]
    ]
    _print(heads, shown, "消息")
    if len(rows) > _SHOWN:
        say(f"共 {len(rows)} 条，只列出最近的 {_SHOWN} 条；全部请用 --format json")


def _reasons(found: dict[str, int]) -> list[dict[str, Any]]:
    from notifications.rules import reason_title

    return [
        {"reason": reason, "title": reason_title(reason), "count": count}
        for reason, count in sorted(found.items())
    ]


def _print(heads: Sequence[str], rows: Sequence[Sequence[Any]], title: str) -> None:
    from rich.table import Table

    table = Table(title=title)
    for heading in heads:
        table.add_column(heading)
    for row in rows:
        table.add_row(*map(str, row))
    screen().print(table)


def resend(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="编号", help="消息编号，见 ckbx messages --dead")],
) -> None:
    """重发一条死信或未发的消息：从现在起重新试，编号不变，收到过的一方可以认出。"""
    wired = wiring(ctx)
    try:
        message = UUID(id_)
    except ValueError:
        raise UsageRefused(what=f"“{id_}”不是消息编号；请用 ckbx messages 查看编号") from None
    with wired.store() as store:
        store.postroom.queue.resend(message, by=wired.actor, at=wired.clock.now())
    say(f"消息 {message} 已排到待发，由正在运行的 ckbx worker 或 ckbx serve 发出")
