"""How is an Excel file (xlsx, xls) opened without letting it harm the program?

A workbook is looked at before it is parsed. The parser lays every sheet out as a full
rectangle of cells, so one stray cell at XFD1048576 would ask for half a terabyte and take
the process down; and a small zip can hold gigabytes. So the parts are inflated once, under
a limit, and only searched for the farthest cell that holds something. An old xls cannot be
looked at so easily: it is parsed in a process of its own.
"""

from __future__ import annotations

from typing import Final

from python_calamine import CalamineError, PasswordError

from ckbx.imports.workbook_archive import ZIP_SIGNATURE, inspect_archive
from ckbx.imports.workbook_errors import WorkbookDamaged, WorkbookEncrypted
from ckbx.imports.workbook_legacy import read_legacy
from ckbx.imports.workbook_sheets import RawSheet, parse

OLE_SIGNATURE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


def read_workbook(file: str, data: bytes) -> list[RawSheet]:
    """The work sheets of an xlsx or xls file, hidden ones marked.

    Raises WorkbookTooLarge, WorkbookTooWide, WorkbookDamaged, WorkbookEncrypted,
    NotASpreadsheet, NotATable.
    """
    if not data.startswith(ZIP_SIGNATURE):
        return list(read_legacy(file, data))
    inspect_archive(file, data)
    try:
        return list(parse(data))
    except PasswordError as error:
        raise WorkbookEncrypted(file=file) from error
    except (CalamineError, OSError, ValueError) as error:
        raise WorkbookDamaged(file=file) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the parser's own crash, no Exception
            raise
        raise WorkbookDamaged(file=file) from error
