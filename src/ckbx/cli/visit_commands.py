"""``visited``: the home visit after an absence, before there is a case."""

from __future__ import annotations

from typing import Annotated

import typer

from ckbx.cli import papers_given
from ckbx.cli.case_options import FilesOption, MetOption, NoteOption, OutcomeOption, PromisedOption
from ckbx.cli.child_options import ChildArgument, OnOption, child_desk, on_day
from ckbx.cli.chinese import Command
from ckbx.cli.codes import offered, pick, pick_all
from ckbx.cli.context import UsageRefused, say, wiring
from ckbx.cli.focus_commands import TEACHER
from ckbx.cli.options import day
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.child.return_codes import Whereabouts

AsOption = Annotated[
    str,
    typer.Option("--as", metavar="角色", help="以什么身份去的：班主任、帮扶教师、年级领导、校长"),
]
WhereOption = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="去向",
        help=f"学生现在在哪里，打听到了的写：{offered(Whereabouts)}",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("visited", cls=Command)(visited)
    app.command("unvisit", cls=Command)(unvisit)


def visited(
    ctx: typer.Context,
    key: ChildArgument,
    outcome: OutcomeOption,
    met: MetOption = None,
    promised: PromisedOption = None,
    where: WhereOption = None,
    note: NoteOption = None,
    file: FilesOption = None,
    on: OnOption = None,
    as_: AsOption = TEACHER,
) -> None:
    """登记缺勤后的家访（列入疑似以前的）：见到谁、结果怎样。要求家访的那条提醒自动办结。"""
    from ckbx.application.home_visits import record
    from ckbx.domain.child.home_visit import Visit

    wired = wiring(ctx)
    when, promised_on = on_day(wired, on), day(promised, "--promised")
    chosen, seen = pick(RoundOutcome, outcome, "--outcome"), pick_all(Met, met or [], "--met")
    whereabouts = pick(Whereabouts, where, "--where") if where else None
    with child_desk(wired, key, as_) as desk:
        made = Visit(
            on=when,
            met=seen,
            outcome=chosen,
            whereabouts=whereabouts,
            promised_on=promised_on,
            note=desk.papers.note(note),
            attachments=papers_given.files(desk.papers, file),
        )
        record(desk.store.office, desk.ctx, desk.child, made, role=desk.role, papers=desk.papers)
    say(f"已登记缺勤家访：{when}，{chosen.label}")


def unvisit(
    ctx: typer.Context,
    key: ChildArgument,
    visited_on: Annotated[
        str,
        typer.Option("--visited-on", metavar="日期", help="哪一天的家访；同一天几次的撤最后一次"),
    ],
    note: NoteOption = None,
    as_: AsOption = TEACHER,
) -> None:
    """撤销误登的缺勤家访，写明理由；原来的登记仍看得到，家访提醒照没有去过算。"""
    from ckbx.application.home_visits import withdraw

    wired, when = wiring(ctx), day(visited_on, "--visited-on")
    if when is None:
        raise UsageRefused(what="请用 --visited-on 写明哪一天的家访")
    with child_desk(wired, key, as_) as desk:
        withdraw(
            desk.store.office,
            desk.ctx,
            desk.child,
            when,
            role=desk.role,
            reason=desk.papers.note(note),
            papers=desk.papers,
        )
    say(f"已撤销 {when} 的缺勤家访登记")
