"""Which grade and class did a person write into a cell?"""

# ruff: noqa: EM101, EM102 - a refusal of a cell is made of its two sentences

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ckbx.domain.shared.identifiers import SchoolKind, school_kind
from ckbx.imports.value_errors import ClassRefused, GradeRefused, ValueMissing
from ckbx.imports.values import WHOLE, plain

if TYPE_CHECKING:
    from ckbx.imports.workbook_sheets import Cell

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
    found = WHOLE.fullmatch(written)
    if found:
        return int(found[1])
    if not written or not _NUMERAL.fullmatch(written):
        return None
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return _NUMERALS[written] if len(written) == 1 else None
    return (_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0)
