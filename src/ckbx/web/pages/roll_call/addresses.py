"""The addresses of the class teacher's pages: 点名, 请假条, 代课, 停课, today's duties."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.roll_call import classes, helping, service_worker, sheet
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Day = Annotated[str, Query(max_length=20)]
Part = Annotated[str, Query(max_length=4)]


def add_roll_call(routes: Routes) -> None:
    """All of them."""
    call, one = Permission.ROLL_CALL, "/roll-calls/{school}/{entry}/{number}"

    @routes.get("/sw.js", Permission.PUBLIC)
    def worker() -> Response:
        return service_worker.script()

    @routes.get("/roll-calls", call, quick="roll_calls")
    def listed(
        seat: Seat, list_: Annotated[str, Query(alias="list", max_length=1)] = ""
    ) -> Response:
        return classes.list_page(seat, straight=not list_)

    @routes.post("/roll-calls/duties", call)
    def duties(seat: Seat, form: Form) -> Response:
        return classes.duties(seat, form)

    @routes.post("/roll-calls/{school}/closure", call)
    def closure(seat: Seat, form: Form, school: str) -> Response:
        return classes.close(seat, form, school)

    @routes.get(one, call, quick="roll_calls")
    def page(
        seat: Seat, school: str, entry: str, number: str, day: Day = "", session: Part = ""
    ) -> Response:
        return sheet.page(seat, (school, entry, number), day, session)

    @routes.post(one, call, quick="roll_calls")
    def submit(
        seat: Seat, request: Request, form: Form, school: str, entry: str, number: str
    ) -> Response:
        return sheet.submit(seat, request, form, (school, entry, number))

    @routes.post(one + "/calls", call)
    def called(seat: Seat, form: Form, school: str, entry: str, number: str) -> Response:
        return classes.called(seat, form, (school, entry, number))

    @routes.get(one + "/leave", call)
    def helps(seat: Seat, school: str, entry: str, number: str) -> Response:
        return helping.page(seat, (school, entry, number))

    @routes.post(one + "/slips", call)
    def slip(seat: Seat, form: Form, school: str, entry: str, number: str) -> Response:
        return helping.file_slip(seat, form, (school, entry, number))

    @routes.post(one + "/slips/end", call)
    def end_slip(seat: Seat, form: Form, school: str, entry: str, number: str) -> Response:
        return helping.end_slip(seat, form, (school, entry, number))

    @routes.post(one + "/substitute", call)
    def substitute(seat: Seat, form: Form, school: str, entry: str, number: str) -> Response:
        return helping.substitute(seat, form, (school, entry, number))
