"""The addresses of school leaders and of township and village people."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages import (
    alert_acts,
    alerts,
    leading,
    returns,
    schools,
)
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Code = Annotated[str, Query(max_length=10)]
Count = Annotated[int, Query(ge=0, le=10_000)]
Page = Annotated[int, Query(ge=1, le=10_000)]


def add(routes: Routes) -> None:
    """All of them."""
    _boards(routes)
    _alerts(routes)


def _boards(routes: Routes) -> None:

    @routes.get("/overview", Permission.SEE_SCHOOLS)
    def board(seat: Seat) -> Response:
        return leading.overview_page(seat)

    @routes.get("/schools/{code}", Permission.SEE_SCHOOLS)
    def one_school(seat: Seat, code: str) -> Response:
        return schools.school_page(seat, code)

    @routes.get("/schools/{code}/call/{entry}/{number}", Permission.SEE_SCHOOLS)
    def call(seat: Seat, code: str, entry: int, number: int) -> Response:
        return schools.call_page(seat, code, entry, number)

    @routes.get("/returns", Permission.SEE_CASES)
    def back(seat: Seat) -> Response:
        return returns.returns_page(seat)


def _alerts(routes: Routes) -> None:
    @routes.get("/alerts", Permission.SEE_TODO)
    def open_alerts(
        seat: Seat,
        to: Annotated[str, Query(max_length=60)] = "",
        school: Code = "",
        level: Annotated[str, Query(max_length=1)] = "",
        kind: Annotated[str, Query(max_length=40)] = "",
        page: Page = 1,
        acked: Count = 0,
        closed: Count = 0,
    ) -> Response:
        asked = alerts.Asked(to=to.strip(), school=school, level=level, kind=kind, page=page)
        return alerts.alerts_page(seat, asked, did=alert_acts.said(acked, closed))

    @routes.post("/alerts", Permission.SEE_TODO)
    def act(seat: Seat, form: Form) -> Response:
        return alert_acts.act(seat, form)
