"""``indicators``: every indicator with its 口径, numerator, denominator and date known."""

from __future__ import annotations

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
    app.command("indicators", cls=Command)(indicators)


def indicators(
    ctx: typer.Context,
    school: SchoolOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """输出控辍保学指标：各带口径、分子、分母和知晓时刻。

    没有依据的写无数据和原因，不写 0。各指标的算法见 docs/ledgers.md。
    """
    from ckbx.ledgers.catalogue import INDICATORS
    from ckbx.ledgers.question import Question

    wired = wiring(ctx)
    chosen = chosen_format(form, output)
    as_of_day, known = times(wired, as_of, known_at)
    scope = scope_of(INDICATORS, school, None)
    question = Question(scope=scope, as_of=as_of_day, known_at=known)
    sheet = fill(wired, INDICATORS, question, "indicators", why, chosen)
    emit(sheet, chosen, output, wired.settings.font_dir)
