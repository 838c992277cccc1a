"""``check-in``: children seen by name at the opening of a term."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, Wiring, say, wiring
from ckbx.cli.import_commands import OnOption, run_import
from ckbx.cli.options import Plain, day

if TYPE_CHECKING:
    from datetime import date

    from ckbx.imports.job import ImportJob
    from ckbx.imports.summary import ImportSummary


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("check-in", cls=Command)(check_in)


def check_in(
    ctx: typer.Context,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="儿童…", help="学籍号、身份证号或内部编号，可以有多个"),
    ] = None,
    on: OnOption = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="文件", help="报到表，同 ckbx import checkin"),
    ] = None,
) -> None:
    """登记开学报到：这些儿童人到了，从那一天起点名不必再逐名写到校。"""
    wired = wiring(ctx)
    since = day(on, "--on")
    if not keys and file is None:
        raise UsageRefused(what="请写明儿童（学籍号），或用 --file 给出报到表")
    if keys:
        _named(wired, keys, since)
    if file is not None:
        _listed(wired, file, since)


def _named(wired: Wiring, keys: list[str], since: date | None) -> None:
    from ckbx.application.check_in import check_in
    from ckbx.ledgers.child import find_child

    with wired.store() as store:
        office = store.office
        on = since or office.today()
        days = {find_child(store.vault, key): on for key in keys}
        before = store.log.head()
        check_in(office, office.context(wired.actor), days)
        changed = store.log.head() > before
        store.catch_up()
    said = "已登记报到" if changed else "早已登记报到，没有改动"
    say(f"{len(days)} 名儿童 {on} {said}")


def _listed(wired: Wiring, file: Path, since: date | None) -> None:
    from ckbx.imports.checkin import import_checkin

    def run(job: ImportJob) -> ImportSummary:
        return import_checkin(job, [file], on=since)

    run_import(wired, run, Plain.TABLE)
