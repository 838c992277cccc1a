"""What do the rows of a chain file (责任链) claim, and which of them cannot be accepted?

Everything that the rows alone can tell; :mod:`ckbx.domain.responsibility.claims` compares
the result with what is recorded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from ckbx.domain.responsibility import errors
from ckbx.domain.responsibility.chain import naming_school_year
from ckbx.domain.responsibility.errors import ChainRowRefused
from ckbx.domain.responsibility.post import (
    REGIONS,
    Line,
    Role,
    Scope,
    ScopeKind,
    post_id,
)
from ckbx.domain.responsibility.register import posts_stream
from ckbx.domain.shared.ids import class_key, entry_year_of
from ckbx.domain.shared.personal import holds_number

_T = TypeVar("_T")

LINE_WORDS = {
    "政府线": Line.GOVERNMENT,
    "政府": Line.GOVERNMENT,
    "教育线": Line.EDUCATION,
    "教育": Line.EDUCATION,
}
SCOPE_WORDS = {
    "县": ScopeKind.COUNTY,
    "区": ScopeKind.COUNTY,
    "县区": ScopeKind.COUNTY,
    "县(区)": ScopeKind.COUNTY,
    "乡镇": ScopeKind.TOWNSHIP,
    "乡": ScopeKind.TOWNSHIP,
    "镇": ScopeKind.TOWNSHIP,
    "乡(镇)": ScopeKind.TOWNSHIP,
    "学区": ScopeKind.TOWNSHIP,
    "村": ScopeKind.VILLAGE,
    "社区": ScopeKind.VILLAGE,
    "村(社区)": ScopeKind.VILLAGE,
    "学校": ScopeKind.SCHOOL,
    "年级": ScopeKind.GRADE,
    "班级": ScopeKind.CLASS,
    "班": ScopeKind.CLASS,
    "学生": ScopeKind.STUDENT,
}
ROLE_WORDS = {
    "帮扶教师": Role.CASE_TEACHER,
    "包人教师": Role.CASE_TEACHER,
    "班主任": Role.CLASS_TEACHER,
    "包年级学校领导": Role.GRADE_LEADER,
    "校长": Role.PRINCIPAL,
    "包学校局领导": Role.BUREAU_LEADER,
    "县教育局控辍保学专干": Role.BUREAU_OFFICER,
    "控辍保学专干": Role.BUREAU_OFFICER,
    "乡镇责任人": Role.TOWNSHIP_OFFICER,
    "村责任人": Role.VILLAGE_OFFICER,
    "联络员": Role.LIAISON,
    "网格员": Role.LIAISON,
    "学籍管理员": Role.REGISTRAR,
    "仅告知": Role.NOTIFIED,
}
_FORMS = {
    ScopeKind.COUNTY: (re.compile(r"\d{6}", re.ASCII), "6 位区划代码"),
    ScopeKind.TOWNSHIP: (re.compile(r"\d{9}", re.ASCII), "9 位区划代码"),
    ScopeKind.VILLAGE: (re.compile(r"\d{12}", re.ASCII), "12 位区划代码"),
    ScopeKind.SCHOOL: (re.compile(r"\d{10}", re.ASCII), "10 位学校标识码"),
    ScopeKind.GRADE: (re.compile(r"\d{10}/[1-9]", re.ASCII), "“学校标识码/年级（1-9）”"),
    ScopeKind.CLASS: (
        re.compile(r"\d{10}/[1-9]/[1-9]\d{0,2}", re.ASCII),
        "“学校标识码/年级（1-9）/班级”，年级按起日当天",
    ),
    ScopeKind.STUDENT: (
        re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII),
        "学籍号",
    ),
}
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
_PERSONAL = re.compile(r"1\d{10}|\d{15}|\d{17}[\dXx]", re.ASCII)


class ChainRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a chain file as Python values; names and phones went to the vault.

    ``row``: its number in the file. ``line``, ``scope_kind``, ``role``: the Chinese word or
    the code. ``scope_code``: digits and slashes with the grade as 1-9; for a student the
    internal id found for the 学籍号. ``holder``: vault subject of the person, one a person.
    ``last_day``: 止, included; None is open.
    """

    row: int
    line: str
    level: int
    title: str
    scope_kind: str
    scope_code: str
    account: str
    holder: UUID
    first_day: date
    last_day: date | None = None
    role: str = ""


class Claim(NamedTuple):
    """A checked row in normal form: that this person held this post from a day to a day."""

    row: int
    stream: UUID
    post: UUID
    line: Line
    level: int
    title: str
    scope: Scope
    role: Role | None  # None: the row names none
    account: str
    holder: UUID
    first_day: date
    last_day: date | None


class Rows(NamedTuple):
    """What :func:`read_rows` found: every row is in exactly one of the three.

    ``claims`` in order of 起. ``superseded``: numbers of open rows whose tenure another row
    of the same command closes.
    """

    claims: tuple[Claim, ...]
    superseded: tuple[int, ...]
    refused: tuple[ChainRowRefused, ...]


def read_rows(
    county: str,
    rows: Iterable[ChainRow],
    *,
    school_year: Callable[[date], int] = naming_school_year,
    knows: Callable[[Scope], bool] | None = None,
) -> Rows:
    """Check rows and put them into normal form.

    ``school_year``: by which school year a class is named on the day 起. ``knows``: whether
    a school, grade, class or student exists in the store; None where no roster is there yet.
    """
    claims: list[Claim] = []
    refused: list[ChainRowRefused] = []
    for row in rows:
        try:
            claims.append(_claim(county, row, school_year, knows))
        except ChainRowRefused as error:
            refused.append(error)
    closed = {_tenure_key(c) for c in claims if c.last_day is not None}
    superseded = [c.row for c in claims if c.last_day is None and _tenure_key(c) in closed]
    contradictions = _contradictions([c for c in claims if c.row not in superseded])
    left_out = {*superseded, *(error.ids["row"] for error in contradictions)}
    good = sorted((c for c in claims if c.row not in left_out), key=lambda c: (c.first_day, c.row))
    in_order = sorted([*refused, *contradictions], key=lambda e: int(e.ids["row"]))
    return Rows(tuple(good), tuple(superseded), tuple(in_order))


def _tenure_key(claim: Claim) -> tuple[UUID, object, date]:
    return claim.post, claim.account or claim.holder, claim.first_day


def _claim(
    county: str,
    row: ChainRow,
    school_year: Callable[[date], int],
    knows: Callable[[Scope], bool] | None,
) -> Claim:
    line = _word(row.line, LINE_WORDS, Line)
    if line is None:
        raise errors.UnknownLine(row=row.row, value=_shown(row.line))
    if not 1 <= row.level <= 9:
        raise errors.BadLevel(row=row.row, value=row.level)
    title = unicodedata.normalize("NFKC", row.title).strip()
    if not 1 <= len(title) <= 30 or re.search(r"\d{6}", title) or holds_number(title):
        raise errors.BadTitle(row=row.row)
    scope = _scope(county, row, school_year)
    if knows is not None and scope.kind not in REGIONS and not knows(scope):
        raise errors.UnknownScope(row=row.row, kind=scope.kind.zh, hint=_hint(scope, row))
    role = _word(row.role, ROLE_WORDS, Role) if row.role.strip() else None
    if row.role.strip() and role is None:
        raise errors.UnknownRole(row=row.row, value=_shown(row.role), known="、".join(ROLE_WORDS))
    account = unicodedata.normalize("NFKC", row.account).strip()
    if account and (
        not _ACCOUNT.fullmatch(account) or _PERSONAL.fullmatch(account) or holds_number(account)
    ):
        raise errors.BadAccount(row=row.row)
    if row.last_day is not None and row.last_day < row.first_day:
        raise errors.RowReversed(row=row.row, first_day=row.first_day, last_day=row.last_day)
    return Claim(
        row.row,
        posts_stream(county, scope),
        post_id(county, line, scope, title),
        line,
        row.level,
        title,
        scope,
        role,
        account,
        row.holder,
        row.first_day,
        row.last_day,
    )


def _word(value: str, words: Mapping[str, _T], codes: Callable[[str], _T]) -> _T | None:
    plain = unicodedata.normalize("NFKC", value).replace(" ", "").strip()
    if plain in words:
        return words[plain]
    try:
        return codes(plain)
    except ValueError:
        return None


def _shown(value: str) -> str:
    """A value to repeat in a refusal: not when columns have slipped and it may be personal."""
    return value if len(value) <= 8 and not re.search(r"\d{6}", value) else "…"


def _scope(county: str, row: ChainRow, school_year: Callable[[date], int]) -> Scope:
    kind = _word(row.scope_kind, SCOPE_WORDS, ScopeKind)
    if kind is None:
        known = "、".join(k.zh for k in ScopeKind)
        raise errors.UnknownScopeKind(row=row.row, value=_shown(row.scope_kind), known=known)
    code = unicodedata.normalize("NFKC", row.scope_code).replace(" ", "")
    pattern, form = _FORMS[kind]
    code = code.lower() if kind is ScopeKind.STUDENT else code
    if not pattern.fullmatch(code):
        raise errors.BadScopeCode(row=row.row, kind=kind.zh, form=form)
    if kind in REGIONS and not code.startswith(county):
        raise errors.ScopeOutsideCounty(row=row.row, value=code, county=county)
    if kind is ScopeKind.CLASS:
        school, grade, number = code.split("/")
        entry_year = entry_year_of(int(grade), school_year(row.first_day))
        code = class_key(school, entry_year, int(number))
    return Scope(kind, code)


def _hint(scope: Scope, row: ChainRow) -> str:
    if scope.kind is not ScopeKind.CLASS:
        return ""
    _, entry_year, number = scope.code.split("/")
    return f"（年级按起日 {row.first_day} 计，推得 {entry_year} 年一年级入学的 {number} 班）"


def _contradictions(claims: list[Claim]) -> list[ChainRowRefused]:
    """Rows of one command that cannot both be meant; both of a pair are named."""
    found: dict[int, ChainRowRefused] = {}
    first: dict[tuple[str, object], tuple[int, object]] = {}
    for claim in claims:
        said: list[tuple[str, object, object]] = [
            ("层级", claim.post, claim.level),
            ("止", _tenure_key(claim), claim.last_day),
        ]
        if claim.role is not None:
            said.append(("角色", claim.post, claim.role))
        for what, of, value in said:
            row, other = first.setdefault((what, of), (claim.row, value))
            if other != value:
                for here, there in ((claim.row, row), (row, claim.row)):
                    refusal = errors.RowsContradict(row=here, other=there, what=what)
                    found.setdefault(here, refusal)
    return list(found.values())
