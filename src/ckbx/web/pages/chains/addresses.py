"""The addresses of the responsibility chain: schools look, the county hands over."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.chains import page
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat


def add_chains(routes: Routes) -> None:
    """All of them."""

    @routes.get("/chains", Permission.SEE_SCHOOLS)
    def every(seat: Seat, school: Annotated[str, Query(max_length=10)] = "") -> Response:
        return page.list_page(seat, school)

    @routes.get("/chains/{post}", Permission.IMPORT)
    def one(seat: Seat, post: str, done: Annotated[str, Query(max_length=10)] = "") -> Response:
        return page.post_page(seat, post, done=bool(done))

    @routes.post("/chains/{post}", Permission.IMPORT)
    def hand_over(seat: Seat, post: str, form: Form) -> Response:
        return page.hand_over(seat, post, form)
