"""``alerts``: what must be done, by whom, resting on which facts; seen, and done by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.ledger_commands import emit, fill, scope_of, times
from ckbx.cli.options import (
    AsOfOption,
    Format,
    FormatOption,
    KnownAtOption,
    OutputOption,
    SchoolOption,
    WhyOption,
    chosen_format,
)

if TYPE_CHECKING:
    from ckbx.ledgers.question import Question
    from ckbx.store import Store

IdsArgument = Annotated[
    list[str], typer.Argument(metavar="预警编号…", help="编号，或它开头的 6 位以上")
]
AccountOption = Annotated[
    str, typer.Option("--as", metavar="账号", help="以哪个账号办理：预警发给它的那一个")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=Group, invoke_without_command=True)
    group.callback()(alerts)
    group.command("ack", cls=Command)(ack)
    group.command("done", cls=Command)(done)
    app.add_typer(group, name="alerts")


def alerts(
    ctx: typer.Context,
    to: Annotated[
        str | None, typer.Option("--to", metavar="账号", help="只看发给这个账号的")
    ] = None,
    school: SchoolOption = None,
    open_only: Annotated[bool, typer.Option("--open", help="只看未办结的")] = False,
    folded: Annotated[
        bool, typer.Option("--folded", help="未办结的，一人一类一行，列出儿童和班级")
    ] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """预警和待办：列出依据、发给谁、办到哪一步，签收，办结。"""
    if ctx.invoked_subcommand is not None:
        return
    from ckbx.ledgers.catalogue import ALERTS
    from ckbx.ledgers.question import Question

    wired = wiring(ctx)
    chosen = chosen_format(form, output)
    as_of_day, known = times(wired, as_of, known_at)
    question = Question(
        scope=scope_of(ALERTS, school, None),
        as_of=as_of_day,
        known_at=known,
        to=to,
        open_only=open_only or folded,
    )
    if folded:
        if output is not None or chosen not in (Format.TABLE, Format.JSON):
            raise UsageRefused(what="--folded 只能显示在屏幕上，或用 --format json")
        _folded(wired, question, why, chosen)
        return
    sheet = fill(wired, ALERTS, question, "alerts", why, chosen)
    emit(sheet, chosen, output, wired.settings.font_dir)


def ack(ctx: typer.Context, ids: IdsArgument, account: AccountOption) -> None:
    """签收：收到的人已经知道。签收不等于办结，逾期仍报上一级。重复签收不会重复记录。"""
    from ckbx.application.alerts import acknowledge

    wired = wiring(ctx)
    with wired.store() as store:
        found = _found(store, ids, account)
        changed = acknowledge(store.office, store.office.context(wired.actor), found, account)
    say(f"已签收 {changed} 条" + _before(len(found) - changed, "签收"))


def done(
    ctx: typer.Context,
    ids: IdsArgument,
    account: AccountOption,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="原因",
            help="done 已办理、recorded_elsewhere 已在别处登记、not_needed 核对后不用办",
        ),
    ],
) -> None:
    """手工办结：只有系统里没有记录可据以办结的几类；其余的办理并登记后自动办结。"""
    from ckbx.application import alerts as use
    from ckbx.domain.alert.closing import ClosedBecause

    wired = wiring(ctx)
    known = {word: each for each in ClosedBecause for word in (each.value, each.label)}
    if reason not in known:
        named = "、".join(f"{each.value}（{each.label}）" for each in ClosedBecause)
        raise UsageRefused(what=f"--reason 请写以下之一：{named}")
    with wired.store() as store:
        found = _found(store, ids, account)
        context = store.office.context(wired.actor)
        changed = use.done(store.office, context, found, account, known[reason])
    say(f"已办结 {changed} 条" + _before(len(found) - changed, "办结"))


def _found(store: Store, ids: Sequence[str], account: str) -> list[UUID]:
    """Raises AlertNotFound, AlertShortAmbiguous."""
    from ckbx.ledgers.alert_find import find_alerts

    return find_alerts(store, ids, account)


def _before(repeated: int, what: str) -> str:
    return f"，另有 {repeated} 条此前已{what}" if repeated else ""


def _folded(wired: Wiring, question: Question, why: str | None, form: Format) -> None:
    from rich.table import Table

    from ckbx.cli.context import DEFAULT_PURPOSE
    from ckbx.ledgers.alert_folds import folds, stood
    from ckbx.ledgers.output import json_bytes
    from ckbx.vault import Access

    access = Access(actor=wired.actor, view="ckbx alerts", purpose=why or DEFAULT_PURPOSE)
    with wired.desk() as (_, desk), desk.look(question, access, ("alerts",)) as look:
        found = folds(look)
    if form is Format.JSON:
        typer.echo(json_bytes({"rows": [fold.as_dict() for fold in found]}), nl=False)
        return
    table = Table(title="预警与待办（一人一类一行）")
    for heading in ("账号", "级别", "种类", "条数", "期限", "儿童、班级", "编号"):
        table.add_column(heading)
    for fold in found:
        due = fold.due_on.isoformat() if fold.due_on else ""
        ids = " ".join(each.hex[:8] for each in fold.alert_ids[:3])
        more = " …" if len(fold.alert_ids) > 3 else ""
        table.add_row(
            fold.account, fold.level, fold.title, str(fold.count), due, stood(fold), ids + more
        )
    screen().print(table)
