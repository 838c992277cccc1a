"""``export``: from which export is a file that turned up somewhere?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, wiring
from ckbx.cli.options import Plain, PlainFormatOption
from ckbx.clock import from_micros
from ckbx.domain.shared.errors import InputRefused

if TYPE_CHECKING:
    from ckbx.vault import AccessRecord


class MarkMissing(InputRefused):
    code = "export_mark_missing"
    message = (
        "这里面没有完整的导出编号：可能不是从本系统导出的，或只剩文字、格式已丢。"
        "纸上或图上看得见编号的，请直接把编号写在命令里"
    )


class ExportUnknown(InputRefused):
    """ids: number."""

    code = "export_unknown"
    message = "没有编号为 {number} 的导出记录：请核对编号，或确认是不是本县的文件"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        help="导出的文件：查一份文件是谁、何时、为什么导出的。",
        no_args_is_help=True,
    )
    group.command("trace", cls=Command)(trace)
    app.add_typer(group, name="export")


def trace(
    ctx: typer.Context,
    given: Annotated[
        str, typer.Argument(metavar="文件或编号", help="xlsx、pdf、csv 文件，或纸上印的导出编号")
    ],
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """一份文件是哪次导出的：账号、时刻、用途、台账、涉及多少人。"""
    from ckbx.ledgers.output import json_bytes

    number = _number(given)
    with wiring(ctx).store() as store:
        record = store.vault.exported(number)
        zone = store.clock.zone
    if record is None:
        raise ExportUnknown(number=number)
    told = _told(number, record)
    if form is Plain.JSON:
        typer.echo(json_bytes(told), nl=False)
        return
    when = from_micros(record.at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    typer.echo(f"导出编号 {number[:4]}-{number[4:]}")
    typer.echo(f"账号 {record.actor}　{when}")
    typer.echo(f"用途 {record.purpose}")
    typer.echo(f"台账 {told['ledger']}（{told['format']}），涉及 {told['people']} 人")


def _number(given: str) -> str:
    """The number of a file, or as typed. Raises MarkMissing, UsageRefused."""
    from ckbx.ledgers.marking import MOST_BYTES, found_in, plain_number

    path = Path(given)
    try:
        if not path.is_file():
            if found := plain_number(given):
                return found
            raise UsageRefused(what=f"没有文件 {path.name}，也不是 8 位的导出编号")
        if path.stat().st_size > MOST_BYTES:
            raise MarkMissing
        found = found_in(path.read_bytes())
    except OSError as error:
        raise UsageRefused(what=f"不能读文件 {path.name}（{error.strerror}）") from error
    if found is None:
        raise MarkMissing
    return found


def _told(number: str, record: AccessRecord) -> dict[str, Any]:
    from ckbx.ledgers.exporting import export_in

    export = export_in(record.view)
    return {
        "number": number,
        "account": record.actor,
        "at": from_micros(record.at),
        "purpose": record.purpose,
        "ledger": export.ledger if export else "",
        "format": export.form if export else "",
        "people": len(record.subjects),
    }
