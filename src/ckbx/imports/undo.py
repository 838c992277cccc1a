"""How is everything that one import did corrected again, and when is that refused?

The events of a batch bear its correlation. First every one of them is looked at: where a
later fact rests on it nothing at all is done and the facts are listed. Then correcting events
are written, the latest first; what was corrected before a kill is passed over the next time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckbx.application.intake import Lane
from ckbx.application.unit import Unit
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.school.events import ImportFinished, ImportStarted, ImportUndone
from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.imports.job import ImportJob, correlation
from ckbx.imports.job_errors import BatchUnknown, UndoRefused
from ckbx.imports.summary import ImportSummary
from ckbx.imports.undo_calendar import CalendarUndo
from ckbx.imports.undo_chain import ChainUndo
from ckbx.imports.undo_kit import Undone
from ckbx.imports.undo_register import RegisterUndo
from ckbx.imports.undo_rollcalls import RollCallsUndo
from ckbx.imports.undo_roster import RosterUndo

_READ = 5000
_KINDS: dict[str, type[Any]] = {
    "roster": RosterUndo,
    "rollcalls": RollCallsUndo,
    "chain": ChainUndo,
    "calendar": CalendarUndo,
    "register": RegisterUndo,
}


def undo_import(job: ImportJob, batch: str) -> ImportSummary:
    """Correct everything a batch did. Undone before: nothing changes.

    Raises BatchUnknown, and UndoRefused with the list of later facts; then nothing was
    written.
    """
    lane = Lane(job.office)
    if not job.office.log.county:
        raise BatchUnknown(batch=batch)
    stream = ImportBatch.stream(lane.office.county, batch)
    recorded = lane.log.read_streams([stream])
    record = ImportBatch(stream).replay([found.event for found in recorded])
    own = job.schools is None or (record.schools and job.schools.issuperset(record.schools))
    if not record.exists or not own:
        raise BatchUnknown(batch=batch)
    summary = ImportSummary(kind=record.kind, batch=batch, files=[], rows=record.rows, undone=True)
    if record.undone:
        summary.warnings.append("这个批次早已撤销，没有再改动")
        return summary
    done = Undone(job, lane, batch, _events_of(lane.log, recorded, lane.office.county, batch))
    undo = _KINDS[record.kind](done)
    undo.check()
    if done.facts:
        raise UndoRefused(batch, done.facts)
    undo.write()
    lane.finish()
    if lane.stopped:
        summary.stopped = True
    elif done.errors:
        raise done.errors[0]
    else:
        _finish(done, stream)
    job.office.forget_all()
    summary.amended = done.corrected
    summary.warnings = done.warnings
    return summary


def _events_of(
    log: EventLog, recorded: Sequence[RecordedEvent], county: str, batch: str
) -> list[RecordedEvent]:
    """Every event of the runs that were not undone yet, in order of recording."""
    runs: list[int] = []
    first, count = 0, 0
    for found in recorded:
        if isinstance(found.event, ImportStarted):
            count += 1
            first = first or found.position
            runs.append(count)
        elif isinstance(found.event, ImportUndone):
            first, runs = 0, []
    last = recorded[-1].position
    if not isinstance(recorded[-1].event, ImportFinished):
        last = log.head()
    wanted = {correlation(county, batch, run) for run in runs}
    events: list[RecordedEvent] = []
    after = first - 1
    while after < last:
        part = log.read(after, _READ)
        if not part:
            break
        after = part[-1].position
        events += [f for f in part if f.event.correlation_id in wanted and f.position <= last]
    return events


def _finish(done: Undone, stream: Any) -> None:
    def decide(unit: Unit) -> bytes:
        unit.get(stream, ImportBatch).undo(unit.ctx, batch=done.batch)
        return b"undone"

    done.lane.run(done.context("undone"), decide)
