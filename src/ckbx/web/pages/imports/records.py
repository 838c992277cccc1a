"""What became of an import that another process did, or that was broken off by a restart?

Only how far it was and how it ended is kept: neither the file, nor its name, nor a row of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from ckbx.access.run_records import RunRecord, RunRecords
from ckbx.imports.intake import ImportSummary
from ckbx.imports.job import TITLES
from ckbx.imports.problems import ImportRefused, Problem
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.runs import Run

AREA: Final = "imports"
TRIAL, APPLY, UNDO = "trial", "apply", "undo"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial found: a summary where something may be taken over, else problems alone."""

    summary: ImportSummary | None
    problems: Sequence[Problem]


def keep(records: RunRecords, run: Run) -> None:
    """Write down how a run stands. Raises StoreUnavailable."""
    done, total, text = run.told
    records.put(
        RunRecord(
            id=run.id,
            account=run.account,
            area=run.area,
            kind=run.given.kind,
            step=run.step,
            state=run.state.value,
            done=done,
            total=total,
            said=text if run.is_busy else _came_of(run),
        )
    )


def page(desk: WebDesk, id_: str) -> Response:
    """As it was last written down. Raises NotThere."""
    record = desk.store.gate.runs.find(id_, desk.viewer.account, AREA)
    if record is None:
        raise NotThere
    title = TITLES.get(record.kind, record.kind)
    with desk.look("web:imports", "查看导入记录") as look:
        return desk.html(
            "imports/import_record.html", **base(desk, look, f"导入{title}"), run=record, kind=title
        )


def _came_of(run: Run) -> str:
    """How it ended, in a sentence without anything of the file."""
    error, result = run.error, run.result
    if isinstance(error, ImportRefused):
        return f"有 {len(error.problems.items)} 处不能导入"
    if error is not None:
        return str(error) if "file" not in error.ids else f"没有办成（{error.code}）"
    if isinstance(result, Trial):
        bad = f"；有 {len(result.problems)} 处不能导入" if result.problems else ""
        return (result.summary.line() if result.summary else "没有一行可以导入") + bad
    return result.line() if isinstance(result, ImportSummary) else ""
