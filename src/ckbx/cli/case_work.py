"""``case teacher``, ``plan``, ``contact``, ``cause``, ``visit``, ``report``: the work on a case."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

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
from ckbx.cli.codes import offered, pick, pick_all
from ckbx.cli.context import UsageRefused, wiring
from ckbx.domain.case.codes import (
    CAUSE_CODES,
    Means,
    Measure,
    Met,
    Place,
    RiskLevel,
    RoundOutcome,
    Tier,
)

if TYPE_CHECKING:
    from ckbx.application.cases import Act, Work

_MET_HELP = f"见到谁，可写几次：{offered(Met)}"
_CAUSE_CODES = "；".join(f"{code} {name}" for code, name in CAUSE_CODES.items())

_CAUSE_SHORT = "登记辍学原因（只存入个人信息库）。"
_CAUSE_HELP = f"登记辍学原因：{_CAUSE_CODES}。原因只存入个人信息库，经过里只写登记过。"


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("teacher", cls=Command)(teacher)
    group.command("plan", cls=Command)(plan)
    group.command("cause", cls=Command, help=_CAUSE_HELP, short_help=_CAUSE_SHORT)(cause)
    group.command("risk", cls=Command)(risk)
    group.command("support", cls=Command)(support)
    group.command("contact", cls=Command)(contact)
    group.command("visit", cls=Command)(visit)
    group.command("report", cls=Command)(report)


def teacher(
    ctx: typer.Context,
    key: CaseArgument,
    account: Annotated[
        str, typer.Option("--account", metavar="账号", help="帮扶教师的账号，须已在责任链上")
    ],
    since: Annotated[
        str | None, typer.Option("--from", metavar="日期", help="从哪一天起；默认今天")
    ] = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """确定帮扶教师（校长或县教育局）；已有的办交接。岗位同时记入责任链。"""
    wired, role = wiring(ctx), acting(as_)
    first = on_day(wired, since, "--from")

    def make(desk: CaseDesk) -> Act:
        from ckbx.application.cases import name_teacher

        holder = desk.holder(account, first)
        return name_teacher(role=role, account=account, holder=holder, first_day=first)

    carry_out(wired, key, make, seen=seen)


def plan(
    ctx: typer.Context,
    key: CaseArgument,
    words: Annotated[
        str | None,
        typer.Option("--text", metavar="文字", help="方案内容；只存入个人信息库"),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="措施", help=f"帮扶措施，可写几次：{offered(Measure)}"),
    ] = None,
    review: Annotated[
        str | None, typer.Option("--review-on", metavar="日期", help="哪一天复核方案")
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """制定一生一策（学校或县教育局）；再办一次是新的一版。"""
    from ckbx.cli.options import day

    wired, role = wiring(ctx), acting(as_)
    chosen = pick_all(Measure, measures or [], "--measure")
    when, review_on = on_day(wired, on), day(review, "--review-on")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import make_plan

        ref = desk.papers.note(words)
        return lambda work: make_plan(
            work.case,
            work.ctx,
            role=role,
            on=when,
            plan=ref,
            measures=chosen,
            review_on=review_on,
        )

    carry_out(wired, key, make, seen=seen)


def cause(
    ctx: typer.Context,
    key: CaseArgument,
    code: Annotated[str, typer.Argument(metavar="原因", help="原因代码或名称，如 02 或 外出务工")],
    secondary: Annotated[bool, typer.Option("--secondary", help="是次要原因")] = False,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """A cause by its code; its help names them all."""
    wired, role = wiring(ctx), acting(as_)
    when = on_day(wired, on)
    by_name = {name: number for number, name in CAUSE_CODES.items()}
    number = by_name.get(code.strip(), code.strip())

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.errors import CauseUnknown
        from ckbx.domain.case.plan import record_cause

        ref = desk.papers.note(number) if number in CAUSE_CODES else None
        if ref is None:
            raise CauseUnknown(given=number)
        return lambda work: record_cause(
            work.case, work.ctx, role=role, on=when, cause=number, ref=ref, primary=not secondary
        )

    carry_out(wired, key, make, seen=seen)


def risk(
    ctx: typer.Context,
    key: CaseArgument,
    level: Annotated[str, typer.Argument(metavar="等级", help="蓝、黄、橙、红")],
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """评定风险等级（学校或县教育局）。"""
    wired, role, chosen = wiring(ctx), acting(as_), pick(RiskLevel, level, "等级")
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import assess_risk

        ref = desk.papers.note(note)
        return lambda work: assess_risk(
            work.case, work.ctx, role=role, on=when, level=chosen, note=ref
        )

    carry_out(wired, key, make, seen=seen)


def support(
    ctx: typer.Context,
    key: CaseArgument,
    measure: Annotated[str, typer.Argument(metavar="措施", help=f"哪种措施：{offered(Measure)}")],
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记落实了一项帮扶措施。"""
    wired, role, chosen = wiring(ctx), acting(as_), pick(Measure, measure, "措施")
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import give_support

        ref = desk.papers.note(note)
        return lambda work: give_support(
            work.case, work.ctx, role=role, on=when, measure=chosen, note=ref
        )

    carry_out(wired, key, make, seen=seen)


def contact(
    ctx: typer.Context,
    key: CaseArgument,
    met: Annotated[list[str] | None, typer.Option("--met", metavar="人", help=_MET_HELP)] = None,
    means: Annotated[
        str, typer.Option("--means", metavar="方式", help=f"方式：{offered(Means)}")
    ] = Means.CALL.value,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记联系监护人（电话、上门了解情况），不算劝返。"""
    wired, role = wiring(ctx), acting(as_)
    how, seen_people = pick(Means, means, "--means"), pick_all(Met, met or [], "--met")
    when = on_day(wired, on)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import contact as made

        ref = desk.papers.note(note)
        return lambda work: made(
            work.case, work.ctx, role=role, on=when, means=how, met=seen_people, note=ref
        )

    carry_out(wired, key, make, seen=seen)


def visit(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    key: CaseArgument,
    hour: Annotated[str, typer.Option("--at", metavar="时刻", help="几点，如 19:00")],
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="结果", help=f"结果：{offered(RoundOutcome)}")
    ],
    people: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="账号",
            help="参加的人，每人写一次，至少 2 人；没有账号的写“姓名=角色”，姓名只存入个人信息库",
        ),
    ] = None,
    met: Annotated[list[str] | None, typer.Option("--met", metavar="人", help=_MET_HELP)] = None,
    tier: Annotated[
        str, typer.Option("--tier", metavar="层级", help=f"层级：{offered(Tier)}")
    ] = Tier.SCHOOL.value,
    place: Annotated[
        str, typer.Option("--place", metavar="地点", help=f"地点：{offered(Place)}")
    ] = Place.HOME.value,
    means: Annotated[
        str, typer.Option("--means", metavar="方式", help=f"方式：{offered(Means)}")
    ] = Means.VISIT.value,
    promised: Annotated[
        str | None, typer.Option("--promised", metavar="日期", help="监护人承诺送返的日期")
    ] = None,
    note: NoteOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记一次劝返（家访）：谁去的、见到谁、结果怎样。"""
    from ckbx.cli.options import day

    wired, role = wiring(ctx), acting(as_)
    when, promised_on = on_day(wired, on), day(promised, "--promised")
    codes: dict[str, Any] = {
        "tier": pick(Tier, tier, "--tier"),
        "place": pick(Place, place, "--place"),
        "means": pick(Means, means, "--means"),
        "met": pick_all(Met, met or [], "--met"),
        "outcome": pick(RoundOutcome, outcome, "--outcome"),
    }

    def make(desk: CaseDesk) -> Act:
        from ckbx.application.cases import persuade
        from ckbx.domain.case.persuasion import RoundHeld

        held = RoundHeld(
            on=when,
            hour=hour,
            participants=desk.participants(people or [], when),
            promised_on=promised_on,
            words=desk.papers.note(note),
            **codes,
        )
        return persuade(held, role=role)

    carry_out(wired, key, make, seen=seen)


def report(
    ctx: typer.Context,
    key: CaseArgument,
    document: Annotated[str, typer.Option("--document", metavar="文号", help="报告的文号")],
    evidence: EvidenceOption = None,
    on: OnOption = None,
    as_: AsOption = "principal",
    seen: SeenOption = None,
) -> None:
    """登记学校书面报告（校长，劝返无效后 24 小时内报乡镇和县教育局）。"""
    wired, role = wiring(ctx), acting(as_)
    when: date = on_day(wired, on)
    _check_document(document)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import persuasion

        ref, files = desk.evidence(evidence)

        def act(work: Work) -> None:
            from uuid import UUID

            note = UUID(ref) if ref and not files else None
            persuasion.report(
                work.case,
                work.ctx,
                role=role,
                on=when,
                document=document,
                note=note,
                attachments=files,
            )

        return act

    carry_out(wired, key, make, seen=seen)


def _check_document(document: str) -> None:
    from ckbx.domain.shared.personal import holds_number

    if holds_number(document):
        raise UsageRefused(what="--document 只写文号，不能含证件号或电话号")
