"""``run-due``: everything due by a day or instant and not yet done, once."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import NotWiredYet, Wiring, say, wiring
from ckbx.cli.options import Plain, PlainFormatOption, instant

_COUNTS = (
    ("suspected", "列入疑似辍学"),
    ("unsuspected", "撤销疑似辍学"),
    ("lapsed", "转出逾期"),
    ("expired", "期满未复学"),
)
_WAITING = (
    "导入批次 {batch} 还没有完成，它涉及的学校到导入当天为止的未报、报到等没有办。"
    "请等它完成；中断了的，请重新导入同一文件，或运行 ckbx import undo {batch}"
)
_ACTIONS = (("raised", "发出"), ("withdrawn", "撤销"), ("closed", "办结"))


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("run-due", cls=Command)(run_due)


def run_due(
    ctx: typer.Context,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="日期或时刻", help="到什么时候为止；只写日期指当天 24:00，不超过现在"
        ),
    ] = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """把到期而未办的事项办一次：未报点名、期满、转出逾期、开学核查等。重复运行不会重复。"""
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    run = wired.run_due
    if run is None:
        raise NotWiredYet(command="run-due")
    with wired.store() as store:
        report = run(store, _until(wired, on))
        store.catch_up()
    counts = _counts(report)
    if form is Plain.JSON:
        typer.echo(json_bytes(counts), nl=False)
        return
    for line in _lines(counts):
        say(line)


def _until(wired: Wiring, on: str | None) -> Any:
    """The instant, cut to now (interfaces: run-due)."""
    now = wired.clock.now()
    asked = instant(on, "--on", wired.clock.zone)
    if asked is None:
        return now
    return min(asked, now)


def _counts(report: Any) -> dict[str, Any]:
    from ckbx.ledgers.model import instant_text

    counts: dict[str, Any] = {"at": instant_text(report.at)}
    counts |= {key: dict(getattr(report, key)) for key, _ in _ACTIONS}
    counts |= {key: getattr(report, key) for key, _ in _COUNTS}
    return counts | {"importing": [each.batch for each in report.importing]}


def _lines(counts: dict[str, Any]) -> list[str]:
    from ckbx.domain.alert.kinds import KINDS

    said = []
    for key, title in _ACTIONS:
        for kind, number in sorted(counts[key].items()):
            known = KINDS.get(kind)
            said.append(f"{title}“{known.title if known else kind}” {number} 条")
    said += [f"{title} {counts[key]} 人" for key, title in _COUNTS if counts[key]]
    said = said or ["没有到期未办的事项"]
    return said + [_WAITING.format(batch=batch) for batch in counts["importing"]]
