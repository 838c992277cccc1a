"""``decide``: what the county (or a school) decides on a child's 就学状态, with its evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from ckbx.cli import papers_given
from ckbx.cli.child_options import (
    BUREAU,
    AsOption,
    ChildArgument,
    DocumentOption,
    EvidenceOption,
    OnOption,
    ReviewOption,
    child_desk,
    on_day,
)
from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import say, wiring
from ckbx.cli.options import day

RegionOption = Annotated[
    str | None,
    typer.Option("--region", metavar="代码", help="在哪里就读：区划代码 6、9 或 12 位"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="就学状态的决定：死亡、出国、失联、户籍问题、外地就读、重新入学、人工登记疑似。",
        no_args_is_help=True,
    )
    for name, event, short in _ENDINGS:
        group.command(name, cls=Command, help=short)(_ending(event))
    group.command("missing", cls=Command)(missing)
    group.command("elsewhere", cls=Command)(elsewhere)
    group.command("recheck", cls=Command)(recheck)
    group.command("enrol", cls=Command)(enrol)
    group.command("suspect", cls=Command)(suspect)
    app.add_typer(group, name="decide")


_ENDINGS = (
    ("death", "DeathRecorded", "登记死亡（县教育局，附死亡证明或户籍注销证明）。"),
    ("abroad", "WentAbroad", "登记出国（境）（县教育局，附出境证件）。"),
    ("deregister", "Deregistered", "按户籍问题销号（县教育局，附派出所或村、社区证明）。"),
)


def _ending(event: str) -> Callable[..., None]:
    def command(
        ctx: typer.Context,
        key: ChildArgument,
        evidence: EvidenceOption = None,
        document: DocumentOption = None,
        on: OnOption = None,
        as_: AsOption = BUREAU,
    ) -> None:
        _end(ctx, key, event, evidence, document, on, as_, None)

    return command


def missing(
    ctx: typer.Context,
    key: ChildArgument,
    evidence: EvidenceOption = None,
    document: DocumentOption = None,
    review: ReviewOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """登记失联（县教育局，附公安报案回执）；每学期复核一次，没有复核会提醒并上报。"""
    _end(ctx, key, "WentMissing", evidence, document, on, as_, review)


def _end(
    ctx: typer.Context,
    key: str,
    event: str,
    evidence: str | None,
    document: str | None,
    on: str | None,
    as_: str,
    review: str | None,
) -> None:
    from ckbx.application.child_status import end
    from ckbx.domain.child import leave_events

    wired = wiring(ctx)
    when, again = on_day(wired, on), day(review, "--review-on")
    number, kind = papers_given.document(document) or None, getattr(leave_events, event)
    with child_desk(wired, key, as_) as desk:
        end(
            desk.store.office,
            desk.ctx,
            desk.child,
            kind,
            role=desk.role,
            on=when,
            evidence_ref=desk.evidence(evidence),
            document=number,
            review_by=again,
            papers=desk.papers,
        )
        say(desk.told(f"已登记：{kind.TITLE}"))


def elsewhere(
    ctx: typer.Context,
    key: ChildArgument,
    evidence: EvidenceOption = None,
    region: RegionOption = None,
    document: DocumentOption = None,
    review: ReviewOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """核实外地就读（县教育局，附就读证明、学籍查询结果或函的回复）；每学期复核一次。"""
    from ckbx.application.child_status import verify_elsewhere

    told = "已登记：核实外地就读"
    _looked_up(ctx, key, verify_elsewhere, told, evidence, region, document, review, on, as_)


def recheck(
    ctx: typer.Context,
    key: ChildArgument,
    evidence: EvidenceOption = None,
    region: RegionOption = None,
    document: DocumentOption = None,
    review: ReviewOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """复核失联或外地就读，情况没有变的写明新佐证；找到了的重新入学。"""
    from ckbx.application.child_status import recheck as rechecked

    told = "已登记复核"
    _looked_up(ctx, key, rechecked, told, evidence, region, document, review, on, as_)


def _looked_up(
    ctx: typer.Context,
    key: str,
    step: Callable[..., None],
    told: str,
    evidence: str | None,
    region: str | None,
    document: str | None,
    review: str | None,
    on: str | None,
    as_: str,
) -> None:
    from ckbx.domain.shared.identifiers import parse_region_code

    wired = wiring(ctx)
    when, again = on_day(wired, on), day(review, "--review-on")
    number, where = papers_given.document(document) or None, region and parse_region_code(region)
    with child_desk(wired, key, as_) as desk:
        step(
            desk.store.office,
            desk.ctx,
            desk.child,
            role=desk.role,
            on=when,
            evidence_ref=desk.evidence(evidence),
            document=number,
            region=where,
            review_by=again,
            papers=desk.papers,
        )
        say(desk.told(told))


def enrol(
    ctx: typer.Context,
    key: ChildArgument,
    class_key: Annotated[
        str, typer.Option("--class", metavar="班级", help="哪个班：学校标识码/入学年/班号")
    ],
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """重新入学：失联后找到、回国、转回、缓学期满，或毕业登记有误的。"""
    from ckbx.application import child_status

    wired = wiring(ctx)
    when = on_day(wired, on)
    with child_desk(wired, key, as_) as desk:
        child_status.enrol(
            desk.store.office, desk.ctx, desk.child, role=desk.role, on=when, class_key=class_key
        )
        say(desk.told(f"已入学 {class_key}"))


def suspect(
    ctx: typer.Context,
    key: ChildArgument,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="日期", help="从哪一天起不在校；默认与 --on 相同"),
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """人工登记疑似辍学（校长或县教育局），如小升初没有入学的；同时立个案。"""
    from ckbx.application import child_status

    wired = wiring(ctx)
    when = on_day(wired, on)
    first = day(since, "--since") or when
    with child_desk(wired, key, as_) as desk:
        child_status.suspect(
            desk.store.office,
            desk.ctx,
            desk.child,
            role=desk.role,
            on=when,
            first_absent_on=first,
        )
        say(desk.told("已登记疑似辍学，并立个案"))
