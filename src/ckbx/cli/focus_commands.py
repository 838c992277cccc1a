"""``focus``, ``called``: the focus list, and who was reached about an absence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.child_options import ChildArgument, OnOption, child_desk, on_day
from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import offered, pick, role_of, title
from ckbx.cli.context import DEFAULT_PURPOSE, UsageRefused, say, screen, wiring
from ckbx.cli.options import (
    AsOfOption,
    KnownAtOption,
    Plain,
    PlainFormatOption,
    SchoolOption,
    WhyOption,
)
from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.responsibility.post import Role

if TYPE_CHECKING:
    from rich.console import Console

AsOption = Annotated[
    str,
    typer.Option("--as", metavar="角色", help="以什么身份办理：班主任、校长、县教育局控辍保学专干"),
]
NoteOption = Annotated[
    str | None,
    typer.Option("--note", metavar="说明", help="具体情况，只存个人信息库；名单上只有原因"),
]
TEACHER = "class_teacher"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="重点关注名单：列入、移出、查看。名单上的孩子缺勤而当天没有联系上的，当天提醒家访。",
        no_args_is_help=True,
    )
    group.command("add", cls=Command)(add)
    group.command("remove", cls=Command)(remove)
    group.command("list", cls=Command)(list_)
    app.add_typer(group, name="focus")
    app.command("called", cls=Command)(called)


def add(
    ctx: typer.Context,
    key: ChildArgument,
    reason: Annotated[
        str, typer.Option("--reason", metavar="原因", help=f"{offered(FocusReason)}")
    ],
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = TEACHER,
) -> None:
    """把一名学生列入重点关注名单（班主任、校长或县教育局）。"""
    from ckbx.application.focus import put_on

    wired = wiring(ctx)
    when, why = on_day(wired, on), pick(FocusReason, reason, "--reason")
    with child_desk(wired, key, as_) as desk:
        put_on(
            desk.store.office,
            desk.ctx,
            desk.child,
            role=desk.role,
            on=when,
            reason=why,
            note_ref=desk.papers.note(note),
            papers=desk.papers,
        )
    say(f"已列入重点关注名单：自 {when} 起，{why.label}")


def remove(
    ctx: typer.Context,
    key: ChildArgument,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = TEACHER,
) -> None:
    """把一名学生移出重点关注名单；--on 是不再在名单上的第一天。"""
    from ckbx.application.focus import take_off

    wired = wiring(ctx)
    when = on_day(wired, on)
    with child_desk(wired, key, as_) as desk:
        take_off(
            desk.store.office,
            desk.ctx,
            desk.child,
            role=desk.role,
            on=when,
            note_ref=desk.papers.note(note),
            papers=desk.papers,
        )
    say(f"已移出重点关注名单：自 {when} 起")


def list_(
    ctx: typer.Context,
    school: SchoolOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """某一天的重点关注名单。"""
    from ckbx.cli.ledger_commands import times
    from ckbx.ledgers.focus_list import ANSWERS, focus_json
    from ckbx.ledgers.output import json_bytes
    from ckbx.ledgers.question import Question
    from ckbx.vault import Access
    from projections.scope import Scope

    wired = wiring(ctx)
    day, known = times(wired, as_of, known_at)
    scope = Scope.schools([school]) if school else Scope.county()
    question = Question(scope=scope, as_of=day, known_at=known)
    access = Access(actor=wired.actor, view="ckbx focus list", purpose=why or DEFAULT_PURPOSE)
    with wired.desk() as (_, desk), desk.look(question, access, ANSWERS) as look:
        found = focus_json(look)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        _print(found, screen())


def _print(found: dict[str, Any], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from ckbx.vault import mask_id

    table = Table(title=f"重点关注名单　截至 {found['as_of']}", title_justify="left")
    for heading in ("姓名", "学籍号", "学校", "班级", "自", "原因", "列入的人"):
        table.add_column(heading, overflow="fold")
    for row in found["rows"]:
        placed = f"{row['grade']}年级{row['class']}班" if row["class"] else ""
        number = mask_id(row["student_no"]) if row["student_no"] else "无学籍号"
        shown = (
            row["name"] or "",
            number,
            row["school_name"] or "",
            placed,
            str(row["since"]),
            row["reason_title"],
            title(Role(row["decided_by"])),
        )
        table.add_row(*map(Text, shown))
    console.print(table)


def called(
    ctx: typer.Context,
    keys: Annotated[
        list[str], typer.Argument(metavar="儿童…", help="学籍号、身份证号或内部编号，可写几个")
    ],
    reached: Annotated[
        bool | None, typer.Option("--reached/--nobody", help="联系上了，还是没有联系上")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="日期", help="哪一天的缺勤；默认今天")
    ] = None,
    as_: AsOption = TEACHER,
) -> None:
    """缺勤当天联系监护人的结果：联系上了，还是没有联系上。一班的都登记了，当天那条提醒办结。"""
    from ckbx.application.focus import tried
    from ckbx.ledgers.child import find_child

    wired = wiring(ctx)
    if reached is None:
        raise UsageRefused(what="请写 --reached（联系上了）或 --nobody（没有联系上）")
    when, role = on_day(wired, day, "--day"), role_of(as_)
    with wired.store() as store:
        children = [find_child(store.vault, key) for key in keys]
        changed = tried(
            store.office,
            store.office.context(wired.actor),
            children,
            role=role,
            absent_on=when,
            reached=reached,
        )
    repeated = len(set(children)) - changed
    before = f"，另有 {repeated} 人此前已登记" if repeated else ""
    told = "联系上了" if reached else "没有联系上"
    say(f"已登记 {changed} 人：{when} 缺勤，{told}{before}")
