"""``alerts``: what must be done, by whom, resting on which facts."""

from __future__ import annotations

from typing import Annotated

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import wiring
from ckbx.cli.ledger_commands import emit, fill, scope_of, times
from ckbx.cli.options import (
    AsOfOption,
    FormatOption,
    KnownAtOption,
    OutputOption,
    SchoolOption,
    WhyOption,
    chosen_format,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("alerts", cls=Command)(alerts)


def alerts(
    ctx: typer.Context,
    to: Annotated[
        str | None, typer.Option("--to", metavar="账号", help="只看发给这个账号的")
    ] = None,
    school: SchoolOption = None,
    open_only: Annotated[bool, typer.Option("--open", help="只看未办结的")] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """列出预警和待办：依据的规则、版本和记录，发给谁，办到哪一步。"""
    from ckbx.ledgers.catalogue import ALERTS
    from ckbx.ledgers.question import Question

    wired = wiring(ctx)
    chosen = chosen_format(form, output)
    as_of_day, known = times(wired, as_of, known_at)
    question = Question(
        scope=scope_of(ALERTS, school, None),
        as_of=as_of_day,
        known_at=known,
        to=to,
        open_only=open_only,
    )
    sheet = fill(wired, ALERTS, question, "alerts", why)
    emit(sheet, chosen, output, wired.settings.font_dir)
