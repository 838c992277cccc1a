"""The addresses of the cases: the list, one case, each of its steps, its files and papers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.cases import files, listing, page, papers, step_page
from ckbx.web.pages.cases.step_forms import StepForm
from ckbx.web.pages.cases.steps import FORMS
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Short = Annotated[str, Query(max_length=20)]


def add_cases(routes: Routes) -> None:
    """All of them."""

    @routes.get("/cases", Permission.SEE_CASES)
    def listed(
        seat: Seat,
        stage: Short = "",
        school: Annotated[str, Query(max_length=10)] = "",
        overdue: Short = "",
        mine: Short = "",
        all_: Annotated[str, Query(alias="all", max_length=3)] = "",
        at: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        asked = listing.Asked(
            stage=stage,
            school=school,
            overdue=bool(overdue),
            mine=bool(mine),
            all_=bool(all_),
            page=at,
        )
        return listing.list_page(seat, asked)

    @routes.get("/cases/{case_id}", Permission.SEE_CASES)
    def one(seat: Seat, case_id: str, done: Short = "") -> Response:
        return page.case_page(seat, case_id, done)

    @routes.get("/cases/{case_id}/files/{file}", Permission.SEE_CASES)
    def attachment(seat: Seat, case_id: str, file: str) -> Response:
        return files.case_file(seat, case_id, file)

    @routes.get("/cases/{case_id}/papers/{name}.{form}", Permission.WORK_CASE)
    def paper(seat: Seat, case_id: str, name: str, form: str) -> Response:
        return papers.case_paper(seat, case_id, name, form)

    @routes.get("/cases/{case_id}/papers/{name}", Permission.WORK_CASE)
    def paper_form(seat: Seat, case_id: str, name: str) -> Response:
        return papers.paper_page(seat, case_id, name)

    @routes.post("/cases/{case_id}/papers/{name}", Permission.WORK_CASE)
    def paper_filled(seat: Seat, case_id: str, name: str, form: Form) -> Response:
        return papers.filled_paper(seat, case_id, name, form)

    for each in FORMS.values():
        _step(routes, each)


def _step(routes: Routes, form: StepForm) -> None:
    path = f"/cases/{{case_id}}/{form.path}"

    @routes.get(path, Permission.WORK_CASE)
    def show(
        seat: Seat, case_id: str, paper: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        return step_page.step_page(seat, form, case_id, paper)

    @routes.post(path, Permission.WORK_CASE)
    def take(seat: Seat, case_id: str, form_: Form) -> Response:
        return step_page.take_step(seat, form, case_id, form_)
