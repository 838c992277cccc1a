"""``leave``: applications for 休学, 缓学, 免学, 送教上门, and the papers that go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli import leave_decisions
from ckbx.cli.case_desk import acting
from ckbx.cli.case_options import BUREAU, AsOption, EvidenceOption, NoteOption, OnOption
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import offered, pick
from ckbx.cli.context import UsageRefused, screen, wiring
from ckbx.cli.leave_desk import (
    AdvisesOption,
    DocumentOption,
    KeyArgument,
    LeaveDesk,
    ReasonOption,
    SeenOption,
    carry_out,
    looking,
)
from ckbx.cli.options import (
    AsOfOption,
    KnownAtOption,
    Plain,
    PlainFormatOption,
    SchoolOption,
    TownshipOption,
    WhyOption,
    day,
)
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.placement.codes import PlacementKind

if TYPE_CHECKING:
    from ckbx.application.leave_filing import Act


def register(app: typer.Typer) -> None:
    """Add the commands of this module and of the one beside it."""
    group = typer.Typer(
        cls=Group,
        help="休学、缓学、免学、送教上门：申请、意见、批准、延期、复学。",
        no_args_is_help=True,
    )
    group.command("list", cls=Command)(list_)
    group.command("show", cls=Command)(show)
    group.command("apply", cls=Command)(apply)
    group.command("opinion", cls=Command)(opinion)
    group.command("hospital", cls=Command)(hospital)
    group.command("committee", cls=Command)(committee)
    group.command("withdraw", cls=Command)(withdraw)
    leave_decisions.register(group)
    app.add_typer(group, name="leave")


def list_(
    ctx: typer.Context,
    school: SchoolOption = None,
    township: TownshipOption = None,
    all_: Annotated[bool, typer.Option("--all", help="也列出已决定、已撤回、已结束的")] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """待决定的申请：谁、申请什么、缺什么、谁决定。"""
    from ckbx.cli.leave_screen import print_list
    from ckbx.cli.ledger_commands import scope_of
    from ckbx.ledgers.leave_view import list_json
    from ckbx.ledgers.movement_catalogue import LEAVE
    from ckbx.ledgers.output import json_bytes

    scope = scope_of(LEAVE, school, township)
    with looking(wiring(ctx), "leave list", (as_of, known_at), why, scope, all_=all_) as look:
        found = list_json(look)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_list(found, screen())


def show(
    ctx: typer.Context,
    key: KeyArgument,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """一个儿童的全部申请：理由、各方意见、决定、复核，和下一步谁可以办什么。"""
    from ckbx.cli.leave_screen import print_applications
    from ckbx.ledgers.leave_view import show_json
    from ckbx.ledgers.output import json_bytes

    with looking(wiring(ctx), "leave show", (as_of, known_at), why) as look:
        found = show_json(look, key)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_applications(found, screen())


def apply(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    key: KeyArgument,
    kind: Annotated[
        str, typer.Option("--kind", metavar="类别", help=f"申请什么：{offered(LeaveKind)}")
    ],
    applicant: Annotated[
        str | None,
        typer.Option("--applicant", metavar="姓名", help="申请人（监护人）；姓名只存入个人信息库"),
    ] = None,
    reason: ReasonOption = None,
    proof: Annotated[
        str,
        typer.Option(
            "--proof",
            metavar="依据",
            help=f"证明：{offered(Proof)}；送教上门只能是后者",
        ),
    ] = Proof.HOSPITAL.value,
    first: Annotated[
        str | None, typer.Option("--from", metavar="日期", help="希望从哪一天起")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="日期", help="希望到哪一天止")
    ] = None,
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """登记监护人的申请。学校、村、乡镇、县教育局都可以受理；受理不等于批准。"""
    wired, role = wiring(ctx), acting(as_)
    chosen, proved = pick(LeaveKind, kind, "--kind"), pick(Proof, proof, "--proof")
    when, wanted = on_day(wired, on), (day(first, "--from"), day(until, "--until"))

    def make(desk: LeaveDesk) -> Act:
        from ckbx.application.leave_papers import apply as applied
        from ckbx.domain.leave.applying import Asked

        _ref, files = desk.paper(evidence)
        asked = Asked(
            on=when,
            kind=chosen,
            proof=proved,
            applicant=desk.papers.note(applicant),
            reason=desk.papers.note(reason),
            wanted_from=wanted[0],
            wanted_until=wanted[1],
            attachments=files,
        )
        return applied(asked, role=role)

    carry_out(wired, key, make)


def opinion(
    ctx: typer.Context,
    key: KeyArgument,
    agree: Annotated[
        bool | None, typer.Option("--agree/--disagree", help="同意，或不同意（须写明理由）")
    ] = None,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = "principal",
    seen: SeenOption = None,
) -> None:
    """签署学校意见（校长）。学校不决定，由乡镇或县教育局决定。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    if agree is None:
        raise UsageRefused(what="请写 --agree（同意）或 --disagree（不同意）")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.leave.applying import give_opinion

        words = desk.papers.note(note)
        return lambda filing: give_opinion(
            filing.application, filing.ctx, role=role, on=when, agrees=agree, opinion=words
        )

    carry_out(wired, key, make, seen=seen)


def hospital(
    ctx: typer.Context,
    key: KeyArgument,
    name: Annotated[
        str, typer.Option("--hospital", metavar="医院", help="哪家医院；只存入个人信息库")
    ],
    document: DocumentOption,
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记医院证明。免学的须由县指定的医院出具（见 ckbx leave hospitals）。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.application.leave_papers import give_hospital_paper

        paper, files = desk.paper(evidence)
        return give_hospital_paper(
            role=role,
            on=when,
            document=document,
            hospital=name,
            hospital_ref=desk.papers.note(name),
            paper=paper,
            attachments=files,
        )

    carry_out(wired, key, make, seen=seen)


def committee(
    ctx: typer.Context,
    key: KeyArgument,
    advises: AdvisesOption,
    document: DocumentOption,
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记县残疾人教育专家委员会对这次申请的意见（县教育局）。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    chosen = pick(PlacementKind, advises, "--advises")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.leave.applying import give_committee_opinion

        words, files = desk.paper(evidence)
        return lambda filing: give_committee_opinion(
            filing.application,
            filing.ctx,
            role=role,
            on=when,
            document=document,
            advises=chosen,
            opinion=words,
            attachments=files,
        )

    carry_out(wired, key, make, seen=seen)


def withdraw(
    ctx: typer.Context,
    key: KeyArgument,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """监护人撤回还没有决定的申请。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.leave.applying import withdraw as withdrawn

        words = desk.papers.note(note)
        return lambda filing: withdrawn(
            filing.application, filing.ctx, role=role, on=when, reason=words
        )

    carry_out(wired, key, make, seen=seen)
