"""``rules list``, ``rules try``, ``rules adopt``: the county's numbers, tried before adopted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, WhyOption, day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from ckbx.store import Store

FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="文件", help='改动的规则：.toml 写 warn_run = 4，或 .json 写 {"warn_run": 4}'
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=Group, help="本县的规则数值：查看、试算、采用。", no_args_is_help=True)
    group.command("list", cls=Command)(list_rules)
    group.command("try", cls=Command)(try_out)
    group.command("adopt", cls=Command)(adopt)
    app.add_typer(group, name="rules")


def list_rules(
    ctx: typer.Context,
    on: Annotated[
        str | None, typer.Option("--on", metavar="日期", help="哪一天生效的规则；默认今天")
    ] = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """列出生效的每一项规则：数值、单位、可取范围、依据。"""
    from ckbx.cli.rules_screen import table
    from ckbx.domain.rules.rule_book import RuleBook
    from ckbx.domain.rules.rule_pack import RULE_FIELDS, rules_as_map
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    asked = day(on, "--on") or wired.today
    with wired.store() as store:
        book = RuleBook.of(store.log.county)
        book.replay(store.log.load([book.id]).get(book.id, []))
        rules = book.rules_on(asked)
    values = rules_as_map(rules.pack)
    rows = [
        {
            "name": name,
            "title": field.title,
            "value": values[name],
            "unit": field.unit,
            "low": field.low,
            "high": field.high,
            "source": field.source,
        }
        for name, field in RULE_FIELDS.items()
    ]
    if form is Plain.JSON:
        listed = {"on": asked, "version": rules.version, "rules": rows}
        typer.echo(json_bytes(listed), nl=False)
        return
    heads = ("规则", "名称", "数值", "单位", "依据")
    keys = ("title", "name", "value", "unit", "source")
    table(screen(), heads, [[str(row[key]) for key in keys] for row in rows])
    say(f"{asked} 生效的是第 {rules.version} 版规则（0 为默认）")


def try_out(
    ctx: typer.Context,
    file: FileArgument,
    first: Annotated[
        str, typer.Option("--from", metavar="日期", help="从哪一天的记录起，如上学期第一天")
    ],
    last: Annotated[str, typer.Option("--to", metavar="日期", help="到哪一天的记录为止")],
    every: Annotated[
        bool, typer.Option("--all", help="表格里也列出两种规则结果相同的儿童")
    ] = False,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """用改动后的规则重算已记录的点名和个案，与现行规则比较：多少预警、疑似、核查和逾期，涉及谁。不写入任何记录。

    写了 --why 才显示遮盖后的姓名，并记一次查阅；不写只有内部编号。
    """
    from ckbx.application.rule_tryout import changed_rules, try_rules
    from ckbx.cli.rules_file import read_changes
    from ckbx.cli.rules_screen import document, print_tryout
    from ckbx.ledgers.output import json_bytes
    from projections.deadlines_tried import missed_under
    from projections.roll_call_completeness import CountyLines

    wired = wiring(ctx)
    changes = read_changes(file)
    days = _day(first, "--from"), _day(last, "--to")
    with wired.store() as store:
        found = try_rules(store.office, changes, *days)
        store.catch_up()
        with store.answers.reading() as reading:
            rules = changed_rules(CountyLines.at(reading, found.position).rules, changes)
            at = min(days[1], wired.today)
            missed = missed_under(reading, rules, days[0], as_of=at, position=found.position)
        named = {c.child for c in found.children} | {m.child for m in missed}
        names = _names(store, sorted(named), wired.actor, why) if why else {}
    if form is Plain.JSON:
        typer.echo(json_bytes(document(found, missed, names)), nl=False)
    else:
        print_tryout(found, missed, names, screen(), every=every)


def adopt(
    ctx: typer.Context,
    file: FileArgument,
    effective: Annotated[
        str, typer.Option("--effective", metavar="日期", help="从哪一天起生效，不早于今天")
    ],
) -> None:
    """采用改动后的规则，从指定的一天起生效；已发生的事仍按当时的规则。"""
    from ckbx.application.rule_adoption import adopt_rules
    from ckbx.cli.rules_file import read_changes

    wired = wiring(ctx)
    changes = read_changes(file)
    begins = _day(effective, "--effective")
    with wired.store() as store:
        ctx_ = store.office.context(wired.actor)
        done = adopt_rules(store.office, ctx_, changes, begins)
        store.catch_up()
    if done is None:
        say("规则文件与到时生效的规则相同，没有改动")
    else:
        say(f"已采用第 {done.version} 版规则，自 {done.effective_from} 起生效")


def _day(text: str, option: str) -> date:
    found = day(text, option)
    if found is None:  # pragma: no cover - a text is never None
        raise UsageRefused(what=f"请写 {option}")
    return found


def _names(store: Store, found: Sequence[UUID], actor: str, why: str) -> dict[UUID, str]:
    """Masked names of the children found; one access record."""
    from ckbx.vault import Access, short_name

    access = Access(actor=actor, view="ckbx rules try", purpose=why)
    people = store.vault.read(found, ["identity"], access)
    return {
        id_: short_name(person.identity.name or "") if person.identity else "已依法删除"
        for id_, person in people.items()
    }
