"""``recheck``: the county's quarterly sample, drawn so that anybody can draw it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.case_desk import acting
from ckbx.cli.case_options import BUREAU, AsOption, EvidenceOption, NoteOption
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import pick as pick_code
from ckbx.cli.context import say, wiring
from ckbx.cli.ledger_commands import emit, fill, times
from ckbx.cli.options import (
    AllOption,
    AsOfOption,
    FormatOption,
    KnownAtOption,
    OutputOption,
    SchoolOption,
    WhyOption,
    chosen_format,
)
from ckbx.cli.papers_given import evidence as keep_evidence
from ckbx.domain.recheck.codes import Result

if TYPE_CHECKING:
    from ckbx.domain.recheck.recheck import Recheck
    from ckbx.domain.recheck.sampling import Quarter
    from ckbx.store import Store

QuarterOption = Annotated[
    str, typer.Option("--quarter", metavar="季度", help="哪个季度，如 2026-Q4")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="县季度复核：抽取销号个案和全部免学、送教、休学，登记复核结果。",
        no_args_is_help=True,
    )
    group.command("draw", cls=Command)(draw)
    group.command("list", cls=Command)(list_)
    group.command("record", cls=Command)(record)
    app.add_typer(group, name="recheck")


def draw(
    ctx: typer.Context,
    quarter: QuarterOption,
    seed: Annotated[
        str,
        typer.Option(
            "--seed", metavar="种子", help="4 至 64 个字母、数字、- 或 _；公布它，谁都能重抽核对"
        ),
    ],
    as_: AsOption = BUREAU,
) -> None:
    """抽样：不低于 10 % 的销号个案，加全部免学、送教、休学。种子、总体、抽中的一并记录。

    同一种子再抽得到原来那次，不另记；换一个种子是另一次，台账上看得见。
    """
    from ckbx.application.rechecks import draw_sample
    from ckbx.domain.recheck.recheck import CLOSURE
    from ckbx.domain.recheck.sampling import read_quarter
    from ckbx.ledgers.recheck_population import population

    wired, role = wiring(ctx), acting(as_)
    of = read_quarter(quarter)
    with wired.store() as store:
        before = len(_recheck(store, of).draws)
        store.catch_up()
        found = population(store, of)
        context = store.office.context(wired.actor)
        draw_sample(store.office, context, of, found, seed=seed, role=role.value)
        recheck = _recheck(store, of)
    made = recheck.drawn_with(seed)
    if made is None:  # pragma: no cover - the command above has made or found it
        return
    again = len(recheck.draws) == before
    taken = sum(each.kind == CLOSURE for each in made.picks)
    say(
        f"{'此前已用这个种子抽过，结果不变' if again else '已抽样'}：{of.key} 第 {made.number} 次，"
        f"销号 {len(made.closures)} 件抽 {taken} 件（{made.percent} %），"
        f"免学送教休学 {len(made.leaves)} 件全部；用 ckbx recheck list 查看名单"
    )
    if again and made.closures != sorted(each.item for each in found.closures):
        say("注意：那次抽样以后销号的个案有变化，新销号的不在那次总体里；须换一个种子再抽")
    if wired.today <= of.last_day:
        say(f"注意：{of.key} 还没有结束，之后销号的不在这次总体里")


def list_(
    ctx: typer.Context,
    school: SchoolOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    all_: AllOption = False,
    why: WhyOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """列出抽中的名单和复核结果（同 ckbx ledger recheck）。"""
    from ckbx.ledgers.question import Question
    from ckbx.ledgers.report_catalogue import RECHECK
    from projections.scope import Scope

    wired = wiring(ctx)
    chosen = chosen_format(form, output)
    day, known = times(wired, as_of, known_at)
    scope = Scope.county() if school is None else Scope.schools([school])
    question = Question(scope=scope, as_of=day, known_at=known, all_=all_)
    sheet = fill(wired, RECHECK, question, "recheck list", why, chosen)
    emit(sheet, chosen, output, wired.settings.font_dir)


def record(
    ctx: typer.Context,
    item: Annotated[
        str, typer.Argument(metavar="编号", help="抽样编号，见 recheck list --format json 的 item")
    ],
    quarter: QuarterOption,
    result: Annotated[str, typer.Option("--result", metavar="结果", help="相符，或不符")],
    evidence: EvidenceOption = None,
    note: NoteOption = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="日期", help="哪一天复核的；默认今天")
    ] = None,
    as_: AsOption = BUREAU,
) -> None:
    """登记一件的复核结果：相符或不符，附佐证。再登记的取代前一次，两次都保留。"""
    from ckbx.application.case_papers import Papers
    from ckbx.application.rechecks import Found, record_result
    from ckbx.domain.recheck.sampling import read_quarter

    wired, role = wiring(ctx), acting(as_)
    of, when = read_quarter(quarter), on_day(wired, on)
    agrees = pick_code(Result, result, "--result") is Result.AGREES
    with wired.store() as store:
        papers = Papers(store.vault)
        ref, _files = keep_evidence(papers, evidence)
        found = Found(agrees=agrees, on=when, evidence=ref, note=note)
        context = store.office.context(wired.actor)
        record_result(store.office, context, of, item, found, role=role.value, papers=papers)
    if agrees:
        say("已登记：复核相符")
    else:
        say("已登记：复核不符。请按情况重新打开个案或更正决定；复核本身不改动原来的决定")


def _recheck(store: Store, of: Quarter) -> Recheck:
    from ckbx.domain.recheck.recheck import Recheck

    found = Recheck(Recheck.stream(store.office.county, of))
    return found.replay(store.log.load([found.id]).get(found.id, []))
