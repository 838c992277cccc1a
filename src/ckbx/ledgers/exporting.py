"""A ledger that leaves the program as a file: filled, marked, and recorded as an export.

On a page, at a command, as a report: the number of the mark ends the view of the one access
record, by which ``ckbx export trace`` finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from ckbx.ledgers.marking import Mark, new_number
from ckbx.ledgers.model import Ledger, Sheet
from ckbx.vault import Access, Vault

MARKED: Final = frozenset({"csv", "pdf", "xlsx"})
"""The kinds of file that bear a mark; JSON is for programs and bears none."""

Fill = Callable[[Access], Sheet]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What the record of an export says of the file."""

    ledger: str
    form: str


def marked(vault: Vault, access: Access, at: datetime, of: Ledger, form: str, fill: Fill) -> Sheet:
    """The ledger that ``fill`` makes under the access it is given, with the mark of one export.

    ``access``: by whom, for what, and from where (``web:ledger``, ``ckbx ledger``); ``at``: the
    UTC instant that is printed. Recorded also where nobody's particulars are read.
    """
    number = new_number()
    recorded = msgspec.structs.replace(access, view=f"{access.view}:{of.name}:{form}:{number}")
    sheet = fill(recorded)
    if vault.exported(number) is None:
        vault.note(recorded, [])
    mark = Mark(number=number, account=access.actor, at=at, purpose=access.purpose)
    return msgspec.structs.replace(sheet, mark=mark)


def export_in(view: str) -> Export | None:
    """What a recorded view says of an export; None where it is none."""
    parts = view.rsplit(":", 3)
    if len(parts) != 4 or parts[2] not in MARKED:
        return None
    return Export(ledger=parts[1], form=parts[2])
