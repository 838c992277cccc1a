"""The addresses of the ledgers, the indicators, and the search for a child."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.child import searching
from ckbx.web.pages.ledgers import files, indicators, one_ledger
from ckbx.web.pages.ledgers.query import Asked
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Day = Annotated[str, Query(max_length=40)]
Code = Annotated[str, Query(max_length=12)]
All = Annotated[str, Query(alias="all", max_length=3)]
Page = Annotated[int, Query(ge=1, le=100_000)]


def add_ledgers(routes: Routes) -> None:
    """All of them."""

    @routes.get("/ledgers", Permission.SEE_CHILDREN)
    def every(seat: Seat) -> Response:
        return one_ledger.ledger_list(seat)

    @routes.get("/ledgers/{name}", Permission.SEE_CHILDREN, quick="ledgers")
    def one(
        seat: Seat,
        name: str,
        school: Code = "",
        township: Code = "",
        as_of: Day = "",
        known_at: Day = "",
        all_: All = "",
        page: Page = 1,
    ) -> Response:
        asked = Asked(
            school=school, township=township, as_of=as_of, known_at=known_at, all_=bool(all_)
        )
        return one_ledger.ledger_page(seat, name, asked, page)

    @routes.post("/ledgers/{name}/file", Permission.EXPORT)
    def take(seat: Seat, request: Request, name: str, form: Form) -> Response:
        return files.ledger_file(seat, request, name, form)

    @routes.post("/ledgers/{name}/class-file", Permission.SEE_CHILDREN)
    def take_class(seat: Seat, request: Request, name: str, form: Form) -> Response:
        return files.ledger_file(seat, request, name, form, of_class=True)

    @routes.get("/indicators", Permission.SEE_SCHOOLS)
    def figures(seat: Seat, school: Code = "", as_of: Day = "", known_at: Day = "") -> Response:
        asked = Asked(school=school, as_of=as_of, known_at=known_at)
        return indicators.indicators_page(seat, asked)

    @routes.get("/children", Permission.SEE_CHILDREN)
    def ask(seat: Seat) -> Response:
        return searching.search_page(seat)

    @routes.post("/children", Permission.SEE_CHILDREN)
    def find(seat: Seat, form: Form) -> Response:
        return searching.found_page(seat, form)
