"""What is wrong with a file, where, and what shall the person who brought it do?

A problem shows the offending value, because that is how it is found in the file; values of
columns that may hold personal data are masked, and so is whatever looks like an identity
number or a phone, in any form, whatever column or sentence it slipped into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.domain.shared.identifiers import mask_number
from ckbx.domain.shared.personal import mask_numbers

_PLAIN_COLUMNS: Final = frozenset(
    "学校标识码 学校名称 年级 班级 性别 身份证件类型 户籍地区划 现住址区划 就读方式 入学年月 "
    "日期 时段 应到 实到 原因 提交时间 学年 学期 开始 结束 适用 类型 "
    "线 层级 岗位 范围类型 范围代码 起 止 角色 账号".split()
)
_NUMBERS: Final = frozenset("身份证件号 学籍号 缺勤学籍号 残疾证号 监护人身份证件号".split())
_NUMERIC: Final = re.compile(r"[\dA-Za-z\s\-‐-―.·/()（）]+")
_SHOWN_LENGTH: Final = 40
_LISTED: Final = 20


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that keeps a row, or a file, from being read.

    ``row`` is the 1-based row a person sees in Excel, 0 for the whole file; ``column`` the
    canonical heading; ``shown`` the value, already masked. All text is Chinese.
    """

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    what: str
    mend: str
    shown: str = ""
    code: str = "value_refused"

    def __post_init__(self) -> None:
        for name in ("sheet", "what"):
            msgspec.structs.force_setattr(self, name, mask_numbers(getattr(self, name)))

    @property
    def place(self) -> str:
        """Where, as a person says it: 文件、工作表、第 N 行、列."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"工作表“{self.sheet}”")
        if self.row:
            parts.append(f"第 {self.row} 行")
        if self.column:
            parts.append(f"“{self.column}”列")
        return " ".join(parts)

    def line(self) -> str:
        """One Chinese line: where, what, the masked value, what to do."""
        shown = f"（填的是“{self.shown}”）" if self.shown else ""
        return f"{self.place}：{self.what}{shown}。{self.mend}"


def mask(column: str, value: object) -> str:
    """The value as it may be shown: short, and masked unless its column is a plain one."""
    text = re.sub(r"\s+", " ", "" if value is None else str(value)).strip()
    if not text:
        return ""
    if column in _NUMBERS and _NUMERIC.fullmatch(text):
        return mask_number(text)
    if column in _PLAIN_COLUMNS:
        text = mask_numbers(text)
        return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"
    return text[0] + "*" * min(len(text) - 1, 6)


def shown_of(error: CkbxError, column: str, value: object) -> str:
    """The value as it may be shown beside a refusal; nothing but its first letter where it was
    refused for being somebody's name (``private`` of the error).
    """
    return mask("" if getattr(error, "private", False) else column, value)


class Problems:
    """Collects the problems of one import, in the order found."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.items: list[Problem] = []

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.items)

    def add(self, problem: Problem) -> None:
        """Keep one problem."""
        self.items.append(problem)

    def refuse(
        self, error: CkbxError, *, sheet: str, row: int, column: str = "", value: object = None
    ) -> Problem:
        """Turn a refusal of one value into a problem at its place and keep it.

        Refusals of values and numbers carry ``what`` and ``mend``; of any other error the
        whole sentence is the ``what``.
        """
        problem = Problem(
            file=self.file,
            sheet=sheet,
            row=row,
            column=column,
            what=getattr(error, "what", str(error)),
            mend=getattr(error, "mend", "请改正后重新导入"),
            shown=shown_of(error, column, value),
            code=error.code,
        )
        self.items.append(problem)
        return problem

    def rows(self) -> set[tuple[str, str, int]]:
        """(file, sheet, row) of every row that has a problem."""
        return {(p.file, p.sheet, p.row) for p in self.items if p.row}

    def lines(self) -> list[str]:
        """Every problem as one Chinese line."""
        return [p.line() for p in self.items]

    def as_json(self) -> list[dict[str, Any]]:
        """Every problem with English keys, for ``--format json``."""
        return [msgspec.to_builtins(p) for p in self.items]

    def raise_if_any(self) -> None:
        """Raise :class:`ImportRefused` when there is a problem."""
        if self.items:
            raise ImportRefused(self)


class ImportRefused(InputRefused):
    """Nothing of the import was applied: its rows are listed in ``problems`` (exit code 3)."""

    code = "import_refused"
    message = "导入被拒绝，什么也没有写入：共 {count} 处问题\n{listed}"

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        lines = problems.lines()
        if len(lines) > _LISTED:
            lines = [*lines[:_LISTED], f"……另有 {len(lines) - _LISTED} 处"]
        super().__init__(count=len(problems), listed="\n".join(lines))

    def as_dict(self) -> dict[str, Any]:
        """Machine form: code, detail, count and every problem."""
        return {
            "code": self.code,
            "detail": f"导入被拒绝，什么也没有写入：共 {len(self.problems)} 处问题",
            "count": len(self.problems),
            "problems": self.problems.as_json(),
        }


class FileRefused(InputRefused):
    """A whole file cannot be read; subclasses say why. ``file`` is its name without folders."""

    code = "file_refused"
    message = "{file}：文件不能读取。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
