"""How much may one account hand in on one day? Counted in the database, for every process.

What is handed in counts before it is judged: whoever sends what is refused a thousand times is
stopped too (reliability §8, row 33).
"""

from __future__ import annotations

from typing import Final

from ckbx.access import tries
from ckbx.access.base import Tables
from ckbx.access.errors import TooManyUploads

FILES_A_DAY: Final = 200
"""A village officer's walk of twenty homes with five photos each is half of it."""
BYTES_A_DAY: Final = 500 * 1024 * 1024
"""A hundred photos of 5 MB; a thousand accounts are kept from filling the disk in a night."""


class Uploads:
    """The files of each account and local day."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def take(self, account: str, size: int) -> None:
        """Count one file of so many bytes. Raises TooManyUploads, StoreUnavailable."""
        day = self._tables.day().isoformat()
        asked = (
            (tries.of_day("files", account, day), 1, FILES_A_DAY),
            (tries.of_day("bytes", account, day), size, BYTES_A_DAY),
        )
        now = self._tables.now()
        with self._tables.write() as connection:
            free = all(tries.left(connection, key, most) >= n for key, n, most in asked)
            for key, amount, _ in asked if free else ():
                tries.spend(connection, key, amount, now)
        if not free:
            raise TooManyUploads(files=FILES_A_DAY, megabytes=BYTES_A_DAY // 1024**2)
