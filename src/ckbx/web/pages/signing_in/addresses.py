"""The addresses of signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.front_door import FrontDoor
from ckbx.web.pages.signing_in.page import SignIn
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat


def add_signing_in(routes: Routes, door: FrontDoor) -> None:
    """Nobody has to be signed in for these; each looks at the session itself."""
    pages, public = SignIn(door), Permission.PUBLIC

    @routes.get("/signin", public)
    def form(
        seat: Seat,
        request: Request,
        then: Annotated[str, Query(alias="next", max_length=500)] = "/",
        out: Annotated[str, Query(max_length=1)] = "",
    ) -> Response:
        return pages.form(seat, request, then, out=bool(out))

    @routes.post("/signin", public)
    def sign_in(seat: Seat, request: Request, form: Form) -> Response:
        return pages.sign_in(seat, request, form)

    @routes.get("/signin/code", public)
    def code_form(seat: Seat, request: Request) -> Response:
        return pages.code_form(seat, request)

    @routes.post("/signin/code", public)
    def code(seat: Seat, request: Request, form: Form) -> Response:
        return pages.check_code(seat, request, form)

    @routes.get("/signin/factor", public)
    def factor_form(seat: Seat, request: Request) -> Response:
        return pages.factor_form(seat, request)

    @routes.post("/signin/factor", public)
    def factor(seat: Seat, request: Request, form: Form) -> Response:
        return pages.enrol(seat, request, form)

    @routes.get("/signin/first", public)
    def first_form(seat: Seat) -> Response:
        return pages.first_form(seat)

    @routes.post("/signin/first", public)
    def first(seat: Seat, request: Request, form: Form) -> Response:
        return pages.first(seat, request, form)

    @routes.post("/signout", public)
    def sign_out(seat: Seat, request: Request) -> Response:
        return pages.sign_out(seat, request)
