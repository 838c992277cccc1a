"""Which word of a code table did a person mean?"""

# ruff: noqa: EM101, EM102 - a refusal of a cell is made of its two sentences

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal, cast

from ckbx.domain.shared.identifiers import Sex
from ckbx.imports.value_errors import ChoiceRefused, SexRefused, ValueMissing
from ckbx.imports.values import plain, text

if TYPE_CHECKING:
    from ckbx.imports.workbook_sheets import Cell

Session = Literal["全天", "上午", "下午"]
Reason = Literal["病假", "事假", "无故", "未核", "到校"]
_NOTHING: Final = frozenset(("", "无", "否", "没有", "-", "--", "—", "——", "/", "0", "非", "NULL"))
_SEXES: Final = {
    **dict.fromkeys(("男", "1", "男性", "男生", "M", "男孩", "1男"), Sex.MALE),
    **dict.fromkeys(("女", "2", "女性", "女生", "F", "女孩", "2女"), Sex.FEMALE),
}


_SESSIONS: Final = {
    "": "全天", "全天": "全天", "全日": "全天", "整天": "全天",
    "上午": "上午", "上": "上午", "早上": "上午", "下午": "下午", "下": "下午",
}  # fmt: skip


_REASONS: Final = {
    "病假": "病假", "因病": "病假", "生病": "病假", "病": "病假",
    "事假": "事假", "因事": "事假", "事": "事假",
    "无故": "无故", "旷课": "无故", "无故缺勤": "无故", "无故旷课": "无故", "旷": "无故",
    "未核": "未核", "未核实": "未核", "待核": "未核", "不明": "未核", "原因不明": "未核",
    "到校": "到校", "到": "到校", "已到校": "到校", "出勤": "到校", "报到": "到校", "已报到": "到校",
}  # fmt: skip


_YES: Final = frozenset("是 有 1 Y YES TRUE 对 √ ✓".split())
_NO: Final = frozenset("否 无 0 N NO FALSE 不是 非 × X".split()) | _NOTHING
_MARKS: Final = {
    "留守儿童": "留守", "留守学生": "留守", "随迁子女": "随迁", "进城务工人员随迁子女": "随迁",
    "脱贫": "脱贫户", "脱贫家庭": "脱贫户", "建档立卡": "脱贫户", "建档立卡户": "脱贫户",
    "脱贫人口": "脱贫户", "监测": "监测户", "监测对象": "监测户", "三类监测": "监测户",
    "三类监测对象": "监测户", "三类监测户": "监测户", "低保户": "低保", "低保家庭": "低保",
    "特困供养": "特困", "残疾儿童": "残疾", "残疾学生": "残疾", "孤": "孤儿",
    "事实无人抚养儿童": "事实无人抚养", "事无": "事实无人抚养",
}  # fmt: skip


def parse_sex(cell: Cell | None) -> Sex:
    """Sex, from 男, 女 or the codes 1, 2. Raises ValueMissing, SexRefused."""
    written = plain(cell).upper()
    if not written:
        raise ValueMissing("“性别”没有填", "请填男或女")
    if written not in _SEXES:
        raise SexRefused("“性别”不是男或女", "请填男或女")
    return _SEXES[written]


def parse_session(cell: Cell | None) -> Session:
    """全天 (also when empty), 上午 or 下午. Raises ChoiceRefused."""
    return cast("Session", _choice(_SESSIONS, cell, "时段", "全天、上午、下午"))


def parse_reason(cell: Cell | None) -> Reason:
    """病假, 事假, 无故, 未核 or 到校. Raises ValueMissing, ChoiceRefused."""
    if not plain(cell):
        raise ValueMissing("“原因”没有填", "请填病假、事假、无故或未核；人到了的填到校")
    return cast("Reason", _choice(_REASONS, cell, "原因", "病假、事假、无故、未核、到校"))


def _choice(table: dict[str, str], cell: Cell | None, column: str, allowed: str) -> str:
    found = table.get(plain(cell))
    if found is None:
        raise ChoiceRefused(f"“{column}”不在可选的值里", f"请填其中之一：{allowed}")
    return found


def parse_yes(cell: Cell | None, column: str) -> bool:
    """是 or 否 (empty: no; codes 0, 1, and 1 or 2 of 留守 both mean yes). Raises ChoiceRefused."""
    written = plain(cell).upper()
    if cell is True or written in _YES or (column == "是否留守儿童" and written == "2"):
        return True
    if cell is False or written in _NO:
        return False
    raise ChoiceRefused(f"“{column}”不是“是”或“否”", "请填是或否")


def parse_marks(cell: Cell | None) -> tuple[str, ...]:
    """Marks of 特殊群体, split at 、,;/ and white space, common synonyms united, each once.

    An unknown mark is kept as it is written.
    """
    written = unicodedata.normalize("NFKC", text(cell))
    parts = (part.strip() for part in re.split(r"[、,;/|+\s]+", written))
    marks = (_MARKS.get(part, part) for part in parts if part.upper() not in _NOTHING)
    return tuple(dict.fromkeys(marks))
