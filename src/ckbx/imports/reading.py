"""Which rows does a file hold, under which headings, and what of it was passed over?

``read_table`` finds the heading of every sheet (below title rows, over up to three levels,
in any order) and hands out the rows under the canonical column names, each with the row
number that a person sees in Excel. What is not handed out is counted or listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from ckbx.domain.shared.personal import mask_numbers
from ckbx.imports.csv_text import TextSheet, decode
from ckbx.imports.headings import KINDS, NOTES_SHEET, FileKind, normalise
from ckbx.imports.problems import FileRefused, Problem, Problems
from ckbx.imports.sources import MAX_SIZE, FileTooLarge, read_file
from ckbx.imports.workbook import OLE_SIGNATURE, read_workbook
from ckbx.imports.workbook_archive import UNPACK, ZIP_SIGNATURE
from ckbx.imports.workbook_errors import NotASpreadsheet, NotATable
from ckbx.imports.workbook_sheets import Cell, RawSheet

_HEADING_WITHIN: Final = 30
_LEVELS: Final = 3
_EXCEL_SUFFIXES: Final = frozenset((".xls", ".xlsx", ".xlsm", ".xlt", ".xltx", ".et"))
_SEARCH: Final = "请找到原来的 xlsx、xls 或 csv 表格再导入"
_OTHERS: Final = (
    (b"\x89PNG", "图片", _SEARCH),
    (b"\xff\xd8\xff", "图片", _SEARCH),
    (b"GIF8", "图片", _SEARCH),
    (b"Rar!", "压缩包", UNPACK),
    (b"7z\xbc\xaf", "压缩包", UNPACK),
    (b"\x1f\x8b", "压缩包", UNPACK),
)
_FOOTER: Final = re.compile(
    r"(?:本页|本班|全校|全县)?(?:合\s*计|总\s*计|小\s*计|共\s*计)|(?:填报|填表|制表|上报|审核|审批|经办|负责|联系)"
    r"(?:人|单位|日期|时间)?(?:签字|签名|（.*）|\(.*\))?\s*[:：]|(?:校长|园长|班主任|单位负责人|负责人)"
    r"(?:签字|签名|（.*）|\(.*\))?\s*[:：]|(?:注|说\s*明|备\s*注|填表说明)\s*[:：]"
)
_FOOTER_FIRST: Final = frozenset("本全合总小共填制上审经负联校园班单注说备 \t\r\n\u00a0\u3000")
_SUBHEADS: Final = frozenset(
    "姓名 关系 电话 联系电话 手机 手机号 身份证号 身份证件号 证件号".split()
)


class FileEmpty(FileRefused):
    code = "file_empty"
    message = "{file}：文件是空的。请检查是否保存成功"


class HeadingNotFound(FileRefused):
    code = "heading_not_found"
    message = (
        "{file}：前 {within} 行里找不到{title}的表头。表头应含：{needed}；"
        "最接近的一行是：{found}。请补上表头行再导入"
    )


class ColumnsMissing(FileRefused):
    code = "columns_missing"
    message = (
        "{file}：{place}缺少列：{missing}。已认出的列：{found}；未认出的列：{extra}。请补上再导入"
    )


class HeadingAmbiguous(FileRefused):
    code = "heading_ambiguous"
    message = "{file}：{place}有多列都叫“{column}”：{titles}。请只留一列，或改名加以区分，再导入"


class Row(NamedTuple):
    """One row of data: its sheet, the 1-based row a person sees, raw cells by canonical name."""

    sheet: str
    number: int
    cells: dict[str, Cell]


class Skipped(msgspec.Struct, frozen=True):
    """A row that was passed over because it holds no data, and why (Chinese)."""

    sheet: str
    row: int
    why: str


class Sheet(msgspec.Struct, frozen=True):
    """A sheet whose heading was found.

    ``heading_row`` is the 1-based lowest row of the heading; ``columns`` maps canonical
    names to 0-based columns, ``titles`` to what is written there; ``extra`` are headings
    that nobody asked for.
    """

    name: str
    heading_row: int
    columns: dict[str, int]
    titles: dict[str, str]
    extra: tuple[str, ...]
    source: Any
    width: int


class Table:
    """A file that can be read as ``kind``; ``skipped`` and ``problems`` fill while it is read."""

    def __init__(
        self, file: str, kind: FileKind, sheets: Sequence[Sheet], unread: Sequence[tuple[str, str]]
    ) -> None:
        self.file, self.kind, self.sheets = file, kind, tuple(sheets)
        self.unread_sheets = tuple(unread)  # (name, why)
        self.blank_rows = 0
        self.skipped: list[Skipped] = []
        self.problems = Problems(file)

    @property
    def extra(self) -> tuple[str, ...]:
        """Headings of all sheets that are not used, each once."""
        return tuple(dict.fromkeys(title for sheet in self.sheets for title in sheet.extra))

    def rows(self) -> Iterator[Row]:
        """Every row of data, sheet by sheet.

        Blank rows are counted in ``blank_rows``, sums, signatures and repeated headings
        listed in ``skipped``; a row with more cells than the heading becomes a problem. All
        three begin anew with every call. Raises CsvDamaged.
        """
        self.blank_rows, self.skipped, self.problems = 0, [], Problems(self.file)
        for sheet in self.sheets:
            yield from self._rows(sheet)

    def _rows(self, sheet: Sheet) -> Iterator[Row]:
        names = tuple(sorted(sheet.columns, key=sheet.columns.__getitem__))
        pick = _picker([sheet.columns[name] for name in names])
        width, name = sheet.width, sheet.name
        slow_first = _FOOTER_FIRST | {sheet.titles[names[0]].strip()[:1]}
        below = islice(sheet.source.rows(), sheet.heading_row, None)
        for number, raw in enumerate(below, sheet.heading_row + 1):
            if len(raw) != width:
                if any(map(_filled, raw[width:])):
                    self._too_long(sheet, number, len(raw))
                    continue
                raw = [*raw, *[""] * (width - len(raw))]  # noqa: PLW2901 - a short row
            values = pick(raw)
            first = values[0]
            if first.__class__ is not str or not first or first[0] in slow_first or first.isspace():
                why = _why_no_data(sheet, names, raw, values)
                if why is not None:
                    self._skip(name, number, why)
                    continue
            yield Row(name, number, dict(zip(names, values, strict=True)))

    def _skip(self, sheet: str, number: int, why: str) -> None:
        if why:
            self.skipped.append(Skipped(sheet, number, why))
        else:
            self.blank_rows += 1

    def _too_long(self, sheet: Sheet, number: int, cells: int) -> None:
        self.problems.add(
            Problem(
                file=self.file,
                sheet=sheet.name,
                row=number,
                what=f"这一行有 {cells} 格，表头只有 {sheet.width} 格，内容可能错位",
                mend="内容里有逗号时请用英文双引号括起，或另存为 xlsx 再导入",
                code="row_too_long",
            )
        )


def read_table(path: Path, kinds: Sequence[str]) -> Table:
    """Open a file as one of the kinds (``roster`` … of :data:`headings.KINDS`).

    Raises a FileRefused: FileMissing, FileTooLarge, NotRegularFile, FileEmpty, NotASpreadsheet,
    WorkbookTooLarge, WorkbookTooWide, WorkbookDamaged, WorkbookEncrypted, TextUnreadable,
    CsvDamaged, HeadingNotFound, ColumnsMissing, HeadingAmbiguous.
    """
    return read_content(path.name, read_file(path, path.name), kinds)


def read_content(file: str, data: bytes, kinds: Sequence[str]) -> Table:
    """:func:`read_table` for content that was handed in; ``file`` is the name to show."""
    if len(data) > MAX_SIZE:
        raise FileTooLarge(file=file, limit=MAX_SIZE // 1024**2)
    if not data.strip():
        raise FileEmpty(file=file)
    return _table(file, _open(file, data), [KINDS[name] for name in kinds])


def _open(file: str, data: bytes) -> list[RawSheet]:
    if data.startswith((ZIP_SIGNATURE, OLE_SIGNATURE)):
        return read_workbook(file, data)
    for signature, what, mend in _OTHERS:
        if data.startswith(signature):
            raise NotATable(file=file, what=what, mend=mend)
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style")):
        raise NotASpreadsheet(file=file, what="网页（HTML），很多系统导出的“Excel”都是这样")
    if start.startswith((b"<?xml", b"<workbook")):
        raise NotASpreadsheet(file=file, what=" XML 文本")
    if start.startswith(b"%pdf"):
        raise NotASpreadsheet(file=file, what=" PDF 文档")
    if Path(file).suffix.lower() in _EXCEL_SUFFIXES:
        what = "二进制数据" if b"\0" in data[:4096] else "改了扩展名的文本（CSV）"
        raise NotASpreadsheet(file=file, what=what)
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotATable(file=file, what="二进制数据", mend=_SEARCH)
    return [TextSheet(file, decode(file, data))]


class _Heading(NamedTuple):
    """The heading of a sheet as one kind understands it."""

    row: int
    columns: dict[str, int]
    titles: dict[str, str]
    extra: tuple[str, ...]
    doubled: dict[str, list[str]]
    width: int


def _table(file: str, raw: Sequence[RawSheet], kinds: Sequence[FileKind]) -> Table:
    visible = [
        (sheet, list(islice(sheet.rows(), _HEADING_WITHIN))) for sheet in raw if not sheet.hidden
    ]
    unread = [(sheet.name, "隐藏的工作表") for sheet in raw if sheet.hidden]
    best = max(
        kinds, key=lambda kind: max((_fit(kind, s, top) for s, top in visible), default=(0, 0))
    )
    sheets: list[Sheet] = []
    failed: list[tuple[RawSheet, _Heading]] = []
    for sheet, top in visible:
        heading = _heading(best, sheet, top)
        if heading is None:
            if sheet.name != NOTES_SHEET:
                unread.append((sheet.name, f"没有{best.title}的表头"))
        elif best.missing(heading.columns):
            failed.append((sheet, heading))
        else:
            sheets.append(_sheet(file, best, sheet, heading))
    for sheet, heading in failed:
        missing = best.missing(heading.columns)
        if not sheets or 2 * len(missing) <= len(best.needed):
            raise _columns_missing(file, sheet, heading, missing)
        unread.append((sheet.name, f"不是{best.title}：缺少列 {'、'.join(missing)}"))
    if not sheets:
        raise _heading_not_found(file, best, [top for _, top in visible])
    return Table(file, best, sheets, unread)


def _fit(kind: FileKind, sheet: RawSheet, top: list[list[Cell]]) -> tuple[int, int]:
    heading = _heading(kind, sheet, top)
    if heading is None:
        return (-1000, 0)
    return (-len(kind.missing(heading.columns)), len(heading.columns))


def _sheet(file: str, kind: FileKind, raw: RawSheet, heading: _Heading) -> Sheet:
    needed = {*kind.needed, *(name for group in kind.any_of for name in group)}
    for column, titles in heading.doubled.items():
        if column in needed:
            raise HeadingAmbiguous(
                file=file,
                place=_place(raw.name, heading.row),
                column=column,
                titles=mask_numbers("、".join(titles)),
            )
    again = tuple(
        f"{title}（与“{column}”重复，未采用）"
        for column, titles in heading.doubled.items()
        for title in titles[1:]
    )
    return Sheet(
        raw.name,
        heading.row,
        heading.columns,
        heading.titles,
        heading.extra + again,
        raw,
        heading.width,
    )


def _picker(columns: Sequence[int]) -> Callable[[Sequence[Cell]], tuple[Cell, ...]]:
    """The cells of these columns; ``itemgetter`` of one of them gives no tuple."""
    if len(columns) == 1:
        (only,) = columns
        return lambda row: (row[only],)
    return itemgetter(*columns)


def _place(sheet: str, row: int) -> str:
    return f"工作表“{mask_numbers(sheet)}”第 {row} 行的表头" if sheet else f"第 {row} 行的表头"


def _columns_missing(
    file: str, sheet: RawSheet, heading: _Heading, missing: list[str]
) -> ColumnsMissing:
    return ColumnsMissing(
        file=file,
        place=_place(sheet.name, heading.row),
        missing="、".join(missing),
        found="、".join(heading.columns) or "无",
        extra=mask_numbers("、".join(heading.extra)) or "无",
    )


def _heading_not_found(file: str, kind: FileKind, tops: list[list[list[Cell]]]) -> HeadingNotFound:
    rows = [[text for text in map(_title, row) if text] for top in tops for row in top]
    closest = max(rows, key=lambda row: sum(kind.column((t,)) is not None for t in row), default=[])
    named = [title for title in closest if kind.column((title,))]
    return HeadingNotFound(
        file=file,
        within=_HEADING_WITHIN,
        title=kind.title,
        needed="、".join(kind.needed),
        found=mask_numbers("、".join(named)) or "无",
    )


def _heading(kind: FileKind, sheet: RawSheet, top: list[list[Cell]]) -> _Heading | None:
    """The heading: the first row with enough known names, and the levels above and below it."""
    grid = _filled_grid(sheet, top)
    for index in range(len(grid)):
        columns = [kind.column(_path(grid, index, index, at)) for at in range(len(grid[index]))]
        if len({name for name in columns if name}) >= kind.known_names:
            last = index + _levels_below(kind, sheet, top, grid, index)
            return _mapped(kind, grid, index, last)
    return None


def _mapped(kind: FileKind, grid: list[list[str]], first: int, last: int) -> _Heading:
    columns: dict[str, int] = {}
    titles: dict[str, str] = {}
    extra: list[str] = []
    doubled: dict[str, list[str]] = {}
    width = max(map(len, grid[first : last + 1]))
    for at in range(width):
        path = _path(grid, first, last, at)
        title = path[-1] if path else ""
        name = kind.column(path)
        if name is None:
            extra += [title] if title else []
        elif name not in columns:
            columns[name], titles[name] = at, title
        elif normalise(title) == normalise(name) != normalise(titles[name]):
            extra.append(titles[name])  # the canonical spelling wins over a synonym
            columns[name], titles[name] = at, title
        elif normalise(titles[name]) == normalise(name) != normalise(title):
            extra.append(title)
        else:
            doubled.setdefault(name, [titles[name]]).append(title)
    return _Heading(last + 1, columns, titles, tuple(extra), doubled, width)


def _levels_below(
    kind: FileKind, sheet: RawSheet, top: list[list[Cell]], grid: list[list[str]], index: int
) -> int:
    """How many rows below belong to the heading: merged into it, or holding only sub-headings."""
    ends = [
        end[0]
        for start, end in sheet.merged
        if start[0] <= index < end[0] and _titled(grid, index, start)
    ]
    if ends:
        return min(max(ends) - index, _LEVELS - 1)
    below = top[index + 1] if index + 1 < len(top) else []
    titles = [title for title in map(_title, below) if title]
    is_heading = titles and all(normalise(t) in _SUBHEADS or kind.column((t,)) for t in titles)
    return 1 if is_heading and len(titles) > 1 else 0


def _titled(grid: list[list[str]], row: int, start: tuple[int, int]) -> bool:
    return start[1] < len(grid[row]) and bool(grid[row][start[1]])


def _path(grid: list[list[str]], first: int, last: int, column: int) -> list[str]:
    """The titles over a column from the top level down, equal neighbours once."""
    path: list[str] = []
    for row in range(max(0, min(first, last - _LEVELS + 1), first - _LEVELS + 1), last + 1):
        title = grid[row][column] if column < len(grid[row]) else ""
        if title and (not path or path[-1] != title):
            path.append(title)
    return path


def _filled_grid(sheet: RawSheet, top: list[list[Cell]]) -> list[list[str]]:
    """The titles of the top rows with merged cells filled.

    Where merges are not known (text), an empty cell over a title takes its left neighbour.
    """
    grid = [[_title(cell) for cell in row] for row in top]
    for (first_row, first), (last_row, last) in sheet.merged:
        for row in range(first_row, min(last_row + 1, len(grid))):
            title = grid[first_row][first] if first < len(grid[first_row]) else ""
            for column in range(first, min(last + 1, len(grid[row]))):
                grid[row][column] = title
    if not sheet.merges_known:
        for titles, below in pairwise(grid):
            for at in range(1, min(len(titles), len(below))):
                if not titles[at] and below[at]:
                    titles[at] = titles[at - 1]
    return grid


def _title(cell: Cell) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", "", cell) if isinstance(cell, str) else ""


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or (bool(cell) and not cell.isspace())


def _why_no_data(
    sheet: Sheet, names: tuple[str, ...], raw: list[Cell], values: tuple[Cell, ...]
) -> str | None:
    """None for a row of data, "" for a blank row, else why the row is passed over."""
    first = next((cell for cell in raw if _filled(cell)), None)
    if first is None:
        return ""
    filled = sum(map(_filled, values))
    if isinstance(first, str) and _FOOTER.match(first.strip()) and 2 * filled <= len(names):
        return "合计、填报人或说明行"
    if not filled:
        return (
            "只有序号，没有内容"
            if not isinstance(first, str) or first.isdigit()
            else "所需各列都是空的"
        )
    if all(_title(v) == sheet.titles[n] for n, v in zip(names, values, strict=True)):
        return "重复的表头行"
    return None
