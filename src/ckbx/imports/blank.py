"""What does a roster look like before anybody is in it? A workbook to fill in.

Its columns are those of :data:`~ckbx.imports.headings.ROSTER`, which the import reads; the
example stands above the heading and the notes on a sheet of their own, so neither is imported.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import xlsxwriter

from ckbx.domain.shared.identifiers import check_character
from ckbx.imports.headings import NOTES_SHEET, ROSTER

HEADING_ROW: Final = 3
"""The 1-based row of the heading; children are filled in below it."""
_ROWS: Final = 3_000
_BODY: Final = "52263220180915001"
_NUMBER: Final = _BODY + check_character(_BODY)


class Said(NamedTuple):
    """How a column is filled in: words, an example, how wide it is (characters)."""

    how: str
    example: str
    width: int


_TYPES: Final = ("居民身份证", "护照", "香港居民身份证", "澳门居民身份证", "台胞证", "其他", "无")
SAID: Final[Mapping[str, Said]] = {
    "学校标识码": Said("10 位数字，学籍系统里有；每行都填", "2152260012", 14),
    "学校名称": Said("学校的全称；同一所学校每行写法一样", "某某镇中心小学", 22),
    "年级": Said("1 到 9；也可以写三年级、初一", "3", 6),
    "班级": Said("班号，1 到 99；也可以写 1 班", "1", 6),
    "姓名": Said("与户口簿相同", "示例学生", 10),
    "性别": Said("男或女", "男", 6),
    "出生日期": Said("写成 2018-09-15 这样，与身份证件一致", "2018-09-15", 13),
    "身份证件类型": Said(f"{'、'.join(_TYPES)}", "居民身份证", 16),
    "身份证件号": Said("18 位；没有证件的空着，类型选“无”，学籍号要填", _NUMBER, 22),
    "学籍号": Said("G、J 或 L 开头，共 19 位；还没有的空着，会提醒尽快建籍", f"G{_NUMBER}", 23),
    "户籍地区划": Said("户籍所在村的 12 位区划代码；只知道乡镇的写 9 位", "522632101201", 16),
    "现住址区划": Said("现在住的村的代码；与户籍地相同的空着", "", 16),
    "现住址": Said("门牌、组，便于家访", "一组 12 号", 22),
    "监护人": Said("一名监护人的姓名", "示例家长", 10),
    "监护人关系": Said("如父亲、母亲、祖母", "祖母", 12),
    "联系电话": Said("监护人的电话", "13800000000", 15),
    "特殊群体": Said(
        "留守、随迁、孤儿、脱贫户、监测户、低保、特困、残疾；几项用顿号隔开，没有的空着", "留守", 18
    ),
    "编班日期": Said("学期中才编进这个班的，写那一天；开学就在的空着", "", 13),
}
NOTES: Final = (
    "每名学生一行，从表头下面填起。一个班要写全班：没有写进去的在籍学生会列为“在籍不在册”，请人核对。",
    "灰色的示例行在表头上面，不会导入；不要删表头，列的顺序可以变，多出的列不采用，用不着的可选列可以删。",
    "号码的列已设成文本，直接填；从别处粘贴请选“只粘贴值”，免得 Excel 把号码改成 5.22E+17。",
    "填好后在“导入”里选“花名册”先核对，什么也不写入；有错的逐行说明，改好再核对、写入。",
)


def roster_columns() -> tuple[str, ...]:
    """The columns of a blank roster: those needed, and those that most counties fill in."""
    return (*ROSTER.needed, *ROSTER.usual)


def blank_roster(schools: Sequence[tuple[str, str]] = ()) -> bytes:
    """A workbook with the heading and no children. ``schools`` (code, name): those it may be
    for; the only one stands in the example.
    """
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": "花名册（空白）"})
    own = (
        dict(zip(("学校标识码", "学校名称"), schools[0], strict=True)) if len(schools) == 1 else {}
    )
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    _children(book, base, {**{name: said.example for name, said in SAID.items()}, **own})
    _notes(book, base, schools)
    book.close()
    return made.getvalue()


def _children(book: Any, base: Mapping[str, Any], example: Mapping[str, str]) -> None:
    page = book.add_worksheet(ROSTER.title)
    told = book.add_format({**base, "font_color": "#555555"})
    grey = book.add_format({**base, "font_color": "#808080", "italic": True, "num_format": "@"})
    head = {**base, "bold": True, "border": 1, "align": "center"}
    needed = book.add_format({**head, "bg_color": "#d9e8f7"})
    other = book.add_format({**head, "bg_color": "#f0f0f0"})
    text = book.add_format({**base, "num_format": "@"})
    page.write(
        0, 0, "从蓝色表头下面填起，每名学生一行；蓝色的列必须有。灰色的一行是示例，不会导入", told
    )
    for at, name in enumerate(roster_columns()):
        page.write_string(HEADING_ROW - 2, at, example[name], grey)
        page.write_string(HEADING_ROW - 1, at, name, needed if name in ROSTER.needed else other)
        page.set_column(at, at, SAID[name].width, text)
        rule = _RULES.get(name)
        if rule is not None:
            page.data_validation(HEADING_ROW, at, HEADING_ROW + _ROWS, at, _with_words(name, rule))
    page.set_row(HEADING_ROW - 1, 22)
    page.freeze_panes(HEADING_ROW, 5)
    page.set_landscape()
    page.set_paper(8)  # A3
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADING_ROW - 1)


_RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "学校标识码": {"validate": "length", "criteria": "==", "value": 10},
    "年级": {"validate": "list", "source": [str(grade) for grade in range(1, 10)]},
    "性别": {"validate": "list", "source": ["男", "女"]},
    "身份证件类型": {"validate": "list", "source": list(_TYPES)},
    "学籍号": {"validate": "length", "criteria": "==", "value": 19},
}


def _with_words(name: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with what the sheet says; a wrong value is told, and may stay."""
    words = {
        "input_title": name,
        "input_message": SAID[name].how,
        "error_title": f"请核对{name}",
        "error_message": f"{SAID[name].how}。仍要这样填，选“是”",
        "error_type": "warning",
    }
    return {**rule, **words}


def _notes(book: Any, base: Mapping[str, Any], schools: Sequence[tuple[str, str]]) -> None:
    page = book.add_worksheet(NOTES_SHEET)
    line = book.add_format({**base, "text_wrap": True})
    cell = book.add_format({**base, "text_wrap": True, "border": 1})
    head = book.add_format({**base, "bold": True, "border": 1, "bg_color": "#d9e8f7"})
    for at, width in enumerate((16, 8, 62, 24)):
        page.set_column(at, at, width)
    row = 0
    for number, said in enumerate(NOTES, 1):
        page.merge_range(row, 0, row, 3, f"{number}. {said}", line)
        page.set_row(row, 34)
        row += 1
    row = _table(page, row + 1, ("列", "必填", "怎么填", "示例"), _columns(), head, cell)
    if schools:
        _table(page, row + 1, ("学校标识码", "", "学校名称", ""), _schools(schools), head, cell)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _columns() -> list[tuple[str, ...]]:
    return [
        (name, "必填" if name in ROSTER.needed else "", SAID[name].how, SAID[name].example)
        for name in roster_columns()
    ]


def _schools(schools: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [(code, "", name, "") for code, name in schools]


def _table(
    page: Any, row: int, heading: Sequence[str], rows: Sequence[Sequence[str]], head: Any, cell: Any
) -> int:
    """Write a table; the first row below it."""
    for style, lines in ((head, [heading]), (cell, rows)):
        for values in lines:
            for at, value in enumerate(values):
                page.write_string(row, at, value, style)
            row += 1
    return row
