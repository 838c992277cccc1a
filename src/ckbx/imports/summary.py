"""What does an import say when it is done?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.imports.job import TITLES
from ckbx.imports.problems import Problem
from ckbx.imports.tables import At

_FOUND = 50


class RosterFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What a roster disagrees with, for a person to look into. ``student_no`` is masked;
    ``school``, ``where`` say where the child stands, ``listed_by`` whose roster it is.

    ``state``: new, open (noted before and not settled yet), would (a trial run).
    """

    finding: str
    what: str
    student_no: str
    school: str
    where: str
    listed_by: str
    state: str
    note: str

    def line(self) -> str:
        """One Chinese line."""
        return f"{self.what}：{self.student_no} {self.where}（{self.note}）"


class Written(msgspec.Struct, frozen=True, gc=False):
    """A row that was written (of a trial run: would be). ``did``: what it did, in Chinese;
    ``child``, ``class_key``, ``about``: whom and what it speaks of. Nothing personal.
    """

    at: At
    did: str
    child: UUID | None = None
    class_key: str = ""
    about: str = ""


class ImportSummary(msgspec.Struct, kw_only=True):
    """What an import did, in rows of the files (for roll calls too: rows, not sheets).

    ``applied`` new, ``amended`` changed something recorded, ``unchanged`` was so already,
    ``refused`` not taken over. ``late`` refusals came in the second pass, through somebody
    else's change meanwhile; everything else of the import stands. ``batch`` is empty where
    there is nothing that ``import undo`` could take back. ``stopped``: who imports lost the
    right to on the way, and ``left`` rows were not written. ``written``: row by row, where the
    job asks for it.
    """

    kind: str
    batch: str
    files: list[str]
    rows: int = 0
    applied: int = 0
    unchanged: int = 0
    amended: int = 0
    refused: int = 0
    warnings: list[str] = []
    problems: list[Problem] = []
    findings: list[RosterFinding] = []
    dry_run: bool = False
    undone: bool = False
    late: int = 0
    left: int = 0
    stopped: bool = False
    written: list[Written] = []

    EXIT_REFUSED: ClassVar[int] = 3

    @property
    def exit_code(self) -> int:
        """0; 3 when a row was refused in the second pass."""
        return self.EXIT_REFUSED if self.late else 0

    def line(self) -> str:
        """One Chinese line."""
        title = TITLES.get(self.kind, self.kind)
        if self.stopped:
            return self._stopped(title)
        if self.undone:
            return f"批次 {self.batch}（{title}）已撤销：更正 {self.amended} 处"
        head = f"{title}核对完毕（只试不写）" if self.dry_run else f"{title}导入完成"
        batch = f"；批次 {self.batch}" if self.batch else ""
        return (
            f"{head}：{len(self.files)} 个文件 {self.rows} 行，新增 {self.applied}，"
            f"更正 {self.amended}，未变 {self.unchanged}，未采纳 {self.refused}{batch}"
        )

    def _stopped(self, title: str) -> str:
        batch = f"；批次 {self.batch}" if self.batch else ""
        if self.undone:
            return f"{title}没有撤销完就停了：已更正 {self.amended} 处，其余没有动{batch}"
        return (
            f"{title}没有写完就停了：已写入新增 {self.applied}、更正 {self.amended}，"
            f"还有 {self.left} 行没有写{batch}"
        )

    def leave(self, *, new: int = 0, amended: int = 0, unchanged: int = 0) -> None:
        """So many rows that were to be written are not: the import has stopped."""
        self.applied -= new
        self.amended -= amended
        self.unchanged -= unchanged
        self.left += new + amended + unchanged

    def lines(self) -> list[str]:
        """The line, then every warning, the findings and every problem."""
        found = [finding.line() for finding in self.findings[:_FOUND]]
        if len(self.findings) > _FOUND:
            more = len(self.findings) - _FOUND
            found.append(f"……另有 {more} 名，用 --format json 看全部")
        return [self.line(), *self.warnings, *found, *(p.line() for p in self.problems)]

    def as_json(self) -> dict[str, Any]:
        """Machine form with English keys."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        del made["written"]
        return made

    def not_written(self, rows: Iterable[At]) -> None:
        """Rows that were refused after all."""
        if self.written:
            refused = set(rows)
            self.written = [each for each in self.written if each.at not in refused]
