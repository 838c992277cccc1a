"""The service worker: it has to come from the root, so that it may keep every page of a class."""

from __future__ import annotations

from starlette.responses import Response

from ckbx.web.assets import STATIC


def script() -> Response:
    """``/sw.js``: the same for everybody; a browser asks for it anew each time."""
    return Response(
        (STATIC / "js" / "sw.js").read_bytes(),
        media_type="text/javascript",
        headers={"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"},
    )
