"""``report``: the monthly report of a school and the county's summary, shown, signed, compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.case_desk import acting
from ckbx.cli.case_options import BUREAU
from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.ledger_commands import times
from ckbx.cli.options import KnownAtOption, Plain, PlainFormatOption, day

if TYPE_CHECKING:
    from ckbx.domain.report.months import Month
    from ckbx.domain.report.report import CountySummary, SchoolReport
    from ckbx.ledgers.question import Look
    from ckbx.store import Store

MonthOption = Annotated[
    str | None, typer.Option("--month", metavar="月份", help="哪个月，如 2026-11；默认本月")
]
SchoolOption = Annotated[
    str | None,
    typer.Option("--school", metavar="学校标识码", help="哪所学校；不写为县汇总"),
]
VersionOption = Annotated[
    int | None,
    typer.Option("--version", metavar="版", help="看已签的第几版；不写为按现在的记录算出的数字"),
]
ReportDayOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="日期", help="数字截至哪一天；默认今天，月份已过的为月末"),
]
AsOption = Annotated[
    str, typer.Option("--as", metavar="角色", help="以什么身份签字：校长，或县教育局控辍保学专干")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group, help="学校月报和县汇总：查看、签字封存、比较两版。", no_args_is_help=True
    )
    group.command("show", cls=Command)(show)
    group.command("sign", cls=Command)(sign)
    group.command("list", cls=Command)(list_)
    group.command("compare", cls=Command)(compare)
    group.command("county", cls=Command)(county)
    app.add_typer(group, name="report")


def show(
    ctx: typer.Context,
    month: MonthOption = None,
    school: SchoolOption = None,
    version: VersionOption = None,
    as_of: ReportDayOption = None,
    known_at: KnownAtOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """看一个月的数字：签字前按现在的记录（--known-at 按那时的记录），或已签的某一版。

    零报告旁边列出当月未返校、疑似和未报点名，并核对封存摘要。
    """
    from ckbx.ledgers import monthly, monthly_drafts

    wired = wiring(ctx)
    of = _month(wired, month)
    if version is not None and known_at is not None:
        raise UsageRefused(what="--version 和 --known-at 只能给一个：已签的版本本身记着知晓时刻")
    with _looking(wired, _as_of(wired, of, as_of), known_at) as (store, look):
        if version is not None:
            signed = _report(store, of, school).version_of(of, version)
            found = monthly.document(look, of, signed, school or store.office.county)
        elif school is not None:
            draft = monthly_drafts.draft_of(look, of, school, look.question.as_of)
            found = monthly.document(look, of, draft, school)
        else:
            whole, schools = monthly_drafts.county_draft(look, of, look.question.as_of)
            found = monthly.preview(look, of, whole, schools)
    _out(found, form)


def sign(
    ctx: typer.Context,
    month: MonthOption = None,
    school: SchoolOption = None,
    as_of: ReportDayOption = None,
    as_: AsOption = "",
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """签字封存：数字、口径、截至日、知晓时刻一并记入，不再改动。更正后再签是新的一版，旧版仍在。

    学校月报由校长签（自报告日前 7 天起），县汇总由县教育局控辍保学专干签（月份结束后）。
    """
    from ckbx.application import reports
    from ckbx.ledgers import monthly, monthly_drafts

    wired = wiring(ctx)
    of = _month(wired, month)
    role = acting(as_ or ("principal" if school else BUREAU)).value
    with _looking(wired, _as_of(wired, of, as_of), None) as (store, look):
        office = store.office
        context = office.context(wired.actor)
        if school is not None:
            draft = monthly_drafts.draft_of(look, of, school, look.question.as_of)
            reports.sign_school(office, context, draft, school=school, role=role)
        else:
            draft, schools = monthly_drafts.county_draft(look, of, look.question.as_of)
            reports.sign_county(office, context, draft, due=list(schools), role=role)
        signed = _report(store, of, school).version_of(of)
        found = monthly.document(look, of, signed, school or office.county)
        what = look.school_names().get(school) or school if school else "县汇总"
    if form is Plain.JSON:
        _out(found, form)
        return
    say(f"已签字封存：{what} {of.key} 第 {signed.number} 版，截至 {signed.as_of}")
    say(f"封存摘要 {signed.digest}")
    if signed.zero:
        from ckbx.domain.report.figures import beside

        open_ = "、".join(f"{each.title} {each.numerator}" for each in beside(signed.figures))
        said = f"；同时当月有：{open_}，与零报告并列封存" if open_ else ""
        say(f"这是零报告{said}")
    if not school and signed.unsigned:
        say(f"注意：{len(signed.unsigned)} 所学校没有签月报，数字未汇入")


def list_(
    ctx: typer.Context,
    month: MonthOption = None,
    school: SchoolOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """列出签过的月报和县汇总，每版一行；给了 --month 时也列出没有签的学校。"""
    from ckbx.cli.report_screen import print_list
    from ckbx.ledgers import monthly_list
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    of = _month(wired, month) if month else None
    with _looking(wired, wired.today, None) as (_store, look):
        found = monthly_list.listed(look, of, school)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_list(found, screen())


def compare(
    ctx: typer.Context,
    month: MonthOption = None,
    school: SchoolOption = None,
    first: Annotated[
        int | None, typer.Option("--from", metavar="版", help="较早的一版；默认 --to 的前一版")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", metavar="版", help="较晚的一版；默认最新一版")
    ] = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """逐项比较两版，并与同一截至日按现在的记录比较：当时知道什么，现在知道什么。"""
    from ckbx.cli.report_screen import print_comparison
    from ckbx.ledgers import monthly_compare
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    of = _month(wired, month)
    with _looking(wired, wired.today, None) as (store, look):
        report = _report(store, of, school)
        after = report.version_of(of, last)
        earlier = first if first is not None else after.number - 1
        before = report.version_of(of, earlier) if earlier else None
        found = monthly_compare.compare(look, of, before, after)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_comparison(found, screen())


def county(
    ctx: typer.Context,
    month: MonthOption = None,
    version: VersionOption = None,
    as_of: ReportDayOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """县汇总：各校已签月报之和，列出没有签的学校，并列出系统里的全县数以便核对。"""
    show(ctx, month, None, version, as_of, None, form)


def _out(found: dict[str, Any], form: Plain) -> None:
    from ckbx.cli.report_screen import print_report
    from ckbx.ledgers.output import json_bytes

    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_report(found, screen())


def _month(wired: Wiring, text: str | None) -> Month:
    """The month typed, else the present one. Raises MonthUnreadable."""
    from ckbx.domain.report.months import month_of, read_month

    return read_month(text) if text else month_of(wired.today)


def _as_of(wired: Wiring, month: Month, text: str | None) -> date:
    return day(text, "--as-of") or min(wired.today, month.last_day)


def _report(store: Store, month: Month, school: str | None) -> SchoolReport | CountySummary:
    """The signed versions of a school's report, or of the county's, as the log has them."""
    from ckbx.domain.report.report import CountySummary, SchoolReport

    county_code, load = store.office.county, store.log.load
    if school is None:
        summary = CountySummary(CountySummary.stream(county_code, month))
        return summary.replay(load([summary.id]).get(summary.id, []))
    report = SchoolReport(SchoolReport.stream(county_code, school, month))
    return report.replay(load([report.id]).get(report.id, []))


@contextmanager
def _looking(wired: Wiring, as_of: date, known_at: str | None) -> Iterator[tuple[Store, Look]]:
    """One look at the answers; no personal data is read."""
    from ckbx.ledgers.monthly_drafts import ANSWERS
    from ckbx.ledgers.question import Question
    from ckbx.vault import Access
    from projections.scope import Scope

    _, known = times(wired, None, known_at)
    question = Question(scope=Scope.county(), as_of=as_of, known_at=known)
    access = Access(actor=wired.actor, view="ckbx report", purpose="月报")
    with wired.desk() as (store, desk), desk.look(question, access, ANSWERS) as look:
        yield store, look
