"""Cases: which there are, and how one stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ckbx.ledgers.case_list import list_page
from ckbx.ledgers.cases import show_json
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Look
from ckbx.web.api.ledgers import School
from ckbx.web.api.masking import masked
from ckbx.web.api.paging import USUAL, CursorText, Limit, cursor_of, onward
from ckbx.web.api.routing import ApiRoutes, answered
from ckbx.web.api.types import Answer, Asked, Uuid
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from projections.case_file import CaseFile, case_file


class CasesAsked(Asked):
    """Which cases."""

    school: School | None = None
    all_: bool = Field(False, alias="all", description="加上已办结的")
    limit: Limit = USUAL
    cursor: CursorText | None = None


class CaseRow(Answer):
    """One case of the list."""

    case_id: str
    child_id: str
    student_no: str | None = Field(description="学籍号，中段遮盖")
    name: str
    school_code: str | None
    stage: str
    suspected_on: str
    rounds: int
    teacher_account: str | None
    due: str | None
    due_on: str | None = Field(description="最先到期的一项的期限", examples=["2026-11-25"])
    missed: int = Field(description="逾期未办的期限数")


class CaseList(BaseModel):
    """What falls due first in front."""

    as_of: str
    position: int
    rows: list[CaseRow]
    total: int = Field(description="所有页一共多少行")
    next: str | None = Field(description="下一页的 cursor；没有下一页的为空")


class CaseDocument(Answer):
    """One case: facts in order, deadlines, what may follow."""

    case_id: str
    version: int = Field(description="写入时作为 seen 交回：其间被别人改过的不会记录")
    child_id: str
    student_no: str | None
    name: str
    stage: str
    stage_title: str
    as_of: str
    position: int
    before: list[dict[str, Any]] = Field(description="立案以前的联系和家访")
    facts: list[dict[str, Any]]
    next: list[dict[str, Any]] = Field(description="现在可以办的步骤，由谁办")
    deadlines: list[dict[str, Any]]


def case_in_hand(seat: Seat, case_id: Uuid) -> CaseFile:
    """A case of a child that the viewer sees. Raises NotThere."""
    with seat.look("api:case", "接口办理个案前核对") as look:
        return _file(look, case_id)


InHand = Annotated[CaseFile, Depends(case_in_hand)]


def add(routes: Routes) -> None:
    """``/cases`` and ``/cases/{case_id}``."""
    api = ApiRoutes(routes, "个案")
    sees = Permission.SEE_CASES

    @api.get("/cases", sees, CaseList, summary="个案，先到期的在前")
    def case_list(seat: Seat, asked: Annotated[CasesAsked, Query()]) -> Response:
        return _list(seat, asked)

    @api.get("/cases/{case_id}", sees, CaseDocument, summary="一个个案的经过、期限和下一步")
    def case(seat: Seat, case_id: Uuid) -> Response:
        with seat.look("api:case", "接口取个案") as look:
            shown = _file(look, case_id).case
            found = show_json(look, seat.store.office, case_id)
        # What is recorded meanwhile is not among the facts: its reader has not seen it.
        return answered(masked({**found, "version": shown.version}))


def _file(look: Look, case_id: UUID) -> CaseFile:
    found = case_file(look.reading, look.question.scope, case_id, **look.at)
    if found is None:
        raise NotThere
    return found


class _Counted(msgspec.Struct, frozen=True):
    """Of a list: where it stands, and how many rows it has."""

    as_of: date
    known_at: datetime
    position: int
    count: int


def _list(desk: WebDesk, asked: CasesAsked) -> Response:
    schools = [asked.school] if asked.school else None
    begun = cursor_of(asked.cursor)
    wanted = Part(begun.start if begun else 0, asked.limit)
    with desk.look(
        "api:cases",
        "接口取个案",
        schools=schools,
        all_=asked.all_,
        as_of=begun.as_of if begun else None,
        known_at=begun.known_at if begun else None,
    ) as look:
        if asked.school and (look.question.scope.empty or asked.school not in look.school_names()):
            raise NotThere
        found = list_page(look, wanted)
        of = _Counted(look.question.as_of, look.instant, look.position, found.count)
    return answered(
        {
            "as_of": of.as_of,
            "position": of.position,
            "rows": [masked(row) for row in found.rows],
            **onward(of, begun, wanted, desk.store.log),
        }
    )
