"""How a try-out of rules stands, or an adoption: here, in another process, before a restart.

Kept are the rules that were tried and what came of it, with the inner ids of children but
nothing else about them; of the file that was handed in not the name.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Final

import msgspec

from ckbx.access.run_records import RunRecord, RunRecords
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.rules.tried import Found
from ckbx.web.runs import Keep, Run, Runs

AREA: Final = "rules"
TRY, ADOPT = "try", "adopt"
_UNREADABLE: Final = "这次的结果是升级以前的程序写下的，现在读不出来。请重新试算"


class Adopted(msgspec.Struct, frozen=True):
    """The pack that was adopted; None of both where nothing had to be changed."""

    version: int | None = None
    effective_from: date | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows of a run. ``saying``: what it is at; ``refused``: why nothing came of
    it. ``broken``: who worked at it was stopped.
    """

    id: str
    step: str
    is_busy: bool
    broken: bool = False
    saying: str = ""
    refused: str = ""
    found: Found | None = None
    adopted: Adopted | None = None


def keeper(records: RunRecords) -> Keep:
    """Who writes down how a run stands."""
    return partial(_keep, records)


def standing(desk: WebDesk, runs: Runs, id_: str) -> Standing:
    """How a run of the viewer stands. Raises NotThere."""
    run = runs.seen(id_, desk.viewer.account, AREA)
    if run is not None:
        return _of_run(run)
    record = desk.store.gate.runs.find(id_, desk.viewer.account, AREA)
    if record is None:
        raise NotThere
    return of_record(record)


def of_record(record: RunRecord) -> Standing:
    """As it was last written down."""
    found: Found | None = None
    adopted: Adopted | None = None
    refused = record.said if record.state == "refused" else ""
    if record.state == "done":
        try:
            if record.step == TRY:
                found = msgspec.json.decode(record.said, type=Found)
            else:
                adopted = msgspec.json.decode(record.said, type=Adopted)
        except msgspec.DecodeError:
            refused = _UNREADABLE
    return Standing(
        id=record.id,
        step=record.step,
        is_busy=record.is_busy,
        broken=record.broken,
        saying=record.said if record.is_busy else "",
        refused=refused,
        found=found,
        adopted=adopted,
    )


def _of_run(run: Run) -> Standing:
    ended = None if run.is_busy else run.result
    return Standing(
        id=run.id,
        step=run.step,
        is_busy=run.is_busy,
        saying=run.told[2],
        refused=_refused(run),
        found=ended if isinstance(ended, Found) else None,
        adopted=ended if isinstance(ended, Adopted) else None,
    )


def _keep(records: RunRecords, run: Run) -> None:
    """Raises StoreUnavailable."""
    done, total, text = run.told
    records.put(
        RunRecord(
            id=run.id,
            account=run.account,
            area=run.area,
            kind="pack",
            step=run.step,
            state=run.state.value,
            done=done,
            total=total,
            said=text if run.is_busy else _refused(run) or _result(run),
        )
    )


def _refused(run: Run) -> str:
    return "" if run.is_busy or run.error is None else str(run.error)


def _result(run: Run) -> str:
    return msgspec.json.encode(run.result).decode()
