"""``doctor``: is everything in order, and what must be done where it is not?"""

from __future__ import annotations

from typing import Annotated, Final

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import screen, wiring
from ckbx.cli.health import examine
from ckbx.cli.health_line import FAIL, Check
from ckbx.cli.options import Plain, PlainFormatOption

_WORDS: Final = {"ok": "正常", "warn": "注意", "fail": "故障"}
_STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "red"}
_EXIT_FAILED: Final = 4


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("doctor", cls=Command)(doctor)


def doctor(
    ctx: typer.Context,
    form: PlainFormatOption = Plain.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", help="只列注意和故障")] = False,
) -> None:
    """检查设置、密钥、校历、岗位、台账进度、日常工作、消息等，每项说明正常、注意或故障以及怎么办。

    有故障时退出码为 4。
    """
    from ckbx.ledgers.output import json_bytes

    checks = [each for each in examine(wiring(ctx)) if not quiet or each.state != "ok"]
    if form is Plain.JSON:
        rows = [
            {"check": c.name, "state": c.state, "detail": c.detail, "mend": c.mend} for c in checks
        ]
        typer.echo(json_bytes({"rows": rows}), nl=False)
    else:
        _show(checks)
    if any(each.state == FAIL for each in checks):
        raise typer.Exit(_EXIT_FAILED)


def _show(checks: list[Check]) -> None:
    from rich.text import Text

    console = screen()
    for each in checks:
        mark = Text(_WORDS[each.state], style=_STYLES[each.state])
        line = Text.assemble(mark, f"　{each.name}：{each.detail}")
        if each.mend:
            line.append(f"　→ {each.mend}")
        console.print(line, soft_wrap=True)
