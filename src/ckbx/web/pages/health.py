"""Does the process run (healthz), and can it answer (readyz)? No child's data, no names."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from ckbx.health.watching import Watch
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes


def add_health(routes: Routes, watch: Watch) -> None:
    """What a machine asks; nobody has to be signed in."""

    @routes.get("/healthz", Permission.PUBLIC)
    def healthz() -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    @routes.get("/readyz", Permission.PUBLIC)
    def readyz() -> Response:
        """The store is well; 503 and the codes of what is not."""
        found = watch.health()
        return JSONResponse(found.answer(), status_code=200 if found.ready else 503)
