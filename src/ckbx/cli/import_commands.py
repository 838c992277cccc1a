"""``import``: files that a county brings, and taking one import back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import offered, pick
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, day
from ckbx.domain.school.register_source import RegisterSource

if TYPE_CHECKING:
    from ckbx.imports.job import ImportJob
    from ckbx.imports.summary import ImportSummary
    from ckbx.store import Store

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="文件…", help="xlsx、xls 或 csv 文件，可以有多个")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="只核对，什么也不写入")]
AcceptOption = Annotated[
    bool, typer.Option("--accept-valid", help="有错的行跳过并列出，其余照常导入")
]
CorrectOption = Annotated[
    str | None, typer.Option("--correct", metavar="理由", help="改回以前的内容时必须写明理由")
]
EffectiveOption = Annotated[
    str | None,
    typer.Option("--effective", metavar="日期", help="从哪一天算起；默认本学期第一天"),
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", metavar="来源", help=f"名单是哪里来的：{offered(RegisterSource)}"),
]
OnOption = Annotated[
    str | None,
    typer.Option("--on", metavar="日期", help="哪一天报到（文件里另有日期的以文件为准）；默认今天"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="导入校历、花名册、责任链、点名、报到、比对名单，或撤销一次导入。",
        no_args_is_help=True,
    )
    group.command("calendar", cls=Command)(calendar)
    group.command("roster", cls=Command)(roster)
    group.command("chain", cls=Command)(chain)
    group.command("rollcalls", cls=Command)(rollcalls)
    group.command("checkin", cls=Command)(checkin)
    group.command("register", cls=Command)(register_list)
    group.command("undo", cls=Command)(undo)
    group.command("blank", cls=Command)(blank)
    app.add_typer(group, name="import")


def calendar(
    ctx: typer.Context,
    files: FilesArgument,
    dry_run: DryRunOption = False,
    accept_valid: AcceptOption = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """导入校历：学期起止、停课、放假、补课。第一次导入确定属于哪个县。"""
    from ckbx.imports.calendar_file import import_calendar

    def run(job: ImportJob) -> ImportSummary:
        return import_calendar(job, files, dry_run=dry_run, accept_valid=accept_valid)

    run_import(wiring(ctx), run, form)


def roster(
    ctx: typer.Context,
    files: FilesArgument,
    effective: EffectiveOption = None,
    dry_run: DryRunOption = False,
    accept_valid: AcceptOption = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """导入花名册。名册里没有的儿童不会被删除，转校、信息变化会列出。"""
    from ckbx.imports.roster import import_roster

    since = day(effective, "--effective")

    def run(job: ImportJob) -> ImportSummary:
        return import_roster(
            job, files, effective=since, dry_run=dry_run, accept_valid=accept_valid
        )

    run_import(wiring(ctx), run, form)


def blank(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里，以 .xlsx 结尾")],
) -> None:
    """写一份空白花名册（Excel）：列都排好了，附填写说明和示例；填好用 import roster 导入。"""
    from ckbx.imports.blank import blank_roster

    if file.suffix.lower() != ".xlsx":
        raise UsageRefused(what=f"“{file.name}”要以 .xlsx 结尾")
    if file.exists():
        raise UsageRefused(what=f"已有文件 {file}，没有覆盖：请换一个文件名")
    try:
        file.write_bytes(blank_roster())
    except OSError as error:
        raise UsageRefused(what=f"不能写文件 {file}（{error.strerror}）：请换一个") from error
    say(f"空白花名册在 {file}。")


def chain(
    ctx: typer.Context,
    files: FilesArgument,
    correct: CorrectOption = None,
    dry_run: DryRunOption = False,
    accept_valid: AcceptOption = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """导入责任链（双线四包）：岗位、范围、责任人、起止。"""
    from ckbx.imports.chain import import_chain

    def run(job: ImportJob) -> ImportSummary:
        return import_chain(job, files, dry_run=dry_run, accept_valid=accept_valid, correct=correct)

    run_import(wiring(ctx), run, form)


def rollcalls(
    ctx: typer.Context,
    files: FilesArgument,
    correct: CorrectOption = None,
    dry_run: DryRunOption = False,
    accept_valid: AcceptOption = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """导入点名。与以前相同的不变，不同的作为更正，两次都保留。"""
    from ckbx.imports.rollcalls import import_rollcalls

    def run(job: ImportJob) -> ImportSummary:
        return import_rollcalls(
            job, files, dry_run=dry_run, accept_valid=accept_valid, correct=correct
        )

    run_import(wiring(ctx), run, form)


def checkin(
    ctx: typer.Context,
    files: FilesArgument,
    on: OnOption = None,
    dry_run: DryRunOption = False,
    accept_valid: AcceptOption = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """导入报到表：开学逐名到校的学生。要有学籍号，可加日期、学校标识码、年级、班级。"""
    from ckbx.imports.checkin import import_checkin

    since = day(on, "--on")

    def run(job: ImportJob) -> ImportSummary:
        return import_checkin(job, files, on=since, dry_run=dry_run, accept_valid=accept_valid)

    run_import(wiring(ctx), run, form)


def register_list(
    ctx: typer.Context,
    files: FilesArgument,
    source: SourceOption = None,
    dry_run: DryRunOption = False,
    accept_valid: AcceptOption = False,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """导入比对名单（公安户籍等）：不在任何学校名册里的适龄儿童列为疑似失学，等待核实。"""
    from ckbx.imports.register import import_register

    of = pick(RegisterSource, source, "--source") if source else None

    def run(job: ImportJob) -> ImportSummary:
        how = {"dry_run": dry_run, "accept_valid": accept_valid}
        return import_register(job, files, source=of, **how)

    run_import(wiring(ctx), run, form)


def undo(
    ctx: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="批次", help="导入完成时显示的批次号")],
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """撤销一次导入：写入更正记录，不删除任何东西。"""
    from ckbx.imports.undo import undo_import

    def run(job: ImportJob) -> ImportSummary:
        return undo_import(job, batch)

    run_import(wiring(ctx), run, form)


def run_import(wired: Wiring, action: Callable[[ImportJob], ImportSummary], form: Plain) -> None:
    """Carry an import through, tell what it did, and end with its exit code."""
    from ckbx.imports.job import ImportJob
    from ckbx.ledgers.output import json_bytes

    with wired.store(named=False) as store, _progress() as progress:
        job = ImportJob(
            office=store.office, vault=store.vault, actor=wired.actor, progress=progress
        )
        summary = action(job)
        _fold(store, summary)
    if form is Plain.JSON:
        typer.echo(json_bytes(summary.as_json()), nl=False)
    for line in summary.lines():
        say(line)
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)


def _fold(store: Store, summary: ImportSummary) -> None:
    """Bring the ledgers up to date at once, so that the next question need not wait."""
    if store.log.county and not summary.dry_run:
        store.catch_up()


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None, str], None]]:
    """A bar on stderr while somebody looks, nothing else."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _text: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen(err=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(done: int, total: int | None, text: str) -> None:
            if text not in tasks:
                tasks[text] = bar.add_task(text, total=total)
            bar.update(tasks[text], completed=done, total=total)

        yield tell
