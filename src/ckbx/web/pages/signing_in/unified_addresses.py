"""The addresses of the unified sign-in; there are none where it is not set up."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.settings import Settings, is_linked_by_hand
from ckbx.web.forms import Form
from ckbx.web.front_door import FrontDoor
from ckbx.web.pages.accounts import identity
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

Short = Annotated[str, Query(max_length=500)]
Long = Annotated[str, Query(max_length=4_096)]


def add_unified(routes: Routes, door: FrontDoor, settings: Settings, *, secure: bool) -> None:
    """Nobody has to be signed in to sign in; to link an account, an administrator.

    Raises BadSetting.
    """
    if settings.unified is None:
        return
    from ckbx.web.pages.signing_in.unified import Answer, UnifiedPages  # noqa: PLC0415 - most have none
    from ckbx.web.unified.provider import BACK, Provider  # noqa: PLC0415

    issuer = settings.unified.issuer
    provider = Provider(settings.unified, settings.public_url)
    pages = UnifiedPages(door, provider, secure=secure)

    @routes.get("/signin/unified", Permission.PUBLIC)
    def go(
        seat: Seat,
        request: Request,
        then: Annotated[str, Query(alias="next", max_length=500)] = "/",
    ) -> Response:
        return pages.go(seat, request, then)

    @routes.get(BACK, Permission.PUBLIC)
    def back(
        seat: Seat,
        request: Request,
        state: Short = "",
        code: Long = "",
        error: Short = "",
        iss: Short = "",
    ) -> Response:
        answer = Answer(state=state, code=code, error=error, issuer=iss)
        return pages.back(seat, request, answer)

    if not is_linked_by_hand(settings):
        return

    @routes.post("/accounts/{account}/link", Permission.ACCOUNTS)
    def link(seat: Seat, request: Request, account: str, form: Form) -> Response:
        return identity.link(seat, request, account, issuer, form)

    @routes.post("/accounts/{account}/unlink", Permission.ACCOUNTS)
    def unlink(seat: Seat, account: str, form: Form) -> Response:
        return identity.unlink(seat, account, form)
