"""What does a person see when something is wrong? A Chinese page with what to do and an id."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.front_door import FrontDoor
from ckbx.web.permissions import Permission
from ckbx.web.reading_quota import TooManyReads
from ckbx.web.routes import Forbidden, SignInNeeded
from ckbx.web.turns import RETRY_SECONDS, ExportsBusy

_log = logging.getLogger(__name__)
_SAID: Final = {
    400: ("请求不能读出", "浏览器或代理送来的请求不完整。请刷新后重试；仍不行请告诉管理员。"),
    401: ("请先登录", "登录已经过期。请登录后再做一次；已填的内容请先复制下来。"),
    403: ("没有这项权限", "这个页面不在您的岗位权限内。需要时请联系县教育局专干。"),
    404: ("没有这个页面", "地址可能写错了，或者您无权查看。请从首页重新进入。"),
    405: ("这里不能这样操作", "这个地址不接受这种操作。请从首页重新进入。"),
    409: ("刚被别人改过", "数据刚被其他人修改，请返回刷新后重试。"),
    413: ("文件太大", "提交的内容太大。请缩小图片或分几次提交。"),
    421: ("不从这个地址提供", "请用管理员告诉您的网址打开，本机请用 http://127.0.0.1 。"),
    422: ("不能这样办", "请检查填写的内容或地址里的查询条件。"),
    429: ("看得太多太快", "一小时内逐个查看的学生太多，请过一小时再看。"),
    503: ("暂时不能使用", "数据库暂时不能访问，请稍后刷新；仍不行请告诉管理员。"),
    500: ("出错了", "程序没有预料到这种情况。请把下面的编号告诉管理员。"),
}
_ELSEWHERE: Final = ("不是从本系统提交的", "请从本系统的页面提交；浏览器太旧时请换新一些的浏览器。")


class ErrorPages:
    """The pages of refusals and failures."""

    def __init__(self, desk: WebDesk, door: FrontDoor) -> None:
        self._desk = desk
        self._door = door

    def handle(self, app: FastAPI) -> None:
        """Have every error of a handler become its page."""

        @app.exception_handler(SignInNeeded)
        def sign_in(request: Request, error: Exception) -> Response:
            if isinstance(error, SignInNeeded) and request.method == "GET":
                return RedirectResponse(error.where, status_code=303)
            return self._page(401)

        @app.exception_handler(Forbidden)
        def forbidden(request: Request, error: Exception) -> Response:
            wanted = error.permission if isinstance(error, Forbidden) else Permission.ACCOUNT
            said = f"您现在的岗位不能{wanted.zh}。需要时请联系县教育局专干。"
            return self._page(403, said, request)

        @app.exception_handler(NotThere)
        def not_there(_request: Request, _error: Exception) -> Response:
            return self._page(404)

        @app.exception_handler(HTTPException)
        def http(_request: Request, error: Exception) -> Response:
            response = self._page(getattr(error, "status_code", 500))
            response.headers.update(getattr(error, "headers", None) or {})
            return response

        @app.exception_handler(RequestValidationError)
        def invalid(request: Request, _error: Exception) -> Response:
            return self._page(422, request=request)

        @app.exception_handler(CkbxError)
        def refused(request: Request, error: Exception) -> Response:
            if isinstance(error, StoreUnavailable):
                return self._page(503, str(error))
            if isinstance(error, ExportsBusy):
                busy = self._page(503, str(error), request)
                busy.headers["Retry-After"] = str(RETRY_SECONDS)
                return busy
            status = 409 if isinstance(error, ConcurrencyConflict) else 422
            status = 429 if isinstance(error, TooManyReads) else status
            return self._page(status, str(error), request)

    def refused(self, _request: Request, status: int) -> Response:
        """The page of what the guard did not let through."""
        if status == 403:
            return self._page(403, heading=_ELSEWHERE[0], said=_ELSEWHERE[1])
        return self._page(status)

    def failed(self, error: Exception) -> Response:
        """A page for what nobody expected. The log gets the place, never the message, which
        may hold a person's data.
        """
        reference = f"W-{secrets.token_hex(4)}"
        where = "".join(traceback.format_tb(error.__traceback__)[-4:])
        _log.error("page_failed %s %s\n%s", reference, type(error).__name__, where)
        return self._page(500, reference=reference)

    def _page(
        self,
        status: int,
        said: str = "",
        request: Request | None = None,
        *,
        heading: str = "",
        reference: str = "",
    ) -> Response:
        """The page of an error; its id stands in the log too. ``request``: of a viewer, who
        keeps the menu. What is not there looks the same for everybody.
        """
        known = status if status in _SAID else 404 if status < 500 else 500
        title, advice = _SAID[known]
        reference = reference or f"W-{secrets.token_hex(4)}"
        if known in (503, 500):
            _log.error("page_refused %s %s", reference, status)
        desk = getattr(request.state, "desk", self._desk) if request else self._desk
        return desk.html(
            "error.html",
            known,
            code=known,
            title=heading or title,
            heading=heading or title,
            advice=said or advice,
            reference=reference,
        )
