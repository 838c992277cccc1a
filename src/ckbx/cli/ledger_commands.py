"""``ledgers`` and ``ledger``: which ledgers there are, and one of them filled."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import DEFAULT_PURPOSE, UsageRefused, Wiring, put, say, screen, wiring
from ckbx.cli.options import (
    AllOption,
    AsOfOption,
    Format,
    FormatOption,
    KnownAtOption,
    OutputOption,
    Plain,
    PlainFormatOption,
    SchoolOption,
    TownshipOption,
    WhyOption,
    chosen_format,
    day,
    instant,
)
from ckbx.clock import local_day

if TYPE_CHECKING:
    from ckbx.ledgers.model import Ledger, Sheet
    from ckbx.ledgers.question import Question
    from projections.scope import Scope

_TOWNSHIP_DIGITS = (9, 12)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ledgers", cls=Command)(ledgers)
    app.command("ledger", cls=Command)(ledger)


def ledgers(ctx: typer.Context, form: PlainFormatOption = Plain.TABLE) -> None:  # noqa: ARG001
    """列出有哪些台账。"""
    from rich.table import Table

    from ckbx.ledgers.catalogue import LEDGERS
    from ckbx.ledgers.output import json_bytes

    if form is Plain.JSON:
        rows = [
            {
                "ledger": each.name,
                "title": each.title,
                "caliber": each.caliber,
                "about": each.about,
                "columns": [{"key": c.key, "heading": c.heading} for c in each.columns],
            }
            for each in LEDGERS.values()
        ]
        typer.echo(json_bytes({"rows": rows}), nl=False)
        return
    table = Table(title="台账")
    for heading in ("名称", "台账", "口径", "内容"):
        table.add_column(heading)
    for each in LEDGERS.values():
        table.add_row(each.name, each.title, each.caliber, each.about)
    screen().print(table)


def ledger(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="名称", help="台账名称，见 ckbx ledgers；也可写中文名")
    ],
    school: SchoolOption = None,
    township: TownshipOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    all_: AllOption = False,
    why: WhyOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """输出一本台账。

    默认按今天、按现在已记录的情况；--as-of 问某一天的情况，--known-at 问当时知道的情况。
    """
    from ckbx.ledgers.question import Question

    wired = wiring(ctx)
    of = _ledger(name)
    chosen = chosen_format(form, output)
    scope = scope_of(of, school, township)
    as_of_day, known = times(wired, as_of, known_at)
    question = Question(scope=scope, as_of=as_of_day, known_at=known, all_=all_)
    sheet = fill(wired, of, question, f"ledger {of.name}", why, chosen)
    emit(sheet, chosen, output, wired.settings.font_dir)


def _ledger(name: str) -> Ledger:
    from ckbx.ledgers.catalogue import LEDGERS

    by_title = {each.title: each for each in LEDGERS.values()}
    found = LEDGERS.get(name) or by_title.get(name)
    if found is None:
        raise UsageRefused(what=f"没有台账 {name}；可用：{'、'.join(LEDGERS)}")
    return found


def scope_of(of: Ledger, school: str | None, township: str | None) -> Scope:
    """What the person asked to see. Raises UsageRefused."""
    from projections.scope import Scope

    if school is not None and township is not None:
        raise UsageRefused(what="--school 和 --township 只能给一个")
    if school is not None:
        return Scope.schools([school])
    if township is None:
        return Scope.county()
    if not of.by_township:
        raise UsageRefused(what=f"{of.title}按学校统计，不能用 --township")
    if not (township.isascii() and township.isdigit() and len(township) in _TOWNSHIP_DIGITS):
        raise UsageRefused(what=f"--township 的代码“{township}”不能用：应为 9 位或 12 位数字")
    return Scope.villages([township])


def times(wired: Wiring, as_of: str | None, known_at: str | None) -> tuple[date, datetime | None]:
    """As-of day and known-at instant; the day defaults to that of the instant, else today."""
    zone = wired.clock.zone
    known = instant(known_at, "--known-at", zone)
    asked = day(as_of, "--as-of")
    if asked is None:
        asked = min(local_day(known, zone), wired.today) if known else wired.today
    return asked, known


def fill(
    wired: Wiring, of: Ledger, question: Question, view: str, why: str | None, form: Format
) -> Sheet:
    """The filled ledger, under one access record of this command; marked where its form is one
    of files that people hand on, wherever it is written to.
    """
    from ckbx.ledgers.exporting import MARKED, marked
    from ckbx.vault import Access

    is_marked = form.value in MARKED
    access = Access(
        actor=wired.actor,
        view=f"ckbx {view.removesuffix(f' {of.name}') if is_marked else view}",
        purpose=why or DEFAULT_PURPOSE,
    )
    with wired.desk() as (store, desk):
        if not is_marked:
            return desk.fill(of, question, access)
        now = store.clock.now()
        return marked(
            store.vault, access, now, of, form.value, lambda each: desk.fill(of, question, each)
        )


def emit(sheet: Sheet, form: Format, output: Path | None, fonts: Path | None = None) -> None:
    """Hand the ledger out in the form asked for; ``fonts``: the office's own, for pdf."""
    from ckbx.ledgers.output import print_table, sheet_csv, sheet_json

    if form is Format.TABLE:
        if output is not None:
            raise UsageRefused(what="写到文件时请用 --format json、csv、xlsx 或 pdf")
        print_table(sheet, screen())
        return
    for note in sheet.notes:
        say(f"注意：{note}")
    named = sheet.ledger.of_children and bool(sheet.rows)
    if form is Format.JSON:
        put(sheet_json(sheet), output, of_children=named)
    elif form is Format.CSV:
        put(sheet_csv(sheet), output, of_children=named)
    elif form is Format.PDF:
        from ckbx.ledgers.pdf import sheet_pdf

        put(sheet_pdf(sheet, fonts), output, binary=True, of_children=named)
    else:
        from ckbx.ledgers.xlsx import sheet_xlsx

        put(sheet_xlsx(sheet), output, binary=True, of_children=named)
