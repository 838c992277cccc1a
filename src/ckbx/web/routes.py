"""Which permission does each address ask for? Declared beside the route, looked at before it.

One dependency of the whole app reads the declaration; a route without one keeps the app from
starting. A handler gets its :data:`Seat`: the desk with the viewer who was let in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, Protocol, TypeVar

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount

from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk
from ckbx.web.few_at_once import AT_ONCE, few_at_once
from ckbx.web.permissions import Permission

_KEY: Final = "x-permission"
_F = TypeVar("_F", bound=Callable[..., Any])


class RouteUndeclared(CkbxError):
    """A programming error found before anything is served."""

    code = "route_undeclared"
    message = "网页没有启动：地址 {path} 没有写明需要什么权限；请告诉开发人员"


class SignInNeeded(Exception):
    """Nobody is signed in, or not all the way; ``where`` to go on (a local path)."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class Forbidden(Exception):
    """The viewer's roles do not give what the route asks for."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(permission)
        self.permission = permission


class Doorkeeper(Protocol):
    """Says who sends a request."""

    def admit(self, request: Request, permission: Permission) -> WebDesk:
        """The viewer's desk. Raises SignInNeeded, Forbidden, StoreUnavailable."""


class Routes:
    """Declares routes: ``@routes.get("/alerts", Permission.SEE_TODO)``. ``at_once``: so many short
    requests of a kind are worked on at a time.
    """

    def __init__(self, app: FastAPI, at_once: int = AT_ONCE) -> None:
        self._app = app
        self._at_once = at_once

    def get(self, path: str, permission: Permission, **more: Any) -> Callable[[_F], _F]:
        """A page, or a file to take away; ``quick``: the kind of a short one, of which few are
        worked on at a time.
        """
        return self._of("GET", path, permission, more)

    def post(self, path: str, permission: Permission, **more: Any) -> Callable[[_F], _F]:
        """A form handed in: it ends in a redirect, or the form again with what is wrong."""
        return self._of("POST", path, permission, more)

    def _of(
        self, method: str, path: str, permission: Permission, more: dict[str, Any]
    ) -> Callable[[_F], _F]:
        extra = {**more.pop("openapi_extra", {}), _KEY: permission.value}
        more.setdefault("include_in_schema", False)
        more.setdefault("response_model", None)
        quick = more.pop("quick", "")
        declare = self._app.api_route(path, methods=[method], openapi_extra=extra, **more)

        def declared_as(handler: _F) -> _F:
            declare(few_at_once(handler, quick, self._at_once) if quick else handler)
            return handler

        return declared_as


def permission_of(route: BaseRoute) -> Permission | None:
    """What a route declares; None where it declares nothing."""
    declared = (getattr(route, "openapi_extra", None) or {}).get(_KEY)
    return Permission(declared) if declared else None


def declared(app: FastAPI) -> Iterator[tuple[str, str, Permission]]:
    """(method, path, permission) of every route. Raises RouteUndeclared."""
    for route in app.routes:
        if isinstance(route, Mount):  # files of the program, for everybody
            continue
        permission = permission_of(route)
        if not isinstance(route, APIRoute) or permission is None:
            raise RouteUndeclared(path=getattr(route, "path", "?"))
        for method in sorted(route.methods or ()):
            yield method, route.path, permission


def guarded(doorkeeper: Doorkeeper, *, at_once: bool) -> Callable[[Request], Any]:
    """The dependency that stands before every handler of the app. ``at_once``: what it asks is
    answered in this process, where a thread would cost more than the answer (SQLite).
    """

    def look_first(request: Request) -> None:
        permission = permission_of(request.scope["route"])
        if permission is None:
            raise RouteUndeclared(path=request.url.path)
        request.state.desk = doorkeeper.admit(request, permission)

    async def look_at_once(request: Request) -> None:
        look_first(request)

    return look_at_once if at_once else look_first


async def _seat(request: Request) -> WebDesk:
    """Waits for nothing: in a thread of its own it would cost more than it does."""
    desk: WebDesk = request.state.desk
    return desk


Seat = Annotated[WebDesk, Depends(_seat)]
"""The desk of whoever sent the request, of a route whose permission it has."""
