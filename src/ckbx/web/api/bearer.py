"""Which program sends a request? Found by the token it bears, never by anything else it says."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request

from ckbx.access import Tokens
from ckbx.application.accounts import grants_on, load_account
from ckbx.store import Store
from ckbx.web.desk import WebDesk
from ckbx.web.front_door import FrontDoor
from ckbx.web.permissions import Permission
from ckbx.web.rights import viewer_of
from ckbx.web.routes import Forbidden
from projections import responsibility

ROOT: Final = "/api/"
OFFERED: Final = (
    Permission.SEE_TODO,
    Permission.SEE_CHILDREN,
    Permission.SEE_SCHOOLS,
    Permission.SEE_CASES,
    Permission.ROLL_CALL,
    Permission.WORK_CASE,
    Permission.EXPORT,
)
"""What a token may be given: what the interface has addresses for."""


class BearerNeeded(Exception):
    """Nobody is known to send this. ``given``: a token came that is none, or no more."""

    def __init__(self, *, given: bool) -> None:
        super().__init__(given)
        self.given = given


class ApiDoor:
    """Implements :class:`ckbx.web.routes.Doorkeeper`: programs by their token, people by the
    cookie of their session. A token opens nothing but the interface.
    """

    def __init__(self, front: FrontDoor, tokens: Tokens) -> None:
        self._front = front
        self._tokens = tokens

    def admit(self, request: Request, permission: Permission) -> WebDesk:
        """The viewer's desk. Raises BearerNeeded, Forbidden, and what the front door raises."""
        said = request.headers.get("authorization")
        if said is None or permission is Permission.PUBLIC or not of_api(request):
            return self._front.admit(request, permission)
        scheme, _, token = said.partition(" ")
        row = self._tokens.find(token.strip()) if scheme.lower() == "bearer" else None
        if row is None:
            raise BearerNeeded(given=True)
        request.state.bearer = row
        allowed = frozenset(p for p in OFFERED if p.value in row.permissions)
        viewer = msgspec.structs.replace(self._front.viewer(row.account), only=allowed)
        if permission is not Permission.ACCOUNT and not viewer.may(permission):
            raise Forbidden(permission)
        live = partial(self._tokens.is_live, token.strip())
        return self._front.seated(viewer, permission, live)


def of_api(request: Request) -> bool:
    """Whether a program asks: it is answered in JSON, whatever goes wrong."""
    return request.url.path.startswith(ROOT)


def grantable(store: Store, account: str) -> list[Permission]:
    """What a token of an account may be given today."""
    today = store.office.today()
    with store.answers.reading() as reading:
        position = reading.position(responsibility.PROJECTION.name)
        grants = grants_on(load_account(store.office, account), today)
        viewer = viewer_of(reading, account, grants, today=today, position=position)
    return [each for each in OFFERED if viewer.may(each)]
