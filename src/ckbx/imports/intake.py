"""What the command line calls: every importer under one roof."""

from __future__ import annotations

from ckbx.imports.calendar_file import import_calendar
from ckbx.imports.chain import import_chain
from ckbx.imports.checkin import import_checkin
from ckbx.imports.job import ImportJob
from ckbx.imports.register import import_register
from ckbx.imports.rollcalls import import_rollcalls
from ckbx.imports.roster import import_roster
from ckbx.imports.summary import ImportSummary
from ckbx.imports.undo import undo_import

__all__ = [
    "ImportJob",
    "ImportSummary",
    "import_calendar",
    "import_chain",
    "import_checkin",
    "import_register",
    "import_rollcalls",
    "import_roster",
    "undo_import",
]
