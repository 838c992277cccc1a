"""What becomes of long work handed in on a page, for every process and after a restart?

How far it is and how it ended; of a file neither content nor name, but of changed rules what
they change. Forgotten after a week.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ckbx.access import tries
from ckbx.access.base import Tables
from ckbx.access.tables import runs
from ckbx.clock import from_micros

_r = runs.c
KEPT: Final = 7 * tries.DAY
SILENT: Final = 120 * tries.SECOND
"""Who works says so every few seconds; who said nothing for so long does not work any more."""
BUSY: Final = ("waiting", "running")


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it was last written down. ``said``: what it was at, or what came of it, in words
    or in a form of its area (JSON); nothing by which a child is known outside the program.
    """

    id: str
    account: str
    area: str
    kind: str
    step: str
    state: str
    done: int = 0
    total: int | None = None
    said: str = ""
    began: datetime | None = None
    broken: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether it waits or runs, in this process or another."""
        return self.state in BUSY and not self.broken


class RunRecords:
    """The runs of all processes."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, record: RunRecord) -> None:
        """Write down how a run stands; what is older than a week is forgotten.

        Raises StoreUnavailable.
        """
        with self._tables.write() as connection:
            put_record(connection, record, self._tables.now())

    def find(self, id_: str, account: str, area: str) -> RunRecord | None:
        """One that the account began, and of which something was said within the week."""
        since = self._tables.now() - KEPT
        own = (_r.account == account, _r.area == area)
        asked = select(runs).where(_r.id == id_, *own, _r.seen >= since)
        with self._tables.read() as connection:
            row = connection.execute(asked).first()
        return None if row is None else record_of(row, self._tables.now())

    def latest(self, account: str, area: str, limit: int = 10) -> list[RunRecord]:
        """Those that the account began within the week, the newest first."""
        since = self._tables.now() - KEPT
        asked = select(runs).where(_r.account == account, _r.area == area, _r.seen >= since)
        with self._tables.read() as connection:
            rows = connection.execute(asked.order_by(_r.began.desc(), _r.id).limit(limit)).all()
        return [record_of(row, self._tables.now()) for row in rows]


def put_record(connection: Connection, record: RunRecord, now: int) -> None:
    """Write down how a run stands; what is older than a week is forgotten."""
    values = {name: getattr(record, name) for name in ("step", "state", "done", "total", "said")}
    of = {name: getattr(record, name) for name in ("id", "account", "area", "kind")}
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(runs).values(**of, **values, began=now, seen=now)
    connection.execute(
        fresh.on_conflict_do_update(index_elements=[_r.id], set_={**values, "seen": now})
    )
    connection.execute(delete(runs).where(_r.seen < now - KEPT))


def read_record(connection: Connection, id_: str, now: int) -> RunRecord | None:
    """How a run stands; None where nothing was said of it."""
    row = connection.execute(select(runs).where(_r.id == id_)).first()
    return None if row is None else record_of(row, now)


def record_of(row: Any, now: int) -> RunRecord:
    """A row; ``broken`` where who worked at it has fallen silent."""
    kept = {name: getattr(row, name) for name in RunRecord.__struct_fields__ if name in _r}
    kept["began"] = from_micros(row.began)
    return RunRecord(**kept, broken=row.state in BUSY and now - row.seen > SILENT)
