"""What ``doctor`` says of imports: which were begun and did not come to their end?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ckbx.cli.context import Wiring
from ckbx.cli.health_line import OK, WARN, Check
from ckbx.clock import from_micros

if TYPE_CHECKING:
    from ckbx.eventlog.ports import RecordedEvent
    from ckbx.store import Store

_NAME: Final = "导入"
_LISTED: Final = 5
_MEND: Final = (
    "正在导入的请等它办完；停了的，重新导入同一批文件会接着办完，不会重复，"
    "或用 ckbx import undo {batch} 撤销"
)


def open_imports(store: Store, wired: Wiring) -> Iterator[Check]:
    """A line for each import that is not finished; the newest in front."""
    from projections import school
    from projections.scope import Scope

    if not store.log.county:
        return
    with store.answers.reading() as reading:
        batches = school.importing(reading, Scope.county(), position=store.log.head())
    if not batches:
        yield Check(_NAME, OK, "没有办到一半的")
        return
    for batch, begun in _latest_first(store, batches)[:_LISTED]:
        yield Check(_NAME, WARN, _said(begun, wired), _MEND.format(batch=batch))
    if len(batches) > _LISTED:
        yield Check(_NAME, WARN, f"另有 {len(batches) - _LISTED} 次导入没有办完")


def _latest_first(store: Store, batches: list[str]) -> list[tuple[str, RecordedEvent]]:
    """Each batch with the event by which its open run began."""
    from ckbx.domain.school.batch import ImportBatch
    from ckbx.domain.school.events import ImportStarted

    found: dict[str, RecordedEvent] = {}
    streams = [ImportBatch.stream(store.log.county, batch) for batch in batches]
    for fact in store.log.read_streams(streams):
        if isinstance(fact.event, ImportStarted):
            found[fact.event.batch] = fact
    return sorted(found.items(), key=lambda each: each[1].position, reverse=True)


def _said(begun: RecordedEvent, wired: Wiring) -> str:
    from ckbx.imports.job import TITLES

    event: Any = begun.event
    at = from_micros(begun.recorded_at).astimezone(wired.clock.zone)
    title = TITLES.get(event.kind, event.kind)
    return f"{title}（批次 {event.batch}，{event.rows} 行）{at:%Y-%m-%d %H:%M} 由 {event.actor} 开始，没有办完"
