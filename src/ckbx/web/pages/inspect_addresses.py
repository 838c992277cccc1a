"""The addresses of the inspector's pages: they only show, whatever is asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages import (
    inspect_access,
    inspect_class,
    inspect_compare,
    inspect_home,
    inspect_reports,
    inspect_sample,
)
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Text = Annotated[str, Query(max_length=40)]
All = Annotated[str, Query(alias="all", max_length=3)]


def add(routes: Routes) -> None:
    """All of them."""

    @routes.get("/inspect", Permission.INSPECT)
    def home(seat: Seat) -> Response:
        return inspect_home.home(seat)

    @routes.get("/inspect/day", Permission.INSPECT)
    def day(seat: Seat, school: Text = "", day: Text = "", known_at: Text = "") -> Response:
        return inspect_class.classes_page(seat, school, day, known_at)

    @routes.get("/inspect/class", Permission.INSPECT)
    def one_class(
        seat: Seat,
        class_: Annotated[str, Query(alias="class", max_length=40)] = "",
        day: Text = "",
        known_at: Text = "",
    ) -> Response:
        return inspect_class.class_page(seat, class_, day, known_at)

    @routes.get("/inspect/compare", Permission.INSPECT)
    def compare(
        seat: Seat,
        ledger: Text = "suspected",
        school: Text = "",
        as_of: Text = "",
        known_at: Text = "",
        as_of2: Text = "",
        known_at2: Text = "",
        all_: All = "",
    ) -> Response:
        asked = inspect_compare.Two(
            ledger=ledger,
            school=school,
            first=(as_of, known_at),
            second=(as_of2, known_at2),
            all_=bool(all_),
        )
        return inspect_compare.compare_page(seat, asked)

    @routes.get("/inspect/reports", Permission.INSPECT)
    def reports(
        seat: Seat,
        school: Text = "",
        month: Text = "",
        first: Annotated[int, Query(alias="from", ge=0, le=999)] = 0,
        last: Annotated[int, Query(alias="to", ge=0, le=999)] = 0,
    ) -> Response:
        return inspect_reports.reports_page(seat, school, month, first, last)

    @routes.get("/inspect/sample", Permission.INSPECT)
    def sample(
        seat: Seat,
        ledger: Text = "roster",
        school: Text = "",
        number: Text = "",
        size: Annotated[int, Query(ge=1, le=100)] = 20,
        head: Annotated[int, Query(ge=0)] = 0,
        as_of: Text = "",
    ) -> Response:
        asked = inspect_sample.Asked(
            ledger=ledger, school=school, number=number, size=size, head=head, as_of=as_of
        )
        return inspect_sample.sample_page(seat, asked)

    @routes.get("/inspect/access", Permission.INSPECT)
    def access(
        seat: Seat,
        account: Annotated[str, Query(max_length=2_000)] = "",
        child: Text = "",
        day: Text = "",
        alarms: Annotated[str, Query(max_length=3)] = "",
        before: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        asked = inspect_access.Asked(
            account=account, child=child, day=day, alarms=alarms, before=before
        )
        return inspect_access.access_page(seat, asked)

    @routes.post("/inspect/access", Permission.INSPECT)
    def find_access(seat: Seat, form: Form) -> Response:
        return inspect_access.find(seat, form)
