"""我的账号: which posts are mine, and how do I change my password? And where the day begins."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk
from ckbx.web.forms import Draft, Form, Posted
from ckbx.web.front_door import FrontDoor
from ckbx.web.menu import begins_at
from ckbx.web.pages.accounts.listing import covers_words
from ckbx.web.pages.frame import county_name
from ckbx.web.pages.signing_in.local_words import local_words
from ckbx.web.pages.signing_in.page import whence
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat


def add(routes: Routes, door: FrontDoor, served: Collection[str]) -> None:
    """The addresses of the own account, and ``/``."""

    @routes.get("/", Permission.ACCOUNT)
    def home(seat: Seat) -> Response:
        return RedirectResponse(begins_at(seat.viewer, served), status_code=303)

    @routes.get("/account", Permission.ACCOUNT)
    def own(seat: Seat) -> Response:
        return _page(seat, Draft())

    @routes.post("/account/password", Permission.ACCOUNT)
    def password(seat: Seat, request: Request, form: Form) -> Response:
        return _change(seat, request, form, door)


def _page(desk: WebDesk, draft: Draft, status: int = 200) -> Response:
    with desk.look("web:account", "查看我的账号") as look:
        names, year = look.school_names(), school_year_of(look.question.as_of)
        held = [
            (each, covers_words(look, Covers(each.kind, each.code), names, year))
            for each in desk.viewer.held
        ]
        county = county_name(look)
    return desk.html(
        "signing_in/account.html",
        status,
        title="我的账号",
        page="account",
        county=county,
        draft=draft,
        posts=held,
    )


def _change(desk: WebDesk, request: Request, posted: Posted, door: FrontDoor) -> Response:
    new = posted.raw("new")
    if new != posted.raw("again"):
        posted.wrong("again", "两次输入的新密码不一样，请重新输入")
        return _page(desk, posted.draft(), 422)
    try:
        old = posted.raw("old")
        change, words = desk.store.gate.change_password, local_words(desk)
        change(desk.viewer.account, old, new, words=words, **whence(request))
    except CkbxError as error:
        return _page(desk, posted.draft(error), 422)
    response = RedirectResponse("/signin?set=1", status_code=303)
    door.let_out(response)
    return response
