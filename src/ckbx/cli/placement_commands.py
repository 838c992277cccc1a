"""``placement``: the committee's assessment, the county's decision, visits at home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.case_desk import acting
from ckbx.cli.case_options import BUREAU, AsOption, EvidenceOption, NoteOption, OnOption
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import offered, pick
from ckbx.cli.context import screen, wiring
from ckbx.cli.leave_desk import (
    AdvisesOption,
    DocumentOption,
    KeyArgument,
    LeaveDesk,
    PlanOption,
    ReviewOption,
    SeenOption,
    TeacherOption,
    carry_out_placing,
    looking,
)
from ckbx.cli.options import AsOfOption, KnownAtOption, Plain, PlainFormatOption, WhyOption, day
from ckbx.domain.placement.codes import PlacementKind

if TYPE_CHECKING:
    from ckbx.application.placement import Act


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="残疾儿童安置：专家委员会评估、一人一案、复核、送教登记。",
        no_args_is_help=True,
    )
    group.command("show", cls=Command)(show)
    group.command("assess", cls=Command)(assess)
    group.command("decide", cls=Command)(decide)
    group.command("review", cls=Command)(review)
    group.command("end", cls=Command)(end)
    group.command("visit", cls=Command)(visit)
    group.command("void", cls=Command)(void)
    app.add_typer(group, name="placement")


def show(
    ctx: typer.Context,
    key: KeyArgument,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """一个儿童的评估、安置、逐月送教和经过。"""
    from ckbx.cli.leave_screen import print_placement
    from ckbx.ledgers.leave_view import placement_json
    from ckbx.ledgers.output import json_bytes

    with looking(wiring(ctx), "placement show", (as_of, known_at), why) as look:
        found = placement_json(look, key)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_placement(found, screen())


def assess(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    key: KeyArgument,
    advises: AdvisesOption,
    document: DocumentOption,
    evidence: EvidenceOption = None,
    certificate: Annotated[
        str | None,
        typer.Option("--certificate", metavar="残疾证号", help="20 位残疾证号；只存入个人信息库"),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option("--category", metavar="类别", help="残疾类别；有残疾证号的可省略"),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option("--level", metavar="等级", help="残疾等级；有残疾证号的可省略"),
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记专家委员会的评估意见（县教育局）。残疾证号、类别、等级和意见只存入个人信息库。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    chosen = pick(PlacementKind, advises, "--advises")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.placement.assessing import Found, category_of, level_of
        from ckbx.domain.placement.assessing import assess as assessed
        from ckbx.domain.placement.codes import DISABILITIES, LEVELS
        from ckbx.domain.shared.identifiers import normalise, parse_disability_number

        words, files = desk.paper(evidence)
        number = None
        kind, grade = category, level
        if certificate:
            parse_disability_number(certificate)
            number = normalise(certificate)
            kind, grade = kind or DISABILITIES[number[18]], grade or LEVELS[number[19]]
        found = Found(
            on=when,
            document=document,
            advises=chosen,
            opinion=words,
            certificate=desk.papers.note(number),
            category=desk.papers.note(category_of(kind) if kind else None),
            level=desk.papers.note(level_of(grade) if grade else None),
            attachments=files,
        )
        return lambda placing: assessed(
            placing.placement, placing.ctx, placing.child.id, found, role=role
        )

    carry_out_placing(wired, key, make, seen=seen)


def decide(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    key: KeyArgument,
    kind: Annotated[
        str, typer.Option("--kind", metavar="安置", help=f"怎样安置：{offered(PlacementKind)}")
    ],
    document: DocumentOption,
    plan_no: Annotated[str, typer.Option("--plan-no", metavar="编号", help="一人一案编号")] = "",
    plan: PlanOption = None,
    review_on: ReviewOption = None,
    teacher: TeacherOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """确定随班就读、特教班、特教学校（县教育局）。

    须先有专家委员会评估；送教上门、缓学、免学由监护人申请，用 ckbx leave apply。
    """
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    chosen, again = pick(PlacementKind, kind, "--kind"), day(review_on, "--review-on")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.placement.deciding import Plan
        from ckbx.domain.placement.deciding import decide as decided

        if teacher:
            desk.holder(teacher, when)
        given = Plan(
            on=when,
            kind=chosen,
            document=document,
            plan_no=plan_no,
            review_on=again,
            teacher=teacher,
            plan=desk.papers.note(plan),
        )
        return lambda placing: decided(
            placing.placement, placing.ctx, placing.child, given, role=role
        )

    carry_out_placing(wired, key, make, seen=seen)


def review(
    ctx: typer.Context,
    key: KeyArgument,
    note: NoteOption = None,
    review_on: ReviewOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记对随班就读、特教安置的复核（县教育局）。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    again = day(review_on, "--review-on")

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.placement.deciding import review as reviewed

        words = desk.papers.note(note)
        return lambda placing: reviewed(
            placing.placement, placing.ctx, role=role, on=when, review_on=again, note=words
        )

    carry_out_placing(wired, key, make, seen=seen)


def end(
    ctx: typer.Context,
    key: KeyArgument,
    document: DocumentOption,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """结束随班就读、特教安置（县教育局），写明理由。送教上门、缓学、免学随入学、复学结束。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.placement.deciding import end_at_school

        words = desk.papers.note(note)
        return lambda placing: end_at_school(
            placing.placement, placing.ctx, role=role, on=when, document=document, note=words
        )

    carry_out_placing(wired, key, make, seen=seen)


def visit(
    ctx: typer.Context,
    key: KeyArgument,
    lessons: Annotated[int, typer.Option("--lessons", metavar="课时", help="上了几课时")],
    people: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="人",
            help="送教教师，每人写一次；没有账号的写“姓名=角色”，姓名只存入个人信息库",
        ),
    ] = None,
    content: Annotated[
        str | None,
        typer.Option("--content", metavar="文字", help="教学内容；只存入个人信息库"),
    ] = None,
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = "class_teacher",
    seen: SeenOption = None,
) -> None:
    """登记一次送教上门：哪天、谁去、几课时、教了什么。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.placement.visits import visit as visited

        _ref, files = desk.paper(evidence)
        teachers = desk.participants(people or [], when)
        words = desk.papers.note(content)
        return lambda placing: visited(
            placing.placement,
            placing.ctx,
            placing.child,
            role=role,
            on=when,
            lessons=lessons,
            teachers=teachers,
            content=words,
            attachments=files,
        )

    carry_out_placing(wired, key, make, seen=seen)


def void(
    ctx: typer.Context,
    key: KeyArgument,
    number: Annotated[int, typer.Option("--visit", metavar="次", help="第几次送教")],
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = "class_teacher",
    seen: SeenOption = None,
) -> None:
    """更正误登的一次送教，须写明理由；原来的登记仍看得到。"""
    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)

    def make(desk: LeaveDesk) -> Act:
        from ckbx.domain.placement.visits import void_visit

        words = desk.papers.note(note)
        return lambda placing: void_visit(
            placing.placement, placing.ctx, role=role, on=when, number=number, reason=words
        )

    carry_out_placing(wired, key, make, seen=seen)
