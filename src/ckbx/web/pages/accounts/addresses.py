"""The addresses of the administrator: accounts, their codes and roles, the log of sign-ins."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.forms import Form
from ckbx.web.pages.accounts import account_page, acts
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat

_P = Permission.ACCOUNTS
Line = Annotated[int | None, Query(ge=1, lt=2**63)]
"""Of a line of the log of sign-ins; larger than any column holds it is none."""
Text = Annotated[str, Query(max_length=64)]
Number = Annotated[int, Query(ge=1, le=100_000)]


def add_accounts(routes: Routes) -> None:
    """All of them."""

    @routes.get("/accounts", _P)
    def every(seat: Seat, q: Text = "", state: Text = "", page: Number = 1) -> Response:
        return account_page.list_page(seat, text=q, state=state, page=page)

    @routes.get("/sign-ins", _P)
    def sign_ins(seat: Seat, account: Text = "", before: Line = None) -> Response:
        return account_page.sign_ins_page(seat, account, before)

    @routes.post("/accounts/open-chain", _P)
    def open_chain(seat: Seat, request: Request, form: Form) -> Response:
        return acts.open_chain(seat, request, form)

    @routes.post("/accounts/open", _P)
    def open_named(seat: Seat, request: Request, form: Form) -> Response:
        return acts.open_named(seat, request, form)

    _add_one(routes)


def _add_one(routes: Routes) -> None:
    """Those of one account."""

    @routes.get("/accounts/{account}", _P)
    def one(seat: Seat, account: str) -> Response:
        return account_page.one_page(seat, account)

    @routes.post("/accounts/{account}/code", _P)
    def code(seat: Seat, request: Request, account: str, form: Form) -> Response:
        return acts.new_code(seat, request, account, form)

    @routes.post("/accounts/{account}/name", _P)
    def call(seat: Seat, account: str, form: Form) -> Response:
        return acts.call(seat, account, form)

    @routes.post("/accounts/{account}/disable", _P)
    def disable(seat: Seat, account: str, form: Form) -> Response:
        return acts.disable(seat, account, form)

    @routes.post("/accounts/{account}/enable", _P)
    def enable(seat: Seat, account: str, form: Form) -> Response:
        return acts.enable(seat, account, form)

    @routes.post("/accounts/{account}/factor", _P)
    def factor(seat: Seat, request: Request, account: str, form: Form) -> Response:
        return acts.remove_factor(seat, request, account, form)

    @routes.post("/accounts/{account}/grant", _P)
    def grant(seat: Seat, request: Request, account: str, form: Form) -> Response:
        return acts.grant(seat, request, account, form)

    @routes.post("/accounts/{account}/withdraw/{grant_number}", _P)
    def withdraw(seat: Seat, account: str, grant_number: int, form: Form) -> Response:
        return acts.withdraw(seat, account, grant_number, form)
