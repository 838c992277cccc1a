"""Which commands were stored before, and with which reply?"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ckbx.clock import from_micros
from ckbx.eventlog.ports import Appended
from ckbx.eventlog.sqlite.sql import marks, padded

_COMMAND = "SELECT command_id, position, recorded_at, reply FROM commands"


def find_commands(
    connection: sqlite3.Connection, command_ids: Sequence[bytes]
) -> dict[bytes | None, Appended]:
    """The first replies of those commands that were stored before."""
    found: dict[bytes | None, Appended] = {}
    for chunk in padded(command_ids):
        sql = f"{_COMMAND} WHERE command_id IN ({marks(len(chunk))})"
        for command_id, position, recorded_at, reply in connection.execute(sql, chunk):
            at = from_micros(recorded_at)
            found[command_id] = Appended(position, at, reply, replayed=True)
    return found
