"""The addresses of what the county answers and signs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.county import closures, county_basis, reports
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

MonthText = Annotated[str, Query(max_length=10)]
Count = Annotated[int, Query(ge=0, le=10_000)]


def add_county(routes: Routes) -> None:
    """All of them."""

    @routes.get("/closures", Permission.ANSWER_CLOSURE)
    def reported(seat: Seat, done: Annotated[str, Query(max_length=12)] = "") -> Response:
        return closures.closures_page(seat, done)

    @routes.post("/closures", Permission.ANSWER_CLOSURE)
    def answer(seat: Seat, form: Form) -> Response:
        return closures.answer_closure(seat, form)

    @routes.get("/county-reports", Permission.DECIDE_COUNTY)
    def summary(
        seat: Seat, month: MonthText = "", version: Count = 0, signed: Count = 0
    ) -> Response:
        return reports.summary_page(seat, month, version, signed)

    @routes.get("/county-reports/sign", Permission.DECIDE_COUNTY)
    def confirm(seat: Seat, month: MonthText) -> Response:
        return reports.confirm_page(seat, month)

    @routes.post("/county-reports/sign", Permission.DECIDE_COUNTY)
    def sign(seat: Seat, request: Request, form: Form) -> Response:
        return reports.sign(seat, request, form)

    @routes.get("/leaves/basis", Permission.DECIDE_COUNTY)
    def basis(seat: Seat, done: Annotated[str, Query(max_length=12)] = "") -> Response:
        return county_basis.basis_page(seat, done)

    @routes.post("/leaves/basis", Permission.DECIDE_COUNTY)
    def change_basis(seat: Seat, form: Form) -> Response:
        return county_basis.change(seat, form)
