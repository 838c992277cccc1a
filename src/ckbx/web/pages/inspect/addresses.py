"""The addresses of the inspector's pages: they only show, whatever is asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.inspect import access_log, beginning, class_day, comparing, sampling, versions
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Text = Annotated[str, Query(max_length=40)]
All = Annotated[str, Query(alias="all", max_length=3)]


def add_inspect(routes: Routes) -> None:
    """All of them."""

    @routes.get("/inspect", Permission.INSPECT)
    def home(seat: Seat) -> Response:
        return beginning.home(seat)

    @routes.get("/inspect/day", Permission.INSPECT)
    def day(seat: Seat, school: Text = "", day: Text = "", known_at: Text = "") -> Response:
        return class_day.classes_page(seat, school, day, known_at)

    @routes.get("/inspect/class", Permission.INSPECT)
    def one_class(
        seat: Seat,
        class_: Annotated[str, Query(alias="class", max_length=40)] = "",
        day: Text = "",
        known_at: Text = "",
    ) -> Response:
        return class_day.class_page(seat, class_, day, known_at)

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
        asked = comparing.Two(
            ledger=ledger,
            school=school,
            first=(as_of, known_at),
            second=(as_of2, known_at2),
            all_=bool(all_),
        )
        return comparing.compare_page(seat, asked)

    @routes.get("/inspect/reports", Permission.INSPECT)
    def reports(
        seat: Seat,
        school: Text = "",
        month: Text = "",
        first: Annotated[int, Query(alias="from", ge=0, le=999)] = 0,
        last: Annotated[int, Query(alias="to", ge=0, le=999)] = 0,
    ) -> Response:
        return versions.reports_page(seat, school, month, first, last)

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
        asked = sampling.Asked(
            ledger=ledger, school=school, number=number, size=size, head=head, as_of=as_of
        )
        return sampling.sample_page(seat, asked)

    @routes.get("/inspect/access", Permission.INSPECT)
    def access(
        seat: Seat,
        account: Annotated[str, Query(max_length=2_000)] = "",
        child: Text = "",
        day: Text = "",
        alarms: Annotated[str, Query(max_length=3)] = "",
        before: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        asked = access_log.Asked(
            account=account, child=child, day=day, alarms=alarms, before=before
        )
        return access_log.access_page(seat, asked)

    @routes.post("/inspect/access", Permission.INSPECT)
    def find_access(seat: Seat, form: Form) -> Response:
        return access_log.find(seat, form)
