"""Does the process run (healthz), and can it answer (readyz)? No child's data, no names."""

from __future__ import annotations

from typing import Final

from starlette.responses import JSONResponse, Response

from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk

BEHIND: Final = 5_000
"""Events that may wait to be folded before pages count as not ready."""


def healthz() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


def readyz(desk: WebDesk) -> Response:
    """The store answers and the answers follow it; 503 and why where not."""
    store = desk.store
    try:
        lags = store.projector.lag()
    except CkbxError as error:
        return JSONResponse({"status": "unavailable", "code": error.code}, status_code=503)
    behind = max((lag.behind for lag in lags), default=0)
    stale = sorted(lag.name for lag in lags if lag.state != "live")
    ready = behind <= BEHIND and not stale
    found = {
        "status": "ok" if ready else "behind",
        "position": min((lag.position for lag in lags), default=0),
        "behind": behind,
        "stale": stale,
    }
    return JSONResponse(found, status_code=200 if ready else 503)
