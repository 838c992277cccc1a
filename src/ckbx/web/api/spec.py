"""The description of the interface: OpenAPI 3.1, made from the addresses themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.api.routing import BASE, Problem, Wrong, answered
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, permission_of

_ABOUT: Final = """控辍保学系统供程序使用的接口。

- 身份：`Authorization: Bearer 令牌`（`ckbx token add` 发放）；网页里用登录的 Cookie。
- 看到的、能做的，就是账号当天岗位的范围，令牌还可以再收窄。
- 写操作带 `Idempotency-Key`，没有收到答复就用同一个重发。答复里的 `position` 是记录位置；
  读的答复的 `position` 不小于它，就已经包含这次写入。
- 出错时是 `application/problem+json`：`code` 稳定，`detail` 是中文说明，`errors` 列出不能用的项。
"""


def add(routes: Routes, app: FastAPI) -> None:
    """Its own address; there is nothing of anybody in it."""

    @lru_cache(maxsize=1)
    def made() -> dict[str, Any]:
        return description(app)

    @routes.get(f"{BASE}/openapi.json", Permission.PUBLIC)
    def openapi(request: Request) -> Response:  # noqa: ARG001
        return answered(made())


def description(app: FastAPI) -> dict[str, Any]:
    """The document for all addresses below ``/api/v1``."""
    own = [
        route
        for route in app.routes
        if getattr(route, "path", "").startswith(BASE) and permission_of(route) is not None
    ]
    made = get_openapi(
        title="控辍保学接口", version="1", description=_ABOUT, routes=own, openapi_version="3.1.0"
    )
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for model in (Problem, Wrong):
        own_schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        own_schema.pop("$defs", None)
        schemas[model.__name__] = own_schema
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "程序的令牌"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "ckbx",
            "description": "登录的 Cookie（https 时名为 __Host-ckbx）；写操作只能从本系统的页面发出",
        },
    }
    made["security"] = [{"bearer": []}, {"session": []}]
    return made
