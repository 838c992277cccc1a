"""Whose token is this, and what may it do today?"""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ckbx.access import TokenRow
from ckbx.ledgers.model import instant_text
from ckbx.web.api.routing import ApiRoutes, answered
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat


class HeldRole(BaseModel):
    """One post of the chain, or one granted role."""

    role: str
    role_title: str
    post: str | None
    scope_kind: str
    scope_code: str
    last_day: str | None = Field(description="授予的角色到哪一天止；按责任链在任的为空")


class Bearer(BaseModel):
    """The token that was borne."""

    name: str
    expires: str


class Me(BaseModel):
    """Who asks."""

    account: str
    roles: list[HeldRole]
    permissions: list[str] = Field(description="今天能做的；用令牌时已按令牌收窄")
    token: Bearer | None


def add(routes: Routes) -> None:
    """``/me``."""
    api = ApiRoutes(routes, "身份")

    @api.get("/me", Permission.ACCOUNT, Me, summary="账号、岗位和今天的权限")
    def me(seat: Seat, request: Request) -> Response:
        row: TokenRow | None = getattr(request.state, "bearer", None)
        bearer = {"name": row.name, "expires": instant_text(row.expires)} if row else None
        return answered(
            {
                "account": seat.viewer.account,
                "roles": [
                    {
                        "role": each.role,
                        "role_title": each.zh,
                        "post": each.title or None,
                        "scope_kind": each.kind.value,
                        "scope_code": each.code,
                        "last_day": each.until,
                    }
                    for each in seat.viewer.held
                ],
                "permissions": [each.value for each in seat.viewer.permissions],
                "token": bearer,
            }
        )
