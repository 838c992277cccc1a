"""The addresses of school leaders and of township and village people."""

from __future__ import annotations

from starlette.responses import Response

from ckbx.web.pages import leading, returns, schools
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat


def add(routes: Routes) -> None:
    """All of them."""

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
