"""Which rows do the files of one import hold, each with its place, and what was passed over?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.personal import mask_numbers
from ckbx.imports.job import Progress
from ckbx.imports.problems import Problem, Problems, mask, shown_of
from ckbx.imports.reading import Table, read_content
from ckbx.imports.sources import Source
from ckbx.imports.workbook_sheets import Cell

_TOLD_EVERY = 2000
_SHOWN = 5


class At(NamedTuple):
    """Where a row stands: file, sheet (empty in a text file), the row a person sees."""

    file: str
    sheet: str
    row: int

    def name(self, beside: At | None = None) -> str:
        """The place in Chinese, as short as it can be said beside another place."""
        if beside is not None and (beside.file, beside.sheet) == (self.file, self.sheet):
            return f"第 {self.row} 行"
        sheet = f"工作表“{mask_numbers(self.sheet)}”" if self.sheet else ""
        return f"{self.file} {sheet}第 {self.row} 行"


class Intake:
    """The files of one import: rows, problems and warnings, in the order read.

    Raises the refusals of :func:`read_content` for a file that cannot be read.
    """

    def __init__(self, sources: Sequence[Source], kind: str, progress: Progress) -> None:
        self.problems = Problems()
        self.warnings: list[str] = []
        self.rows_read = 0
        self._counted: dict[str, list[At]] = {}
        self._bad: set[At] = set()
        self._progress = progress
        self._tables = [read_content(s.name, s.data, [kind]) for s in sources]

    @property
    def columns(self) -> frozenset[str]:
        """Canonical names of all columns found in any sheet."""
        return frozenset(c for t in self._tables for s in t.sheets for c in s.columns)

    def rows(self) -> Iterator[tuple[At, dict[str, Cell]]]:
        """Every row of data of every file."""
        for table in self._tables:
            for row in table.rows():
                self.rows_read += 1
                if self.rows_read % _TOLD_EVERY == 0:
                    self._progress(self.rows_read, None, "读取")
                yield At(table.file, row.sheet, row.number), row.cells
            self._passed_over(table)
        self._progress(self.rows_read, self.rows_read, "读取")

    def refuse(
        self, at: At, error: CkbxError, column: str = "", value: object = None, what: str = ""
    ) -> None:
        """A row cannot be taken over."""
        self._bad.add(at)
        self.problems.add(
            Problem(
                file=at.file,
                sheet=at.sheet,
                row=at.row,
                column=column,
                what=what or getattr(error, "what", str(error)),
                mend=getattr(error, "mend", "请改正后重新导入"),
                shown=shown_of(error, column, value),
                code=error.code,
            )
        )

    def say(
        self, at: At, column: str, what: str, mend: str, code: str, value: object = None
    ) -> None:
        """A row cannot be taken over, said in words."""
        self._bad.add(at)
        self.problems.add(
            Problem(
                file=at.file,
                sheet=at.sheet,
                row=at.row,
                column=column,
                what=what,
                mend=mend,
                shown=mask(column, value),
                code=code,
            )
        )

    def warn(self, at: At, what: str) -> None:
        """Something odd about a row that is taken over; equal warnings are told once."""
        self._counted.setdefault(what, []).append(at)

    def drop(self, at: At) -> None:
        """A row that is not taken over because another row of its kind was refused."""
        self._bad.add(at)

    def is_bad(self, at: At) -> bool:
        """Whether the row was refused."""
        return at in self._bad

    @property
    def bad_rows(self) -> int:
        """How many rows were refused."""
        return len(self._bad)

    def all_warnings(self) -> list[str]:
        """Every warning once, with the first places it holds for."""
        told = list(self.warnings)
        for what, places in self._counted.items():
            shown = "、".join(at.name() for at in places[:_SHOWN])
            more = f" 等 {len(places)} 行" if len(places) > _SHOWN else ""
            told.append(f"{what}（{shown}{more}）")
        return told

    def _passed_over(self, table: Table) -> None:
        for problem in table.problems:
            self.rows_read += 1
            self._bad.add(At(problem.file, problem.sheet, problem.row))
            self.problems.add(problem)
        for name, why in table.unread_sheets:
            self.warnings.append(f"{table.file}：没有读工作表“{mask_numbers(name)}”（{why}）")
        if table.extra:
            extra = mask_numbers("、".join(table.extra))
            self.warnings.append(f"{table.file}：没有采用的列：{extra}")
        for skipped in table.skipped:
            at = At(table.file, skipped.sheet, skipped.row)
            self.warn(at, f"跳过不含数据的行：{skipped.why}")
