"""预警与待办: the own inbox; seen, and done by hand."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.ledgers.catalogue import ALERTS
from ckbx.ledgers.output import sheet_document
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Question
from ckbx.vault import Access
from ckbx.web.api.commands import Written, carry_out
from ckbx.web.api.masking import masked_sheet
from ckbx.web.api.paging import USUAL, CursorText, Limit, cursor_of, onward
from ckbx.web.api.routing import ApiRoutes, CommandId, answered
from ckbx.web.api.types import Answer, Asked, Body, Loose, Uuid, words
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.permissions import Permission
from ckbx.web.routes import Forbidden, Routes, Seat
from projections import alerts
from projections.scope import Scope


class AlertsAsked(Asked):
    """Which alerts."""

    inbox: bool = Field(True, description="只取发给本账号的；false：岗位范围内所有人的")
    open_: bool = Field(True, alias="open", description="只取未办结的")
    limit: Limit = USUAL
    cursor: CursorText | None = None


class AlertList(Answer):
    """Alerts, by due day."""

    as_of: str
    known_at: str
    position: int
    rows: list[dict[str, Any]] = Field(
        description="alert_id、kind、title、level（蓝黄橙红）、student_no（遮盖）、name、school_code、"
        "raised_on、due_on、to、rule、events、state 等，见 docs/ledgers.md"
    )
    total: int
    next: str | None


class Acknowledge(Body):
    """Nothing more has to be said."""


class Done(Body):
    """Why it is done by hand."""

    reason: Annotated[ClosedBecause, Loose] = Field(description=words(ClosedBecause))


def own_alert(seat: Seat, alert_id: Uuid) -> UUID:
    """An alert that was sent to the viewer. Raises NotThere."""
    with seat.store.answers.reading() as reading:
        if alert_id not in alerts.ids(reading, Scope.county(), to=seat.viewer.account):
            raise NotThere
    return alert_id


OwnAlert = Annotated[UUID, Depends(own_alert)]


def add(routes: Routes) -> None:
    """``/alerts`` and what is done with one."""
    api = ApiRoutes(routes, "预警和待办")
    todo = Permission.SEE_TODO

    @api.get("/alerts", todo, AlertList, summary="预警和待办，按期限先后")
    def alert_list(seat: Seat, asked: Annotated[AlertsAsked, Query()]) -> Response:
        return _list(seat, asked)

    @api.post("/alerts/{alert_id}/acknowledge", todo, Written, summary="签收：已经知道")
    def acknowledge(
        seat: Seat, request: Request, alert: OwnAlert, command: CommandId, body: Acknowledge
    ) -> Response:
        def decide(unit: Unit) -> bool:
            found = unit.get(alert, Alert)
            found.acknowledge(unit.ctx, seat.viewer.account)
            return found.has_pending

        return carry_out(seat, request, command, body, decide)

    @api.post(
        "/alerts/{alert_id}/done",
        todo,
        Written,
        summary="手工办结：只有系统里没有记录可据以办结的几类",
    )
    def done(
        seat: Seat, request: Request, alert: OwnAlert, command: CommandId, body: Done
    ) -> Response:
        def decide(unit: Unit) -> bool:
            found = unit.get(alert, Alert)
            found.done(unit.ctx, seat.viewer.account, body.reason)
            return found.has_pending

        return carry_out(seat, request, command, body, decide)


def _list(desk: WebDesk, asked: AlertsAsked) -> Response:
    if not asked.inbox and not desk.may(Permission.SEE_SCHOOLS):
        raise Forbidden(Permission.SEE_SCHOOLS)
    account = desk.viewer.account if asked.inbox else None
    begun = cursor_of(asked.cursor)
    question = Question(
        scope=Scope.county() if asked.inbox else desk.scope,
        as_of=begun.as_of if begun else desk.today,
        known_at=begun.known_at if begun else None,
        to=account,
        open_only=asked.open_,
    )
    access = Access(actor=desk.viewer.actor, view="api:alerts", purpose="接口取预警")
    wanted = Part(begun.start if begun else 0, asked.limit)
    sheet = masked_sheet(desk.ledger_desk.fill(ALERTS, question, access, wanted))
    document = sheet_document(sheet)
    kept = {key: document[key] for key in ("as_of", "known_at", "position", "rows")}
    return answered({**kept, **onward(sheet, begun, wanted, desk.store.log)})
