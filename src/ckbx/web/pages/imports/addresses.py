"""The addresses of imports."""

from __future__ import annotations

from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.imports import page
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from ckbx.web.runs import Runs

_P = Permission.IMPORT


def add_imports(routes: Routes) -> None:
    """All of them."""
    runs = Runs()

    @routes.get("/imports", _P)
    def every(seat: Seat) -> Response:
        return page.list_page(seat)

    @routes.post("/imports", _P)
    def hand_in(seat: Seat, form: Form) -> Response:
        return page.hand_in(seat, runs, form)

    @routes.get("/imports/blank.xlsx", _P)
    def blank(seat: Seat) -> Response:
        return page.blank_file(seat)

    @routes.get("/imports/{run}", _P)
    def one(seat: Seat, run: str) -> Response:
        return page.run_page(seat, run)

    @routes.get("/imports/{run}/problems.csv", _P)
    def problems(seat: Seat, run: str) -> Response:
        return page.problems_csv(seat, run)

    @routes.post("/imports/{run}/apply", _P)
    def apply(seat: Seat, run: str, form: Form) -> Response:
        return page.apply(seat, runs, run, form)

    @routes.post("/imports/{run}/again", _P)
    def again(seat: Seat, run: str) -> Response:
        return page.again(seat, runs, run)

    @routes.post("/imports/{run}/drop", _P)
    def drop(seat: Seat, run: str, form: Form) -> Response:
        return page.drop(seat, run, form)

    @routes.get("/imports/batches/{batch}", _P)
    def batch(seat: Seat, batch: str) -> Response:
        return page.batch_page(seat, batch)

    @routes.post("/imports/batches/{batch}/undo", _P)
    def undo(seat: Seat, batch: str, form: Form) -> Response:
        return page.undo(seat, runs, batch, form)
