"""The web app: which address shows which page, and what a person sees when something is wrong?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ckbx.application.accounts import load_account
from ckbx.health.measures import measure
from ckbx.health.watching import Watch
from ckbx.store import Store
from ckbx.web import addresses
from ckbx.web.api import addresses as api
from ckbx.web.api.bearer import ApiDoor
from ckbx.web.api.problems import Problems
from ckbx.web.assets import STATIC, require_assets
from ckbx.web.desk import WebDesk
from ckbx.web.error_pages import ErrorPages
from ckbx.web.few_at_once import AT_ONCE, OVER_A_LINE
from ckbx.web.front_door import FrontDoor
from ckbx.web.guard import Guard, Net
from ckbx.web.menu import begins_at, is_long, menu
from ckbx.web.own_names import OwnNames
from ckbx.web.render import Pages
from ckbx.web.rights import Viewer
from ckbx.web.routes import Routes, declared, guarded

SMALL: Final = 800
"""Bytes below which an answer is not packed. No page holds a secret to be guessed from its
packed size: sessions are cookies, forms bear no token.
"""
LOCAL_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")


def make_app(
    store: Store,
    *,
    hosts: Collection[str] = LOCAL_NAMES,
    secure: bool = False,
    watch: Watch | None = None,
) -> ASGIApp:
    """The pages of one opened store; ``watch`` says how it is; ``secure``: served over https.

    Raises AssetsMissing, RouteUndeclared.
    """
    require_assets()
    app, errors = inner_app(store, secure=secure, watch=watch)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=6)
    app.add_middleware(Net, failed=errors.failed)
    return Guard(app, hosts, errors.refused, secure=secure, files=addresses.WITH_FILES)


def inner_app(
    store: Store, *, secure: bool = False, watch: Watch | None = None
) -> tuple[FastAPI, Problems]:
    """What the guard stands around: the app with all its addresses, and what it answers when
    something is wrong.
    """
    pages = Pages(store.clock.zone)
    served: set[str] = set()
    names = OwnNames(store.vault)
    desk = WebDesk(store, pages, shared=lambda viewer: _shared(viewer, served, names))
    door = FrontDoor(desk, store.gate.sessions, partial(load_account, store.office), secure=secure)
    doorkeeper = ApiDoor(door, store.gate.tokens)
    looks_first = guarded(doorkeeper, at_once=store.settings.is_sqlite)
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(looks_first)],
    )
    app.router.routes.append(Mount("/static", StaticFiles(directory=STATIC), name="static"))
    watched = watch or Watch(partial(measure, store))
    routes = Routes(app, AT_ONCE if store.settings.is_sqlite else OVER_A_LINE)
    addresses.add_all(routes, door, watched, served, store.settings, secure=secure)
    api.add(routes, app)
    served.update(path for method, path, _ in declared(app) if method == "GET")
    errors = ErrorPages(desk, door)
    errors.handle(app)
    problems = Problems(errors)
    problems.handle(app)
    return app, problems


def _shared(viewer: Viewer, served: Collection[str], names: OwnNames) -> Mapping[str, Any]:
    items = menu(viewer, served)
    return {
        "menu": items,
        "long_menu": is_long(items),
        "home": begins_at(viewer, served),
        "own_name": names.of(viewer.account) if viewer.account else "",
    }
