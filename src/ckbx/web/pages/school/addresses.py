"""The addresses of school leaders and of township and village people."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.school import (
    alert_acts,
    alerts,
    check_in,
    leading,
    place,
    report_signing,
    reports,
    returns,
    school_view,
)
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Code = Annotated[str, Query(max_length=10)]
Count = Annotated[int, Query(ge=0, le=10_000)]
MonthText = Annotated[str, Query(max_length=10)]
Village = Annotated[str, Query(max_length=12)]
Page = Annotated[int, Query(ge=1, le=10_000)]


def add_school(routes: Routes) -> None:
    """All of them."""
    _boards(routes)
    _alerts(routes)
    _reports(routes)
    _place(routes)
    _check_in(routes)


def _boards(routes: Routes) -> None:

    @routes.get("/overview", Permission.SEE_SCHOOLS)
    def board(seat: Seat) -> Response:
        return leading.overview_page(seat)

    @routes.get("/schools/{code}", Permission.SEE_SCHOOLS)
    def one_school(seat: Seat, code: str) -> Response:
        return school_view.school_page(seat, code)

    @routes.get("/schools/{code}/call/{entry}/{number}", Permission.SEE_SCHOOLS)
    def call(seat: Seat, code: str, entry: int, number: int) -> Response:
        return school_view.call_page(seat, code, entry, number)

    @routes.get("/returns", Permission.SEE_CASES)
    def back(seat: Seat) -> Response:
        return returns.returns_page(seat)


def _alerts(routes: Routes) -> None:
    @routes.get("/alerts", Permission.SEE_TODO)
    def open_alerts(
        seat: Seat,
        to: Annotated[str, Query(max_length=60)] = "",
        school: Code = "",
        level: Annotated[str, Query(max_length=1)] = "",
        kind: Annotated[str, Query(max_length=40)] = "",
        page: Page = 1,
        acked: Count = 0,
        closed: Count = 0,
    ) -> Response:
        asked = alerts.Asked(to=to.strip(), school=school, level=level, kind=kind, page=page)
        return alerts.alerts_page(seat, asked, did=alert_acts.said(acked, closed))

    @routes.post("/alerts", Permission.SEE_TODO)
    def act(seat: Seat, form: Form) -> Response:
        return alert_acts.act(seat, form)


def _reports(routes: Routes) -> None:
    @routes.get("/reports", Permission.DECIDE_SCHOOL)
    def monthly(
        seat: Seat,
        school: Code = "",
        month: MonthText = "",
        version: Count = 0,
        signed: Count = 0,
    ) -> Response:
        asked = reports.Asked(school=school, month=month, version=version)
        return reports.reports_page(seat, asked, signed)

    @routes.get("/reports/sign", Permission.DECIDE_SCHOOL)
    def confirm(seat: Seat, month: MonthText, school: Code = "") -> Response:
        return reports.confirm_page(seat, reports.Asked(school=school, month=month))

    @routes.post("/reports/sign", Permission.DECIDE_SCHOOL)
    def sign(seat: Seat, request: Request, form: Form) -> Response:
        return report_signing.sign(seat, request, form)

    @routes.get("/reports/compare", Permission.DECIDE_SCHOOL)
    def compare(
        seat: Seat,
        month: MonthText,
        school: Code = "",
        first: Annotated[int, Query(alias="from", ge=0, le=10_000)] = 0,
        last: Annotated[int, Query(alias="to", ge=0, le=10_000)] = 0,
    ) -> Response:
        return reports.compare_page(seat, reports.Asked(school=school, month=month), first, last)

    @routes.get("/reports/file.pdf", Permission.DECIDE_SCHOOL)
    def to_print(seat: Seat, month: MonthText, school: Code = "") -> Response:
        return reports.pdf(seat, reports.Asked(school=school, month=month))


def _place(routes: Routes) -> None:
    @routes.get("/place", Permission.WORK_PLACE)
    def own_place(seat: Seat, village: Village = "", page: Page = 1) -> Response:
        return place.place_page(seat, village, page)

    @routes.get("/place/walk", Permission.WORK_PLACE)
    def walk(seat: Seat, village: Village = "") -> Response:
        return place.walk_page(seat, village)


def _check_in(routes: Routes) -> None:
    @routes.get("/check-in", Permission.CHECK_IN)
    def board(seat: Seat, school: Code = "", done: Count = 0) -> Response:
        return check_in.check_in_page(seat, school, done=bool(done))

    @routes.post("/check-in", Permission.CHECK_IN)
    def came(seat: Seat, form: Form) -> Response:
        return check_in.check_in_child(seat, form)
