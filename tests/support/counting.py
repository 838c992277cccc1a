"""How often is the database asked while something is shown?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ckbx.eventlog.selects import Prepared
from ckbx.store import Store

READS = ("load", "read_streams", "read_rows", "read", "at_positions", "find_command")
"""What the log is asked by."""


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Every statement that is sent and every read of the log, as they come."""
    asked: list[str] = []

    def statement(*given: Any) -> None:
        asked.append(str(given[2]))

    with pytest.MonkeyPatch.context() as patch:
        for name in READS:
            patch.setattr(store.log, name, _telling(asked, name, getattr(store.log, name)))
        patch.setattr(Prepared, "rows", _telling(asked, "prepared", Prepared.rows))
        event.listen(Engine, "before_cursor_execute", statement)
        try:
            yield asked
        finally:
            event.remove(Engine, "before_cursor_execute", statement)


def _telling(asked: list[str], name: str, real: Any) -> Any:
    def told(*given: Any, **named: Any) -> Any:
        asked.append(name)
        return real(*given, **named)

    return told
