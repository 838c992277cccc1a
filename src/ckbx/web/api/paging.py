"""How are many rows taken in parts that belong together?

A cursor names the day and the instant of the first part: what is recorded in between changes
none of the later ones. It says nothing that its bearer could not ask for anyway.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, Protocol

import msgspec
from pydantic import BeforeValidator, Field

from ckbx.clock import from_micros, micros
from ckbx.eventlog.ports import EventLog
from ckbx.ledgers.paging import Part
from ckbx.web.api.types import wrong

MOST: Final = 1_000
USUAL: Final = 200
_CURSOR: Final = re.compile(r"(\d{1,7})\.(\d{15,17})\.(\d{1,7})", re.ASCII)
_FIRST: Final = date(2000, 1, 1)
_LAST: Final = date(2200, 12, 31)


class Cursor(msgspec.Struct, frozen=True):
    """From which row on, as known at a UTC instant, as of a day."""

    start: int
    known_at: datetime
    as_of: date

    def __str__(self) -> str:
        return f"{self.start}.{micros(self.known_at)}.{self.as_of.toordinal()}"


def _read(value: Any) -> Any:
    found = _CURSOR.fullmatch(value) if isinstance(value, str) else None
    days = _FIRST.toordinal(), _LAST.toordinal()
    if found is None or not days[0] <= int(found[3]) <= days[1]:
        raise wrong(kind="cursor")
    at = from_micros(int(found[2]))
    if not _FIRST.year <= at.year <= _LAST.year:
        raise wrong(kind="cursor")
    return value


def cursor_of(text: str | None) -> Cursor | None:
    """A cursor that was checked."""
    found = _CURSOR.fullmatch(text) if text else None
    if found is None:
        return None
    return Cursor(int(found[1]), from_micros(int(found[2])), date.fromordinal(int(found[3])))


CursorText = Annotated[
    str,
    BeforeValidator(_read),
    Field(
        description="上一页答复里的 next；其他查询条件要和上一页相同",
        max_length=40,
        examples=["200.1795313400000000.739942"],
    ),
]
Limit = Annotated[
    int, Field(ge=1, le=MOST, description=f"一页最多多少行（1 至 {MOST}），默认 {USUAL}")
]


class Listed(Protocol):
    """What was counted, as of which day, as far as which fact (``position``)."""

    @property
    def as_of(self) -> date: ...
    @property
    def known_at(self) -> datetime: ...
    @property
    def position(self) -> int: ...
    @property
    def count(self) -> int: ...


def onward(sheet: Listed, begun: Cursor | None, wanted: Part, log: EventLog) -> dict[str, Any]:
    """What stands beside the rows of a page: how many there are, where it goes on.

    Later pages are asked as known when the last fact of the first one was recorded: facts that
    were recorded by then, and not folded yet, are in none of them.
    """
    after = wanted.first + wanted.size
    known_at = begun.known_at if begun else log.recorded_at(sheet.position) or sheet.known_at
    more = str(Cursor(after, known_at, sheet.as_of)) if after < sheet.count else None
    return {"total": sheet.count, "next": more}
