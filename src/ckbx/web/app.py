"""The web app: which address shows which page, and what a person sees when something is wrong?"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Collection
from functools import partial
from typing import Annotated, Final

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.health.measures import measure
from ckbx.health.watching import Watch
from ckbx.store import Store
from ckbx.web.assets import STATIC, require_assets
from ckbx.web.desk import VISITOR, NotThere, Viewer, WebDesk
from ckbx.web.guard import Guard, Net
from ckbx.web.pages import alerts, children, health, overview, schools, suspected_ledger
from ckbx.web.render import Pages

_log = logging.getLogger(__name__)

LOCAL_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_SAID: Final = {
    404: ("没有这个页面", "地址可能写错了，或者您无权查看。请从总览重新进入。"),
    405: ("这里只能查看", "本版网页只提供查看，不接受提交。请从总览重新进入。"),
    421: ("不从这个地址提供", "请用 http://127.0.0.1 打开本机网页。"),
    422: ("查询条件不能用", "请检查地址里的查询条件，或从台账页面重新查询。"),
    503: ("暂时不能使用", "数据库暂时不能访问，请稍后刷新；仍不行请告诉管理员。"),
    500: ("出错了", "程序没有预料到这种情况。请把下面的编号告诉管理员。"),
}


def make_app(
    store: Store,
    *,
    hosts: Collection[str] = LOCAL_NAMES,
    viewer: Viewer = VISITOR,
    watch: Watch | None = None,
) -> ASGIApp:
    """The pages of one opened store; ``watch`` says how it is. Raises AssetsMissing."""
    require_assets()
    pages = Pages(store.clock.zone)
    desk = WebDesk(store, pages, viewer)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _routes(app, desk, watch or Watch(partial(measure, store)))
    _errors(app, pages)
    app.add_middleware(Net, failed=lambda error: _failed(pages, error))
    return Guard(app, hosts, lambda _request, status: _page(pages, status))


def _routes(app: FastAPI, desk: WebDesk, watch: Watch) -> None:
    @app.get("/")
    def home() -> Response:
        return overview.overview(desk)

    @app.get("/schools/{code}")
    def one_school(code: str) -> Response:
        return schools.school_page(desk, code)

    @app.get("/suspected")
    def ledger(
        school: Annotated[str, Query(max_length=10)] = "",
        as_of: Annotated[str, Query(max_length=20)] = "",
        known_at: Annotated[str, Query(max_length=20)] = "",
        all_: Annotated[str, Query(alias="all", max_length=3)] = "",
    ) -> Response:
        asked = suspected_ledger.Asked(
            school=school, as_of=as_of, known_at=known_at, all_=bool(all_)
        )
        return suspected_ledger.suspected_page(desk, asked)

    @app.get("/alerts")
    def open_alerts(
        to: Annotated[str, Query(max_length=60)] = "",
        school: Annotated[str, Query(max_length=10)] = "",
        level: Annotated[str, Query(max_length=1)] = "",
        kind: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        asked = alerts.Asked(to=to.strip(), school=school, level=level, kind=kind)
        return alerts.alerts_page(desk, asked)

    @app.get("/children/{child_id}")
    def one_child(
        child_id: str,
        as_of: Annotated[str, Query(max_length=20)] = "",
        known_at: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        return children.child_page(desk, child_id, as_of, known_at)

    @app.get("/healthz")
    def healthz() -> Response:
        return health.healthz()

    @app.get("/readyz")
    def readyz() -> Response:
        return health.readyz(watch)


def _errors(app: FastAPI, pages: Pages) -> None:
    @app.exception_handler(NotThere)
    def not_there(_request: Request, _error: Exception) -> Response:
        return _page(pages, 404)

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: Exception) -> Response:
        return _page(pages, getattr(error, "status_code", 500))

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, _error: Exception) -> Response:
        return _page(pages, 422)

    @app.exception_handler(CkbxError)
    def refused(_request: Request, error: Exception) -> Response:
        status = 503 if isinstance(error, StoreUnavailable) else 422
        return _page(pages, status, str(error))


def _failed(pages: Pages, error: Exception) -> Response:
    """A page for what nobody expected. The log gets the place, never the message, which may
    hold a person's data.
    """
    reference = f"W-{secrets.token_hex(4)}"
    where = "".join(traceback.format_tb(error.__traceback__)[-4:])
    _log.error("page_failed %s %s\n%s", reference, type(error).__name__, where)
    return _page(pages, 500, reference=reference)


def _page(pages: Pages, status: int, said: str = "", reference: str = "") -> Response:
    """The Chinese page of an error; its id stands in the log too."""
    known = status if status in _SAID else 404 if status < 500 else 500
    heading, advice = _SAID[known]
    reference = reference or f"W-{secrets.token_hex(4)}"
    if known in (503, 500):
        _log.error("page_refused %s %s", reference, status)
    return pages.html(
        "error.html",
        known,
        code=known,
        title=heading,
        heading=heading,
        advice=said or advice,
        reference=reference,
    )
