"""The addresses of rules."""

from __future__ import annotations

from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.rules import page
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from ckbx.web.runs import Runs

_P = Permission.RULES


def add_rules(routes: Routes) -> None:
    """All of them."""
    runs = Runs()

    @routes.get("/rules", _P)
    def every(seat: Seat) -> Response:
        return page.list_page(seat)

    @routes.get("/rules/rules.toml", _P)
    def file(seat: Seat) -> Response:
        return page.pack_file(seat)

    @routes.post("/rules", _P)
    def hand_in(seat: Seat, form: Form) -> Response:
        return page.hand_in(seat, runs, form)

    @routes.get("/rules/tries/{run}", _P)
    def one(seat: Seat, run: str) -> Response:
        return page.run_page(seat, runs, run)

    @routes.post("/rules/tries/{run}/adopt", _P)
    def adopt(seat: Seat, run: str, form: Form) -> Response:
        return page.adopt(seat, runs, run, form)
