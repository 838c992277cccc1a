"""``leave approve``, ``refuse``, ``extend``, ``review``, ``resume``, ``hospitals``: decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.case_desk import acting
from ckbx.cli.case_options import BUREAU, AsOption, EvidenceOption, NoteOption, OnOption
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command
from ckbx.cli.context import say, wiring
from ckbx.cli.leave_desk import (
    DocumentOption,
    KeyArgument,
    LeaveDesk,
    PlanOption,
    ReasonOption,
    ReviewOption,
    SeenOption,
    TeacherOption,
    carry_out,
)
from ckbx.cli.options import day

if TYPE_CHECKING:
    from ckbx.application.leave_filing import Act


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("approve", cls=Command)(approve)
    group.command("refuse", cls=Command)(refuse)
    group.command("extend", cls=Command)(extend)
    group.command("review", cls=Command)(review)
    group.command("resume", cls=Command)(resume)
    group.command("hospitals", cls=Command)(hospitals)


def approve(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    key: KeyArgument,
    document: DocumentOption,
    first: Annotated[
        str | None, typer.Option("--from", metavar="日期", help="从哪一天起；默认批准之日")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="日期", help="最后一天；免学、送教上门可只写复核日期"),
    ] = None,
    review_on: ReviewOption = None,
    visits: Annotated[
        int | None, typer.Option("--visits", metavar="次", help="送教上门：每月几次")
    ] = None,
    lessons: Annotated[
        int | None, typer.Option("--lessons", metavar="课时", help="送教上门：每次几课时")
    ] = None,
    plan_no: Annotated[
        str | None, typer.Option("--plan-no", metavar="编号", help="一人一案编号；默认同文号")
    ] = None,
    plan: PlanOption = None,
    teacher: TeacherOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """批准申请（乡镇或县教育局；送教上门由县教育局）。学生状态、点名、个案随之办理。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    begins, ends, again = (
        day(first, "--from") or when,
        day(until, "--until"),
        day(review_on, "--review-on"),
    )

    def make(desk: LeaveDesk) -> Act:
        from ckbx.application.leave_granting import approve as approved
        from ckbx.domain.leave.conditions import Approval

        if teacher:
            desk.holder(teacher, when)
        given = Approval(
            on=when,
            document=document,
            effective_from=begins,
            until=ends,
            review_on=again,
            visits_per_month=visits,
            lessons_per_visit=lessons,
        )
        return approved(
            given, role=role, plan_no=plan_no, teacher=teacher, plan=desk.papers.note(plan)
        )

    carry_out(wired, key, make, seen=seen)


def refuse(
    ctx: typer.Context,
    key: KeyArgument,
    reason: ReasonOption = None,
    document: Annotated[str | None, typer.Option("--document", metavar="文号", help="文号")] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """不予批准（乡镇或县教育局），须写明理由。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.leave.deciding import refuse as refused

        words = desk.papers.note(reason)
        return lambda filing: refused(
            filing.application,
            filing.ctx,
            role=role,
            on=when,
            reason=words,
            document=document,
        )

    carry_out(wired, key, make, seen=seen)


def extend(
    ctx: typer.Context,
    key: KeyArgument,
    until: Annotated[str, typer.Option("--until", metavar="日期", help="新的最后一天")],
    document: DocumentOption,
    evidence: EvidenceOption = None,
    review_on: ReviewOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """批准延期（乡镇或县教育局），须附新的证明。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    ends, again = day(until, "--until"), day(review_on, "--review-on")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.application.leave_course import extend as extended

        paper, files = desk.paper(evidence)
        return extended(
            role=role,
            on=when,
            until=ends or when,
            document=document,
            paper=paper,
            review_on=again,
            attachments=files,
        )

    carry_out(wired, key, make, seen=seen)


def review(
    ctx: typer.Context,
    key: KeyArgument,
    note: NoteOption = None,
    review_on: ReviewOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记复核：理由是否仍在，下次哪天复核。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    again = day(review_on, "--review-on")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.leave.deciding import review as reviewed

        words = desk.papers.note(note)
        return lambda filing: reviewed(
            filing.application,
            filing.ctx,
            filing.child,
            role=role,
            on=when,
            note=words,
            review_on=again,
        )

    carry_out(wired, key, make, seen=seen)


def resume(
    ctx: typer.Context,
    key: KeyArgument,
    class_key: Annotated[
        str, typer.Option("--class", metavar="班级", help="班级编号：学校标识码/入学年/班")
    ],
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = "principal",
    seen: SeenOption = None,
) -> None:
    """办理复学（休学的）或入学（缓学、免学、送教上门的）；因病休学须附康复证明。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.application.leave_course import resume as resumed

        paper, _files = desk.paper(evidence)
        return resumed(role=role, on=when, class_key=class_key, paper=paper)

    carry_out(wired, key, make, seen=seen)


def hospitals(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Option("--name", metavar="医院", help="指定这家医院（须有 --document）")
    ] = None,
    drop: Annotated[
        str | None, typer.Option("--drop", metavar="医院", help="不再指定这家医院")
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", metavar="文号", help="指定的文号")
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """县教育局指定的、可以出具免学证明的医院：查看、指定、取消。"""
    from ckbx.application.leave_papers import name_hospital
    from ckbx.domain.leave.hospitals import NamedHospitals

    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    with wired.store() as store:
        for hospital, gone in ((name, False), (drop, True)):
            if hospital:
                name_hospital(
                    store.office,
                    store.office.context(wired.actor),
                    role=role,
                    on=when,
                    hospital=hospital.strip(),
                    document=document,
                    drop=gone,
                )
        stream = NamedHospitals.stream(store.office.county)
        known = NamedHospitals(stream).replay(store.log.load([stream]).get(stream, []))
    for hospital, number in known.names.items():
        typer.echo(f"{hospital}\t{number}")
    if not known.names:
        say("还没有指定医院；用 --name 医院 --document 文号 指定")
