"""Is it still the person of the account who sits there? The password again, not too often.

What is graver than looking asks for it where it was last given more than ten minutes ago
(reliability §8, row 49). The instant stands with the session, in the database.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from starlette.requests import Request

from ckbx.web.desk import WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.signing_in.page import MOST_PASSWORD, whence

LATELY: Final = timedelta(minutes=10)
OWN: Final = "password"
"""The field; among ``forms.SECRET``."""


def known_lately(desk: WebDesk) -> bool:
    """Whether the password was given in this session within ten minutes."""
    session = desk.store.gate.sessions.find(desk.token) if desk.token else None
    return session is not None and desk.now - session.confirmed <= LATELY


def know_again(desk: WebDesk, request: Request, form: Posted) -> None:
    """Noted in the form where the own password is asked for and is missing or wrong.

    Raises TooManyTries.
    """
    given = form.raw(OWN)[:MOST_PASSWORD]
    if not given:
        if not known_lately(desk):
            form.wrong(OWN, "离上次输入密码已超过 10 分钟，请再输入一次您登录用的密码")
        return
    if desk.store.gate.check_password(desk.viewer.account, given, **whence(request)):
        desk.store.gate.sessions.confirm(desk.token)
    else:
        form.wrong(OWN, "您自己的密码不对，没有办。请重新输入")
