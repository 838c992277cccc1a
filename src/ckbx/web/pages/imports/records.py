"""How does an import stand, whichever process works at it, and what came of it?

What was found in a file is sealed with the file for as long as that is kept; after that only
how it ended is known, in a sentence without anything of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from ckbx.access import Gate
from ckbx.access.handed_in import Handed
from ckbx.access.run_records import RunRecord
from ckbx.domain.school.register_source import RegisterSource
from ckbx.imports.intake import ImportSummary
from ckbx.imports.job import TITLES
from ckbx.imports.problems import ImportRefused, Problem
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.runs import Run

AREA: Final = "imports"
TRIAL, APPLY, UNDO = "trial", "apply", "undo"
_OLDER: Final = "这次的结果是升级以前的程序写下的，现在读不出来。请重新核对"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was handed in, but for the content of its files (``names``). ``on``: the day it counts
    from, or of 报到; ``correct``: the reason for going back; ``source``: of a 比对名单;
    ``skips``: the good rows may be written without the bad ones.
    """

    kind: str
    names: Sequence[str] = ()
    on: date | None = None
    correct: str = ""
    batch: str = ""
    source: RegisterSource | None = None
    skips: bool = False

    @property
    def title(self) -> str:
        """花名册 and so on."""
        return TITLES[self.kind]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a step: a summary where anything may be, or was, taken over; what is wrong
    with the file; or why nothing came of it (``refused``).
    """

    summary: ImportSummary | None = None
    problems: Sequence[Problem] = ()
    refused: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An import as a page shows it. ``given`` and what was found are kept until ``until`` (None:
    not any more); ``has_files``: it can be gone on with.
    """

    record: RunRecord
    given: Given | None = None
    outcome: Outcome | None = None
    has_files: bool = False
    until: datetime | None = None

    @property
    def title(self) -> str:
        """花名册 and so on."""
        return TITLES.get(self.record.kind, self.record.kind)


def shown(desk: WebDesk, id_: str) -> Shown:
    """An import of the viewer. Raises NotThere, SecretMismatch."""
    gate, account = desk.store.gate, desk.viewer.account
    record = gate.runs.find(id_, account, AREA)
    if record is None:
        raise NotThere
    handed = gate.handed_in.find(id_, account, AREA)
    try:
        given = given_of(handed) if handed else None
    except msgspec.DecodeError:  # by a program from before an upgrade
        given = None
    if handed is None or given is None:
        return Shown(record=record)
    return Shown(
        record=record,
        given=given,
        outcome=_outcome(gate, handed, record),
        has_files=bool(handed.sizes),
        until=handed.until,
    )


def given_of(handed: Handed) -> Given:
    """What was said of the files."""
    return msgspec.json.decode(handed.given, type=Given)


def packed(given: Given) -> bytes:
    """As it is kept."""
    return msgspec.json.encode(given)


def keep(gate: Gate, turn: int, run: Run) -> None:
    """Write down how a run stands, and what came of it. Raises TurnTaken, StoreUnavailable."""
    outcome = None if run.is_busy else outcome_of(run)
    found = None if outcome is None else msgspec.json.encode(outcome)
    done, total, text = run.told
    record = RunRecord(
        id=run.id,
        account=run.account,
        area=run.area,
        kind=run.given.kind,
        step=run.step,
        state=run.state.value,
        done=done,
        total=total,
        said=text if outcome is None else _came_of(run, outcome),
    )
    gate.handed_in.tell(record, turn, found)


def outcome_of(run: Run) -> Outcome:
    """What came of a step that ended."""
    error, result = run.error, run.result
    if isinstance(error, ImportRefused):
        return Outcome(problems=error.problems.items)
    if error is not None:
        return Outcome(refused=str(error))
    if isinstance(result, Outcome):
        return result
    return Outcome(summary=result, problems=result.problems)


def _outcome(gate: Gate, handed: Handed, record: RunRecord) -> Outcome | None:
    if record.state not in ("done", "refused"):
        return None
    found = gate.handed_in.found(handed)
    try:
        return msgspec.json.decode(found or b"", type=Outcome)
    except msgspec.DecodeError:
        return Outcome(refused=_OLDER)


def _came_of(run: Run, outcome: Outcome) -> str:
    """How it ended, in a sentence without anything of the file."""
    error, problems = run.error, len(outcome.problems)
    if isinstance(error, ImportRefused):
        return f"有 {problems} 处不能导入"
    if error is not None:
        return str(error) if "file" not in error.ids else f"没有办成（{error.code}）"
    summary = outcome.summary
    bad = f"；有 {problems} 处不能导入" if problems and run.step == TRIAL else ""
    return (summary.line() if summary else "没有一行可以导入") + bad
