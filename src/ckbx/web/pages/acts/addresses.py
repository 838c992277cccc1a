"""The addresses of what is decided on one child, and of the lists that lead there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.acts import leaves_list, page, transfers_list
from ckbx.web.pages.acts.all import ACTS
from ckbx.web.pages.acts.child_act import ChildAct
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Short = Annotated[str, Query(max_length=20)]


def add_acts(routes: Routes) -> None:
    """All of them."""

    @routes.get("/transfers", Permission.REGISTER)
    def under_way(seat: Seat, done: Short = "") -> Response:
        return transfers_list.transfers_page(seat, done)

    @routes.get("/leaves", Permission.WORK_CASE)
    def applied_for(seat: Seat) -> Response:
        return leaves_list.leaves_page(seat)

    for each in ACTS:
        _act(routes, each)


def _act(routes: Routes, act: ChildAct) -> None:
    path = f"/children/{{child_id}}/{act.path}"

    @routes.get(path, act.permission)
    def show(seat: Seat, child_id: str) -> Response:
        return page.act_page(seat, act, child_id)

    @routes.post(path, act.permission)
    def take(seat: Seat, child_id: str, form: Form) -> Response:
        return page.take_act(seat, act, child_id, form)
