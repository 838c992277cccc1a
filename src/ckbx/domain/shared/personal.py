"""Does a typed text hold a number of a person, however it is broken up, and how is it shown?

身份证号, 学籍号 and phones are found with spaces, dashes, dots or brackets inside
(``138-0013-8000``, ``522601 20160506 0011``) and in full width. Such text stands in no event
and in no message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import ClassVar, Final, NamedTuple

from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.identifiers import mask_number

_GAP: Final = r"[\s\u200b-\u200f\u2060\ufeff\-‐-―−－~·•.．_/／()（）+＋]{0,4}"
_RUN: Final = re.compile(rf"[GJLＧＪＬgjl]?\d(?:{_GAP}\d)*(?:{_GAP}[XxＸｘ×])?")
_GROUP: Final = re.compile(r"[GJLＧＪＬgjl]?\d+|[XxＸｘ×]")
_PHONE: Final = re.compile(r"(?:0{0,2}86)?1[3-9]\d{9}")
_ANY_PHONE: Final = re.compile(r"(?:0{0,2}86)?1\d{10}")
_LANDLINE: Final = re.compile(r"0[1-9]\d{8,10}")
_AREA: Final = (3, 4)
_ID: Final = re.compile(r"[GJL]?(\d{17}[\dX])(?:[1-7][1-4](?:B\d)?)?|[GJL]?(\d{15})")
_LONG: Final = re.compile(r"[GJL]?\d{15,}X?")
_LONGEST: Final = 24
_DIGITS: Final = re.compile(r"\d{6}")
_NAME_LENGTH: Final = 60


class NameRefused(InputRefused):
    """The name of a county or a school stands in events: it may hold no number of a person."""

    code: ClassVar[str] = "name_refused"
    message: ClassVar[str] = "{what}。{mend}"

    def __init__(self, column: str) -> None:
        self.what = f"“{column}”应为 1 到 {_NAME_LENGTH} 个字的名称，不能含证件号或电话号"
        self.mend = "请只填名称；证件号、电话请填在各自的列里"
        super().__init__(what=self.what, mend=self.mend)


class _Found(NamedTuple):
    start: int
    end: int
    number: str


def holds_number(text: str) -> bool:
    """Whether the text holds what can only be a phone or a 身份证号, 学籍号, 残疾证号."""
    return any(True for _ in _found(text, _is_number))


def mask_numbers(text: str) -> str:
    """The text with every number masked that could be a person's: long ones, too."""
    shown, at = [], 0
    for found in _found(text, _may_be_number):
        shown += [text[at : found.start], mask_number(found.number)]
        at = found.end
    return "".join([*shown, text[at:]])


def check_name(name: str, column: str) -> None:
    """A name that is to stand in events. Raises NameRefused."""
    plain = unicodedata.normalize("NFKC", name).strip()
    if not 1 <= len(plain) <= _NAME_LENGTH or _DIGITS.search(plain) or holds_number(plain):
        raise NameRefused(column)


def _found(text: str, wanted: Callable[[list[str]], bool]) -> Iterator[_Found]:
    """The numbers in a text, the longest first at each place, none within another."""
    for run in _RUN.finditer(text):
        groups = list(_GROUP.finditer(run[0]))
        first = 0
        while first < len(groups):
            last = _last(groups[first:], wanted)
            if last is None:
                first += 1
                continue
            end = first + last
            number = "".join(_plain(group[0]) for group in groups[first : end + 1])
            yield _Found(
                run.start() + groups[first].start(), run.start() + groups[end].end(), number
            )
            first = end + 1


def _last(groups: list[re.Match[str]], wanted: Callable[[list[str]], bool]) -> int | None:
    """Where the longest number ends that begins with the first group."""
    parts: list[str] = []
    found = None
    for at, group in enumerate(groups):
        parts.append(_plain(group[0]))
        if wanted(parts):
            found = at
        if sum(map(len, parts)) > _LONGEST:
            break
    return found


def _plain(group: str) -> str:
    return unicodedata.normalize("NFKC", group).replace("×", "X").upper()


def _is_number(parts: list[str]) -> bool:
    number = "".join(parts)
    if _PHONE.fullmatch(number):
        return True
    if _LANDLINE.fullmatch(number):
        return len(parts[0]) in _AREA
    found = _ID.fullmatch(number)
    return found is not None and _bears_birth(found[1], found[2])


def _may_be_number(parts: list[str]) -> bool:
    alone = len(parts) == 1 or (len(parts) == 2 and parts[1] == "X")
    if alone and (_LONG.fullmatch(number := "".join(parts)) or _ANY_PHONE.fullmatch(number)):
        return True
    return _is_number(parts)


def _bears_birth(whole: str | None, old: str | None) -> bool:
    text = whole[6:14] if whole else f"19{old[6:12]}" if old else ""
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year < 2100
    except ValueError:
        return False
