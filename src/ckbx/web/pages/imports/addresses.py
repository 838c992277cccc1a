"""The addresses of imports."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.imports import page as imports
from ckbx.web.pages.imports import written_rows
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from ckbx.web.runs import Runs

_P = Permission.IMPORT


def add_imports(routes: Routes) -> None:
    """All of them."""
    runs = Runs()

    @routes.get("/imports", _P)
    def every(seat: Seat) -> Response:
        return imports.list_page(seat)

    @routes.post("/imports", _P)
    def hand_in(seat: Seat, form: Form) -> Response:
        return imports.hand_in(seat, runs, form)

    @routes.get("/imports/blank.xlsx", _P)
    def blank(seat: Seat) -> Response:
        return imports.blank_file(seat)

    @routes.get("/imports/{run}", _P)
    def one(seat: Seat, run: str, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
        return imports.run_page(seat, run, page=page)

    @routes.get("/imports/{run}/rows.csv", _P)
    def rows(seat: Seat, run: str) -> Response:
        return written_rows.written_csv(seat, run)

    @routes.get("/imports/{run}/problems.csv", _P)
    def problems(seat: Seat, run: str) -> Response:
        return imports.problems_csv(seat, run)

    @routes.post("/imports/{run}/apply", _P)
    def apply(seat: Seat, run: str, form: Form) -> Response:
        return imports.apply(seat, runs, run, form)

    @routes.post("/imports/{run}/again", _P)
    def again(seat: Seat, run: str) -> Response:
        return imports.again(seat, runs, run)

    @routes.post("/imports/{run}/drop", _P)
    def drop(seat: Seat, run: str, form: Form) -> Response:
        return imports.drop(seat, run, form)

    @routes.get("/imports/batches/{batch}", _P)
    def batch(seat: Seat, batch: str) -> Response:
        return imports.batch_page(seat, batch)

    @routes.post("/imports/batches/{batch}/undo", _P)
    def undo(seat: Seat, batch: str, form: Form) -> Response:
        return imports.undo(seat, runs, batch, form)
