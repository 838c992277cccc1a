"""``doctor``: is everything in order, and what must be done where it is not?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

import ckbx
from ckbx.cli.chinese import Command
from ckbx.cli.context import screen, wiring
from ckbx.cli.health import examine
from ckbx.cli.health_line import FAIL, Check
from ckbx.cli.options import Plain, PlainFormatOption
from ckbx.domain.shared.errors import CkbxError

_WORDS: Final = {"ok": "正常", "warn": "注意", "fail": "故障"}
_STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "red"}
_EXIT_FAILED: Final = 4
BILL: Final = Path(ckbx.__file__).with_name("sbom.cdx.json")
"""Made by hatch_build.py from the locks."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("doctor", cls=Command)(doctor)


def doctor(
    ctx: typer.Context,
    form: PlainFormatOption = Plain.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", help="只列注意和故障")] = False,
    sbom: Annotated[
        bool, typer.Option("--sbom", help="只输出软件组成清单（CycloneDX JSON）")
    ] = False,
) -> None:
    """检查设置、密钥、校历、岗位、台账进度、日常工作、消息等，每项说明正常、注意或故障以及怎么办。

    有故障时退出码为 4。
    """
    from ckbx.ledgers.output import json_bytes

    if sbom:
        typer.echo(bill_of_materials(), nl=False)
        return

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


class NoBill(CkbxError):
    code = "no_bill_of_materials"
    message = (
        "这一份程序没有带软件组成清单：请用正式的安装包，或在源码目录运行 python hatch_build.py"
    )


def bill_of_materials(path: Path = BILL) -> str:
    """What the program is made of, as it was written when it was built. Raises NoBill."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise NoBill from None


def _show(checks: list[Check]) -> None:
    from rich.text import Text

    console = screen()
    for each in checks:
        mark = Text(_WORDS[each.state], style=_STYLES[each.state])
        line = Text.assemble(mark, f"　{each.name}：{each.detail}")
        if each.mend:
            line.append(f"　→ {each.mend}")
        console.print(line, soft_wrap=True)
