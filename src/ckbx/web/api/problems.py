"""What does a program get when something is wrong? Problem details (RFC 9457), in Chinese."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ckbx.application.standing import RightsEnded
from ckbx.domain.alert.errors import AlertUnknown
from ckbx.domain.case.errors import CaseChangedMeanwhile, CaseUnknown, RoleRefused
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.web.api.bearer import BearerNeeded, of_api
from ckbx.web.api.validation_words import said_of
from ckbx.web.desk import NotThere
from ckbx.web.error_pages import ErrorPages
from ckbx.web.guard import TooLarge
from ckbx.web.reading_quota import TooManyReads
from ckbx.web.routes import Forbidden, SignInNeeded

MEDIA: Final = "application/problem+json"
KEY: Final = "Idempotency-Key"
RETRY_SECONDS: Final = 5
_log = logging.getLogger(__name__)
TITLES: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("bad_request", "请求不能读出", "请求的正文不能读出，请核对 Content-Type 和内容。"),
    401: (
        "unauthorized",
        "请先表明身份",
        "令牌没有带、不对、已过期或已撤销。请带 Authorization: Bearer 令牌，由系统管理员发放。",
    ),
    403: ("forbidden", "没有这项权限", "账号的岗位或令牌没有这项权限，需要时请联系县教育局专干。"),
    404: ("not_found", "没有找到", "没有这个地址或编号，或者您无权查看。请核对后重试。"),
    405: ("method_not_allowed", "不接受这种操作", "这个地址不接受这种操作，见答复头 Allow。"),
    409: ("conflict", "刚被别人改过", "数据刚被其他人修改，请重新读取后再提交。"),
    413: ("too_large", "内容太大", "提交的内容太大，请分几次提交。"),
    421: ("wrong_host", "不从这个地址提供", "请用管理员告诉您的网址。"),
    422: ("invalid_request", "不能这样办", "有的内容不能用，请按 errors 改正后重试。"),
    429: ("too_many_reads", "看得太多太快", "一小时内逐个查看的学生太多，请过一小时再读。"),
    503: ("store_unavailable", "暂时不能使用", "数据库暂时不能访问，请稍后重试。"),
    500: ("internal_error", "出错了", "程序没有预料到这种情况，请把编号告诉管理员。"),
}
"""By status: code, title, what to do."""
_CROSS_SITE: Final = "带着登录的请求只能从本系统的页面发出；程序请用令牌，不要带 Cookie。"
_CONFLICTS: Final = frozenset(
    {"case_changed_meanwhile", "sheet_changed_meanwhile", "roll_changed_meanwhile"}
)
_STATUS: Final[Mapping[type[CkbxError], int]] = {
    ConcurrencyConflict: 409,
    CaseChangedMeanwhile: 409,
    StoreUnavailable: 503,
    RoleRefused: 403,
    RightsEnded: 403,
    CaseUnknown: 404,
    AlertUnknown: 404,
    TooManyReads: 429,
}


def status_of(error: CkbxError) -> int:
    """Refusals of a rule or of the input are 422, unless something nearer is said."""
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return status
    if error.code in _CONFLICTS:
        return 409
    return 503 if error.exit_code == 6 else 422


def problem(
    status: int,
    *,
    code: str = "",
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """One problem; ``errors``: field, code and detail of each value that cannot be used."""
    usual, title, advice = TITLES.get(status) or TITLES[404 if status < 500 else 500]
    said = code or usual
    body = {
        "type": f"urn:ckbx:problem:{said}",
        "title": title,
        "status": status,
        "code": said,
        "detail": detail or advice,
        "errors": list(errors),
        **more,
    }
    added = dict(headers or {})
    if status == 503:
        added.setdefault("Retry-After", str(RETRY_SECONDS))
    return JSONResponse(body, status_code=status, headers=added, media_type=MEDIA)


class Problems:
    """The errors of the interface; those of pages stay pages."""

    def __init__(self, pages: ErrorPages) -> None:
        self._pages = pages

    def handle(self, app: FastAPI) -> None:
        """Have every error at an address of the interface become a problem."""
        answers: dict[type[Exception], Callable[[Request, Any], Response]] = {
            SignInNeeded: _nobody,
            BearerNeeded: _nobody,
            Forbidden: _forbidden,
            NotThere: lambda _request, _error: problem(404),
            HTTPException: _http,
            RequestValidationError: _invalid,
            CkbxError: _refused,
        }
        for kind, answer in answers.items():
            app.add_exception_handler(kind, _by_path(answer, app.exception_handlers.get(kind)))

    def refused(self, request: Request, status: int) -> Response:
        """What the guard did not let through."""
        if not of_api(request):
            return self._pages.refused(request, status)
        if status == 403:
            return problem(403, code="cross_site", detail=_CROSS_SITE)
        return problem(status)

    def failed(self, request: Request, error: Exception) -> Response:
        """What nobody expected: the log gets the place, never the message."""
        if not of_api(request):
            return self._pages.failed(error)
        reference = f"W-{secrets.token_hex(4)}"
        where = "".join(traceback.format_tb(error.__traceback__)[-4:])
        _log.error("api_failed %s %s\n%s", reference, type(error).__name__, where)
        return problem(500, instance=f"urn:ckbx:reference:{reference}")


def _by_path(api: Callable[[Request, Any], Response], page: Any) -> Any:
    """A handler that answers programs and leaves everybody else to the page's."""

    def handler(request: Request, error: Exception) -> Response:
        if of_api(request) or page is None:
            return api(request, error)
        shown: Response = page(request, error)
        return shown

    return handler


def _nobody(_request: Request, error: Exception) -> Response:
    given = isinstance(error, BearerNeeded) and error.given
    challenge = 'Bearer realm="ckbx"' + (', error="invalid_token"' if given else "")
    code = "invalid_token" if given else ""
    return problem(401, code=code, headers={"WWW-Authenticate": challenge})


def _forbidden(request: Request, error: Forbidden) -> Response:
    whose = "令牌" if getattr(request.state, "bearer", None) else "您现在的岗位"
    return problem(403, detail=f"{whose}不能{error.permission.zh}。需要时请联系县教育局专干。")


def _http(_request: Request, error: HTTPException) -> Response:
    status = error.status_code
    if isinstance(error.__cause__, TooLarge):
        status = 413
    return problem(status, headers=error.headers)


def _invalid(_request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    for each in found:
        if each["type"] == "json_invalid":
            return problem(400, code="json_invalid", errors=list(said_of([each])))
        if each["loc"] == ("header", KEY.lower()) or each["loc"] == ("header", KEY):
            said = f"写操作要带请求头 {KEY}（每件事一个新的 UUID，重发时不变）。"
            errors = list(said_of([each]))
            return problem(400, code="idempotency_key_needed", detail=said, errors=errors)
    return problem(422, errors=list(said_of(found)))


def _refused(_request: Request, error: CkbxError) -> Response:
    status = status_of(error)
    if status == 404:
        return problem(404)
    return problem(status, code=error.code, detail=str(error))
