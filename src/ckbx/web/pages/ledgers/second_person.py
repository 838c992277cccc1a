"""The second person of a large export: who else may take it stands by, and types the password.

As a grant is approved: in person, at the same form (reliability §8, rows 19 and 79). The
approver's name goes into the access record with the purpose; the password that was given
stands in the log of sign-ins.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from ckbx.application.accounts import grants_on, load_account
from ckbx.ledgers.model import Ledger
from ckbx.web.desk import WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.ledgers.sight import taken
from ckbx.web.pages.signing_in.page import MOST_PASSWORD, whence
from ckbx.web.rights import Viewer, viewer_of
from projections import responsibility

MOST_ROWS: Final = 3_000
"""Rows of children that one person takes away alone: the largest school has fewer, a county
ten times as many."""
APPROVER, APPROVAL = "approver", "approval"
_NEEDED: Final = "共 {rows} 行，超过 {most} 行，要第二个人批准：请另一位可以导出全县的人在这里输入自己的账号和密码"
_WRONG: Final = "批准人的账号或密码不对，或这个账号不能导出全县的这本台账，没有导出"


def approver_of(desk: WebDesk, request: Request, ledger: Ledger, rows: int, form: Posted) -> str:
    """The account that approved; empty where none is needed. What is missing or wrong is noted
    in the form. Raises TooManyTries.
    """
    if rows <= MOST_ROWS:
        return ""
    account = form.text(APPROVER, most=80)
    password = form.raw(APPROVAL)[:MOST_PASSWORD]
    if not account or not password:
        form.wrong(APPROVER, _NEEDED.format(rows=rows, most=MOST_ROWS))
    elif account == desk.viewer.account:
        form.wrong(APPROVER, "不能由导出的人自己批准，请换一个人")
    elif not (
        desk.store.gate.check_password(account, password, **whence(request))
        and taken(_viewer(desk, account), ledger).everything
    ):
        form.wrong(APPROVER, _WRONG)
    return account


def _viewer(desk: WebDesk, account: str) -> Viewer:
    grants = grants_on(load_account(desk.store.office, account), desk.today)
    with desk.store.answers.reading() as reading:
        position = reading.position(responsibility.PROJECTION.name)
        return viewer_of(reading, account, grants, today=desk.today, position=position)
