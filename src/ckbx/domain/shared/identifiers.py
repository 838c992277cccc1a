"""Is this written number a number of that kind, and what does it say about its bearer?

身份证号 (GB 11643-1999), 学籍号, 残疾人证号, 学校(机构)标识码 and 区划代码 (GB/T 2260 and the
12-digit statistical codes). No such number is ever a key. Every function normalises what a
person wrote (full-width digits, spaces, a small x) and raises a named refusal otherwise; a
refusal carries the number only masked: first six, stars, last four.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from ckbx.domain.shared.errors import InputRefused

RegionCheck = Callable[[str, int], str | None]
"""(six-digit region, birth year) to a Chinese warning, or None where nothing is odd."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = "10X98765432"
_ID_LENGTH: Final = 18
_OLD_ID_LENGTH: Final = 15
_EARLIEST_BIRTH: Final = 1900
_REGION_LENGTHS: Final = (6, 9, 12)
_MASKED_HEAD, _MASKED_TAIL, _SHORT = 6, 4, 12
_PROVINCES: Final = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
    "50 51 52 53 54 61 62 63 64 65 71 81 82 83 91".split()
)
_ID: Final = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD_ID: Final = re.compile(r"\d{15}", re.ASCII)
_STUDENT_NUMBER: Final = re.compile(r"[GJL]\d{17}[\dX]", re.ASCII)
_DISABILITY_NUMBER: Final = re.compile(r"(\d{17}[\dX])([1-7])([1-4])(B\d)?", re.ASCII)
_DIGITS: Final = re.compile(r"\d+", re.ASCII)
_NOISE: Final = re.compile("[\\s\u200b-\u200f\u2060\ufeff'\u2018\u2019`]+")
_CROSSES: Final = str.maketrans({"\u0425": "X", "\u0445": "X", "\u00d7": "X"})


class Sex(StrEnum):
    """Sex as the register knows it (GB/T 2261.1 codes 1 and 2)."""

    MALE = "male"
    FEMALE = "female"

    @property
    def label(self) -> str:
        """What a person sees."""
        return "男" if self is Sex.MALE else "女"


class SchoolKind(StrEnum):
    """Kind of a school by the first two digits of its 标识码 (JY/T 1001).

    ``JUNIOR`` holds 九年一贯制 schools too: they are coded 31 as well.
    """

    PRIMARY = "primary"
    JUNIOR = "junior"
    SPECIAL = "special"
    OTHER = "other"


class NumberRefused(InputRefused):
    """A number that cannot be one of its kind. ``what``/``mend`` are Chinese, ``shown`` masked."""

    code = "number_refused"
    message = "{what}（{shown}）。{mend}"

    def __init__(self, number: str, what: str, mend: str) -> None:
        self.what, self.mend, self.shown = what, mend, mask_number(number)
        super().__init__(what=what, mend=mend, shown=self.shown)


class IdNumberMalformed(NumberRefused):
    code = "id_number_malformed"


class IdNumberBirthDate(NumberRefused):
    code = "id_number_birth_date"


class IdNumberCheckDigit(NumberRefused):
    code = "id_number_check_digit"


class StudentNumberMalformed(NumberRefused):
    code = "student_number_malformed"


class DisabilityNumberMalformed(NumberRefused):
    code = "disability_number_malformed"


class SchoolCodeMalformed(NumberRefused):
    code = "school_code_malformed"


class RegionCodeMalformed(NumberRefused):
    code = "region_code_malformed"


class IdNumber(NamedTuple):
    """A valid 身份证号: 18 characters, what it says, and what is odd about it (Chinese)."""

    number: str
    birth: date
    sex: Sex
    region: str
    warnings: tuple[str, ...] = ()


class StudentNumber(NamedTuple):
    """A well-formed 学籍号. ``kind``: G with 身份证号, J without, L temporary."""

    number: str
    kind: str
    warnings: tuple[str, ...] = ()


class DisabilityNumber(NamedTuple):
    """A 残疾人证号: category 1-7 (视力 听力 言语 肢体 智力 精神 多重), grade 1-4 (1 gravest)."""

    number: str
    id_number: str
    category: int
    grade: int


def normalise(text: str) -> str:
    """NFKC, no white space or apostrophes, capital letters; a Cyrillic or times x is an X."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).translate(_CROSSES).upper()


def mask_number(text: str) -> str:
    """First six, stars, last four; a shorter text keeps a quarter at its head."""
    text = text.strip()
    if len(text) <= _SHORT:
        keep = len(text) // 4
        return text[:keep] + "*" * (len(text) - keep)
    stars = "*" * (len(text) - _MASKED_HEAD - _MASKED_TAIL)
    return text[:_MASKED_HEAD] + stars + text[-_MASKED_TAIL:]


def check_character(first_17: str) -> str:
    """The 18th character of a 身份证号 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(c) * w for c, w in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def parse_id_number(
    text: str, *, on: date | None = None, region_check: RegionCheck | None = None
) -> IdNumber:
    """Read a 身份证号; 15 digits become 18 (born in the 1900s).

    ``on`` is the local day by which the bearer must be born. An unknown region, or one
    newer than the birth (``region_check``), is a warning: regions are renamed and numbers
    stay. Raises IdNumberMalformed, IdNumberBirthDate, IdNumberCheckDigit.
    """
    number = _eighteen(normalise(text))
    birth = _birth(number, on)
    expected = check_character(number[:17])
    if number[17] != expected:
        what = "身份证号校验位不对"
        raise IdNumberCheckDigit(number, what, "请对照户口簿核对，常见是抄错或两位颠倒")
    region = number[:6]
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdNumber(number, birth, sex, region, _region_warnings(region, birth, region_check))


def parse_student_number(text: str) -> StudentNumber:
    r"""Read a 学籍号 (``^[GJL]\d{17}[\dX]$``). Raises StudentNumberMalformed.

    A G number whose 身份证号 does not check is a warning only: the national register issued it.
    """
    number = normalise(text)
    if not _STUDENT_NUMBER.fullmatch(number):
        what = "学籍号应为 G、J 或 L 加 18 位，共 19 位"
        raise StudentNumberMalformed(number, what, "请从全国学籍系统导出后重填")
    if number[0] == "G" and check_character(number[1:18]) != number[18]:
        return StudentNumber(number, "G", ("学籍号中的身份证号校验位不对，请到学籍系统核对",))
    return StudentNumber(number, number[0])


def parse_disability_number(text: str) -> DisabilityNumber:
    """Read a 残疾人证号: 身份证号 + category + grade (+ B and the count of reissues).

    Raises DisabilityNumberMalformed.
    """
    number = normalise(text)
    found = _DISABILITY_NUMBER.fullmatch(number)
    if not found:
        what = "残疾证号应为 18 位身份证号加 1 位类别（1–7）加 1 位等级（1–4）"
        raise DisabilityNumberMalformed(number, what, "请对照残疾人证核对")
    if check_character(number[:17]) != number[17]:
        what = "残疾证号中的身份证号校验位不对"
        raise DisabilityNumberMalformed(number, what, "请对照残疾人证核对")
    return DisabilityNumber(number, found[1], int(found[2]), int(found[3]))


def parse_school_code(text: str) -> str:
    """Read a 学校(机构)标识码, 10 digits. Raises SchoolCodeMalformed."""
    number = normalise(text)
    if len(number) != 10 or not _DIGITS.fullmatch(number):
        what = "学校标识码应为 10 位数字"
        raise SchoolCodeMalformed(number, what, "请填学籍系统里的学校（机构）标识码")
    return number


def school_kind(school_code: str) -> SchoolKind:
    """The kind of school that a 标识码 names (reference: 21 小学, 31 普通初中, 51 特殊教育)."""
    kinds = {
        "21": SchoolKind.PRIMARY,
        "22": SchoolKind.PRIMARY,
        "31": SchoolKind.JUNIOR,
        "32": SchoolKind.JUNIOR,
        "33": SchoolKind.JUNIOR,
        "51": SchoolKind.SPECIAL,
    }
    return kinds.get(school_code[:2], SchoolKind.OTHER)


def parse_region_code(text: str, *, lengths: tuple[int, ...] = _REGION_LENGTHS) -> str:
    """Read a region: 6 digits county, 9 township, 12 village. Raises RegionCodeMalformed."""
    number = normalise(text)
    if len(number) not in lengths or not _DIGITS.fullmatch(number):
        wanted = "、".join(map(str, lengths))
        raise RegionCodeMalformed(
            number, f"区划代码应为 {wanted} 位数字", "请填统计用区划代码，不要填地名"
        )
    return number


def _eighteen(number: str) -> str:
    if _OLD_ID.fullmatch(number):
        body = number[:6] + "19" + number[6:]
        return body + check_character(body)
    if _ID.fullmatch(number):
        return number
    if len(number) not in (_ID_LENGTH, _OLD_ID_LENGTH):
        what = f"身份证号应为 18 位，这里是 {len(number)} 位"
    else:
        what = "身份证号只能是数字，末位可以是 X"
    raise IdNumberMalformed(number, what, "请对照户口簿重填")


def _birth(number: str, on: date | None) -> date:
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        birth = None
    if birth is None or birth.year < _EARLIEST_BIRTH:
        what = "身份证号第 7–14 位不是一个日期"
        raise IdNumberBirthDate(number, what, "请对照户口簿核对")
    if on is not None and birth > on:
        what = "身份证号中的出生日期在今天之后"
        raise IdNumberBirthDate(number, what, "请对照户口簿核对")
    return birth


def _region_warnings(region: str, birth: date, check: RegionCheck | None) -> tuple[str, ...]:
    if region[:2] not in _PROVINCES:
        return (f"身份证号开头的 {region} 不是已知的行政区划，请核对",)
    warning = check(region, birth.year) if check else None
    return (warning,) if warning else ()
