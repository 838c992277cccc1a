"""Ledgers and indicators: the documents of ``ckbx ledger --format json``, of the own rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ckbx.access import TokenRow
from ckbx.clock import local_day
from ckbx.ledgers.catalogue import INDICATORS, LEDGERS
from ckbx.ledgers.model import Ledger, Sheet
from ckbx.ledgers.output import sheet_document
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Question, SchoolUnknown
from ckbx.vault import Access
from ckbx.web.api import sight
from ckbx.web.api.masking import masked_sheet, without_flags
from ckbx.web.api.paging import USUAL, Cursor, CursorText, Limit, cursor_of, onward
from ckbx.web.api.routing import ApiRoutes, answered
from ckbx.web.api.types import Answer, Asked, Day, Instant
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from projections.scope import Scope

School = Annotated[
    str, Field(pattern=r"^[0-9]{10}$", description="10 位学校标识码", examples=["3152697003"])
]
Township = Annotated[
    str,
    Field(pattern=r"^([0-9]{9}|[0-9]{12})$", description="户籍或居住地代码：乡镇 9 位，村 12 位"),
]


class When(Asked):
    """Which school, which day, known when."""

    school: School | None = None
    as_of: Day | None = Field(None, description="哪一天的情况，默认今天")
    known_at: Instant | Day | None = Field(
        None, description="只按那时已记录的内容作答；日期指那天结束"
    )


class LedgerAsked(When):
    """What may be asked of a ledger."""

    township: Township | None = None
    all_: bool = Field(False, alias="all", description="加上已结束的")
    full_numbers: bool = Field(
        False, description="学籍号给全号：只给带有 export 权限的令牌，每次都留查阅记录"
    )
    limit: Limit = USUAL
    cursor: CursorText | None = None


class Column(BaseModel):
    """One column of a ledger."""

    key: str
    heading: str


class LedgerNamed(BaseModel):
    """One ledger of the list."""

    ledger: str
    title: str
    caliber: str = Field(description="口径")
    about: str
    columns: list[Column]


class LedgerList(BaseModel):
    """The ledgers of which the account sees rows."""

    rows: list[LedgerNamed]


class LedgerDocument(Answer):
    """A ledger with its rows."""

    ledger: str
    title: str
    as_of: str = Field(description="截至哪一天的情况")
    known_at: str = Field(description="按哪个时刻已记录的内容")
    caliber: str = Field(description="口径")
    position: int = Field(description="记录位置")
    complete: bool = Field(description="false：数字不完整，notes 里说明缺什么")
    notes: list[str]
    rows: list[dict[str, Any]] = Field(description="各列见 GET /api/v1/ledgers 和 docs/ledgers.md")
    total: int = Field(description="所有页一共多少行")
    next: str | None = Field(description="下一页的 cursor；没有下一页的为空")


class Indicators(Answer):
    """Every indicator with what it was counted from."""

    ledger: str
    as_of: str
    known_at: str
    caliber: str
    position: int
    complete: bool
    notes: list[str]
    rows: list[dict[str, Any]]


def add(routes: Routes) -> None:
    """``/ledgers``, ``/ledgers/{name}``, ``/indicators``."""
    api = ApiRoutes(routes, "台账和指标")

    @api.get("/ledgers", Permission.ACCOUNT, LedgerList, summary="能看哪些台账，各有哪些列")
    def ledgers(seat: Seat) -> Response:
        return answered({"rows": [_named(each) for each in sight.ledgers_of(seat.viewer)]})

    @api.get("/ledgers/{name}", Permission.ACCOUNT, LedgerDocument, summary="一本台账")
    def ledger(
        seat: Seat, request: Request, name: str, asked: Annotated[LedgerAsked, Query()]
    ) -> Response:
        return _ledger(seat, request, name, asked)

    @api.get("/indicators", Permission.SEE_SCHOOLS, Indicators, summary="控辍保学指标")
    def indicators(seat: Seat, asked: Annotated[When, Query()]) -> Response:
        scope = sight.seen(seat.viewer, INDICATORS)
        question = question_of(seat, asked, _narrowed(INDICATORS, scope, asked.school, None))
        access = Access(actor=seat.viewer.actor, view="api:indicators", purpose="接口取指标")
        sheet = _filled(seat, INDICATORS, question, access)
        return answered(sheet_document(sheet))


def _ledger(desk: WebDesk, request: Request, name: str, asked: LedgerAsked) -> Response:
    of = LEDGERS.get(name)
    token: TokenRow | None = getattr(request.state, "bearer", None)
    if of is None:
        raise NotThere
    full = asked.full_numbers
    scope = sight.taken(desk.viewer, of) if full else sight.seen(desk.viewer, of)
    begun = cursor_of(asked.cursor)
    scope = _narrowed(of, scope, asked.school, asked.township)
    question = question_of(desk, asked, scope, begun, all_=asked.all_)
    access = Access(
        actor=desk.viewer.actor,
        view=f"api:ledger {of.name}{'（全号）' if full else ''}",
        purpose=f"程序“{token.name}”取数" if token else "接口取台账",
    )
    wanted = Part(begun.start if begun else 0, asked.limit)
    sheet = _filled(desk, of, question, access, wanted)
    if not full:
        sheet = masked_sheet(sheet)
    document = sheet_document(sheet)
    rows = document["rows"]
    if not desk.may(Permission.SEE_SCHOOLS):
        rows = [without_flags(row) for row in rows]
    return answered({**document, "rows": rows, **onward(sheet, begun, wanted, desk.store.log)})


def question_of(
    desk: WebDesk,
    asked: When,
    scope: Scope,
    begun: Cursor | None = None,
    *,
    all_: bool = False,
) -> Question:
    """The question within a scope; a later page asks what the first one asked."""
    if begun is not None:
        return Question(scope=scope, as_of=begun.as_of, known_at=begun.known_at, all_=all_)
    known = instant_of(desk, asked.known_at)
    as_of = asked.as_of
    if as_of is None:
        zone = desk.store.clock.zone
        as_of = min(local_day(known, zone), desk.today) if known else desk.today
    return Question(scope=scope, as_of=as_of, known_at=known, all_=all_)


def instant_of(desk: WebDesk, known: datetime | date | None) -> datetime | None:
    """The instant of "as known at"; a day is its end."""
    return known if isinstance(known, datetime) or known is None else desk.end_of(known)


def _narrowed(of: Ledger, scope: Scope, school: str | None, township: str | None) -> Scope:
    """What of the own rows was asked for. Raises NotThere for a township that is not there for
    this viewer; of a school that is not, there are no rows.
    """
    if township is not None:
        mine = scope.everything or township.startswith(tuple(scope.village_codes))
        if not of.by_township or not mine:
            raise NotThere
        scope = Scope.villages([township])
    if school is not None:
        scope = scope.narrowed([school])
        if scope.empty:
            raise NotThere
    return scope


def _filled(
    desk: WebDesk, of: Ledger, question: Question, access: Access, wanted: Part | None = None
) -> Sheet:
    """Raises NotThere for a school that there is not."""
    if question.scope.empty:
        raise NotThere
    try:
        return desk.ledger_desk.fill(of, question, access, wanted)
    except SchoolUnknown:
        if question.scope.school_codes <= desk.scope.school_codes:
            raise  # the own school, which was not there then
        raise NotThere from None


def _named(of: Ledger) -> dict[str, Any]:
    return {
        "ledger": of.name,
        "title": of.title,
        "caliber": of.caliber,
        "about": of.about,
        "columns": [{"key": c.key, "heading": c.heading} for c in of.columns],
    }
