"""The addresses of 季度复核: the bureau draws and records, the inspector looks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.county import rechecks
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

QuarterText = Annotated[str, Query(max_length=20)]
Short = Annotated[str, Query(max_length=80)]


def add_rechecks(routes: Routes) -> None:
    """All of them."""

    @routes.get("/rechecks", Permission.DECIDE_COUNTY)
    def of_quarter(seat: Seat, quarter: QuarterText = "", done: Short = "") -> Response:
        return rechecks.rechecks_page(seat, quarter, done)

    @routes.post("/rechecks", Permission.DECIDE_COUNTY)
    def draw(seat: Seat, form: Form) -> Response:
        return rechecks.draw(seat, form)

    @routes.get("/rechecks/item", Permission.DECIDE_COUNTY)
    def item(seat: Seat, quarter: QuarterText, item: Short) -> Response:
        return rechecks.item_page(seat, quarter, item)

    @routes.post("/rechecks/item", Permission.DECIDE_COUNTY)
    def record(seat: Seat, form: Form) -> Response:
        return rechecks.record(seat, form)

    @routes.get("/inspect/rechecks", Permission.INSPECT)
    def looked_at(seat: Seat, quarter: QuarterText = "") -> Response:
        return rechecks.rechecks_page(seat, quarter)
