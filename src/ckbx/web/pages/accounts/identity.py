"""账号: which person of the county's unified sign-in an account is; the administrator says it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ckbx.application import identities
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.accounts.account_page import one_page
from ckbx.web.pages.accounts.acts import know_again, require_account


def link(desk: WebDesk, request: Request, name: str, issuer: str, form: Posted) -> Response:
    """Link it to the subject that was typed, instead of one it was linked to."""
    require_account(desk, name)
    subject = form.needed("subject", "统一身份编号")
    if not form.fine:
        return one_page(desk, name, draft=form.draft(), form="link", status=422)
    try:
        know_again(desk, request, form)
        ctx = desk.context(form.command)
        identities.link(desk.store.office, desk.store.gate, ctx, name, issuer, subject)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="link", status=422)
    return desk.done(f"/accounts/{name}")


def unlink(desk: WebDesk, name: str, form: Posted) -> Response:
    """Take the link off."""
    require_account(desk, name)
    try:
        ctx = desk.context(form.command)
        identities.unlink(desk.store.office, desk.store.gate, ctx, name)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="link", status=422)
    return desk.done(f"/accounts/{name}")
