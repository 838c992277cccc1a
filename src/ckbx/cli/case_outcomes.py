"""``case verify`` to ``case reopen``: what is found and decided on a case, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ckbx.cli.case_desk import (
    BUREAU,
    AsOption,
    CaseArgument,
    CaseDesk,
    EvidenceOption,
    NoteOption,
    OnOption,
    SeenOption,
    acting,
    carry_out,
    on_day,
)
from ckbx.cli.chinese import Command
from ckbx.cli.codes import offered, pick
from ckbx.cli.context import wiring
from ckbx.domain.case.codes import EvidenceKind, FollowUpKind, FollowUpResult
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding

if TYPE_CHECKING:
    from ckbx.application.cases import Act

PRINCIPAL = "principal"
FindingOption = Annotated[
    str, typer.Option("--finding", metavar="结论", help=f"结论：{offered(Finding)}")
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("verify", cls=Command)(verify)
    group.command("clear", cls=Command)(clear)
    group.command("determine", cls=Command)(determine)
    group.command("return", cls=Command)(return_)
    group.command("confirm", cls=Command)(confirm)
    group.command("follow-up", cls=Command)(follow_up)
    group.command("settle", cls=Command)(settle)
    group.command("close", cls=Command)(close)
    group.command("reopen", cls=Command)(reopen)


def verify(
    ctx: typer.Context,
    key: CaseArgument,
    finding: FindingOption,
    evidence: EvidenceOption = None,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记核查结论 A–K 和这一结论的佐证；K（真辍学）之后才能劝返认定。"""
    wired, role, found = wiring(ctx), acting(as_), pick(Finding, finding, "--finding")
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import verification

        ref, files = desk.evidence(evidence)
        words = desk.papers.note(note)
        return lambda work: verification.verify(
            work.case,
            work.ctx,
            role=role,
            on=when,
            finding=found,
            evidence_ref=ref,
            note=words,
            attachments=files,
        )

    carry_out(wired, key, make, seen=seen)


def clear(
    ctx: typer.Context,
    key: CaseArgument,
    finding: FindingOption,
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """按核查结论排除疑似：A、B、C 由校长或县教育局，G 由县教育局。"""
    wired, role, found = wiring(ctx), acting(as_), pick(Finding, finding, "--finding")
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.application import cases

        ref, _files = desk.evidence(evidence)
        return cases.clear(role=role, on=when, finding=found, evidence_ref=ref)

    carry_out(wired, key, make, seen=seen)


def determine(
    ctx: typer.Context,
    key: CaseArgument,
    whereabouts: Annotated[
        str, typer.Option("--whereabouts", metavar="去向", help=f"去向：{offered(Whereabouts)}")
    ],
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """认定辍学（县教育局）：核查为 K、原因已登记、缺勤日数和劝返次数都够才能认定。"""
    wired, role = wiring(ctx), acting(as_)
    where, when = pick(Whereabouts, whereabouts, "--whereabouts"), on_day(wired, on)

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application import cases

        return cases.determine(role=role, on=when, whereabouts=where)

    carry_out(wired, key, make, seen=seen)


def return_(
    ctx: typer.Context,
    key: CaseArgument,
    placement: Annotated[
        str, typer.Option("--placement", metavar="安置", help=f"安置：{offered(Placement)}")
    ] = Placement.ORIGINAL_CLASS.value,
    class_key: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="班级", help="班级：学校标识码/入学年/班号；默认原来的班级"
        ),
    ] = None,
    on: OnOption = None,
    as_: AsOption = PRINCIPAL,
    seen: SeenOption = None,
) -> None:
    """办理劝返复学（校长；命令行默认以校长身份登记）。"""
    wired, role = wiring(ctx), acting(as_)
    how, when = pick(Placement, placement, "--placement"), on_day(wired, on)

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application import cases

        def act(work: cases.Work) -> None:
            own = work.child.segments[-1][0] if work.child.segments else ""
            key_ = class_key or work.child.class_key or own
            cases.bring_back(role=role, on=when, placement=how, class_key=key_)(work)

        return act

    carry_out(wired, key, make, seen=seen)


def confirm(
    ctx: typer.Context, key: CaseArgument, as_: AsOption = PRINCIPAL, seen: SeenOption = None
) -> None:
    """确认返校（校长）：按点名连续到校的日数，不由人填。"""
    role = acting(as_)

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application import cases

        return cases.confirm_return(role=role)

    carry_out(wiring(ctx), key, make, seen=seen)


def follow_up(
    ctx: typer.Context,
    key: CaseArgument,
    kind: Annotated[
        str, typer.Option("--kind", metavar="方式", help=f"方式：{offered(FollowUpKind)}")
    ] = FollowUpKind.VISIT.value,
    result: Annotated[
        str, typer.Option("--result", metavar="情况", help=f"情况：{offered(FollowUpResult)}")
    ] = FollowUpResult.STEADY.value,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记巩固期的一次回访。"""
    wired, role = wiring(ctx), acting(as_)
    how, said = pick(FollowUpKind, kind, "--kind"), pick(FollowUpResult, result, "--result")
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import follow_up as steps

        words = desk.papers.note(note)
        return lambda work: steps.follow_up(
            work.case, work.ctx, role=role, on=when, kind=how, result=said, note=words
        )

    carry_out(wired, key, make, seen=seen)


def settle(
    ctx: typer.Context,
    key: CaseArgument,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="文字", help="有缺访的，写明缘由；只存入个人信息库"),
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """办结巩固期（县教育局）：期满、回访都做了，或写明缺访缘由。"""
    wired, role = wiring(ctx), acting(as_)
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.application import cases

        return cases.settle(role=role, on=when, reason=desk.papers.note(reason))

    carry_out(wired, key, make, seen=seen)


def close(
    ctx: typer.Context,
    key: CaseArgument,
    kind: Annotated[
        str, typer.Option("--kind", metavar="依据", help=f"销号依据：{offered(EvidenceKind)}")
    ],
    evidence: EvidenceOption = None,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """销号：依据要与了结的方式相符；复学稳定的凭返校确认，不必另附。"""
    wired, role = wiring(ctx), acting(as_)
    what, when = pick(EvidenceKind, kind, "--kind"), on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.application import cases

        ref, _files = desk.evidence(evidence)
        words = desk.papers.note(note)
        return cases.close(role=role, on=when, evidence=what, evidence_ref=ref, note=words)

    carry_out(wired, key, make, seen=seen)


def reopen(
    ctx: typer.Context,
    key: CaseArgument,
    reason: Annotated[
        str, typer.Option("--reason", metavar="文字", help="为什么撤销；只存入个人信息库")
    ],
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """撤销销号（县教育局），写明理由；个案回到销号以前的阶段。"""
    wired, role = wiring(ctx), acting(as_)
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import closing

        ref: UUID | None = desk.papers.note(reason)
        return lambda work: closing.reopen(work.case, work.ctx, role=role, on=when, reason=ref)

    carry_out(wired, key, make, seen=seen)
