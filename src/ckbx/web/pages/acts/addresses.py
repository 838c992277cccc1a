"""The addresses of what is decided on children, of the lists that lead there, of their files."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.acts import leaves_list, page, transfers_list, whole_class
from ckbx.web.pages.acts.all import ACTS
from ckbx.web.pages.acts.child_act import ChildAct
from ckbx.web.pages.child import kept_files
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Short = Annotated[str, Query(max_length=20)]
Key = Annotated[str, Query(max_length=40)]


def add_acts(routes: Routes) -> None:
    """All of them."""

    @routes.get("/transfers", Permission.REGISTER)
    def under_way(seat: Seat, done: Short = "") -> Response:
        return transfers_list.transfers_page(seat, done)

    @routes.get("/leaves", Permission.WORK_CASE)
    def applied_for(seat: Seat) -> Response:
        return leaves_list.leaves_page(seat)

    @routes.get("/children/{child_id}/files", Permission.SEE_CASES)
    def kept(seat: Seat, child_id: str) -> Response:
        return kept_files.kept_page(seat, child_id)

    @routes.get("/children/{child_id}/files/{file}", Permission.SEE_CASES)
    def kept_file(seat: Seat, child_id: str, file: str) -> Response:
        return kept_files.kept_file_of(seat, child_id, file)

    for step in whole_class.STEPS.values():
        _class_step(routes, step)
    for each in ACTS:
        _act(routes, each)


def _class_step(routes: Routes, step: whole_class.Step) -> None:
    @routes.get(f"/transfers/{step.path}", Permission.REGISTER)
    def show(
        seat: Seat,
        class_key: Key = "",
        on: Short = "",
        school: Short = "",
        to: Short = "",
        done: Short = "",
    ) -> Response:
        given = {"class_key": class_key, "on": on, "school": school, "to": to}
        return whole_class.class_page(seat, step, given, done)

    @routes.post(f"/transfers/{step.path}", Permission.REGISTER)
    def take(seat: Seat, form: Form) -> Response:
        return whole_class.take_class(seat, step, form)


def _act(routes: Routes, act: ChildAct) -> None:
    path = f"/children/{{child_id}}/{act.path}"

    @routes.get(path, act.permission)
    def show(seat: Seat, child_id: str) -> Response:
        return page.act_page(seat, act, child_id)

    @routes.post(path, act.permission)
    def take(seat: Seat, child_id: str, form: Form) -> Response:
        return page.take_act(seat, act, child_id, form)
