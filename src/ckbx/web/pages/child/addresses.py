"""The addresses of the pages that only show: suspected, one child (and its number, once)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.child import page, suspected, whole_number
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Day = Annotated[str, Query(max_length=20)]
Code = Annotated[str, Query(max_length=10)]


def add_child(routes: Routes) -> None:
    """All of them."""

    @routes.get("/suspected", Permission.SEE_CASES)
    def ledger(
        seat: Seat,
        school: Code = "",
        as_of: Day = "",
        known_at: Day = "",
        all_: Annotated[str, Query(alias="all", max_length=3)] = "",
    ) -> Response:
        asked = suspected.Asked(school=school, as_of=as_of, known_at=known_at, all_=bool(all_))
        return suspected.suspected_page(seat, asked)

    @routes.get("/children/{child_id}", Permission.SEE_CHILDREN)
    def one_child(
        seat: Seat,
        child_id: str,
        as_of: Day = "",
        known_at: Day = "",
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        return page.child_page(seat, child_id, as_of, known_at, done)

    @routes.post("/children/{child_id}/number", Permission.REGISTER)
    def number(seat: Seat, request: Request, child_id: str, form: Form) -> Response:
        return whole_number.number_page(seat, request, child_id, form)
