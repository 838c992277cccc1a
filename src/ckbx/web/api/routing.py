"""How is an address of the interface declared? Like a page's, with what the description needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from ckbx.ledgers.output import json_bytes
from ckbx.web.api.problems import KEY, MEDIA
from ckbx.web.api.types import Uuid
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes

BASE: Final = "/api/v1"
_F = TypeVar("_F", bound=Callable[..., Any])

CommandId = Annotated[
    Uuid,
    Header(
        alias=KEY,
        description="这件事的编号：每件事一个新的 UUID，没有收到答复时用同一个重发，不会记两次",
        examples=["8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d"],
    ),
]


class Wrong(BaseModel):
    """One value that cannot be used."""

    field: str = Field(description="在哪里，如 body.absent.0.reason")
    code: str
    detail: str = Field(description="中文说明")


class Problem(BaseModel):
    """RFC 9457。"""

    type: str = Field(examples=["urn:ckbx:problem:invalid_request"])
    title: str
    status: int
    code: str = Field(description="稳定的代码，程序按它判断")
    detail: str = Field(description="中文，说明怎么办")
    errors: list[Wrong]


_SAID: Final = {
    400: "正文不能读出，或写操作没有带 Idempotency-Key",
    401: "没有令牌或登录，或令牌已过期、已撤销",
    403: "岗位或令牌没有这项权限",
    404: "没有这个编号，或无权查看：两者答复相同",
    409: "读取之后已被别人改过，请重新读取",
    413: "内容太大",
    421: "不从这个地址提供",
    422: "有的内容不能用，或规则不允许；code 是原因",
    429: "一小时内逐个读取的学生太多，过一小时再读",
    503: "数据库暂时不能使用，按 Retry-After 重试",
}
_READS: Final = (400, 401, 403, 404, 421, 422, 429, 503)
_WRITES: Final = (400, 401, 403, 404, 409, 413, 421, 422, 429, 503)


class ApiRoutes:
    """Declares addresses below ``/api/v1``."""

    def __init__(self, routes: Routes, tag: str) -> None:
        self._routes = routes
        self._tag = tag

    def get(
        self, path: str, permission: Permission, answer: type[BaseModel], **more: Any
    ) -> Callable[[_F], _F]:
        """Something to read."""
        return self._routes.get(BASE + path, permission, **self._more(answer, _READS, more))

    def post(
        self, path: str, permission: Permission, answer: type[BaseModel], **more: Any
    ) -> Callable[[_F], _F]:
        """Something to record."""
        return self._routes.post(BASE + path, permission, **self._more(answer, _WRITES, more))

    def _more(
        self, answer: type[BaseModel], errors: tuple[int, ...], more: dict[str, Any]
    ) -> dict[str, Any]:
        responses: dict[int, Any] = {200: {"model": answer, "description": "答复"}}
        schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
        for status in errors:
            responses[status] = {
                "description": _SAID[status],
                "content": {MEDIA: {"schema": schema}},
            }
        return {
            "include_in_schema": True,
            "tags": [self._tag],
            "responses": responses,
            "response_class": JSONResponse,
            **more,
        }


def answered(document: Any) -> Response:
    """A document, in the form in which the command line prints it."""
    return Response(json_bytes(document), media_type="application/json")
