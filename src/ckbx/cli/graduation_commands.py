"""``graduate``: 毕业 of a school's leaving classes, in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, day

if TYPE_CHECKING:
    from ckbx.application.graduation import Graduation


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("graduate", cls=Command)(graduate)


def graduate(
    ctx: typer.Context,
    school: Annotated[
        str, typer.Option("--school", metavar="学校标识码", help="哪所学校（10 位学校标识码）")
    ],
    on: Annotated[
        str | None, typer.Option("--on", metavar="日期", help="毕业的日期；默认今天")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只列出会登记哪些班、多少人，不写入")
    ] = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """给一所学校已读完九年级的班登记毕业。疑似辍学、辍学和休学的不动，逐一列出原因。"""
    from ckbx.application.graduation import graduate_school
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    asked = day(on, "--on") or wired.today
    with wired.store() as store:
        office = store.office
        made = graduate_school(
            office, office.context(wired.actor), school, on=asked, dry_run=dry_run
        )
        store.catch_up()
    if form is Plain.JSON:
        typer.echo(json_bytes(_plain(made, dry_run=dry_run)), nl=False)
        return
    for line in _lines(made, dry_run=dry_run):
        say(line)
    _untouched(made)


def _plain(made: Graduation, *, dry_run: bool) -> dict[str, Any]:
    return {
        "school_code": made.school,
        "on": made.on,
        "dry_run": dry_run,
        "graduated": made.number,
        "classes": [
            {"class_key": key, "graduated": len(made.graduated.get(key, ()))}
            for key in made.classes
        ],
        "untouched": [
            {
                "child_id": str(each.child),
                "class_key": each.class_key,
                "status": each.status.value,
                "why": each.why,
            }
            for each in made.untouched
        ],
    }


def _lines(made: Graduation, *, dry_run: bool) -> list[str]:
    if not made.number and not made.untouched:
        return [f"学校 {made.school} 到 {made.on} 没有要登记毕业的九年级学生"]
    done = "将登记毕业" if dry_run else "已登记毕业"
    said = [f"{_named(key)}：{done} {len(children)} 人" for key, children in made.graduated.items()]
    said.append(f"共{done} {made.number} 人，毕业日期 {made.on}")
    if made.untouched:
        said.append(f"另有 {len(made.untouched)} 人没有登记毕业，原因见下，请逐一处理")
    return said


def _named(class_key: str) -> str:
    from ckbx.domain.shared.ids import split_class_key

    _school, entry, number = split_class_key(class_key)
    return f"{entry + 9} 届九年级 {number} 班"


def _untouched(made: Graduation) -> None:
    from rich.table import Table

    if not made.untouched:
        return
    table = Table("内部编号", "班级", "就学状态", "为什么没有登记")
    for each in made.untouched:
        table.add_row(str(each.child), _named(each.class_key), each.status.label, each.why)
    screen().print(table)
