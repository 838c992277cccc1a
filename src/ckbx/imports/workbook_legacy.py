"""An xls file is parsed in a process of its own: one wrong byte can make the parser abort."""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from python_calamine import PasswordError

from ckbx.imports.workbook_errors import WorkbookDamaged, WorkbookEncrypted
from ckbx.imports.workbook_sheets import Cell, Merged, parse

if TYPE_CHECKING:
    from collections.abc import Iterator


_CHILD_MEMORY: Final = 2 * 1024**3
_LOCKED: Final = 3
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class LegacySheet:
    """A sheet of an xls file as the other process handed it over: rows cut at their last cell."""

    merges_known = True

    def __init__(
        self, name: str, rows: list[list[Cell]], merged: list[Merged], *, hidden: bool
    ) -> None:
        self.name, self.merged, self.hidden = name, merged, hidden
        self._rows, self._width = rows, max(map(len, rows), default=0)

    def rows(self) -> Iterator[list[Cell]]:
        for row in self._rows:
            yield row + [""] * (self._width - len(row))


def read_legacy(file: str, data: bytes) -> list[LegacySheet]:
    """Parse an xls in a process of its own: one wrong byte can make the parser abort.

    The other process has a limit on memory and time, no settings and no secrets; it hands
    back plain rows.
    """
    if _ENCRYPTED in data:
        raise WorkbookEncrypted(file=file)
    command = [sys.executable, "-m", "ckbx.imports.workbook_legacy"]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(  # noqa: S603 - this program itself, nothing a person typed
            command, input=data, env=environment, capture_output=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WorkbookDamaged(file=file) from error
    if done.returncode == _LOCKED:
        raise WorkbookEncrypted(file=file)
    if done.returncode != 0:
        raise WorkbookDamaged(file=file)
    return [
        LegacySheet(name, rows, merged, hidden=hidden)
        for name, rows, merged, hidden in pickle.loads(done.stdout)  # noqa: S301 - our own child's
    ]


def _hand_over() -> int:
    """The other process: xls on standard input, pickled rows on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_CHILD_MEMORY, _CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheets = parse(sys.stdin.buffer.read())
    except PasswordError:
        return _LOCKED
    plain = [(s.name, [_cut(row) for row in s.rows()], s.merged, s.hidden) for s in sheets]
    sys.stdout.buffer.write(pickle.dumps(plain, pickle.HIGHEST_PROTOCOL))
    return 0


def _cut(row: list[Cell]) -> list[Cell]:
    while row and row[-1] == "":
        row.pop()
    return row


if __name__ == "__main__":
    sys.exit(_hand_over())
