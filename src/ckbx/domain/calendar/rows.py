"""What do the words of one row of a calendar file mean?

Cells arrive as the file reader left them: text, or already a date. Headings are those of
the import: 学年, 学期, 开始, 结束, 适用, 日期, 类型, 说明.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from ckbx.domain.calendar.errors import LineIncomplete, UnknownWord
from ckbx.domain.calendar.events import TermName
from ckbx.domain.calendar.lines import CalendarLine, LineKind

TERM_WORDS: dict[str, TermName] = {
    "秋季": "autumn",
    "秋": "autumn",
    "秋季学期": "autumn",
    "第一学期": "autumn",
    "上学期": "autumn",
    "春季": "spring",
    "春": "spring",
    "春季学期": "spring",
    "第二学期": "spring",
    "下学期": "spring",
}
KIND_WORDS: dict[str, LineKind] = {
    "停课": "closure",
    "放假": "holiday",
    "补课": "make_up",
    "调休": "make_up",
    "上课": "make_up",
    "已核定": "confirmed",
}
_SCHOOL_YEAR = re.compile(r"(\d{4})(?:年?[-—–~至/](\d{4}|\d{2}))?(?:年|学年|年度|学年度)?")
COUNTY_WORDS = ("", "全县", "县", "全区", "全市")


def calendar_line(
    *,
    county: str,
    school_year: str = "",
    term: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
    applies_to: str = "",
    day: date | None = None,
    kind: str = "",
    timetable_of: date | None = None,
    note_ref: str | None = None,
) -> CalendarLine:
    """One row as a value. ``county`` is the 6-digit code of the store's county.

    Raises UnknownWord naming the column, its value and what may stand there.
    """
    return CalendarLine(
        school=parse_scope(applies_to, county),
        school_year=parse_school_year(school_year),
        term=parse_term(term),
        first_day=first_day,
        last_day=last_day,
        day=day,
        kind=parse_kind(kind),
        timetable_of=timetable_of,
        note_ref=note_ref,
    )


def parse_school_year(text: str) -> int | None:
    """``2026-2027``, ``2026/27``, ``2026学年`` → 2026; empty → None. Raises UnknownWord."""
    clean = _clean(text)
    if not clean:
        return None
    found = _SCHOOL_YEAR.fullmatch(clean)
    known = "2026-2027 这样的学年"
    if found is None:
        raise UnknownWord(column="学年", value=text, known=known)
    first = int(found[1])
    if found[2] and int(found[2]) % 100 != (first + 1) % 100:
        raise UnknownWord(column="学年", value=text, known=known)
    return first


def parse_term(text: str) -> TermName | None:
    """秋季 or 春季 (or a usual synonym); empty → None. Raises UnknownWord."""
    clean = _clean(text)
    if not clean:
        return None
    if clean not in TERM_WORDS:
        raise UnknownWord(column="学期", value=text, known="秋季、春季")
    return TERM_WORDS[clean]


def parse_kind(text: str) -> LineKind | None:
    """停课, 放假, 补课 or 已核定; empty → None. Raises UnknownWord."""
    clean = _clean(text)
    if not clean:
        return None
    if clean not in KIND_WORDS:
        raise UnknownWord(column="类型", value=text, known="停课、放假、补课、已核定")
    return KIND_WORDS[clean]


def parse_scope(text: str, county: str) -> str | None:
    """适用: the county's code (→ None) or a school's 10 digits. Raises UnknownWord.

    An empty cell is refused: whether a closure holds for one school or for all must be said.
    """
    clean = _clean(text)
    if clean == county or (clean and clean in COUNTY_WORDS):
        return None
    if re.fullmatch(r"\d{10}", clean):
        return clean
    if not clean:
        raise LineIncomplete(missing="适用")
    raise UnknownWord(column="适用", value=text, known=f"本县代码 {county} 或 10 位学校标识码")


def _clean(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
