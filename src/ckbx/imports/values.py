"""What did the person mean who wrote this into a cell?

Each function takes a raw cell (text, number, date) and returns a plain value, or raises a
:class:`ValueRefused` with a stable code whose sentence never repeats the value: the place
and the masked value are added by :mod:`ckbx.imports.problems`. Code-table values come back
as their canonical Chinese word.
"""

# ruff: noqa: EM101, EM102 - a refusal of a cell is made of its two sentences

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from stdnum import numdb

from ckbx.clock import local_instant
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.identifiers import SchoolKind, Sex, check_character, school_kind
from ckbx.imports.workbook import Cell

Session = Literal["全天", "上午", "下午"]
Reason = Literal["病假", "事假", "无故", "未核", "到校"]

_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff]+")
_FORMULA_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
_WHOLE: Final = re.compile(r"(-?\d+)(?:\.0+)?")
_NUMERALS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL: Final = re.compile(r"[一二三四五六七八九]?十?[一二三四五六七八九]?")
_CLASS: Final = re.compile(r"\(?第?(\d+(?:\.0+)?|[一二三四五六七八九十]+)\)?班?")
_CLASS_OF_GRADE: Final = re.compile(
    r"(?:(?:小学?|初中?)?(?:19|20)\d\d级"
    r"|(?P<grade>(?:小学|初中?)?(?:[一二三四五六七八九](?:年级?|级)?|[1-9](?:年级?|级|(?=\()))))"
    r"\(?第?(?P<number>\d+|[一二三四五六七八九十]+)\)?班?"
)
_LAST_GRADE: Final = 9
_LAST_PRIMARY: Final = 6
_FIRST_JUNIOR: Final = 7
_MOST_CLASSES: Final = 99
_EXACT: Final = 1e15  # Excel keeps 15 digits
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's serials are local
_SERIALS: Final = range(10_000, 73_051)  # 1927-05-18 to 2099-12-31
_YEARS: Final = range(1900, 2101)
_NOTHING: Final = frozenset(("", "无", "否", "没有", "-", "--", "—", "——", "/", "0", "非", "NULL"))


class ValueRefused(InputRefused):
    """A cell that cannot be understood; ``what`` is wrong and how to ``mend`` it, in Chinese."""

    code = "value_refused"
    message = "{what}。{mend}"

    def __init__(self, what: str, mend: str) -> None:
        self.what, self.mend = what, mend
        super().__init__(what=what, mend=mend)


class ValueMissing(ValueRefused):
    code = "value_missing"


class GradeRefused(ValueRefused):
    code = "grade_refused"


class ClassRefused(ValueRefused):
    code = "class_refused"


class DateRefused(ValueRefused):
    code = "date_refused"


class SexRefused(ValueRefused):
    code = "sex_refused"


class CountRefused(ValueRefused):
    code = "count_refused"


class ChoiceRefused(ValueRefused):
    code = "choice_refused"


class NumberDestroyed(ValueRefused):
    code = "number_destroyed"


def text(cell: Cell | None) -> str:
    """The cell as a person reads it: trimmed, 12.0 as ``12``, ``="…"`` and a leading ' undone."""
    if isinstance(cell, str) and (not cell or cell.isalnum()):  # nearly every cell
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    written = _INVISIBLE.sub("", cell if isinstance(cell, str) else str(cell)).strip()
    wrapped = _FORMULA_TEXT.fullmatch(written)
    if wrapped:
        written = wrapped[1].strip()
    return written.removeprefix("'").strip()


def plain(cell: Cell | None) -> str:
    """:func:`text` in half-width characters without any white space, for codes and numbers."""
    written = text(cell)
    if written.isascii() and (not written or written.isalnum()):
        return written
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", written))


def needed(cell: Cell | None, column: str) -> str:
    """:func:`text`, which may not be empty. Raises ValueMissing."""
    found = text(cell)
    if not found:
        raise ValueMissing(f"“{column}”没有填", "请补填")
    return found


def identity_text(cell: Cell | None) -> str:
    """An identity number as text. Raises NumberDestroyed where Excel has rounded it.

    Recognises numbers of 1e15 and more, ``5.22699E+17`` (also behind G, J or L) and 18
    digits ending in 000 whose check digit is wrong: Excel keeps 15 digits.
    """
    mend = "请把该列设为“文本”格式后重填"
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise NumberDestroyed("号码被 Excel 存成数字，末几位已经丢失", mend)
    written = plain(cell).upper()
    if "E" in written and re.fullmatch(r"[GJL]?\d+(?:\.\d+)?E\+?\d+", written):
        raise NumberDestroyed("号码被 Excel 存成了科学计数，末几位已经丢失", mend)
    if not written.endswith("000"):
        return written
    digits = written.removeprefix("G")
    if re.fullmatch(r"\d{15}000", digits) and check_character(digits[:17]) != digits[17]:
        raise NumberDestroyed("号码末三位是 000 且校验不对，像是被 Excel 舍入过", mend)
    return written


@lru_cache(maxsize=4096)
def region_warning(region: str, birth_year: int) -> str | None:
    """What is odd about the region of a 身份证号, or None: a ``RegionCheck`` for identifiers.

    Old numbers keep regions that were renamed or merged, and lists are never complete, so
    this is never a refusal.
    """
    found = [values for part, values in numdb.get("cn/loc").info(region) if "county" in values]
    if len(region) != 6 or not found:
        return f"身份证号开头的 {region} 不在行政区划表里，请核对"
    for county in found[-1]["county"].split(","):
        years = re.match(r"\[(\d*)-(\d*)\]", county)
        if not years or int(years[1] or 0) <= birth_year <= int(years[2] or 9999):
            return None
    return f"身份证号开头的 {region} 在 {birth_year} 年还没有或已经不用，请核对"


LARGEST_COUNT = 999
"""More than any class holds; what is larger was typed into the wrong column."""


def parse_count(cell: Cell | None, column: str = "人数") -> int:
    """A count of people in a class, 0 to ``LARGEST_COUNT``. Raises ValueMissing, CountRefused."""
    written = plain(cell)
    if not written:
        raise ValueMissing(f"“{column}”没有填", "请填人数，没有人填 0")
    found = _WHOLE.fullmatch(re.sub("[人名个]$", "", written))
    if isinstance(cell, bool) or not found:
        raise CountRefused(f"“{column}”不是整数", "请只填数字")
    if int(found[1]) < 0:
        raise CountRefused(f"“{column}”是负数", "请填 0 或正整数")
    if int(found[1]) > LARGEST_COUNT:
        raise CountRefused(f"“{column}”大于 {LARGEST_COUNT}", "请核对是否填错了列或多填了数字")
    return int(found[1])


def parse_grade(cell: Cell | None, *, school_year: int | None = None, school_code: str = "") -> int:
    """A grade 1 to 9, from 1, １, 一年级, 初一, 七年级, 小学三年级 or ``2026级``.

    ``school_year`` is the year in which the school year began, needed for ``2026级``: the
    year of entering grade 1, in a junior school (code 31) of entering grade 7, unless only
    grade 1 of a nine-year school gives a grade at all. Raises ValueMissing, GradeRefused.
    """
    written = plain(cell)
    if not written:
        raise ValueMissing("“年级”没有填", "请填 1–9")
    cohort = re.fullmatch(r"(小学?|初中?)?((?:19|20)\d\d)级", written)
    if cohort:
        return _grade_of_cohort(cohort[1] or "", int(cohort[2]), school_year, school_code)
    found = re.fullmatch(r"(小学?|初中?)?(.+?)(?:年级|年|级)?", written)
    number = _number(found[2]) if found else None
    if number is not None and found and found[1]:
        number = _grade_of_stage(found[1], number)
    if number is None or not 1 <= number <= _LAST_GRADE:
        raise GradeRefused("年级不是义务教育的一至九年级", "请填 1–9，如 3、三年级、初一")
    return number


def _grade_of_stage(stage: str, number: int) -> int | None:
    """The grade of 小学三 or 初二 (also 初中八年级); None for 初四, which counts otherwise."""
    if stage.startswith("小"):
        return number if number <= _LAST_PRIMARY else None
    if number <= _LAST_GRADE - _FIRST_JUNIOR + 1:
        return number + _FIRST_JUNIOR - 1
    return number if number >= _FIRST_JUNIOR else None


def _grade_of_cohort(stage: str, year: int, school_year: int | None, school_code: str) -> int:
    if school_year is None:
        raise GradeRefused("这里不能用入学年份写年级", "请填 1–9，如 3、三年级、初一")
    kind = school_kind(school_code)
    as_junior, as_primary = school_year - year + _FIRST_JUNIOR, school_year - year + 1
    if stage.startswith("初"):
        readings = [(as_junior, range(_FIRST_JUNIOR, _LAST_GRADE + 1))]
    elif stage or kind is SchoolKind.PRIMARY:
        readings = [(as_primary, range(1, _LAST_PRIMARY + 1))]
    else:
        readings = [(as_primary, range(1, _LAST_GRADE + 1))]
        if kind is SchoolKind.JUNIOR:
            readings.insert(0, (as_junior, range(_FIRST_JUNIOR, _LAST_GRADE + 1)))
    for grade, allowed in readings:
        if grade in allowed:
            return grade
    raise GradeRefused(f"{year} 级在本学年不在一至九年级之内", "请填 1–9，如 3、三年级、初一")


def parse_class(cell: Cell | None, *, grade: int | None = None) -> int:
    """A class number, from 1, 1班, (1)班, 一（1）班, 2026级1班, 302 (grade 3 class 2), 1.0.

    A grade written with it must be ``grade``. Raises ValueMissing, ClassRefused.
    """
    written = plain(cell)
    if not written:
        raise ValueMissing("“班级”没有填", "请填班号，如 1")
    mend = "请填班号，如 1、1班、（1）班"
    said, number = _grade_and_class(written)
    if number is None:
        raise ClassRefused("看不出是几班", mend)
    if said and grade is not None and parse_grade(said) != grade:
        raise ClassRefused("班级里写的年级与“年级”列不一致", "请核对这两列")
    if number > _MOST_CLASSES and grade is not None and number // 100 == grade:
        number %= 100
    if not 1 <= number <= _MOST_CLASSES:
        raise ClassRefused("班号应在 1–99 之间", mend)
    return number


def _grade_and_class(written: str) -> tuple[str, int | None]:
    """The grade written with a class ("" if none) and its number (None if there is none)."""
    alone = _CLASS.fullmatch(written)
    number = _number(alone[1]) if alone else None
    if number is not None:
        return "", number
    found = _CLASS_OF_GRADE.fullmatch(written)
    return (found["grade"] or "", _number(found["number"])) if found else ("", None)


def _number(written: str) -> int | None:
    """A whole number in digits or Chinese numerals up to 99, or None."""
    found = _WHOLE.fullmatch(written)
    if found:
        return int(found[1])
    if not written or not _NUMERAL.fullmatch(written):
        return None
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return _NUMERALS[written] if len(written) == 1 else None
    return (_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0)


def parse_date(cell: Cell | None, column: str = "日期") -> date:
    """A local date, from 2026-09-01, 2026/9/1, 2026.9.1, 20260901, 2026年9月1日 or an Excel date.

    An hour written behind the day is left out. Raises ValueMissing, DateRefused.
    """
    found = _date_parts(cell, column)
    if found[2] is None:
        raise DateRefused(f"“{column}”只有年月，没有日", "请填到日，如 2026-09-01")
    return _date(found[0], found[1], found[2], column)


def parse_month(cell: Cell | None, column: str = "年月") -> date:
    """The first day of a month, from 2026年9月, 2026-09, 202609 or any full date.

    Raises ValueMissing, DateRefused.
    """
    year, month, day = _date_parts(cell, column)
    return _date(year, month, day or 1, column).replace(day=1)


def _date_parts(cell: Cell | None, column: str) -> tuple[int, int, int | None]:
    if isinstance(cell, date):
        return cell.year, cell.month, cell.day
    written = plain(cell)
    if not written:
        raise ValueMissing(f"“{column}”没有填", "请填日期，如 2026-09-01")
    moment = _serial(written)
    if moment:
        return moment.year, moment.month, moment.day
    found = re.fullmatch(
        r"(\d{4})([-/.年])(\d{1,2})(?:(?:\2|月)(\d{1,2}))?[日号月.]?"
        r"(?:\(?(?:星期|周)[一二三四五六日天]\)?)?",
        _without_hour(cell),
    ) or re.fullmatch(r"(\d{4})()(\d{2})(\d{2})?", written)
    if not found:
        raise DateRefused(f"“{column}”不是日期", "请写成 2026-09-01，年份写四位")
    return int(found[1]), int(found[3]), int(found[4]) if found[4] else None


def _without_hour(cell: Cell | None) -> str:
    """The day part of ``2026-09-01 08:47``: white space inside a date does not count."""
    written = unicodedata.normalize("NFKC", text(cell))
    day = re.sub(r"(?:[\sT]+|(?<=[日号]))\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", written)
    return re.sub(r"\s+", "", day)


def _date(year: int, month: int, day: int, column: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise DateRefused(f"“{column}”是不存在的日期", "请核对年月日") from error
    if found.year not in _YEARS:
        raise DateRefused(f"“{column}”的年份不合理", "请核对年份")
    return found


def _serial(written: str) -> datetime | None:
    """An Excel serial (days since 1899-12-30) to the second, or None where it is none."""
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", written) or int(float(written)) not in _SERIALS:
        return None
    return _EPOCH + timedelta(seconds=round(float(written) * 86_400))


def parse_instant(cell: Cell | None, zone: ZoneInfo, column: str = "时间") -> datetime:
    """A UTC instant, from the local ``2026-09-01 08:47`` (also with seconds) or an Excel date-time.

    Raises ValueMissing, DateRefused.
    """
    if isinstance(cell, datetime):
        return local_instant(cell.date(), cell.time(), zone)
    written = unicodedata.normalize("NFKC", text(cell))
    moment = _serial(written)
    if moment and "." in written:
        return local_instant(moment.date(), moment.time(), zone)
    hour = re.search(r"[\sT日]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?$", written)
    day = parse_date(cell, column)
    if not hour:
        raise DateRefused(f"“{column}”没有写时刻", "请写成 2026-09-01 08:47")
    try:
        at = time(int(hour[1]), int(hour[2]), int(hour[3] or 0))
    except ValueError as error:
        raise DateRefused(f"“{column}”的时刻不存在", "请写成 2026-09-01 08:47") from error
    return local_instant(day, at, zone)


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
