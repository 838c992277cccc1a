"""A county's log with some projections on it, told facts one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from ckbx.clock import FixedClock
from ckbx.domain.child.events import ChildRegistered, Enrolled
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import Append
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from ckbx.eventlog.sqlite.row_store import SQLiteRowStore
from projections.kit.projection import Projection
from projections.kit.reading import Answers, sqlite_answers_engine
from projections.kit.runner import Projector

COUNTY = "522699"
NAMES = UUID("11111111-2222-5333-8444-555555555555")
SCHOOL, OTHER_SCHOOL = "2152939972", "3152354069"
CLASS, OTHER_CLASS = f"{SCHOOL}/2026/1", f"{OTHER_SCHOOL}/2020/2"
LI, WANG = uuid5(NAMES, "li"), uuid5(NAMES, "wang")


class Facts:
    """``tell`` records a fact and returns its position; questions see it folded."""

    def __init__(self, folder: Path, projections: Sequence[Projection]) -> None:
        self.clock = FixedClock(datetime(2026, 9, 1, 0, 0, tzinfo=UTC))
        path = folder / "county.db"
        self.log = SQLiteEventLog(path, clock=self.clock, county=COUNTY, create=True)
        self.store = SQLiteRowStore(self.log)
        self.projector = Projector(self.log, self.store, projections)
        self.projector.start()
        engine = sqlite_answers_engine(path)
        self.answers = Answers(engine, self.log, ZoneInfo("Asia/Shanghai"))
        self.reading = self.answers.reading
        self._versions: dict[UUID, int] = {}

    def tell(self, kind: type[DomainEvent], stream: UUID, on: date | str, /, **fields: Any) -> int:
        """Record one fact in a command of its own, a minute after the one before."""
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        command = uuid4()
        event = kind(
            originator_id=stream,
            originator_version=version,
            occurred_on=day(on),
            actor="officer",
            command_id=command,
            **fields,
        )
        self.clock.at += timedelta(minutes=1)
        return self.log.append(Append(command_id=command, events=[event])).position

    def child(
        self, child: UUID, school: str, class_key: str, *, grade: int = 1, village: str = ""
    ) -> None:
        """A child enrolled since 1 September."""
        self.tell(ChildRegistered, child, "09-01", sex="F", village=village or None)
        place = {"school": school, "class_key": class_key, "grade": grade}
        self.tell(Enrolled, child, "09-01", **place)

    def fold(self) -> None:
        """Fold everything told so far."""
        self.projector.catch_up()

    def head(self) -> int:
        return self.log.head()

    def close(self) -> None:
        self.answers.close()
        self.store.close()
        self.log.close()


def day(on: date | str) -> date:
    """``11-05`` is a day of 2026."""
    return on if isinstance(on, date) else date.fromisoformat(f"2026-{on}")


def days(*texts: str) -> list[date]:
    return [day(text) for text in texts]
